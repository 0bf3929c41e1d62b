"""One stream over any span, out of whichever tier holds it: the hot table, files, or rollups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from django.db import connection

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.kernel.streams import Reports
from xiuhua.people.policy import sees
from xiuhua.readings.history.marks import EPOCH, rolled
from xiuhua.readings.history.parquet import reader
from xiuhua.readings.history.periods import DAY_S, HOUR_S, RAW, RESOLUTIONS, day_of, origin, step_for, whole
from xiuhua.readings.history.rollup import fast_streams
from xiuhua.readings.history.tiers import Stretch, steadily
from xiuhua.readings.models import Datastream
from xiuhua.readings.quality import UNUSABLE

MOST_POINTS = 50_000

Row = tuple[datetime, float | None, str | None, int]
CodeRow = tuple[datetime, str, int, int, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A reading, or a period of them. `value` is the reading's number, or the mean of the period's usable ones; `code`
    the reading's code, or the period's last; `quality` every bit that occurred. `codes` counts the period's codes.
    """

    at: datetime
    value: float | None
    code: str
    quality: int
    count: int = 1
    usable: int = 1
    low: float | None = None
    high: float | None = None
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """The points of a stream in [begin, end), oldest first, in the unit of its quantity. step_s: length of a point's
    period in seconds, 0 for single readings. tiers: which were read (hot, archive, rollup). cut: older readings of the
    span are left out.
    """

    datastream: Datastream
    begin: datetime
    end: datetime
    step_s: int
    tiers: tuple[str, ...]
    cut: bool
    points: Sequence[Point]


def series(
    actor: Actor,
    datastream_id: int,
    *,
    begin: datetime,
    end: datetime,
    resolution: str = "auto",
    points: int = 1500,
) -> Series:
    """Return a stream's points in [begin, end). `resolution` is raw, minute, hour, day, or auto: the readings if they
    are no more than `points`, else the finest step that is not; raw gives the newest `points`. Raises NotFound,
    Invalid.
    """
    datastream = Datastream.objects.filter(id=datastream_id).first()
    if datastream is None or not sees(actor, area_path=datastream.area_path, unit_code=datastream.unit_code):
        raise NotFound("people.not_visible")
    if begin >= end:
        raise Invalid("readings.period_wrong")
    if resolution == "auto":
        step = step_for(end - begin, _cadence_s(datastream.stream), points)
        if step == RAW:
            answer = _raw(datastream, begin, end, points)
            if not answer.cut:
                return answer
            step = step_for(end - begin, 0, points)
    else:
        step = RESOLUTIONS[resolution]
    if step == RAW:
        return _raw(datastream, begin, end, points)
    if (end - begin).total_seconds() > step * MOST_POINTS:
        raise Invalid("readings.too_many_points", most=MOST_POINTS)
    begin, end = whole(begin, step), whole(end + timedelta(seconds=step, microseconds=-1), step)
    return (
        _codes(datastream, begin, end, step) if _is_state(datastream.stream) else _curve(datastream, begin, end, step)
    )


def _cadence_s(stream: str) -> float:
    try:
        return catalogue.current().stream(stream).cadence.seconds
    except NotFound:
        return 0.0


def _is_state(stream: str) -> bool:
    try:
        return catalogue.current().stream(stream).reports is not Reports.NUMBER
    except NotFound:
        return False


def _raw(datastream: Datastream, begin: datetime, end: datetime, points: int) -> Series:
    found, tiers = steadily(
        datastream.stream, begin, end, lambda stretches: _newest(datastream.id, points + 1, stretches)
    )
    return Series(
        datastream=datastream, begin=begin, end=end, step_s=RAW, tiers=tiers, cut=len(found) > points,
        points=[
            Point(at=at, value=value, code=code or "", quality=quality, usable=int(quality < UNUSABLE))
            for at, value, code, quality in found[:points][::-1]
        ],
    )  # fmt: skip


def _newest(datastream_id: int, most: int, stretches: Sequence[Stretch]) -> tuple[list[Row], tuple[str, ...]]:
    """Return the newest readings first, walking back from the end through both tiers."""
    found: list[Row] = []
    used: set[str] = set()
    for stretch in reversed(stretches):
        if len(found) >= most:
            break
        used.add(stretch.tier)
        if stretch.files:
            found += _filed(datastream_id, stretch, 'SELECT * FROM found ORDER BY "at" DESC LIMIT $most', most=most)
        else:
            found += _hot(datastream_id, stretch, most)
    return found[:most], tuple(sorted(used))


def _hot(datastream_id: int, stretch: Stretch, most: int | None = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT at, value, code, quality FROM readings_reading
            WHERE datastream_id = %s AND at >= %s AND at < %s ORDER BY at DESC LIMIT %s
            """,
            [datastream_id, stretch.begin, stretch.end, most],
        )
        return list(cursor.fetchall())


def _filed(datastream_id: int, stretch: Stretch, select: str, **more: object) -> list[Any]:
    """Return what a query makes of `found`: the filed readings, and those that came late and are not merged yet. Where
    both hold the same moment the filed one stands.
    """
    late = _hot(datastream_id, stretch)
    duck = reader()
    duck.register(
        "late",
        {
            "at": np.array([row[0].replace(tzinfo=None) for row in late], dtype="datetime64[us]"),
            "value": np.array([np.nan if row[1] is None else row[1] for row in late], dtype=np.float64),
            "code": np.array([row[2] or None for row in late], dtype=object),
            "quality": np.array([row[3] for row in late], dtype=np.int16),
        },
    )
    return duck.execute(
        """
        WITH filed AS (
            SELECT "at", value, code, quality FROM read_parquet($files, hive_partitioning = false)
            WHERE datastream_id = $id AND "at" >= $begin AND "at" < $end
        ), found AS (
            SELECT * FROM filed
            UNION ALL
            SELECT l."at"::TIMESTAMPTZ, l.value, l.code, l.quality FROM late l
            WHERE l."at"::TIMESTAMPTZ NOT IN (SELECT "at" FROM filed)
        )
        """  # noqa: S608
        + select,
        {
            "files": list(stretch.files), "id": datastream_id, "begin": stretch.begin, "end": stretch.end, **more,
        },
    ).fetchall()  # fmt: skip


_BINS = """
    SELECT date_bin(make_interval(secs => %(step)s), at, %(origin)s) AS bin, sum(count)::int, sum(usable)::int,
           bit_or(quality), min(low), max(high), sum(sum) / nullif(sum(usable), 0)
    FROM ({parts}) p GROUP BY 1 ORDER BY 1
"""
_ROLLED = """
    SELECT at, count, usable, quality, low, high, sum FROM {table}
    WHERE datastream_id = %(id)s AND at >= %({begin})s AND at < %({end})s
"""
_READINGS = """
    SELECT at, 1 AS count, (quality < %(bad)s)::int AS usable, quality, v AS low, v AS high, v AS sum
    FROM (
        SELECT at, quality, CASE WHEN quality < %(bad)s THEN value END AS v FROM readings_reading
        WHERE datastream_id = %(id)s AND at >= %({begin})s AND at < %({end})s AND value IS NOT NULL
    ) r
"""
_FILED_BINS = """
    SELECT epoch_us("at") // $step * $step, count(*), count(*) FILTER (WHERE quality < $bad),
           bit_or(quality), min(value) FILTER (WHERE quality < $bad),
           max(value) FILTER (WHERE quality < $bad), avg(value) FILTER (WHERE quality < $bad)
    FROM found WHERE value IS NOT NULL GROUP BY 1 ORDER BY 1
"""


def _curve(datastream: Datastream, begin: datetime, end: datetime, step: int) -> Series:
    """Return periods of numbers: from rollups as far as there are, from readings after that."""
    if step < HOUR_S and datastream.stream not in fast_streams():
        points, tiers = steadily(
            datastream.stream, begin, end, lambda stretches: _from_readings(datastream.id, step, stretches)
        )
    else:
        until = max(begin, min(rolled().rolled_until, end))
        coarse = max(begin, min(day_of(until), end)) if step >= DAY_S else begin
        parts = [
            _ROLLED.format(table="readings_day", begin="begin", end="coarse"),
            _ROLLED.format(
                table="readings_hour" if step >= HOUR_S else "readings_minute", begin="coarse", end="until"
            ),
            _READINGS.format(begin="until", end="end"),
        ]  # fmt: skip
        points = _bins(datastream.id, step, parts, begin=begin, coarse=coarse, until=until, end=end)
        tiers = ("hot", "rollup") if until < end else ("rollup",)
    return Series(
        datastream=datastream, begin=begin, end=end, step_s=step, tiers=tiers, cut=False, points=points
    )  # fmt: skip


def _from_readings(datastream_id: int, step: int, stretches: Sequence[Stretch]) -> tuple[list[Point], tuple[str, ...]]:
    """Return periods shorter than an hour, none of which spans two stretches, from the readings themselves."""
    points: list[Point] = []
    for stretch in stretches:
        if stretch.files:
            for micros, *rest in _filed(datastream_id, stretch, _FILED_BINS, step=step * 1_000_000, bad=UNUSABLE):
                points.append(_point(EPOCH + timedelta(microseconds=micros), *rest))
        else:
            part = _READINGS.format(begin="begin", end="end")
            points += _bins(datastream_id, step, [part], begin=stretch.begin, end=stretch.end)
    return points, tuple(sorted({stretch.tier for stretch in stretches}))


def _bins(datastream_id: int, step: int, parts: Sequence[str], **times: datetime) -> list[Point]:
    with connection.cursor() as cursor:
        cursor.execute(
            _BINS.format(parts=" UNION ALL ".join(parts)),
            {"id": datastream_id, "step": step, "origin": origin(), "bad": UNUSABLE, **times},
        )
        return [_point(*row) for row in cursor.fetchall()]


def _point(
    at: datetime, count: int, usable: int, quality: int, low: float | None, high: float | None, mean: float | None
) -> Point:
    return Point(at=at, value=mean, code="", quality=quality, count=count, usable=usable, low=low, high=high)


_CODES = """
    SELECT date_bin(make_interval(secs => %(step)s), at, %(origin)s) AS bin, code, sum(count)::int, bit_or(quality),
           max(last_at)
    FROM ({parts}) p GROUP BY 1, 2 ORDER BY 1, 5
"""
_ROLLED_CODES = """
    SELECT at, code, count, quality, last_at FROM {table}
    WHERE datastream_id = %(id)s AND at >= %({begin})s AND at < %({end})s
"""
_READINGS_CODES = """
    SELECT at, coalesce(code, '') AS code, 1 AS count, quality, at AS last_at FROM readings_reading
    WHERE datastream_id = %(id)s AND at >= %({begin})s AND at < %({end})s AND value IS NULL
"""
_FILED_CODES = """
    SELECT epoch_us("at") // $step * $step, coalesce(code, ''), count(*), bit_or(quality), max("at")
    FROM found WHERE value IS NULL GROUP BY 1, 2 ORDER BY 1, 5
"""


def _codes(datastream: Datastream, begin: datetime, end: datetime, step: int) -> Series:
    """Return periods of codes: how often each came, and the last of them."""
    tiers: tuple[str, ...]
    if step < HOUR_S:
        rows, tiers = steadily(
            datastream.stream, begin, end, lambda stretches: _codes_from_readings(datastream.id, step, stretches)
        )
    else:
        until = max(begin, min(rolled().rolled_until, end))
        coarse = max(begin, min(day_of(until), end)) if step >= DAY_S else begin
        parts = [
            _ROLLED_CODES.format(table="readings_day_code", begin="begin", end="coarse"),
            _ROLLED_CODES.format(table="readings_hour_code", begin="coarse", end="until"),
            _READINGS_CODES.format(begin="until", end="end"),
        ]
        rows = _code_rows(datastream.id, step, parts, begin=begin, coarse=coarse, until=until, end=end)
        tiers = ("hot", "rollup") if until < end else ("rollup",)
    points = []
    for at, group in groupby(rows, lambda row: row[0]):
        of_period = list(group)
        quality = 0
        for row in of_period:
            quality |= row[3]
        counts = {row[1]: row[2] for row in of_period}
        total = sum(counts.values())
        points.append(
            Point(
                at=at, value=None, code=of_period[-1][1], quality=quality, count=total, usable=total, codes=counts
            )
        )  # fmt: skip
    return Series(
        datastream=datastream, begin=begin, end=end, step_s=step, tiers=tiers, cut=False, points=points
    )  # fmt: skip


def _codes_from_readings(
    datastream_id: int, step: int, stretches: Sequence[Stretch]
) -> tuple[list[CodeRow], tuple[str, ...]]:
    rows: list[CodeRow] = []
    for stretch in stretches:
        if stretch.files:
            for micros, *rest in _filed(datastream_id, stretch, _FILED_CODES, step=step * 1_000_000):
                rows.append((EPOCH + timedelta(microseconds=micros), *rest))
        else:
            part = _READINGS_CODES.format(begin="begin", end="end")
            rows += _code_rows(datastream_id, step, [part], begin=stretch.begin, end=stretch.end)
    return rows, tuple(sorted({stretch.tier for stretch in stretches}))


def _code_rows(datastream_id: int, step: int, parts: Sequence[str], **times: datetime) -> list[CodeRow]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CODES.format(parts=" UNION ALL ".join(parts)),
            {"id": datastream_id, "step": step, "origin": origin(), **times},
        )
        return list(cursor.fetchall())
