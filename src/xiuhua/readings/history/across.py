"""Many streams of one kind at once: the same periods for all of them, or one curve over all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.streams import Reports
from xiuhua.people.policy import visible_sql
from xiuhua.people.queries import area_path
from xiuhua.readings.history.marks import rolled
from xiuhua.readings.history.parquet import reader
from xiuhua.readings.history.periods import DAY_S, HOUR_S, day_of, origin, stored_day, whole
from xiuhua.readings.history.series import MOST_POINTS
from xiuhua.readings.history.tiers import FILES_AT_ONCE, Stretch, steadily
from xiuhua.readings.quality import UNUSABLE

Column = NDArray[Any]
FILED_DAYS = 7
"""Of up to so many days in files hours are worked out of the readings; for more the rollups are read."""
_NAMES = ("datastream_id", "at", "count", "usable", "low", "high", "sum")


@dataclass(frozen=True, kw_only=True, slots=True)
class Across:
    """Periods of many streams as columns of one length, in order of stream and time.

    datastream_id: int32, 0 where all streams are one curve. at: beginning of the period, datetime64[us] UTC. count,
    usable: readings, and usable ones among them. low, high, mean: of the usable ones, in the unit of the stream's
    quantity, NaN where there are none. step_s: length of a period in seconds. streams: how many streams were asked.
    """

    datastream_id: Column
    at: Column
    count: Column
    usable: Column
    low: Column
    high: Column
    mean: Column
    step_s: int
    streams: int


def across(
    actor: Actor, stream: str, *, area: str = "", begin: datetime, end: datetime, step_s: int, each: bool
) -> Across:
    """Return the periods of a kind of stream of numbers (full id) in [begin, end), of those the actor may see, under an
    area if one is named: of `each` stream, or of all together. Raises NotFound, Invalid.
    """
    if catalogue.current().stream(stream).reports is not Reports.NUMBER:
        raise Invalid("readings.not_numbers", stream=stream)
    if begin >= end:
        raise Invalid("readings.period_wrong")
    if (end - begin).total_seconds() > step_s * MOST_POINTS:
        raise Invalid("readings.too_many_points", most=MOST_POINTS)
    begin, end = whole(begin, step_s), whole(end + timedelta(seconds=step_s, microseconds=-1), step_s)
    ids, few = _visible(actor, stream, area)
    columns = steadily(stream, begin, end, lambda stretches: _read(ids, few, begin, end, step_s, each, stretches))
    with np.errstate(invalid="ignore"):
        mean = columns["sum"] / np.where(columns["usable"] > 0, columns["usable"], np.nan)
    return Across(
        datastream_id=columns["datastream_id"], at=columns["at"], count=columns["count"], usable=columns["usable"],
        low=columns["low"], high=columns["high"], mean=mean, step_s=step_s, streams=len(ids),
    )  # fmt: skip


def _visible(actor: Actor, stream: str, area: str) -> tuple[NDArray[np.int32], bool]:
    """Return the ids of the streams to be read, and whether they are less than half of their kind."""
    rule, parameters = visible_sql(actor)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {rule} AND starts_with(area_path, %s) FROM readings_datastream WHERE stream = %s",  # noqa: S608
            [*parameters, area_path(area), stream],
        )
        rows = cursor.fetchall()
    ids = np.array([id for id, wanted in rows if wanted], dtype=np.int32)
    return ids, 2 * len(ids) < len(rows)


def _read(
    ids: NDArray[np.int32],
    few: bool,
    begin: datetime,
    end: datetime,
    step: int,
    each: bool,
    stretches: Sequence[Stretch],
) -> dict[str, Column]:
    """Read hours and longer periods out of rollups, shorter ones out of readings; and the hours of a few days that are
    in files out of those, which is one scan where the rollups of so many streams lie scattered.
    """
    filed = sum(len(stretch.files) for stretch in stretches)
    if step > HOUR_S or (step == HOUR_S and filed > FILED_DAYS):
        stretches = [Stretch(begin=begin, end=end)]
    elif filed > FILES_AT_ONCE:
        raise Invalid("readings.too_many_files", most=FILES_AT_ONCE)
    parts = [
        _from_files(ids, few, step, each, stretch) if stretch.files else _from_tables(ids, step, each, stretch)
        for stretch in stretches
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in _NAMES}
    order = np.lexsort((columns["at"], columns["datastream_id"]))
    return {name: column[order] for name, column in columns.items()}


_WITHIN = 'WHERE "at" >= $begin AND "at" < $end'
_EACH = "SELECT * FROM by_stream SEMI JOIN wanted ON wanted.id = datastream_id"
_TOGETHER = """
    SELECT 0::INTEGER AS datastream_id, bin, sum(count)::BIGINT AS count, sum(usable)::BIGINT AS usable,
           min(low) AS low, max(high) AS high, sum(sum) AS sum
    FROM by_stream SEMI JOIN wanted ON wanted.id = datastream_id GROUP BY bin
"""


def _from_files(ids: NDArray[np.int32], few: bool, step: int, each: bool, stretch: Stretch) -> dict[str, Column]:
    """Work periods out of files. Where most streams are wanted, looking each reading up among them costs more than
    working out all and leaving some away.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT datastream_id, at, value, quality FROM readings_reading
            WHERE at >= %s AND at < %s AND value IS NOT NULL
            """,
            [stretch.begin, stretch.end],
        )
        late = cursor.fetchall()
    duck = reader()
    duck.register("wanted", {"id": ids})
    # Comparing every time again costs as much as a twentieth of the whole, and a kind of numbers has no codes.
    whole_days = (
        stored_day(stretch.begin.date())[0] == stretch.begin and stored_day(stretch.end.date())[0] == stretch.end
    )
    within = {} if whole_days else {"begin": stretch.begin, "end": stretch.end}
    source, wanted = "filed", "SEMI JOIN wanted ON wanted.id = datastream_id"
    if late:
        duck.register(
            "late",
            {
                "datastream_id": np.array([row[0] for row in late], dtype=np.int32),
                "micros": np.array([_micros(row[1]) for row in late], dtype=np.int64),
                "value": np.array([row[2] for row in late], dtype=np.float64),
                "quality": np.array([row[3] for row in late], dtype=np.int16),
            },
        )
        source = "(FROM filed UNION ALL FROM (FROM late ANTI JOIN filed USING (datastream_id, micros)))"
    found = duck.execute(
        f"""
        WITH filed AS (
            SELECT datastream_id, epoch_us("at") AS micros, value, quality
            FROM read_parquet($files, hive_partitioning = false) {"" if whole_days else _WITHIN}
        ), good AS (
            SELECT datastream_id, micros // $step AS bin, CASE WHEN quality < $bad THEN value END AS value
            FROM {source} {wanted if few else ""}
        ), by_stream AS (
            SELECT datastream_id, bin, count(*) AS count, count(value) AS usable, min(value) AS low, max(value) AS high,
                   sum(value) AS sum
            FROM good GROUP BY 1, 2
        )
        {_EACH if each else _TOGETHER}
        """,  # noqa: S608
        {"files": list(stretch.files), "step": step * 1_000_000, "bad": UNUSABLE, **within},
    ).fetchnumpy()
    found["at"] = found.pop("bin").astype(np.int64) * (step * 1_000_000)
    return _columns(found)


_TABLES = """
    SELECT {key}, date_bin(make_interval(secs => %(step)s), at, %(origin)s) AS bin, sum(count)::int, sum(usable)::int,
           min(low), max(high), sum(sum)
    FROM (
        SELECT datastream_id, at, count, usable, low, high, sum FROM readings_day
        WHERE at >= %(begin)s AND at < %(coarse)s
        UNION ALL
        SELECT datastream_id, at, count, usable, low, high, sum FROM readings_hour
        WHERE at >= %(coarse)s AND at < %(until)s
        UNION ALL
        SELECT datastream_id, at, 1, (quality < %(bad)s)::int, v, v, v
        FROM (
            SELECT datastream_id, at, quality, CASE WHEN quality < %(bad)s THEN value END AS v FROM readings_reading
            WHERE at >= %(until)s AND at < %(end)s AND value IS NOT NULL
        ) r
    ) p JOIN unnest(%(ids)s::int[]) AS wanted (id) ON wanted.id = p.datastream_id
    GROUP BY 1, 2
"""


def _from_tables(ids: NDArray[np.int32], step: int, each: bool, stretch: Stretch) -> dict[str, Column]:
    until = max(stretch.begin, min(rolled().rolled_until, stretch.end)) if step >= HOUR_S else stretch.begin
    coarse = max(stretch.begin, min(day_of(until), stretch.end)) if step >= DAY_S else stretch.begin
    with connection.cursor() as cursor:
        cursor.execute(
            _TABLES.format(key="p.datastream_id" if each else "0"),
            {
                "ids": ids.tolist(), "step": step, "origin": origin(), "bad": UNUSABLE, "begin": stretch.begin,
                "coarse": coarse, "until": until, "end": stretch.end,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    found = {name: [row[place] for row in rows] for place, name in enumerate(_NAMES)}
    found["at"] = [_micros(at) for at in found["at"]]
    return _columns(found)


def _columns(found: Mapping[str, Any]) -> dict[str, Column]:
    columns: dict[str, Column] = {
        "datastream_id": np.asarray(found["datastream_id"], dtype=np.int32),
        "at": np.asarray(found["at"], dtype=np.int64).view("datetime64[us]"),
    }
    for name in ("count", "usable"):
        columns[name] = np.asarray(found[name], dtype=np.int64)
    for name in ("low", "high", "sum"):
        column = found[name]
        if isinstance(column, np.ma.MaskedArray):
            column = column.filled(np.nan)
        columns[name] = np.asarray(column, dtype=np.float64)
    return columns


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)
