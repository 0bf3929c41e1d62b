"""Rules that ask several streams: judged whenever one of the thing's own streams reports, by what is known of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.group import Days, Group, Readings, hour_of_week, in_hours
from xiuhua.engines.stream_rules.latch import Course, Turns, latch, turns
from xiuhua.engines.stream_rules.state import Columns, State
from xiuhua.engines.stream_rules.table import Also, Table, Track


@dataclass(kw_only=True, slots=True)
class Known:
    """What a call has worked out so far: its usable readings, their groups by kind, and for each of the readings the
    figures of watches that ask others, and whether what others ask for holds, by track key.
    """

    readings: Readings
    groups: Mapping[int, Group]
    figures: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    holds: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What came of one such rule: its turns, each thing's new columns, and the last moment each was judged at."""

    kind: int
    track: Track
    rows: NDArray[np.int32]
    columns: Columns
    turns: Turns
    last: NDArray[np.intp]
    slot: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    index: NDArray[np.intp]


class _Order:
    """The order by (at, slot) of the call's readings, in which streams see each other."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._times, self._rank = np.unique(known.readings.at, return_inverse=True)
        self._keys: dict[int, NDArray[np.intp]] = {}

    def newest(
        self, kind: int, slot: NDArray[np.int32], by: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return the newest reading of slots of a kind that comes no later than another reading (`by`, a place among
        the usable ones) as a place, and whether there is one.
        """
        group = self._known.groups.get(kind)
        if group is None:
            return np.zeros(len(slot), dtype=np.intp), np.zeros(len(slot), dtype=np.bool_)
        stride = len(self._times) + 2
        if kind not in self._keys:
            self._keys[kind] = group.owner * stride + self._rank[group.place] + 1
        slots = group.readings.slots
        dense = np.minimum(np.searchsorted(slots, slot), len(slots) - 1)
        rank = self._rank[by] + 1 - (slot > self._known.readings.slot[by])
        place = np.searchsorted(self._keys[kind], dense * stride + rank, side="right") - 1
        there = (slots[dense] == slot) & (place >= group.readings.first[dense])
        place = np.where(there, place, 0)
        return place if isinstance(group.place, slice) else group.place[place], there


def judge_together(table: Table, state: State, known: Known, days: Days | None) -> Iterator[Judged]:
    """Yield what came of each rule that asks several streams, where one of them reported."""
    order: _Order | None = None
    for kind, tracks in enumerate(table.tracks):
        for track in tracks:
            if not track.also:
                continue
            events = _events(table, state, known, kind, track)
            if events is None:
                continue
            order = order or _Order(known)
            yield _judge(table, state, known, kind, track, events, order, days)


def _events(
    table: Table, state: State, known: Known, kind: int, track: Track
) -> tuple[NDArray[np.int32], NDArray[np.intp]] | None:
    """Return whom to judge and by which reading, in order; None if nobody."""
    mains: list[NDArray[np.int32]] = []
    places: list[NDArray[np.intp]] = []
    everything = np.arange(len(known.readings.at))
    if kind in known.groups:
        group = known.groups[kind]
        mains.append(group.readings.slot)
        places.append(everything[group.place])
    for name in sorted({also.kind for also, _ in track.also if also.own} - {table.kinds[kind].id}):
        group_of = known.groups.get(table.kind_of(name))
        if group_of is None:
            continue
        back = group_of.kept(f"from {table.kinds[kind].id}")[group_of.owner]
        tied = back >= 0
        mains.append(back[tied])
        places.append(everything[group_of.place][tied])
    if not mains:
        return None
    main, place = np.concatenate(mains), np.concatenate(places)
    if not len(main):
        return None
    if len(mains) == 1 and kind in known.groups:
        return main, place
    order = np.lexsort((known.readings.slot[place], known.readings.at[place], main))
    return main[order], place[order]


def _judge(
    table: Table, state: State, known: Known, kind: int, track: Track,
    events: tuple[NDArray[np.int32], NDArray[np.intp]], order: _Order, days: Days | None,
) -> Judged:  # fmt: skip
    main, place = events
    readings, kept = known.readings, state.columns[kind]
    at = readings.at[place]
    begins = np.concatenate([[True], main[1:] != main[:-1]])
    first = np.flatnonzero(begins)
    count, owner = np.diff(np.append(first, len(main))), np.cumsum(begins) - 1
    rows = state.row[main[first]]
    own, here = order.newest(kind, main, place)
    figures = known.figures.get(track.key, np.full(len(readings.at), np.nan))
    figure = np.where(here, figures[own], kept[f"{track.key}.figure"][rows][owner])
    value = np.where(here, readings.value[own], kept[f"{track.key}.value"][rows][owner])
    own_at = np.where(here, readings.at[own], state.at[main])
    now = np.maximum(at, own_at)
    others: list[tuple[Also, NDArray[np.bool_], NDArray[np.int64]]] = []
    for also, key in track.also:
        holds, seen = _other(table, state, known, also, key, kept[f"to {also.kind}"][rows][owner], place, order)
        others.append((also, holds, seen))
        if also.own:
            now = np.maximum(now, seen)
    allowed = own_at >= now - track.fresh_us
    for also, holds, seen in others:
        allowed &= holds & (seen >= now - also.fresh_us)
    if track.hours is not None:
        allowed &= in_hours(track.hours, now, hour_of_week(now, table.offset_h), table.offset_h, days)
    last = first + count - 1
    before = np.concatenate([now[:1], now[:-1]])
    before[first] = kept[f"{track.key}.judged"][rows]
    gap = int(table.gaps[kind])
    course = Course(
        figure=figure, at=now, first=first, count=count, owner=owner, single=len(first) == len(main), allowed=allowed,
        broken=before < now - gap if gap else None,
    )  # fmt: skip
    was = kept[f"{track.key}.held"][rows]
    held = was.copy()
    names = [f"{track.key}.since{number}" for number in range(len(track.levels))] if track.timed else []
    since = [kept[name][rows].copy() for name in names]
    flips = latch(track, course, held, since)
    columns: Columns = {
        f"{track.key}.held": held, **dict(zip(names, since, strict=True)), f"{track.key}.figure": figure[last],
        f"{track.key}.value": value[last], f"{track.key}.judged": now[last],
    }  # fmt: skip
    return Judged(
        kind=kind, track=track, rows=rows, columns=columns, turns=turns(track, course, was, flips), last=last,
        slot=main, at=now, value=value, index=readings.index[place],
    )  # fmt: skip


def _other(
    table: Table, state: State, known: Known, also: Also, key: str, slot: NDArray[np.int32],
    by: NDArray[np.intp], order: _Order,
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:  # fmt: skip
    """Return whether what is asked of another stream holds, and when that was last seen."""
    tied = slot >= 0
    slot = np.where(tied, slot, 0)
    number = table.kind_of(also.kind)
    place, here = order.newest(number, slot, by)
    here &= tied
    held = known.holds.get(key, np.zeros(len(known.readings.at), dtype=np.bool_))
    kept = state.columns[number][f"{key}.held"]
    before = kept[np.where(tied, state.row[slot], 0)] != 0 if len(kept) else np.zeros(len(slot), dtype=np.bool_)
    holds = tied & np.where(here, held[place], before)
    return holds, np.where(here, known.readings.at[place], state.at[slot])
