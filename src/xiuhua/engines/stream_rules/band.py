"""A stream's usual week, learnt from its history."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules.group import hour_of_week
from xiuhua.engines.stream_rules.table import HOURS_OF_WEEK

LEAST_READINGS = 8
"""An hour of the week with fewer readings is not judged."""
FARTHEST = 4.0
"""Readings so many spreads away are left out and the rest counted again: a trouble in the past is not usual."""


def learn(
    thing: NDArray[np.intp], at: NDArray[np.int64], value: NDArray[np.float64], things: int, offset_h: int
) -> NDArray[np.float32]:
    """Return mean and standard deviation by local hour of the week, (things, 168, 2), NaN where too little is known.

    `thing` numbers the stream of each reading; `at` is in µs since 1970 UTC. Readings without a number are left out.
    """
    cell = thing * HOURS_OF_WEEK + hour_of_week(at, offset_h)
    use = ~np.isnan(value)
    mean, spread = _moments(cell[use], value[use], things)
    near = use & (np.abs(value - mean[cell]) <= FARTHEST * spread[cell])
    mean, spread = _moments(cell[near], value[near], things)
    return np.stack([mean, spread], axis=1).astype(np.float32).reshape(things, HOURS_OF_WEEK, 2)


def _moments(
    cell: NDArray[np.intp], value: NDArray[np.float64], things: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    size = things * HOURS_OF_WEEK
    count = np.bincount(cell, minlength=size)
    known = count >= LEAST_READINGS
    mean = np.full(size, np.nan)
    np.divide(np.bincount(cell, weights=value, minlength=size), count, out=mean, where=known)
    square = np.bincount(cell, weights=(value - mean[cell]) ** 2, minlength=size)
    spread = np.full(size, np.nan)
    np.divide(square, count - 1, out=spread, where=known)
    return mean, np.sqrt(spread)
