"""The plan's file: the real one whole, and every fault of a broken one with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.catalog.tests.sample import changed, loaded
from xiuhua.catalog.tests.sample import written as of_new_pack
from xiuhua.indicators.tests.scenario import with_indicators
from xiuhua.plans.checks import check, check_packs, check_units
from xiuhua.plans.loading import DEFAULT, load
from xiuhua.plans.tests.sample import line_of, written


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return with_indicators()


def test_the_districts_plan_is_whole_and_sound() -> None:
    plan, faults = load(DEFAULT)
    assert faults == ()
    assert plan is not None
    assert [task.no for task in plan.tasks] == [*map(str, range(1, 40)), "S1", "S2", "S3"]
    assert len(plan.themes) == 7
    assert all(task.text and task.leads for task in plan.tasks)
    assert check(plan, current()) == ()
    figures = {
        one.target.indicator: (one.target.bound, one.target.figure)
        for one in plan.task("7").targets
        if one.target.bound
    }
    assert figures == {
        "signs.sign_streets_renovated": ("≥", 20),
        "signs.billboards_approved": ("≥", 0.95),
        "signs.shop_signs_approved": ("≥", 0.7),
    }


def test_a_sound_file(tmp_path: Path, catalogue: Catalogue) -> None:
    plan, faults = load(written(tmp_path))
    assert (faults, plan is not None and plan.task("1").targets[1].target.due) == ((), "2025-12-31")
    assert plan is not None
    assert plan.task("1").targets[0].target.due == "2026-12-31"
    assert check(plan, catalogue) == ()


BROKEN = {
    "unknown key": ('unit: "W"', 'unit: "W"\n        colour: red', "plans.unknown_key", "colour: red"),
    "missing": ('    text: 种树。\n', "", "plans.missing", '"2"'),
    "label": ('en: "LEDs"', 'en: ""', "plans.wrong_kind", 'zh: "LED 灯"'),
    "bound": ('bound: ">"', 'bound: "about"', "plans.wrong_kind", 'bound: "about"'),
    "figure": ("figure: 0.95", "figure: most", "plans.wrong_kind", "figure: most"),
    "percent": ("figure: 0.95", "figure: 95", "plans.not_a_part", "figure: 95"),
    "half": ('        figure: 0.95\n', "", "plans.half_bound", "id: working"),
    "two grounds": ("read_as: true", "read_as: true\n        printed: true", "plans.two_grounds", "id: planted"),
    "due": ("due: 2025-12-31", "due: soon", "plans.wrong_kind", "due: soon"),
    "theme": ("theme: light\n    pack: trees", "theme: dark\n    pack: trees", "plans.theme_unknown", "theme: dark"),
    "role": ("role: leads", "role: boss", "plans.wrong_kind", "role: boss"),
    "full id": ("indicator: trees.planted", "indicator: planted", "plans.wrong_kind", "indicator: planted"),
    "task twice": ('"no": "2"', '"no": "1"', "plans.twice", None),
    "target twice": ("- id: leds", "- id: working", "plans.twice", None),
    "bare no": ('"no": "2"', "no: 2", "plans.wrong_kind", "no: 2"),
    "broken text": ('document: "文号"', 'document: "文号', "plans.unreadable", None),
    "same key twice": ("    pack: trees", "    pack: trees\n    pack: bushes", "plans.unreadable", "pack: bushes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_has_its_line(tmp_path: Path, name: str) -> None:
    old, new, code, at = BROKEN[name]
    file = written(tmp_path, (old, new))
    plan, faults = load(file)
    assert [fault.code for fault in faults] == [code], faults
    assert faults[0].file == str(file)
    if at is not None:
        assert faults[0].line == line_of(file, at)
    assert faults[0].message.zh and faults[0].message.en
    if plan is not None:
        assert plan.faults == faults
        assert plan.task("1").title.en == "Lamps", "what is sound stays in force"


def test_all_faults_come_together(tmp_path: Path) -> None:
    _, faults = load(
        written(tmp_path, ('unit: "W"', "unit: 3"), ('bound: ">"', 'bound: "~"'), ("role: leads", "role: x"))
    )
    assert len(faults) == 3


def test_a_target_without_its_indicator(tmp_path: Path, catalogue: Catalogue) -> None:
    def codes(*changes: tuple[str, str]) -> list[str]:
        plan, faults = load(written(tmp_path, *changes))
        assert plan is not None and faults == ()
        return [fault.code for fault in check(plan, catalogue)]

    assert codes(("city.leds", "city.bulbs")) == ["plans.indicator_unknown"]
    assert codes(("city.leds", "city.bulbs"), ('unit: "盏"', 'unit: "盏"\n        built: false')) == []
    assert codes(('unit: "盏"', 'unit: "盏"\n        built: false')) == ["plans.indicator_built"]
    assert codes(("figure: 0.95", "figure: 95"), ('unit: "%"', 'unit: "盏"')) == ["plans.not_a_share"]


def test_a_unit_that_nobody_knows_and_a_task_that_is_not_there(tmp_path: Path, catalogue: Catalogue) -> None:
    plan, _ = load(written(tmp_path, ("unit: jgw", "unit: zzz")))
    assert plan is not None
    (fault,) = check_units(plan, {"jgw"})
    assert (fault.code, fault.line) == ("plans.unit_unknown", line_of(tmp_path / "plan.yaml", "unit: zzz"))
    assert check_units(plan, {"zzz"}) == ()
    folder = of_new_pack(tmp_path / "packs", "kerbs")
    changed(folder, ("tasks = []", "tasks = [99]"), file="manifest.toml")
    (pack_fault,) = [one for one in check_packs(plan, loaded(folder)) if "kerbs" in one.file]
    assert (pack_fault.code, pack_fault.line, pack_fault.severity) == (
        "plans.task_unknown", line_of(folder / "manifest.toml", "tasks"), "off",
    )  # fmt: skip
    real, _ = load(DEFAULT)
    assert real is not None
    (pack_fault,) = check_packs(real, loaded(folder))
    assert pack_fault.severity == "error" and "99" in pack_fault.message.zh


def test_no_file(tmp_path: Path) -> None:
    plan, faults = load(tmp_path / "gone.yaml")
    assert plan is None
    assert [fault.code for fault in faults] == ["plans.file_missing"]
