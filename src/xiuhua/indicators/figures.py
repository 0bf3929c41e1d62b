"""How rows become one number. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiuhua.indicators.rows import Row
from xiuhua.kernel.indicators import Indicator, Measure


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A number and what it is made of; no value means no data, never zero."""

    value: float | None
    numerator: float | None
    denominator: float | None


NO_DATA = Figure(value=None, numerator=None, denominator=None)


def figure(indicator: Indicator, rows: Iterable[Row]) -> Figure:
    """Return the indicator's number over the rows. Numerator and denominator are:
    share — weight that passes, all weight; ratio — sum of values, sum of weights; count — rows that pass, all rows;
    sum — the sum, rows with a value; mean — weighted sum, weight; percentile — the value, rows with a value.
    """
    rows = list(rows)
    if not rows:
        return NO_DATA
    match indicator.measure:
        case Measure.SHARE:
            weights = [(_weight(indicator, row), row.passes is True) for row in rows]
            return _divided(sum(w for w, passes in weights if passes), sum(w for w, _ in weights))
        case Measure.COUNT:
            passing = float(sum(1 for row in rows if row.passes is True))
            return Figure(value=passing, numerator=passing, denominator=float(len(rows)))
        case Measure.RATIO:
            above = [row.value for row in rows if row.value is not None]
            below = [row.weight for row in rows if row.weight is not None]
            return _divided(sum(above), sum(below)) if above and below else NO_DATA
        case Measure.MEAN:
            weighted = [(_weight(indicator, row), row.value) for row in rows if row.value is not None]
            return _divided(sum(w * value for w, value in weighted), sum(w for w, _ in weighted))
    values = sorted(row.value for row in rows if row.value is not None)
    if not values:
        return NO_DATA
    result = sum(values) if indicator.measure is Measure.SUM else _percentile(values, indicator.percent or 0.0)
    return Figure(value=result, numerator=result, denominator=float(len(values)))


def _weight(indicator: Indicator, row: Row) -> float:
    if indicator.weight is None:
        return 1.0
    return row.weight or 0.0


def _divided(above: float, below: float) -> Figure:
    return Figure(value=above / below if below else None, numerator=float(above), denominator=float(below))


def _percentile(values: Sequence[float], percent: float) -> float:
    """Return the continuous percentile of sorted values, as PostgreSQL's percentile_cont does."""
    place = percent / 100 * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
