"""Judges targets and tasks. Pure; it never guesses: no data, no figure and not built are results of their own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from xiuhua.indicators.figures import Figure
from xiuhua.kernel.indicators import Measure
from xiuhua.kernel.packs import Bound, Target

NEARLY = 1e-9
"""Figures nearer than this are equal: a share of 19 in 20 meets 0.95."""


class Result(StrEnum):
    """What a target or a task stands at."""

    MET = "met"
    SHORT = "short"
    NO_DATA = "no_data"
    NOT_BUILT = "not_built"
    NO_FIGURE = "no_figure"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A target's result; `gap` is value less figure, `gap_things` how many things more (or fewer) would meet it."""

    result: Result
    gap: float | None = None
    gap_things: float | None = None


def judge(target: Target, measured: Figure | None, measure: Measure | None, *, whole: bool = True) -> Judged:
    """Return the result of a target; `measured` is None where its indicator is not built. A figure is that of the whole
    district: a count or sum over a part of it (not `whole`) has no figure to be judged by; a share or mean has.
    """
    if measured is None:
        return Judged(result=Result.NOT_BUILT)
    partial = not whole and measure in (Measure.COUNT, Measure.SUM)
    if target.bound is None or target.figure is None or partial:
        return Judged(result=Result.NO_FIGURE)
    if measured.value is None:
        return Judged(result=Result.NO_DATA)
    gap = measured.value - target.figure
    if _met(target.bound, gap):
        return Judged(result=Result.MET, gap=gap)
    return Judged(result=Result.SHORT, gap=gap, gap_things=_things(target.bound, target.figure, measured, measure))


def of_task(results: Iterable[tuple[Result, bool]]) -> Result:
    """Return a task's result from those of its targets, each with whether it has a figure. The targets with a figure
    decide, by the worst: short, then no data, then not built, then met. Without any such target the task is not built
    if none of its indicators is, else it has no figure.
    """
    found = list(results)
    figured = [result for result, has_figure in found if has_figure]
    for worst in (Result.SHORT, Result.NO_DATA, Result.NOT_BUILT, Result.MET):
        if worst in figured:
            return worst
    return Result.NOT_BUILT if all(result is Result.NOT_BUILT for result, _ in found) else Result.NO_FIGURE


def relative(target: Target, judged: Judged) -> float:
    """Return a gap as a part of its figure, to rank gaps of unlike units; a figure of zero counts as one."""
    return abs(judged.gap or 0.0) / (abs(target.figure or 0.0) or 1.0)


def _met(bound: Bound, gap: float) -> bool:
    match bound:
        case Bound.AT_LEAST:
            return gap >= -NEARLY
        case Bound.MORE:
            return gap > NEARLY
        case Bound.AT_MOST:
            return gap <= NEARLY
    return abs(gap) <= NEARLY


def _things(bound: Bound, wanted: float, measured: Figure, measure: Measure | None) -> float | None:
    """Return how many rows must change sides; None where the number is not one of rows."""
    if measured.numerator is None:
        return None
    if measure is Measure.COUNT:
        needed = wanted
    elif measure is Measure.SHARE and measured.denominator:
        needed = wanted * measured.denominator
    else:
        return None
    if bound is Bound.MORE:
        return math.floor(needed - measured.numerator + NEARLY) + 1
    return math.ceil(abs(needed - measured.numerator) - NEARLY)
