"""Whether each level of a rule holds: limits with a dead band, waits before it begins and before it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.group import passes
from xiuhua.engines.stream_rules.table import NEVER, Level, Track


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """Figures in time, thing by thing: `first` and `count` say where each has its own; `allowed` is whether everything
    else that the rule asks for holds, `broken` whether a silence before it was too long.
    """

    figure: NDArray[np.float64]
    at: NDArray[np.int64]
    first: NDArray[np.intp]
    count: NDArray[np.intp]
    owner: NDArray[np.intp]
    single: bool
    allowed: NDArray[np.bool_] | None
    broken: NDArray[np.bool_] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Flips:
    """Where a level began or ended: the place in the course and the level's bit."""

    place: NDArray[np.intp]
    bit: NDArray[np.uint8]


def latch(track: Track, course: Course, held: NDArray[np.uint8], since: list[NDArray[np.int64]]) -> Flips:
    """Return where levels began or ended. `held` (levels as bits) and `since` (when what would turn a level began), one
    entry a thing, are brought up to the course's end.
    """
    places: list[NDArray[np.intp]] = []
    bits: list[NDArray[np.uint8]] = []
    for number, level in enumerate(track.levels):
        bit = np.uint8(1 << number)
        waits = (level.holds_us, track.clears_after_us) if since else None
        turned = _level(level, bit, waits, course, held, since[number] if since else None)
        places.append(turned)
        bits.append(np.full(len(turned), bit, dtype=np.uint8))
    place, which = np.concatenate(places), np.concatenate(bits)
    order = np.argsort(place, kind="stable")
    return Flips(place=place[order], bit=which[order])


def _level(
    level: Level, bit: np.uint8, waits: tuple[int, int] | None, course: Course, held: NDArray[np.uint8],
    since: NDArray[np.int64] | None,
) -> NDArray[np.intp]:  # fmt: skip
    begins = course.figure > level.above
    ends = course.figure <= level.clears_at
    if course.allowed is not None:
        begins &= course.allowed
        ends |= ~course.allowed
    holds = (held & bit) != 0
    # A thing whose readings cannot turn what is, and that waits for nothing, stays as it is: most things, most times.
    turns = np.where(holds if course.single else holds[course.owner], ends, begins)
    if course.single:
        concerned = turns if since is None else turns | (since != NEVER)
    else:
        concerned = np.zeros(len(held), dtype=np.bool_) if since is None else since != NEVER
        concerned[course.owner[turns]] = True
    things = np.flatnonzero(concerned)
    if not len(things):
        return np.zeros(0, dtype=np.intp)
    if since is None and course.single:
        held[things] ^= bit
        return things
    return _turn(things, begins, ends, bit, waits, course, held, since)


def _turn(
    things: NDArray[np.intp], begins: NDArray[np.bool_], ends: NDArray[np.bool_], bit: np.uint8,
    waits: tuple[int, int] | None, course: Course, held: NDArray[np.uint8], since: NDArray[np.int64] | None,
) -> NDArray[np.intp]:  # fmt: skip
    turned: list[NDArray[np.intp]] = []
    for one, place in passes(course.first[things], course.count[things]):
        who = things[one]
        holds = (held[who] & bit) != 0
        turns = np.where(holds, ends[place], begins[place])
        if since is not None and waits is not None:
            at, start = course.at[place], since[who]
            fresh = start == NEVER
            if course.broken is not None:
                fresh |= course.broken[place]
            start = np.where(fresh, at, start)
            over = turns & (at - start >= np.where(holds, waits[1], waits[0]))
            since[who] = np.where(turns & ~over, start, NEVER)
            turns = over
        held[who[turns]] ^= bit
        turned.append(place[turns])
    return np.concatenate(turned)


def courses_bits(course: Course, before: NDArray[np.uint8], flips: Flips) -> NDArray[np.uint8]:
    """Return the levels, as bits, that hold after each entry of the course; `before` is one entry a thing."""
    changes = np.zeros(len(course.at), dtype=np.uint8)
    np.bitwise_xor.at(changes, flips.place, flips.bit)
    run = np.bitwise_xor.accumulate(changes)
    earlier = np.concatenate([np.zeros(1, dtype=np.uint8), run])[course.first]
    result: NDArray[np.uint8] = run ^ (earlier ^ before)[course.owner]
    return result


@dataclass(frozen=True, kw_only=True, slots=True)
class Turns:
    """Where a rule's grade became another (0: it ended)."""

    place: NDArray[np.intp]
    grade: NDArray[np.int8]


def turns(track: Track, course: Course, before: NDArray[np.uint8], flips: Flips) -> Turns:
    """Return where the gravest level that holds became another; `before` is what held before the course."""
    if not len(flips.place):
        return Turns(place=flips.place, grade=np.zeros(0, dtype=np.int8))
    owner = course.owner[flips.place]
    run = np.bitwise_xor.accumulate(flips.bit)
    begins = np.concatenate([[True], owner[1:] != owner[:-1]])
    earlier = np.concatenate([np.zeros(1, dtype=np.uint8), run[:-1]])
    base = earlier[begins][np.cumsum(begins) - 1] ^ before[owner]
    after = run ^ base
    last = np.concatenate([flips.place[1:] != flips.place[:-1], [True]])
    place, grade, whose = flips.place[last], track.grades[after[last]], owner[last]
    was = np.concatenate([np.zeros(1, dtype=np.int8), grade[:-1]])
    opens = np.concatenate([[True], whose[1:] != whose[:-1]])
    was[opens] = track.grades[before[whose[opens]]]
    changed = grade != was
    return Turns(place=place[changed], grade=grade[changed])
