"""What is watched, and the frozen table that an evaluation runs on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

HOURS_OF_WEEK = 168
NEVER = np.iinfo(np.int64).min
"""A time that has not come."""
FORMAT = 1
"""Grows when states made by an older form of this engine mean something else."""
WINDOW_PARTS = 4
MOST_LEVELS = 8


class Measure(StrEnum):
    """The figure that a condition takes from a reading; levels are limits of it.

    VALUE: the number, times `sign`. CODE: the weight of the code. CHANGE: how far the number, times `sign`, stands
    above its least of the last `window_us` (counted in quarters: three quarters to the whole of it). STUCK: for how
    long, in µs, it has not moved by more than `tolerance`. SPIKE: distance from the running centre in running spreads,
    of at least `least`, once `memory` readings were seen. BAND: distance from the learnt mean of this hour of the week
    in learnt spreads, of at least `least`.
    """

    VALUE = "value"
    CODE = "code"
    CHANGE = "change"
    STUCK = "stuck"
    SPIKE = "spike"
    BAND = "band"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A measure with its figures; `weights` are (code index, weight) pairs, other codes weigh 0."""

    measure: Measure = Measure.VALUE
    sign: int = 1
    weights: tuple[tuple[int, float], ...] = ()
    window_us: int = 0
    tolerance: float = 0.0
    least: float = 0.0
    memory: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """Begins once the measure has been over `above` for `holds_us`; ends as the watch says once it is not over
    `clears_at`. Grade 1 is the gravest.
    """

    grade: int
    above: float
    clears_at: float
    holds_us: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Also:
    """What must hold on another stream too: over `above` until not over `clears_at`, by a reading not older than
    `fresh_us`. `own` streams are of the same thing, one for one, and their readings are judged as they come; others
    (a rain gauge serves many) are only looked up.
    """

    kind: str
    condition: Condition
    above: float
    clears_at: float
    fresh_us: int
    own: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """One rule on the streams of a kind. `hours` are two strings of 168 "0" or "1", Monday 0 h first: when it holds on
    days off, and on working days. `fresh_us` is how old its own stream's reading may be where others are asked too.
    """

    id: str
    kind: str
    condition: Condition
    levels: tuple[Level, ...]
    clears_after_us: int = 0
    hours: tuple[str, str] | None = None
    also: tuple[Also, ...] = ()
    fresh_us: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """Streams of one kind: numbers or codes; a silence longer than `gap_us` ends whatever was holding."""

    id: str
    number: bool = True
    gap_us: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One entry a stream in the state."""

    name: str
    dtype: DTypeLike
    fill: Any
    width: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """A watch (or, with `rule` -1, what another watch asks of this kind) ready to run. `grades` gives the grade of each
    set of levels that hold, as bits.
    """

    key: str
    rule: int
    condition: Condition
    levels: tuple[Level, ...]
    clears_after_us: int
    hours: NDArray[np.bool_] | None
    also: tuple[tuple[Also, str], ...]
    fresh_us: int
    grades: NDArray[np.int8]
    weights: NDArray[np.float64] | None

    @property
    def timed(self) -> bool:
        """Whether a level waits before it begins or ends."""
        return self.clears_after_us > 0 or any(level.holds_us for level in self.levels)

    @property
    def columns(self) -> Iterator[Column]:
        """What the track keeps of each stream."""
        yield Column(name=f"{self.key}.held", dtype=np.uint8, fill=0)
        if self.timed:
            for number in range(len(self.levels)):
                yield Column(name=f"{self.key}.since{number}", dtype=np.int64, fill=NEVER)
        yield from self.measure_columns
        if self.also:
            yield Column(name=f"{self.key}.figure", dtype=np.float64, fill=np.nan)
            yield Column(name=f"{self.key}.value", dtype=np.float64, fill=np.nan)
            yield Column(name=f"{self.key}.judged", dtype=np.int64, fill=NEVER)

    @property
    def measure_columns(self) -> Iterator[Column]:
        """What the track's measure keeps of each stream."""
        match self.condition.measure:
            case Measure.CHANGE:
                for part in range(WINDOW_PARTS):
                    yield Column(name=f"{self.key}.least{part}", dtype=np.float64, fill=np.inf)
                yield Column(name=f"{self.key}.part", dtype=np.int64, fill=-(2**40))
            case Measure.STUCK:
                yield Column(name=f"{self.key}.rest", dtype=np.float64, fill=np.nan)
                yield Column(name=f"{self.key}.moved", dtype=np.int64, fill=NEVER)
            case Measure.SPIKE:
                yield Column(name=f"{self.key}.centre", dtype=np.float64, fill=np.nan)
                yield Column(name=f"{self.key}.spread", dtype=np.float32, fill=0.0)
                yield Column(name=f"{self.key}.seen", dtype=np.uint16, fill=0)
            case _:
                return


BAND = Column(name="band", dtype=np.float32, fill=np.nan, width=(HOURS_OF_WEEK, 2))


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """All watches, compiled. `rules` are the watches' ids by number, `codes` the codes they name: an evaluation is
    given a code's place in it, -1 for any other. Readings of quality `unusable_from` and more are passed over.
    `offset_h` is local time less UTC in hours.
    """

    version: str
    rules: tuple[str, ...]
    kinds: tuple[Kind, ...]
    codes: tuple[str, ...]
    offset_h: int
    unusable_from: int
    tracks: tuple[tuple[Track, ...], ...]
    gaps: NDArray[np.int64]
    numbers: NDArray[np.bool_]
    watched: NDArray[np.bool_]

    def kind_of(self, kind_id: str) -> int:
        """Return the number of a kind; raises ValueError."""
        for number, kind in enumerate(self.kinds):
            if kind.id == kind_id:
                return number
        raise ValueError(f"no kind {kind_id}")

    def columns(self, kind: int) -> Iterator[Column]:
        """What the state keeps of each stream of a kind."""
        for track in self.tracks[kind]:
            yield from track.columns
        for reference in self.references(kind):
            yield Column(name=reference, dtype=np.int32, fill=-1)
        if any(track.condition.measure is Measure.BAND for track in self.tracks[kind]):
            yield BAND

    def references(self, kind: int) -> tuple[str, ...]:
        """Name the columns that hold other streams' slots: "to KIND" on who asks, "from KIND" on who is asked, one for
        one.
        """
        mine = self.kinds[kind].id
        asked = {f"to {also.kind}" for track in self.tracks[kind] for also, _ in track.also}
        asking = {
            f"from {self.kinds[number].id}"
            for number, tracks in enumerate(self.tracks)
            for track in tracks
            for also, _ in track.also
            if also.kind == mine and also.own
        }
        return tuple(sorted(asked) + sorted(asking))


def compile_table(
    watches: Sequence[Watch], kinds: Sequence[Kind], codes: Sequence[str], *, offset_h: int, unusable_from: int = 1
) -> Table:
    """Return the table of those watches; its version is made of all that it says.

    Raises ValueError for a watch that cannot be judged.
    """
    order = {kind.id: number for number, kind in enumerate(kinds)}
    tracks: list[list[Track]] = [[] for _ in kinds]
    asked: dict[tuple[str, Condition, float, float], str] = {}
    for watch in watches:
        for also in watch.also:
            known = (also.kind, also.condition, also.above, also.clears_at)
            if also.kind not in order:
                raise ValueError(f"{watch.id} asks for the kind {also.kind}, which does not exist")
            if known not in asked:
                asked[known] = f"?{hashlib.sha256(repr(known).encode()).hexdigest()[:12]}"
                level = Level(grade=1, above=also.above, clears_at=also.clears_at)
                _check(asked[known], (level,))
                tracks[order[also.kind]].append(_track(asked[known], -1, also.condition, (level,)))
    for number, watch in enumerate(watches):
        if watch.kind not in order:
            raise ValueError(f"{watch.id} watches the kind {watch.kind}, which does not exist")
        _check(watch.id, watch.levels)
        named = tuple((also, asked[also.kind, also.condition, also.above, also.clears_at]) for also in watch.also)
        track = _track(watch.id, number, watch.condition, watch.levels)
        hours = None if watch.hours is None else np.array([[one == "1" for one in row] for row in watch.hours])
        if hours is not None and hours.shape != (2, HOURS_OF_WEEK):
            raise ValueError(f"{watch.id} does not say all hours of a week")
        tracks[order[watch.kind]].append(
            replace(
                track, clears_after_us=watch.clears_after_us, hours=hours, also=named, fresh_us=watch.fresh_us
            )
        )  # fmt: skip
    said = repr((FORMAT, tuple(watches), tuple(kinds), tuple(codes), offset_h, unusable_from))
    return Table(
        version=hashlib.sha256(said.encode()).hexdigest()[:24],
        rules=tuple(watch.id for watch in watches),
        kinds=tuple(kinds),
        codes=tuple(codes),
        offset_h=offset_h,
        unusable_from=unusable_from,
        tracks=tuple(tuple(rows) for rows in tracks),
        gaps=np.array([kind.gap_us for kind in kinds], dtype=np.int64),
        numbers=np.array([kind.number for kind in kinds], dtype=np.bool_),
        watched=np.array([bool(rows) for rows in tracks], dtype=np.bool_),
    )


def _check(name: str, levels: Sequence[Level]) -> None:
    if not 1 <= len(levels) <= MOST_LEVELS:
        raise ValueError(f"{name} has {len(levels)} levels; it may have 1 to {MOST_LEVELS}")
    for level in levels:
        if not level.clears_at <= level.above:
            raise ValueError(f"{name} clears at {level.clears_at}, beyond {level.above}, where it begins")


def _track(key: str, rule: int, condition: Condition, levels: tuple[Level, ...]) -> Track:
    grades = np.zeros(1 << len(levels), dtype=np.int8)
    for held in range(1, len(grades)):
        grades[held] = min(level.grade for number, level in enumerate(levels) if held >> number & 1)
    weights = None
    if condition.measure is Measure.CODE:
        weights = np.zeros(max((code for code, _ in condition.weights), default=-1) + 2)
        for code, weight in condition.weights:
            weights[code + 1] = weight
    return Track(
        key=key, rule=rule, condition=condition, levels=levels, clears_after_us=0, hours=None, also=(), fresh_us=0,
        grades=grades, weights=weights,
    )  # fmt: skip
