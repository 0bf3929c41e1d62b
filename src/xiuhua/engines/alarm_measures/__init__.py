"""How good an alarm system is to those who watch it: the measures of ISA-18.2 / IEC 62682 on arrays.

Source: ANSI/ISA-18.2-2016, clause 16; its bounds, none of them confirmed against the printed standard (待核): about
6 alarms an operator hour acceptable and 12 manageable, over 10 in 10 minutes a flood, floods under 1 % of the time;
80/15/5 % by priority; the ten most frequent rules at most 5 % of the load; three or more in a minute are chattering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xiuhua.kernel.engines import Port
from xiuhua.kernel.quantities import DURATION, RATIO
from xiuhua.kernel.words import Label

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


_DAY = 86_400.0
_AT = Port(
    name="at", meaning=Label(zh="各条告警的到达时刻", en="When each alarm arrived"), shape="(n,)", quantity=DURATION,
    example=np.array([5.0, 20.0, 50.0, 700.0]),
)  # fmt: skip
_GROUP = np.array([7, 7, 7, 9], dtype=np.int64)
_WHOSE = Port(
    name="whose",
    meaning=Label(zh="各次到达属于哪条告警", en="Which alarm each arrival is of"),
    shape="(n,)",
    example=_GROUP,
)
_RAISED = Port(
    name="raised", meaning=Label(zh="发生时刻", en="When each was raised"), shape="(n,)", quantity=DURATION,
    example=np.array([0.0, 0.0, 2 * _DAY]),
)  # fmt: skip
_OVER = Port(
    name="over", meaning=Label(zh="结束时刻，未结束为 NaN", en="When each was over, NaN while it holds"), shape="(n,)",
    quantity=DURATION, example=np.array([np.nan, 60.0, np.nan]),
)  # fmt: skip
_HANDLED = Port(
    name="handled", meaning=Label(zh="确认时刻，未确认为 NaN", en="When each was acknowledged, NaN where not"),
    shape="(n,)", quantity=DURATION, example=np.array([np.nan, 30.0, np.nan]),
)  # fmt: skip
_NOW = Port(name="now", meaning=Label(zh="现在", en="Now"), quantity=DURATION, example=3 * _DAY)

INPUTS: Mapping[str, tuple[Port, ...]] = {
    "rates": (
        _AT,
        Port(name="begin", meaning=Label(zh="统计期起", en="Begin of the period"), quantity=DURATION, example=0.0),
        Port(name="end", meaning=Label(zh="统计期止", en="End of the period"), quantity=DURATION, example=1200.0),
        Port(name="operators", meaning=Label(zh="当班人数", en="How many operators"), example=2),
    ),
    "chattering": (_WHOSE, _AT),
    "standing": (_RAISED, _OVER, _NOW),
    "stale": (_RAISED, _OVER, _HANDLED, _NOW),
    "shares": (
        Port(name="group", meaning=Label(zh="各条所属组", en="The group of each"), shape="(n,)", example=_GROUP),
    ),
}
OUTPUTS: Mapping[str, tuple[Port, ...]] = {
    "rates": (
        Port(
            name="buckets", meaning=Label(zh="每十分钟、每人到达数", en="Arrivals a bucket and operator"), shape="(n,)"
        ),
        Port(name="mean_an_hour", meaning=Label(zh="每人每小时平均", en="Mean an operator hour")),
        Port(name="peak", meaning=Label(zh="最多的一个十分钟", en="The most in one bucket")),
        Port(name="flood_share", meaning=Label(zh="洪水时段占比", en="Share of buckets in flood"), quantity=RATIO),
    ),
    "chattering": (
        Port(name="result", meaning=Label(zh="抖动的告警，升序", en="Those that chatter, ascending"), shape="(k,)"),
    ),
    "standing": (Port(name="result", meaning=Label(zh="是否久立", en="Whether each is standing"), shape="(n,)"),),
    "stale": (Port(name="result", meaning=Label(zh="是否陈旧", en="Whether each is stale"), shape="(n,)"),),
    "shares": (
        Port(name="groups", meaning=Label(zh="组，多的在前", en="Groups, the most first"), shape="(k,)"),
        Port(name="counts", meaning=Label(zh="次数", en="How often"), shape="(k,)"),
        Port(name="shares", meaning=Label(zh="占比", en="Shares"), shape="(k,)", quantity=RATIO),
    ),
}
