"""The Theil-Sen slope of one series, and the interval that Sen takes from Kendall's statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slope:
    """A slope per step and its 95 % interval; NaN where there are fewer than two values."""

    slope: float
    low: float
    high: float


def theil_sen(y: NDArray[np.float64]) -> Slope:
    """Return the median of all slopes between two values at steps 0, 1, 2, …; NaN in `y` is left out. Up to 29 % of the
    values may be anything.
    """
    x = np.flatnonzero(np.isfinite(y))
    n = len(x)
    if n < 2:
        return Slope(slope=np.nan, low=np.nan, high=np.nan)
    value = y[x]
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((value[second] - value[first]) / (x[second] - x[first]))
    # Sen (1968), eq. 2.6: ties of equal values narrow the variance of Kendall's statistic.
    _, ties = np.unique(value, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1.0) * (2.0 * ties + 5)).sum())) / 18
    reach = _Z * np.sqrt(max(variance, 0.0))
    pairs = len(slopes)
    low, high = round((pairs - reach) / 2), min(round((pairs + reach) / 2), pairs - 1)
    return Slope(slope=float(np.median(slopes)), low=float(slopes[max(low - 1, 0)]), high=float(slopes[high]))
