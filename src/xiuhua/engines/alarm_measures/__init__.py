"""How good an alarm system is to those who watch it: the measures of ISA-18.2 / IEC 62682 on arrays.

Bounds after ANSI/ISA-18.2-2016 clause 16, none of them confirmed against the printed standard (待核): about 6 alarms an
operator hour acceptable and 12 manageable, over 10 in 10 minutes a flood, floods under 1 % of the time; 80/15/5 % by
priority; the ten most frequent rules at most 5 % of the load; three or more within a minute are chattering.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUCKET_S = 600.0
ACCEPTABLE_AN_HOUR = 6.0
MANAGEABLE_AN_HOUR = 12.0
FLOOD_ABOVE = 10.0
FLOOD_SHARE = 0.01
CHATTER_TIMES, CHATTER_WITHIN_S = 3, 60.0
STANDING_AFTER_S = 86_400.0

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """Arrivals an operator: counts by bucket of 10 minutes, the mean an hour, the most in one bucket, and the share of
    buckets with more than a flood's number.
    """

    buckets: Numbers
    mean_an_hour: float
    peak: float
    flood_share: float


def rates(at: Numbers, *, begin: float, end: float, operators: int) -> Rates:
    """Return the rates of arrivals `at` (s) within [begin, end), a whole number of buckets; raises ValueError."""
    buckets = (end - begin) / BUCKET_S
    if buckets < 1 or buckets != int(buckets) or operators < 1:
        raise ValueError("a whole number of buckets and at least one operator")
    within = at[(at >= begin) & (at < end)]
    counts = np.bincount(((within - begin) // BUCKET_S).astype(np.int64), minlength=int(buckets)) / operators
    return Rates(
        buckets=counts, mean_an_hour=float(counts.sum() * 3600.0 / (end - begin)), peak=float(counts.max()),
        flood_share=float((counts > FLOOD_ABOVE).mean()),
    )  # fmt: skip


def chattering(whose: Whole, at: Numbers) -> Whole:
    """Return those (ascending) that arrived three times or more within a minute; `whose` names each arrival's alarm."""
    order = np.lexsort((at, whose))
    whose, at = whose[order], at[order]
    step = CHATTER_TIMES - 1
    again = (whose[step:] == whose[:-step]) & (at[step:] - at[:-step] <= CHATTER_WITHIN_S)
    return np.unique(whose[step:][again])


def standing(raised: Numbers, over: Numbers, *, now: float) -> NDArray[np.bool_]:
    """Return which alarms have held for more than a day and still do; `over` is NaN while an alarm holds."""
    return np.isnan(over) & (now - raised > STANDING_AFTER_S)


def stale(raised: Numbers, over: Numbers, handled: Numbers, *, now: float) -> NDArray[np.bool_]:
    """Return which of them nobody has acknowledged (`handled` NaN): it tells the operators nothing any more."""
    return standing(raised, over, now=now) & np.isnan(handled)


def shares(group: Whole) -> tuple[Whole, Whole, Numbers]:
    """Return the groups by how often they occur (the most first, ties by number), how often, and their shares."""
    groups, counts = np.unique(group, return_counts=True)
    order = np.lexsort((groups, -counts))
    groups, counts = groups[order], counts[order]
    return groups, counts, counts / max(1, len(group))
