"""The signs pack draws, judges, tightens and stops as the sampling standard says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from xiuhua.kernel.packs import Finding
from xiuhua.packs.signs.inspections import SAMPLING_DRAW
from xiuhua.packs.signs.logic import draw_sample, judge_lot

LOT = tuple(f"SS-{number:04d}" for number in range(153))
TERMS: Mapping[str, object] = {"aql": "aql_4_0", "level": "ii"}


def drawn(*history: str, resumed: bool = False) -> Finding:
    return draw_sample(LOT, {**TERMS, "history": history, "resumed": resumed}, 42)


def test_a_town_of_153_signs() -> None:
    finding = drawn()
    assert finding.figures["letter"] == "G"
    assert (finding.figures["n"], finding.figures["accept"], finding.figures["reject"]) == (32, 3, 4)
    assert len(finding.chosen) == 32
    assert set(finding.reasons) == set(finding.chosen) <= set(LOT)
    assert finding.figures["table_confirmed"] is True
    assert drawn() == finding


def test_every_parameter_choice_is_understood() -> None:
    aql, level, *_ = SAMPLING_DRAW.parameters
    for one in aql.choices:
        for other in level.choices:
            finding = draw_sample(LOT, {"aql": one.id, "level": other.id}, 1)
            assert f"{finding.figures['aql']:g}" == one.label.zh
            assert 0 < len(finding.chosen) <= len(LOT)


@pytest.mark.parametrize(("nonconforming", "outcome"), [(0, "accepted"), (3, "accepted"), (4, "rejected")])
def test_the_lot_is_judged_by_its_plan(nonconforming: int, outcome: str) -> None:
    assert judge_lot(drawn().figures, nonconforming) == outcome


def test_two_refused_of_five_tighten_and_say_what_is_unconfirmed() -> None:
    finding = drawn("rejected", "accepted", "rejected")
    assert finding.figures["severity"] == "tightened"
    assert (finding.figures["n"], finding.figures["accept"]) == (32, 2)
    assert finding.figures["table_confirmed"] is False
    assert any("待核" in note.zh and "表2-B" in note.zh for note in finding.notes)


def test_five_refused_under_tightened_stop_and_choose_nothing() -> None:
    history = ("rejected",) * 7
    stopped = drawn(*history)
    assert stopped.figures["stopped"] is True
    assert stopped.figures["n"] == 0
    assert stopped.chosen == ()
    again = drawn(*history, resumed=True)
    assert (again.figures["stopped"], again.figures["severity"]) == (False, "tightened")
    assert len(again.chosen) == 32


def test_a_small_lot_is_looked_at_whole_and_an_empty_one_not_at_all() -> None:
    few = draw_sample(LOT[:9], TERMS, 1)
    assert few.figures["whole_lot"] is False
    assert len(few.chosen) == 3
    strict = draw_sample(LOT[:9], {**TERMS, "aql": "aql_1_0"}, 1)
    assert strict.figures["whole_lot"] is True
    assert strict.chosen == LOT[:9]
    assert draw_sample((), TERMS, 1).chosen == ()


def lived(defects: int, *, times: int) -> dict[str, object]:
    """Return the history that so many rounds of this lot leave, each with that many defects found."""
    figures = {**drawn().figures, "defects": defects}
    return {"history": ("accepted",) * times, "history_figures": (figures,) * times}


def test_reduced_needs_the_score_and_consent() -> None:
    good = lived(1, times=10)
    assert draw_sample(LOT, {**TERMS, **good}, 1).figures["severity"] == "normal"
    reduced = draw_sample(LOT, {**TERMS, **good, "reduced_allowed": True}, 1)
    assert (reduced.figures["severity"], reduced.figures["n"]) == ("reduced", 13)
    assert reduced.figures["table_confirmed"] is False
    short = draw_sample(LOT, {**TERMS, **lived(1, times=9), "reduced_allowed": True}, 1)
    assert (short.figures["severity"], short.figures["score"]) == ("normal", 27)
    barely = draw_sample(LOT, {**TERMS, **lived(3, times=30), "reduced_allowed": True}, 1)
    assert (barely.figures["severity"], barely.figures["score"]) == ("normal", 0)
