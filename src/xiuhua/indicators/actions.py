"""The verbs of this room: find an indicator stale, compute it, keep its value and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.figures import Figure, figure
from xiuhua.indicators.models import IndicatorValue, RowSet, Stale
from xiuhua.indicators.rows import BEIJING, Row, by_town, packed, places_that_differ, read_rows
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Refused
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.places import area_of_act
from xiuhua.people.queries import root_path

COMPUTING = 0x696E64
"""The first key of the advisory locks under which one indicator is computed by one process at a time."""


def mark_stale(indicators: Iterable[str]) -> None:
    """Note that the inputs of these indicators changed; those already noted keep their time."""
    Stale.objects.bulk_create([Stale(indicator=one) for one in sorted(set(indicators))], ignore_conflicts=True)


def compute(indicator_id: str, *, now: datetime, origin: str = "") -> IndicatorValue:
    """Compute an indicator as of `now` and return its newest value. A value is added where figures or rows differ from
    the newest one, and once a day (Beijing) in any case. Raises NotFound for an indicator nobody declares.
    """
    catalogue = current()
    indicator = catalogue.indicator(indicator_id)
    # A change that comes while the rows are read marks the indicator again.
    Stale.objects.filter(indicator=indicator_id).delete()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (COMPUTING, indicator_id))
            return _keep(indicator, read_rows(indicator, catalogue, now=now), now=now, origin=origin)
    except Exception:
        mark_stale((indicator_id,))
        raise


def recompute(actor: Actor, indicator_id: str) -> IndicatorValue:
    """Compute an indicator now because a person asks for it; raises Refused without the act run_analysis."""
    if not actor.administrator and all(Act.RUN_ANALYSIS not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=Act.RUN_ANALYSIS.value)
    with transaction.atomic():
        value = compute(indicator_id, now=timezone.now())
        record(
            actor,
            Change(
                action="recomputed", entity="indicator", entity_id=indicator_id,
                area_path=area_of_act(actor, Act.RUN_ANALYSIS, ""), data={"value": value.pk},
            ),
        )  # fmt: skip
    return value


def _keep(indicator: Indicator, rows: list[Row], *, now: datetime, origin: str) -> IndicatorValue:
    towns = {town: packed(found) for town, found in by_town(rows).items()}
    row_sets = {town: digest for town, (digest, _) in towns.items()}
    newest = IndicatorValue.objects.filter(indicator=indicator.id, at__lte=now).order_by("-at", "-id").first()
    today = now.astimezone(BEIJING).date()
    if (
        newest is not None
        and (newest.version, newest.row_sets) == (indicator.version, row_sets)
        and newest.at.astimezone(BEIJING).date() == today
    ):
        return newest
    counts = {town: len(found) for town, found in by_town(rows).items()}
    RowSet.objects.bulk_create(
        [RowSet(hash=digest, rows=data, count=counts[town]) for town, (digest, data) in towns.items()],
        ignore_conflicts=True,
    )
    whole = figure(indicator, rows)
    value = IndicatorValue.objects.create(
        indicator=indicator.id,
        version=indicator.version,
        at=now,
        value=whole.value,
        numerator=whole.numerator,
        denominator=whole.denominator,
        by_area={town: _plain(figure(indicator, found)) for town, found in by_town(rows).items() if town},
        by_unit={unit: _plain(figure(indicator, found)) for unit, found in _by_unit(rows).items() if unit},
        row_sets=row_sets,
        origin=origin,
    )
    for area_path, places in _changed({town: data for town, (_, data) in towns.items()}, row_sets, newest).items():
        announce("indicator.computed", area_path=area_path, id=indicator.id, places=places)
    return value


def _changed(
    rows: Mapping[str, bytes], row_sets: Mapping[str, str], before: IndicatorValue | None
) -> dict[str, list[tuple[str, str]]]:
    """Return by town whose rows differ the area and unit of each of those rows, so that its people hear of it, and of
    the people of one community or one unit those whose own rows they are; the district alone if none differ.
    """
    known = before.row_sets if before is not None else {}
    differ = sorted(town for town in {*row_sets, *known} if row_sets.get(town) != known.get(town))
    before_sets = RowSet.objects.filter(hash__in=[known[town] for town in differ if town in known])
    old = {one.hash: bytes(one.rows) for one in before_sets}
    found = {town: places_that_differ(rows.get(town), old.get(known.get(town, ""))) for town in differ}
    return found or {root_path(): []}


def _by_unit(rows: Iterable[Row]) -> dict[str, list[Row]]:
    units: dict[str, list[Row]] = {}
    for row in rows:
        units.setdefault(row.unit_code, []).append(row)
    return units


def _plain(one: Figure) -> dict[str, float | None]:
    return {"value": one.value, "numerator": one.numerator, "denominator": one.denominator}


def forget(*, before: datetime) -> None:
    """Of the values older than `before` keep each day's last one (Beijing), and drop row sets no value names."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM indicators_indicatorvalue v WHERE v.at < %s AND EXISTS ("
            "SELECT 1 FROM indicators_indicatorvalue later WHERE later.indicator = v.indicator "
            "AND (later.at, later.id) > (v.at, v.id) "
            "AND (later.at AT TIME ZONE 'Asia/Shanghai')::date = (v.at AT TIME ZONE 'Asia/Shanghai')::date)",
            (before,),
        )
        cursor.execute(
            "DELETE FROM indicators_rowset r WHERE NOT EXISTS ("
            "SELECT 1 FROM indicators_indicatorvalue v, jsonb_each_text(v.row_sets) s WHERE s.value = r.hash)"
        )
