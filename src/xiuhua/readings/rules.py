"""The rules in force on readings as they come: what the ingest worker remembers of its streams, and what follows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog.calendars import working_calendar
from xiuhua.catalog.catalogue import current
from xiuhua.engines import stream_rules as engine
from xiuhua.engines.working_time import CalendarMissing
from xiuhua.kernel.errors import Fault
from xiuhua.kernel.streams import Rule
from xiuhua.readings.compiling import LOCAL_OFFSET_H, NOTHING, table_in_force
from xiuhua.readings.gathering import moment
from xiuhua.readings.neighbours import ties
from xiuhua.readings.quality import Quality

log = logging.getLogger(__name__)

DAY_US = 86_400_000_000
OFFSET_US = LOCAL_OFFSET_H * 3_600_000_000
HOLDING = ("raised", "acknowledged", "shelved")
NOT_KNOWN = 2
# How many streams are remembered at once.
STREAMS_AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrays:
    """Readings, one entry each, sorted by (datastream, at) with no moment twice: times in µs since 1970 UTC, numbers
    (NaN where there is none), codes as texts ("" where there is none), quality; `heard_at` is when silence begins to
    count from each, its own time or, if that is earlier, when it was received.
    """

    datastream: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    code: Sequence[str] | NDArray[np.object_]
    quality: NDArray[np.integer]
    heard_at: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A rule on a datastream: how grave (0: over), when, by which number and code, and what decided it."""

    rule: str
    datastream_id: int
    at_us: int
    grade: int
    value: float | None
    code: str
    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What readings came to: `turns` by time where a grade became another, `holding` what holds at the end on the
    streams that reported. `commit` brings the memory forward: call it once the transaction with the alarms is
    committed, or leave it and judge the same readings again.
    """

    turns: list[Seen]
    holding: list[Seen]
    commit: Callable[[], None]


class RuleMemory:
    """What rules remember of the streams that one ingest worker takes in; holds no connection and no lock."""

    def __init__(self, fixed: engine.Table | None = None) -> None:
        """Begin with nothing known. `fixed` rules stay, whatever comes into force, and know of no alarms that stand."""
        self.catalogue = current()
        self._fixed = fixed
        self.table = fixed or table_in_force()
        self.state = engine.State(self.table)
        self.ids = np.zeros(0, dtype=np.int32)
        self._slot_of = np.full(0, -1, dtype=np.int32)
        self._ours = np.zeros(0, dtype=np.bool_)
        self._others = np.zeros(0, dtype=np.int32)
        self._tied = True

    def forget_ties(self) -> None:
        """Find anew, before the next readings, which streams belong together: things came, moved or went."""
        self._tied = False

    def know(self, datastream: NDArray[np.int32]) -> None:
        """Take up datastreams, and those that rules look at with them, before readings of theirs come."""
        self._slots(datastream)

    def judge(self, arrays: Arrays) -> Judged:
        """Judge readings by the rules in force now; what is new (rules, streams, alarms) is asked of the database."""
        self._renew()
        slot = self._slots(arrays.datastream)
        first = ~self._ours[slot]
        self._ours[slot] = True
        if self._fixed is None:
            self._take_standing(slot)
            if first.any():
                self._remember(arrays.datastream[first], arrays.at[first])
                self._take_standing(slot)
            self._look_at_others()
        order = np.argsort(slot, kind="stable") if bool((slot[1:] < slot[:-1]).any()) else None
        at, value, quality = arrays.at, arrays.value, np.minimum(arrays.quality, 255).astype(np.uint8)
        code = self._codes(arrays.code, slot)
        if order is not None:
            slot, at, value, code, quality = slot[order], at[order], value[order], code[order], quality[order]
        found = engine.step(self.table, self.state, slot, at, value, code, quality, _days(self.table, at))

        def told(signals: engine.Signals) -> list[Seen]:
            index = signals.index if order is None else order[signals.index]
            return [
                Seen(
                    rule=self.table.rules[rule], datastream_id=int(self.ids[whose]), at_us=int(moment),
                    grade=int(grade), value=None if np.isnan(number) else float(number),
                    code=str(arrays.code[place]), index=int(place),
                )
                for rule, whose, moment, grade, number, place in zip(
                    signals.rule, signals.slot, signals.at, signals.grade, signals.value, index, strict=True
                )
            ]  # fmt: skip

        state, patch = self.state, found.patch

        def commit() -> None:
            # A state that was carried over to newer rules meanwhile has columns of its own.
            if state is self.state:
                state.take(patch)

        return Judged(turns=told(found.turns), holding=told(found.holding), commit=commit)

    def learn(self, datastream: NDArray[np.int32], band: NDArray[np.float32]) -> None:
        """Take in learnt weeks, (n, 168, 2), of datastreams."""
        self.state.learn(self.table, self._slots(datastream), band)

    def _renew(self) -> None:
        table = self._fixed or table_in_force()
        if table.version != self.table.version:
            same = {kind.id for kind in self.table.kinds} <= {kind.id for kind in table.kinds}
            if same:
                self.state = engine.carried(self.table, self.state, table)
            else:
                self.state, self.ids = engine.State(table), np.zeros(0, dtype=np.int32)
                self._slot_of = np.full(0, -1, dtype=np.int32)
                self._ours, self._others = np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int32)
            self._tied = False
        self.table = table
        if not self._tied:
            self._tie(self.ids)
            self._tied = True

    def _slots(self, datastream: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the slot of each datastream, giving new ones to those not seen before."""
        highest = int(datastream.max(initial=0))
        if highest >= len(self._slot_of):
            grown = np.full(highest * 5 // 4 + 1024, -1, dtype=np.int32)
            grown[: len(self._slot_of)] = self._slot_of
            self._slot_of = grown
        if bool((self._slot_of[datastream] < 0).any()):
            self._add(np.unique(datastream[self._slot_of[datastream] < 0]))
        return self._slot_of[datastream]

    def _add(self, datastream: NDArray[np.int32]) -> None:
        order = {kind.id: number for number, kind in enumerate(self.table.kinds)}
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, stream FROM readings_datastream WHERE id = ANY (%s)", [datastream.tolist()])
            streams = dict(cursor.fetchall())
        kinds = [order.get(streams.get(int(one), NOTHING), order[NOTHING]) for one in datastream]
        self._slot_of[datastream] = np.arange(len(self.ids), len(self.ids) + len(datastream))
        self.ids = np.concatenate([self.ids, datastream.astype(np.int32)])
        self._ours = np.concatenate([self._ours, np.zeros(len(datastream), dtype=np.bool_)])
        self.state.add(self.table, np.array(kinds, dtype=np.int16))
        self._tie(datastream)

    def _take_standing(self, slot: NDArray[np.int32]) -> None:
        """Let alarms that stand on the streams, and that this memory knows nothing of, hold here too, so that they can
        end: they were raised by another worker, or before this one started.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT datastream_id, rule, grade FROM readings_alarm WHERE closed_at IS NULL AND state = ANY (%s) "
                "AND datastream_id IS NOT NULL",
                [list(HOLDING)],
            )
            standing = [row for row in cursor.fetchall() if row[0] < len(self._slot_of) and self._slot_of[row[0]] >= 0]
        if standing:
            here = set(slot.tolist())
            for one, rule, grade in standing:
                if int(self._slot_of[one]) in here:
                    self.state.stand(self.table, int(self._slot_of[one]), rule, grade)

    def _remember(self, datastream: NDArray[np.int32], at: NDArray[np.int64]) -> None:
        """Go once more through what streams that are new here said before: their waits run on where another worker, or
        this one before it was killed, left them. No alarm follows from it.
        """
        back = look_back_us(self.table)[self.state.kind[self._slot_of[datastream]]]
        streams, place = np.unique(datastream, return_index=True)
        streams, place = streams[back[place] > 0], place[back[place] > 0]
        for begin in range(0, len(streams), STREAMS_AT_ONCE):
            part = slice(begin, begin + STREAMS_AT_ONCE)
            before = said_before(streams[part], at[place[part]], back[place[part]])
            if len(before.at):
                self.judge(before).commit()

    def _look_at_others(self) -> None:
        """Take up the newest readings of streams that rules look at and that another worker takes in. Their own rules
        are that worker's: what they come to here is passed over.
        """
        others = self._others[~self._ours[self._others]]
        if not len(others):
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT datastream_id, (extract(epoch FROM at) * 1000000)::bigint, coalesce(value, 'NaN'), code, quality
                FROM readings_latest WHERE datastream_id = ANY (%s)
                """,
                [self.ids[others].tolist()],
            )
            rows = sorted((int(self._slot_of[row[0]]), *row[1:]) for row in cursor.fetchall())
        if rows:
            slot, at, value, code, quality = (list(column) for column in zip(*rows, strict=True))
            slots = np.array(slot, dtype=np.int32)
            found = engine.step(
                self.table, self.state, slots, np.array(at, dtype=np.int64), np.array(value, dtype=np.float64),
                self._codes(code, slots), np.minimum(np.array(quality), 255).astype(np.uint8),
            )  # fmt: skip
            self.state.take(found.patch)

    def _tie(self, datastream: NDArray[np.int32]) -> None:
        asked = [
            (self.table.kinds[number].id, also.kind, also.own)
            for number, tracks in enumerate(self.table.tracks)
            for track in tracks
            for also, _ in track.also
        ]
        mine, others = ties(asked, datastream)
        if len(mine):
            here, far = self._slots(mine), self._slots(others)
            self.state.tie(self.table, here, far)
            thing = np.array([kind.id.rpartition(".")[0] for kind in self.table.kinds])[self.state.kind]
            self._others = np.union1d(self._others, far[thing[here] != thing[far]]).astype(np.int32)

    def _codes(self, code: Sequence[str] | NDArray[np.object_], slot: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return each code's place in the table; codes are looked at only on streams that report them."""
        found = np.full(len(slot), -1, dtype=np.int32)
        place = {one: number for number, one in enumerate(self.table.codes)}
        if place:
            for index in np.flatnonzero(~self.table.numbers[self.state.kind[slot]]):
                found[index] = place.get(str(code[int(index)]), -1)
        return found


def look_back_us(table: engine.Table) -> NDArray[np.int64]:
    """Return how far back, in µs, a reading of each kind may still bear on what its rules come to: what they look at
    and wait for, and a silence that ends nothing.
    """
    return np.array(
        [
            max(map(_spanned, tracks)) + kind.gap_us if tracks else 0
            for kind, tracks in zip(table.kinds, table.tracks, strict=True)
        ],
        dtype=np.int64,
    )


def _spanned(track: engine.Track) -> int:
    still = max((level.above for level in track.levels), default=0.0)
    looks = int(still) if track.condition.measure is engine.Measure.STUCK else track.condition.window_us
    waits = max((level.holds_us for level in track.levels), default=0) + track.clears_after_us
    return looks + waits + max((also.fresh_us for also, _ in track.also), default=track.fresh_us)


def said_before(datastream: NDArray[np.int32], until: NDArray[np.int64], back_us: NDArray[np.int64]) -> Arrays:
    """Return what rules were told of each stream in the µs before its time: sorted by (datastream, at)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.datastream_id, (extract(epoch FROM r.at) * 1000000)::bigint, coalesce(r.value, 'NaN'),
                   coalesce(r.code, ''), r.quality
            FROM unnest(%(streams)s::integer[], %(since)s::timestamptz[], %(until)s::timestamptz[])
                 AS b (id, since, until)
            JOIN readings_reading r ON r.datastream_id = b.id AND r.at >= b.since AND r.at < b.until
            WHERE r.at >= %(first)s AND r.at < %(last)s AND r.quality & %(passed_over)s = 0
            ORDER BY 1, 2
            """,
            {
                "streams": datastream.tolist(),
                "since": [moment(one) for one in (until - back_us).tolist()],
                "until": [moment(one) for one in until.tolist()],
                "first": moment(int((until - back_us).min())),
                "last": moment(int(until.max())),
                "passed_over": int(Quality.OUT_OF_ORDER),
            },
        )
        rows = cursor.fetchall()
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    at = np.array(columns[1], dtype=np.int64)
    return Arrays(
        datastream=np.array(columns[0], dtype=np.int32), at=at, heard_at=at,
        value=np.array(columns[2], dtype=np.float64), code=columns[3], quality=np.array(columns[4], dtype=np.int16),
    )  # fmt: skip


def _days(table: engine.Table, at: NDArray[np.int64]) -> engine.Days | None:
    """Return which days are worked around the readings, if a rule asks; a year without its calendar is not known."""
    if not len(at) or not any(track.hours is not None for tracks in table.tracks for track in tracks):
        return None
    first, last = (int((edge + OFFSET_US) // DAY_US) for edge in (at.min(), at.max()))
    calendar = working_calendar()
    worked = np.full(last - first + 1, NOT_KNOWN, dtype=np.uint8)
    for place in range(len(worked)):
        try:
            worked[place] = calendar.is_working(date(1970, 1, 1) + timedelta(days=first + place))
        except (CalendarMissing, Fault):
            log.warning("no working calendar for a reading's day; rules for working days do not hold on it")
    return engine.Days(first=first, worked=worked)


def stream_of(rule: Rule) -> str:
    """Return the full id of the stream a rule is on."""
    return f"{rule.on[0]}.{rule.on[1]}"
