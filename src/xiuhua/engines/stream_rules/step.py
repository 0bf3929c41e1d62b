"""One evaluation: readings in, grades that became others out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.group import Days, Group, groups, in_hours, usable
from xiuhua.engines.stream_rules.joint import Judged, Known, judge_together
from xiuhua.engines.stream_rules.latch import Course, courses_bits, latch, turns
from xiuhua.engines.stream_rules.measures import figure
from xiuhua.engines.stream_rules.state import Patch, State
from xiuhua.engines.stream_rules.table import Table, Track


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """Rules on streams, one entry each: slot, rule number, time in µs since 1970 UTC, grade (0: ended), the stream's
    number then (NaN where it has none), and the place in the call of the reading that decided it.
    """

    slot: NDArray[np.int32]
    rule: NDArray[np.int32]
    at: NDArray[np.int64]
    grade: NDArray[np.int8]
    value: NDArray[np.float64]
    index: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.slot)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What an evaluation found: `patch` brings the state forward, `turns` is where grades became others, by time;
    `holding` is what holds, at the end of the call, on streams that were judged in it.
    """

    patch: Patch
    turns: Signals
    holding: Signals


_Entry = tuple[int, NDArray[np.int32], NDArray[np.int64], NDArray[np.int8], NDArray[np.float64], NDArray[np.intp]]


def step(
    table: Table, state: State, slot: NDArray[np.int32], at: NDArray[np.int64], value: NDArray[np.float64],
    code: NDArray[np.int32], quality: NDArray[np.uint8], days: Days | None = None,
) -> Step:  # fmt: skip
    """Judge readings, sorted by (slot, at): times in µs since 1970 UTC, numbers (NaN where there is none), codes by
    their place in the table (-1: one that no watch names), quality (see the table). The state is left as it is.

    What is not newer than the slot's newest is passed over. However a sequence of readings in order of (at, slot) is
    cut into calls, turns and states come out the same; for watches on one stream alone, in any order of slots. Raises
    ValueError for a state of another table, readings out of order, and slots nobody added.
    """
    if state.version != table.version:
        raise ValueError("the state was made for another table")
    if len(slot) and not 0 <= int(slot.min()) <= int(slot.max()) < len(state):
        raise ValueError("a slot that nobody added")
    readings = usable(table, state, slot, at, value, code, quality)
    known = Known(readings=readings, groups={group.kind: group for group in groups(table, state, readings)})
    turned: list[_Entry] = []
    holding: list[_Entry] = []
    for group in known.groups.values():
        for track in table.tracks[group.kind]:
            _alone(table, known, group, track, days, turned, holding)
    changed = [(group.kind, group.rows, group.changed) for group in known.groups.values() if group.changed]
    for judged in judge_together(table, state, known, days):
        changed.append((judged.kind, judged.rows, judged.columns))
        place = judged.turns.place
        turned.append(_entry(judged, place, judged.turns.grade))
        grade = judged.track.grades[judged.columns[f"{judged.track.key}.held"]]
        on = np.flatnonzero(grade)
        holding.append(_entry(judged, judged.last[on], grade[on]))
    patch = Patch(slots=readings.slots, at=readings.at[readings.newest], columns=tuple(changed))
    return Step(patch=patch, turns=_signals(turned), holding=_signals(holding))


def _alone(
    table: Table, known: Known, group: Group, track: Track, days: Days | None, turned: list[_Entry],
    holding: list[_Entry],
) -> None:  # fmt: skip
    """Judge a watch by its own stream alone; of one that asks others, only take the figure."""
    readings = group.readings
    found = figure(track, group)
    if track.also:
        whole = known.figures.setdefault(track.key, np.full(len(known.readings.at), np.nan))
        whole[group.place] = found
        return
    allowed = None
    if track.hours is not None:
        allowed = in_hours(track.hours, readings.at, group.hour, table.offset_h, days)
    course = Course(
        figure=found, at=readings.at, first=readings.first, count=readings.count, owner=group.owner,
        single=group.single, allowed=allowed, broken=group.broken if track.timed else None,
    )  # fmt: skip
    name = f"{track.key}.held"
    was, held = group.kept(name), group.column(name)
    since = [group.column(f"{track.key}.since{number}") for number in range(len(track.levels))] if track.timed else []
    flips = latch(track, course, held, since)
    if track.rule < 0:
        whole_bits = known.holds.setdefault(track.key, np.zeros(len(known.readings.at), dtype=np.bool_))
        whole_bits[group.place] = courses_bits(course, was, flips) != 0
        return
    became = turns(track, course, was, flips)
    place = became.place
    turned.append(
        (
            track.rule,
            readings.slot[place],
            readings.at[place],
            became.grade,
            readings.value[place],
            readings.index[place],
        )
    )
    grade = track.grades[held]
    on = np.flatnonzero(grade)
    place = readings.first[on] + readings.count[on] - 1
    holding.append(
        (track.rule, readings.slot[place], readings.at[place], grade[on], readings.value[place], readings.index[place])
    )


def _entry(judged: Judged, place: NDArray[np.intp], grade: NDArray[np.int8]) -> _Entry:
    return (
        judged.track.rule, judged.slot[place], judged.at[place], grade, judged.value[place], judged.index[place]
    )  # fmt: skip


def _signals(entries: list[_Entry]) -> Signals:
    entries = [entry for entry in entries if len(entry[1])]
    rule = np.repeat(
        np.array([entry[0] for entry in entries], dtype=np.int32), [len(entry[1]) for entry in entries]
    )  # fmt: skip
    columns = [
        np.concatenate([np.zeros(0, dtype=kind), *(entry[place] for entry in entries)])
        for place, kind in ((1, np.int32), (2, np.int64), (3, np.int8), (4, np.float64), (5, np.intp))
    ]
    order = np.lexsort((rule, columns[0], columns[1]))
    slot, at, grade, value, index = (column[order] for column in columns)
    return Signals(slot=slot, rule=rule[order], at=at, grade=grade, value=value, index=index)
