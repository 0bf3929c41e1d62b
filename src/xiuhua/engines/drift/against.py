"""A device against its neighbours of the same stream: which they are, how far it is from them, how that changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from xiuhua.engines.drift.slope import theil_sen

LEAST_HOURS = 24
LEAST_NEIGHBOURS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """For each device the change an hour against its neighbours and the 95 % interval of it, in the stream's unit; NaN
    where fewer than 24 hours have a value of it and of three neighbours.
    """

    slope: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def nearest(x: NDArray[np.float64], y: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """Return the indices (n, k) of each point's k nearest others, in the plane; all others where there are fewer."""
    n = len(x)
    k = min(k, n - 1)
    if k < 1:
        return np.zeros((n, 0), dtype=np.intp)
    found = np.asarray(cKDTree(np.column_stack([x, y])).query(np.column_stack([x, y]), k=k + 1)[1])
    # Of points in one place the tree may name another before the point itself, or leave it out.
    own = found == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True
    others: NDArray[np.intp] = found[~own].reshape(n, k)
    return others


def differences(hourly: NDArray[np.float64], near: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return each device's hourly means (n, hours) less the median of its neighbours'; NaN where fewer than three have
    one.
    """
    found = np.full_like(hourly, np.nan)
    for device, others in enumerate(near):
        theirs = hourly[others]
        known = np.isfinite(theirs).sum(axis=0) >= LEAST_NEIGHBOURS
        if known.any():
            found[device, known] = hourly[device, known] - np.nanmedian(theirs[:, known], axis=0)
    return found


def drift(hourly: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], k: int) -> Drift:
    """Return how each device drifts against the median of its k nearest neighbours."""
    slopes = [
        theil_sen(row if np.isfinite(row).sum() >= LEAST_HOURS else row[:0])
        for row in differences(hourly, nearest(x, y, k))
    ]
    return Drift(
        slope=np.array([one.slope for one in slopes]),
        low=np.array([one.low for one in slopes]),
        high=np.array([one.high for one in slopes]),
    )
