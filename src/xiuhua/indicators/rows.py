"""The rows behind a number: read by one query, kept compressed under their hash, opened again as they were."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.db import connection

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.indicators.compile import compile_indicator
from xiuhua.kernel.indicators import Indicator

BEIJING = ZoneInfo("Asia/Shanghai")

Answers: TypeAlias = tuple[bool | None, ...]
Facts: TypeAlias = Sequence[object]
"""By question, in the order of `leaves_of`: the value that was compared; for a link the answers and facts of some
unlike things at its far end, empty if it has none; None where there is nothing to tell.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One thing counted. `passes` is empty where it cannot be known; `leaves` are the answers of its questions, `facts`
    what they were answered from (none where the row passes).
    """

    thing: str
    code: str
    name: str
    area_path: str
    unit_code: str
    at: str | None
    value: float | None
    weight: float | None
    passes: bool | None
    leaves: Answers
    facts: Facts = ()

    @property
    def town(self) -> str:
        """Return the path of the row's town; the district's for what belongs to no town."""
        return "".join(f"{code}/" for code in self.area_path.split("/")[:2] if code)


def is_town(path: str) -> bool:
    """Return whether a path is that of a town."""
    return path.count("/") == 2


def is_district(path: str) -> bool:
    """Return whether a path is that of the whole district."""
    return path.count("/") == 1


def read_rows(indicator: Indicator, catalogue: Catalogue, *, now: datetime) -> list[Row]:
    """Return the indicator's rows at that moment, by thing."""
    sql = compile_indicator(indicator, catalogue, now=now, today=now.astimezone(BEIJING).date())
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.parameters)
        return [
            Row(
                thing=thing, code=code, name=name, area_path=area_path, unit_code=unit_code,
                at=at.isoformat() if at else None, value=value, weight=weight, passes=passes, leaves=tuple(leaves),
                facts=json.loads(facts) if facts else (),
            )
            for thing, code, name, area_path, unit_code, at, value, weight, passes, leaves, facts in cursor
        ]  # fmt: skip


def in_period(row: Row, period: str) -> bool:
    """Return whether the row is dated in a period: a year 2026, a quarter 2026-Q3, a month 2026-11 or a day."""
    if row.at is None:
        return False
    day = datetime.fromisoformat(row.at).astimezone(BEIJING).date().isoformat()
    year, _, rest = period.partition("-")
    if rest.startswith("Q"):
        return day.startswith(year) and (int(day[5:7]) + 2) // 3 == int(rest[1:])
    return day.startswith(period)


def by_town(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows by the path of their town."""
    towns: dict[str, list[Row]] = {}
    for row in rows:
        towns.setdefault(row.town, []).append(row)
    return towns


def packed(rows: Iterable[Row]) -> tuple[str, bytes]:
    """Return the hash of the rows and their compressed text."""
    table = [
        [row.thing, row.code, row.name, row.area_path, row.unit_code, row.at, row.value, row.weight, row.passes,
         list(row.leaves), *([row.facts] if row.facts else [])]
        for row in rows
    ]  # fmt: skip
    text = json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest(), zlib.compress(text, 6)


def unpacked(data: bytes) -> list[Row]:
    """Return the rows of a compressed text."""
    return [
        Row(
            thing=thing, code=code, name=name, area_path=area_path, unit_code=unit_code, at=at, value=value,
            weight=weight, passes=passes, leaves=tuple(leaves), facts=facts[0] if facts else (),
        )
        for thing, code, name, area_path, unit_code, at, value, weight, passes, leaves, *facts in json.loads(
            zlib.decompress(data)
        )
    ]  # fmt: skip


def places_that_differ(after: bytes | None, before: bytes | None) -> list[tuple[str, str]]:
    """Return the area and unit of each row that is in only one of two compressed texts, or not alike in both."""
    new, old = (
        {json.dumps(row): row for row in json.loads(zlib.decompress(data))} if data else {} for data in (after, before)
    )
    return sorted({(row[3], row[4]) for key, row in (*new.items(), *old.items()) if key not in new or key not in old})


def failing_things(data: bytes) -> set[str]:
    """Return the things of a compressed text that do not pass."""
    return {str(row[0]) for row in json.loads(zlib.decompress(data)) if row[8] is not True}


def hashes(row_sets: Mapping[str, str]) -> list[str]:
    """Return the hashes of a value's row sets, each once."""
    return sorted(set(row_sets.values()))
