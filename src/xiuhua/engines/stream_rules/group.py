"""Readings put in order for an evaluation: the usable ones by kind, and the k-th of each stream as one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.state import State, run_of
from xiuhua.engines.stream_rules.table import HOURS_OF_WEEK, Table

HOUR_US = 3_600_000_000
MONDAY = 72
"""Hours from a Monday 0 h to 1970-01-01 0 h, a Thursday."""

Where = slice | NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """Which local days are worked: 1 from `first` (days since 1970-01-01) on, one entry a day; 0 off, 2 not known."""

    first: int
    worked: NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """Usable readings of a call by (slot, at), each newer than what was known of its slot; `index` is its place in the
    call. `first` and `count` say where each of `slots` has its readings.
    """

    slots: NDArray[np.int32]
    first: NDArray[np.intp]
    count: NDArray[np.intp]
    slot: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    code: NDArray[np.int32]
    index: NDArray[np.intp]

    @property
    def newest(self) -> NDArray[np.intp]:
        """Return the place of each slot's last reading."""
        return self.first + self.count - 1


def usable(
    table: Table, state: State, slot: NDArray[np.int32], at: NDArray[np.int64], value: NDArray[np.float64],
    code: NDArray[np.int32], quality: NDArray[np.uint8],
) -> Readings:  # fmt: skip
    """Return the readings that count; raises ValueError if they are not sorted by (slot, at)."""
    same = slot[1:] == slot[:-1]
    if bool((slot[1:] < slot[:-1]).any()) or bool((same & (at[1:] < at[:-1])).any()):
        raise ValueError("readings must be sorted by slot and time")
    kind = state.kind[slot]
    use = (quality < table.unusable_from) & (at > state.at[slot]) & table.watched[kind]
    use &= ~(np.isnan(value) & table.numbers[kind])
    index = np.flatnonzero(use)
    if len(index) < len(slot):
        slot, at, value, code = slot[index], at[index], value[index], code[index]
    again = (slot[1:] == slot[:-1]) & (at[1:] == at[:-1])
    if bool(again.any()):
        first = np.concatenate([[True], ~again])
        slot, at, value, code, index = slot[first], at[first], value[first], code[first], index[first]
    return _readings(slot, at, value, code, index)


def _readings(
    slot: NDArray[np.int32], at: NDArray[np.int64], value: NDArray[np.float64], code: NDArray[np.int32],
    index: NDArray[np.intp],
) -> Readings:  # fmt: skip
    first = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]])) if len(slot) else np.zeros(0, dtype=np.intp)
    count = np.diff(np.append(first, len(slot)))
    return Readings(
        slots=slot[first], first=first, count=count, slot=slot, at=at, value=value, code=code, index=index
    )  # fmt: skip


class Group:
    """The readings of one kind (`place` among the usable ones), and their streams' columns copied out of the state to
    be changed here.
    """

    def __init__(self, table: Table, state: State, kind: int, readings: Readings, place: Where) -> None:
        self.kind = kind
        self.readings = readings
        self.place = place
        self.rows = state.row[readings.slots]
        self.gap_us = int(table.gaps[kind])
        self.offset_h = table.offset_h
        self._kept = state.columns[kind]
        self._where = run_of(self.rows)
        self._known_at = state.at[readings.slots]
        self.changed: dict[str, NDArray[Any]] = {}

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of the group's streams, to be changed in place."""
        if name not in self.changed:
            self.changed[name] = self._kept[name][self._where].copy()
        return self.changed[name]

    def kept(self, name: str) -> NDArray[Any]:
        """Return a column as it was before the call."""
        column: NDArray[Any] = self._kept[name][self._where]
        return column

    def band(self, hour: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return mean and spread, (n, 2), of each reading's hour of the week."""
        found: NDArray[np.float32] = self._kept["band"][self.rows[self.owner], hour]
        return found

    @cached_property
    def single(self) -> bool:
        """Whether each stream has one reading."""
        return len(self.readings.slots) == len(self.readings.at)

    @cached_property
    def owner(self) -> NDArray[np.intp]:
        """Each reading's stream, as its place in the group."""
        return np.repeat(np.arange(len(self.rows)), self.readings.count)

    @cached_property
    def before(self) -> NDArray[np.int64]:
        """The time of the reading before each one."""
        before = np.empty_like(self.readings.at)
        before[1:] = self.readings.at[:-1]
        before[self.readings.first] = self._known_at
        return before

    @cached_property
    def broken(self) -> NDArray[np.bool_] | None:
        """Whether the silence before a reading was too long for anything to have held through it."""
        if not self.gap_us:
            return None
        return self.before < self.readings.at - self.gap_us

    @cached_property
    def hour(self) -> NDArray[np.int64]:
        """The local hour of the week of each reading."""
        return hour_of_week(self.readings.at, self.offset_h)

    def passes(self) -> Iterator[tuple[Where, Where]]:
        """Yield, for k = 0, 1, …, the streams that have a k-th reading, and those readings."""
        if self.single:
            yield slice(None), slice(None)
            return
        yield from passes(self.readings.first, self.readings.count)


def passes(first: NDArray[np.intp], count: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield, for k = 0, 1, …, the runs that are longer than k, and the place of their k-th entry."""
    order = np.argsort(-count, kind="stable")
    longer = np.searchsorted(-count[order], -np.arange(int(count.max(initial=0))), side="left")
    for k, many in enumerate(longer):
        who = order[:many]
        yield who, first[who] + k


def groups(table: Table, state: State, readings: Readings) -> Iterator[Group]:
    """Yield the readings kind by kind."""
    kind = state.kind[readings.slots]
    present = np.unique(kind)
    for number in present:
        if len(present) == 1:
            yield Group(table, state, int(number), readings, slice(None))
            continue
        mine = np.flatnonzero(np.repeat(kind == number, readings.count))
        some = _readings(
            readings.slot[mine], readings.at[mine], readings.value[mine], readings.code[mine], readings.index[mine]
        )
        yield Group(table, state, int(number), some, mine)


def hour_of_week(at: NDArray[np.int64], offset_h: int) -> NDArray[np.int64]:
    """Return the local hour of the week, 0 for Monday 0 to 1 h, of times in µs since 1970 UTC."""
    return (at // HOUR_US + (offset_h + MONDAY)) % HOURS_OF_WEEK


def in_hours(
    hours: NDArray[np.bool_], at: NDArray[np.int64], hour: NDArray[np.int64], offset_h: int, days: Days | None
) -> NDArray[np.bool_]:
    """Return whether a schedule holds at each time; on a day nobody knows of, only if it asks for both kinds."""
    if bool((hours[0] == hours[1]).all()):
        held: NDArray[np.bool_] = hours[0][hour]
        return held
    day = (at // HOUR_US + offset_h) // 24
    worked = np.full(len(at), 2, dtype=np.uint8)
    if days is not None:
        place = day - days.first
        inside = (place >= 0) & (place < len(days.worked))
        worked[inside] = days.worked[place[inside]]
    either = np.stack([hours[0], hours[1], hours[0] & hours[1]])
    found: NDArray[np.bool_] = either[worked, hour]
    return found
