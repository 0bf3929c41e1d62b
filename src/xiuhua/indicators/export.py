"""The rows behind a number as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from django.db import transaction
from openpyxl import Workbook

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.queries import Narrowed, masked, newest, passing, reasons, rows_of
from xiuhua.indicators.rows import Row
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Refused
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.actions import Change, record
from xiuhua.objects.places import area_of_act
from xiuhua.people.queries import area_names, unit_names

Cell: TypeAlias = str | float | None

HEADINGS = (
    Label(zh="编号", en="Code"),
    Label(zh="名称", en="Name"),
    Label(zh="区域", en="Area"),
    Label(zh="单位", en="Unit"),
    Label(zh="时间", en="Date"),
    Label(zh="数值", en="Value"),
    Label(zh="权重", en="Weight"),
    Label(zh="达标", en="Passes"),
    Label(zh="原因", en="Reason"),
)
PASSES = {
    True: Label(zh="是", en="yes"),
    False: Label(zh="否", en="no"),
    None: Label(zh="没有数据", en="no data"),
}


def export(
    actor: Actor, indicator_id: str, narrowed: Narrowed, *, passes: bool | None, form: str, language: str
) -> bytes:
    """Return the rows that the actor may export, as csv (UTF-8 with its mark) or xlsx; raises NotFound, Refused. What
    was taken out is recorded.
    """
    if not actor.administrator and all(Act.EXPORT not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=Act.EXPORT.value)
    indicator = current().indicator(indicator_id)
    stored = newest(indicator_id)
    found = [] if stored is None else passing(rows_of(actor, stored, narrowed, act=Act.EXPORT), passes)
    with transaction.atomic():
        record(
            actor,
            Change(
                action="exported", entity="indicator", entity_id=indicator_id,
                area_path=area_of_act(actor, Act.EXPORT, narrowed.area), data={"rows": len(found)},
            ),
        )  # fmt: skip
    table = _table(actor, indicator, found, language)
    return _csv(table) if form == "csv" else _xlsx(table)


def _table(actor: Actor, indicator: Indicator, found: Iterable[Row], language: str) -> Iterator[list[Cell]]:
    areas, units, why = area_names(), unit_names(), reasons(indicator)
    yield [heading.in_language(language) for heading in HEADINGS]
    for row in (masked(actor, indicator, one) for one in found):
        reason = None if row.passes else why.reason(row.leaves, row.facts)
        yield [
            row.code, row.name, areas.get(row.area_path, row.area_path), units.get(row.unit_code, row.unit_code),
            row.at, row.value, row.weight, PASSES[row.passes].in_language(language),
            reason.in_language(language) if reason else "",
        ]  # fmt: skip


def _csv(table: Iterable[list[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_tame(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(table: Iterable[list[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append([_tame(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _tame(cell: Cell) -> Cell:
    """Return text that a spreadsheet will not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
