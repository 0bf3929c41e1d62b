"""The figure that each condition takes from a reading; limits are laid on it elsewhere."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.group import Group
from xiuhua.engines.stream_rules.table import WINDOW_PARTS, Measure, Track

CLIPPED_AT = 3.0
"""Distances beyond so many spreads move centre and spread no further (Huber's psi)."""
SPREAD_OF_MEAN_DISTANCE = sqrt(pi / 2)
"""The standard deviation of a normal variable in mean absolute distances."""


def figure(track: Track, group: Group) -> NDArray[np.float64]:
    """Return the track's figure for each reading, NaN where there is none; its memory in the group moves on."""
    match track.condition.measure:
        case Measure.VALUE:
            return group.readings.value if track.condition.sign > 0 else -group.readings.value
        case Measure.CODE:
            return _weight(track, group)
        case Measure.CHANGE:
            return _change(track, group)
        case Measure.STUCK:
            return _stuck(track, group)
        case Measure.SPIKE:
            return _spike(track, group)
        case Measure.BAND:
            return _band(track, group)


def _weight(track: Track, group: Group) -> NDArray[np.float64]:
    assert track.weights is not None
    place = group.readings.code + 1
    found: NDArray[np.float64] = track.weights[np.where(place < len(track.weights), place, 0)]
    return found


def _change(track: Track, group: Group) -> NDArray[np.float64]:
    value = group.readings.value if track.condition.sign > 0 else -group.readings.value
    part = group.readings.at // (track.condition.window_us // WINDOW_PARTS)
    least = [group.column(f"{track.key}.least{number}") for number in range(WINDOW_PARTS)]
    last = group.column(f"{track.key}.part")
    result = np.empty_like(value)
    for who, reading in group.passes():
        now, number, before = part[reading], value[reading], last[who]
        lowest = number
        for place, column in enumerate(least):
            # The quarter that stands at `place` is the newest one, up to the last reading's, that falls there.
            kept = np.where(before - (before - place) % WINDOW_PARTS > now - WINDOW_PARTS, column[who], np.inf)
            lowest = np.minimum(lowest, kept)
            column[who] = np.where(now % WINDOW_PARTS == place, np.minimum(kept, number), kept)
        last[who] = now
        result[reading] = number - lowest
    return result


def _stuck(track: Track, group: Group) -> NDArray[np.float64]:
    rest, moved_at = group.column(f"{track.key}.rest"), group.column(f"{track.key}.moved")
    at, value, broken = group.readings.at, group.readings.value, group.broken
    result = np.empty_like(value)
    for who, reading in group.passes():
        moved = ~(np.abs(value[reading] - rest[who]) <= track.condition.tolerance)
        if broken is not None:
            moved |= broken[reading]
        rest[who] = np.where(moved, value[reading], rest[who])
        moved_at[who] = since = np.where(moved, at[reading], moved_at[who])
        result[reading] = at[reading] - since
    return result


def _spike(track: Track, group: Group) -> NDArray[np.float64]:
    centre, spread = group.column(f"{track.key}.centre"), group.column(f"{track.key}.spread")
    seen = group.column(f"{track.key}.seen")
    least, memory = track.condition.least, track.condition.memory
    value = group.readings.value
    result = np.empty_like(value)
    for who, reading in group.passes():
        number, count = value[reading], seen[who].astype(np.int64)
        middle = np.where(count == 0, number, centre[who])
        distance = number - middle
        width = np.maximum(spread[who].astype(np.float64), least)
        ready = count >= memory
        result[reading] = np.where(ready, np.abs(distance) / width, np.nan)
        most = np.where(ready, CLIPPED_AT * width, np.inf)
        taken = np.clip(distance, -most, most)
        share = 1.0 / np.minimum(count + 1, memory)
        centre[who] = middle + share * taken
        spread[who] += share * (SPREAD_OF_MEAN_DISTANCE * np.abs(taken) - spread[who])
        seen[who] = np.minimum(count + 1, memory)
    return result


def _band(track: Track, group: Group) -> NDArray[np.float64]:
    learnt = group.band(group.hour).astype(np.float64)
    distance = np.abs(group.readings.value - learnt[:, 0])
    return distance / np.maximum(learnt[:, 1], track.condition.least)
