"""Results are told apart and gaps are counted in things."""

from __future__ import annotations

import pytest

from xiuhua.indicators.figures import NO_DATA, Figure
from xiuhua.kernel.indicators import Measure
from xiuhua.kernel.packs import Bound, Target
from xiuhua.kernel.words import Label
from xiuhua.plans.scoreboard import Result, judge, of_task

MET, SHORT, NO_FIGURE = Result.MET, Result.SHORT, Result.NO_FIGURE
NOT_BUILT, NOTHING = Result.NOT_BUILT, Result.NO_DATA


def target(bound: str | None, figure: float | None) -> Target:
    return Target(
        id="t", label=Label(zh="目", en="T"), indicator="p.i", bound=Bound(bound) if bound else None, figure=figure,
        unit="%", due="2026-12-31", printed=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bound", "figure", "passing", "all_rows", "result", "things"),
    [
        ("≥", 0.95, 95, 100, MET, None),
        ("≥", 0.95, 19, 20, MET, None),
        ("≥", 0.95, 94, 100, SHORT, 1),
        ("≥", 0.95, 0, 3, SHORT, 3),
        ("≥", 0.7, 1, 3, SHORT, 2),
        (">", 0.5, 50, 100, SHORT, 1),
        (">", 0.5, 51, 100, MET, None),
        ("≤", 0.1, 3, 20, SHORT, 1),
        ("≤", 0.0, 0, 20, MET, None),
        ("=", 1.0, 17, 17, MET, None),
        ("=", 1.0, 16, 17, SHORT, 1),
    ],
)
def test_shares(bound: str, figure: float, passing: int, all_rows: int, result: Result, things: int | None) -> None:
    measured = Figure(value=passing / all_rows, numerator=passing, denominator=all_rows)
    judged = judge(target(bound, figure), measured, Measure.SHARE)
    assert (judged.result, judged.gap_things) == (result, things)
    assert judged.gap == pytest.approx(passing / all_rows - figure)


def test_counts() -> None:
    judged = judge(target("≥", 20), Figure(value=13, numerator=13, denominator=40), Measure.COUNT)
    assert (judged.result, judged.gap, judged.gap_things) == (SHORT, -7, 7)


@pytest.mark.parametrize(("measure", "result"), [
    (Measure.COUNT, NO_FIGURE), (Measure.SUM, NO_FIGURE), (Measure.SHARE, SHORT), (Measure.MEAN, SHORT),
])  # fmt: skip
def test_a_part_is_not_held_to_the_number_of_the_whole(measure: Measure, result: Result) -> None:
    judged = judge(target("≥", 20), Figure(value=1, numerator=1, denominator=2), measure, whole=False)
    assert (judged.result, judged.gap) == (result, -19 if result is SHORT else None)
    assert judge(target("≥", 20), NO_DATA, Measure.COUNT, whole=False).result is NO_FIGURE


def test_nothing_is_guessed() -> None:
    one = Figure(value=0.5, numerator=1, denominator=2)
    assert judge(target("≥", 0.5), None, None).result is NOT_BUILT
    assert judge(target("≥", 0.5), NO_DATA, Measure.SHARE).result is NOTHING
    assert judge(target(None, None), one, Measure.SHARE).result is NO_FIGURE
    assert judge(target(None, None), NO_DATA, Measure.SHARE).result is NO_FIGURE
    assert judge(target(None, None), None, None).result is NOT_BUILT


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([(MET, True), (SHORT, True), (NOTHING, True)], SHORT),
        ([(MET, True), (NOTHING, True), (NO_FIGURE, False)], NOTHING),
        ([(MET, True), (NOT_BUILT, True)], NOT_BUILT),
        ([(MET, True), (NOT_BUILT, False), (NO_FIGURE, False)], MET),
        ([(NOT_BUILT, True), (NOT_BUILT, False)], NOT_BUILT),
        ([(NOT_BUILT, False), (NO_FIGURE, False)], NO_FIGURE),
        ([], NOT_BUILT),
    ],
)
def test_tasks(results: list[tuple[Result, bool]], expected: Result) -> None:
    assert of_task(results) is expected
