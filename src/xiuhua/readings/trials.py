"""A rule tried with other values on stored readings: what alarms there were, and what there would have been."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog.catalogue import current
from xiuhua.catalog.limits import silence_limit, stream_or_none
from xiuhua.engines import stream_rules as engine
from xiuhua.kernel.streams import Rule
from xiuhua.readings.compiling import table_of
from xiuhua.readings.rules import DAY_US, OFFSET_US, Arrays, RuleMemory, stream_of

THINGS_AT_ONCE = 2_000
LEARNT_FROM = timedelta(weeks=8)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass(kw_only=True, slots=True)
class Counted:
    """Alarms that began, by datastream and local day (days since 1970-01-01)."""

    began: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, datastream_id: int, at_us: int) -> None:
        """Count one that began at a time."""
        key = (datastream_id, (at_us + OFFSET_US) // DAY_US)
        self.began[key] = self.began.get(key, 0) + 1


def history(datastreams: Collection[int], begin: datetime, end: datetime) -> Arrays:
    """Return the stored readings of datastreams in [begin, end), sorted by (datastream, at)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT datastream_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN'), code, quality
            FROM readings_reading WHERE datastream_id = ANY (%s) AND at >= %s AND at < %s ORDER BY datastream_id, at
            """,
            [list(datastreams), begin, end],
        )
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    at = np.array(columns[1], dtype=np.int64)
    return Arrays(
        datastream=np.array(columns[0], dtype=np.int32), at=at, heard_at=at,
        value=np.array(columns[2], dtype=np.float64), code=columns[3], quality=np.array(columns[4], dtype=np.int16),
    )  # fmt: skip


def tried(
    in_force: Rule | None, other: Rule | None, begin: datetime, end: datetime, *, on_share: Callable[[float], None]
) -> tuple[Counted, Counted]:
    """Return the alarms of a rule as it is in force and as it would be (None: switched off) over a time, told by
    `on_share` how far it has come, 0 to 1.
    """
    one = in_force or other
    counted = (Counted(), Counted())
    if one is None:
        return counted
    streams = _datastreams(stream_of(one))
    blocks = [streams[start : start + THINGS_AT_ONCE] for start in range(0, len(streams), THINGS_AT_ONCE)]
    days = list(_days(begin, end))
    for number, block in enumerate(blocks):
        runs = [
            (_Silence(rule) if rule.silent else _Judging(rule, block, begin), count)
            for rule, count in zip((in_force, other), counted, strict=True)
            if rule is not None
        ]
        looked_at = sorted({*block, *(one for run, _ in runs for one in run.others)})
        for place, (since, until) in enumerate(days):
            readings = history(looked_at, since, until)
            for run, count in runs:
                run.take(readings, count)
            on_share((number + (place + 1) / len(days)) / len(blocks))
        for run, count in runs:
            run.finish(end, count)
    return counted


def learn_weeks(memory: RuleMemory, *, now: datetime) -> None:
    """Let a worker's memory learn anew, from the last eight weeks, the usual week of the streams whose rules ask."""
    kinds = [
        kind.id
        for kind, tracks in zip(memory.table.kinds, memory.table.tracks, strict=True)
        if any(track.condition.measure is engine.Measure.BAND for track in tracks)
    ]
    for kind in kinds:
        streams = _datastreams(kind)
        for start in range(0, len(streams), 50):
            _learn(memory, streams[start : start + 50], now)


def _learn(memory: RuleMemory, streams: list[int], until: datetime) -> None:
    readings = history(streams, until - LEARNT_FROM, until)
    use = readings.quality < memory.table.unusable_from
    names, thing = np.unique(readings.datastream[use], return_inverse=True)
    if len(names):
        band = engine.learn(thing, readings.at[use], readings.value[use], len(names), memory.table.offset_h)
        memory.learn(names.astype(np.int32), band)


class _Judging:
    """One form of a rule over the readings of some streams, day by day."""

    def __init__(self, rule: Rule, block: list[int], begin: datetime) -> None:
        self._memory = RuleMemory(table_of([rule], current()))
        self._memory.know(np.array(block, dtype=np.int32))
        self.others = [int(one) for one in self._memory.ids if int(one) not in set(block)]
        self._grade: dict[int, int] = {}
        if rule.band is not None:
            _learn(self._memory, block, begin)

    def take(self, readings: Arrays, count: Counted) -> None:
        judged = self._memory.judge(readings)
        judged.commit()
        for one in judged.turns:
            if one.grade and not self._grade.get(one.datastream_id):
                count.add(one.datastream_id, one.at_us)
            self._grade[one.datastream_id] = one.grade

    def finish(self, end: datetime, count: Counted) -> None:
        """Nothing is left: a rule on readings is judged by readings."""


class _Silence:
    """A silence rule: the pauses between readings that are longer than its limit."""

    def __init__(self, rule: Rule) -> None:
        limit = silence_limit(rule, stream_or_none(rule.on, current()))
        self._limit_us = 0 if limit is None else round(limit.seconds * 1_000_000)
        self.others: list[int] = []
        self._last: dict[int, int] = {}

    def take(self, readings: Arrays, count: Counted) -> None:
        for one in np.unique(readings.datastream):
            at: NDArray[np.int64] = readings.at[readings.datastream == one]
            known = np.concatenate([[self._last.get(int(one), int(at[0]))], at])
            for before in known[:-1][np.diff(known) > self._limit_us]:
                count.add(int(one), int(before) + self._limit_us)
            self._last[int(one)] = int(at[-1])

    def finish(self, end: datetime, count: Counted) -> None:
        until = (end - EPOCH) // MICROSECOND
        for one, last in self._last.items():
            if until - last > self._limit_us:
                count.add(one, last + self._limit_us)


def _days(begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    since = begin
    while since < end:
        until = min(since + DAY, end)
        yield since, until
        since = until


def _datastreams(stream: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id FROM readings_datastream d JOIN objects_cityobject o ON o.id = d.object_id
            WHERE d.stream = %s AND o.removed_at IS NULL ORDER BY d.id
            """,
            [stream],
        )
        return [row[0] for row in cursor.fetchall()]
