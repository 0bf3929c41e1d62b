"""What is remembered of each stream between two evaluations: columns by kind, one entry a stream."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.table import NEVER, Column, Table, Track

Columns = dict[str, NDArray[Any]]


class OtherTable(ValueError):
    """A kept state that was made for another table, or is damaged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """What one evaluation changes: the newest time of slots, and (kind, rows, columns)."""

    slots: NDArray[np.int32]
    at: NDArray[np.int64]
    columns: tuple[tuple[int, NDArray[np.int32], Columns], ...]


class State:
    """The memory of all streams, by slot. An evaluation leaves it as it is and hands back a patch: the caller applies
    it once what follows from it is durable, or drops it.
    """

    def __init__(self, table: Table) -> None:
        self.version = table.version
        self.kind = np.zeros(0, dtype=np.int16)
        self.row = np.zeros(0, dtype=np.int32)
        self.at = np.zeros(0, dtype=np.int64)
        self.columns: list[Columns] = [
            {column.name: _filled(column, 0) for column in table.columns(kind)} for kind in range(len(table.kinds))
        ]

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def nbytes(self) -> int:
        """Return how many bytes the columns take."""
        own = self.kind.nbytes + self.row.nbytes + self.at.nbytes
        return own + sum(column.nbytes for columns in self.columns for column in columns.values())

    def add(self, table: Table, kind: NDArray[np.int16]) -> None:
        """Give the next slots to streams of those kinds."""
        sizes = np.bincount(self.kind, minlength=len(table.kinds))
        row = np.zeros(len(kind), dtype=np.int32)
        for number in np.unique(kind):
            mine = kind == number
            count = int(mine.sum())
            row[mine] = np.arange(sizes[number], sizes[number] + count)
            columns = self.columns[number]
            for column in table.columns(int(number)):
                columns[column.name] = np.concatenate([columns[column.name], _filled(column, count)])
        self.kind = np.concatenate([self.kind, kind.astype(np.int16)])
        self.row = np.concatenate([self.row, row])
        self.at = np.concatenate([self.at, np.full(len(kind), NEVER, dtype=np.int64)])

    def tie(self, table: Table, slot: NDArray[np.int32], other: NDArray[np.int32]) -> None:
        """Say which streams the watches on `slot` look at as well; pairs that no watch asks for are passed over."""
        for mine, there, here, far in _by_kinds(self, slot, other):
            to = self.columns[mine].get(f"to {table.kinds[there].id}")
            if to is not None:
                to[self.row[here]] = far
            back = self.columns[there].get(f"from {table.kinds[mine].id}")
            if back is not None:
                back[self.row[far]] = here

    def take(self, patch: Patch) -> None:
        """Apply what an evaluation changed."""
        self.at[patch.slots] = patch.at
        for kind, rows, columns in patch.columns:
            where = run_of(rows)
            for name, values in columns.items():
                self.columns[kind][name][where] = values

    def stand(self, table: Table, slot: int, rule: str, grade: int) -> None:
        """Take note that an alarm of that grade stands, so that it can end; lighter levels of the rule hold as well. A
        rule that is not on the stream, or holds there by this state's own account, is passed over.
        """
        kind, row = int(self.kind[slot]), self.row[slot]
        for track in table.tracks[kind]:
            if track.rule >= 0 and track.key == rule and not self.columns[kind][f"{rule}.held"][row]:
                self.columns[kind][f"{rule}.held"][row] = held_at(track, grade)
                for number in range(len(track.levels)) if track.timed else ():
                    self.columns[kind][f"{rule}.since{number}"][row] = NEVER

    def learn(self, table: Table, slot: NDArray[np.int32], band: NDArray[np.float32]) -> None:
        """Take in learnt bands, (n, 168, 2), of streams whose kind has a watch on one."""
        for kind in np.unique(self.kind[slot]):
            mine = self.kind[slot] == kind
            if "band" in self.columns[kind]:
                self.columns[kind]["band"][self.row[slot[mine]]] = band[mine]

    def to_bytes(self) -> bytes:
        """Return the state as it can be kept."""
        held = io.BytesIO()
        named = {
            f"{kind}|{name}": column for kind, columns in enumerate(self.columns) for name, column in columns.items()
        }
        version = np.frombuffer(self.version.encode(), dtype=np.uint8)
        np.savez(held, allow_pickle=False, version=version, kind=self.kind, row=self.row, at=self.at, **named)
        return held.getvalue()


def from_bytes(table: Table, kept: bytes) -> State:
    """Return a kept state; raises OtherTable if it was made for another table or is damaged."""
    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as held:
            if bytes(held["version"]).decode() != table.version:
                raise OtherTable("the state was made for another table")
            state = State(table)
            state.kind, state.row, state.at = held["kind"], held["row"], held["at"]
            for kind, columns in enumerate(state.columns):
                for name in columns:
                    columns[name] = held[f"{kind}|{name}"]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, EOFError) as error:
        raise error if isinstance(error, OtherTable) else OtherTable(f"the state is damaged: {error}") from error
    return state


def carried(old: Table, state: State, new: Table) -> State:
    """Return a new table's state with what the old one knew: streams, times, bands, what a measure remembers where it
    is the same, what holds by grade. Waits that run go on where the rule's levels are as they were. The kinds must be
    those of the old table or more.
    """
    place = np.array([new.kind_of(kind.id) for kind in old.kinds], dtype=np.int16)
    after = State(new)
    after.kind, after.row, after.at = place[state.kind], state.row.copy(), state.at.copy()
    sizes = np.bincount(state.kind, minlength=len(old.kinds))
    for number, was in enumerate(state.columns):
        kind = int(place[number])
        now = after.columns[kind]
        before = {track.key: track for track in old.tracks[number]}
        kept = {"band", *new.references(kind)}
        for track in new.tracks[kind]:
            kept |= set(_kept(before.get(track.key), track))
        for column in new.columns(kind):
            same = column.name in kept and column.name in was
            now[column.name] = was[column.name].copy() if same else _filled(column, int(sizes[number]))
        for track in new.tracks[kind]:
            if track.key in before and before[track.key].levels != track.levels:
                grades = before[track.key].grades[was[f"{track.key}.held"]]
                held = np.array([held_at(track, grade) for grade in range(max(grades, default=0) + 1)], dtype=np.uint8)
                now[f"{track.key}.held"] = held[grades]
    return after


def held_at(track: Track, grade: int) -> int:
    """Return the levels, as bits, that hold at a grade: those of it and the lighter ones, at least the lightest."""
    if grade == 0:
        return 0
    held = sum(1 << number for number, level in enumerate(track.levels) if level.grade >= grade)
    lightest = max(range(len(track.levels)), key=lambda number: track.levels[number].grade)
    return held or 1 << lightest


def run_of(rows: NDArray[np.int32]) -> slice | NDArray[np.int32]:
    """Return rows as a slice where they are one run upwards."""
    if len(rows) and int(rows[-1]) - int(rows[0]) == len(rows) - 1 and bool((np.diff(rows) == 1).all()):
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _kept(was: Track | None, now: Track) -> Iterator[str]:
    if was is None:
        return
    if was.levels == now.levels:
        yield f"{now.key}.held"
        if was.clears_after_us == now.clears_after_us:
            yield from (f"{now.key}.since{number}" for number in range(len(now.levels)))
    if was.condition == now.condition:
        yield from (column.name for column in now.measure_columns)
        yield from (f"{now.key}.{name}" for name in ("figure", "value", "judged"))


def _by_kinds(
    state: State, slot: NDArray[np.int32], other: NDArray[np.int32]
) -> Iterator[tuple[int, int, NDArray[np.int32], NDArray[np.int32]]]:
    pairs = np.stack([state.kind[slot], state.kind[other]], axis=1)
    for mine, there in np.unique(pairs, axis=0):
        chosen = (pairs[:, 0] == mine) & (pairs[:, 1] == there)
        yield int(mine), int(there), slot[chosen], other[chosen]


def _filled(column: Column, count: int) -> NDArray[Any]:
    return np.full((count, *column.width), column.fill, dtype=column.dtype)
