"""The plan file against the plan's own words: every printed figure stands in its task's text, nothing is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from xiuhua.catalog.catalogue import current

ROOT = Path(__file__).parent.parent
PLAN: dict[str, Any] = yaml.safe_load((ROOT / "plans" / "songjiang-2024-2026.yaml").read_text(encoding="utf-8"))
UNITS = json.loads((ROOT / "src/xiuhua/people/data/units.json").read_text(encoding="utf-8"))["units"]
TASKS: list[dict[str, Any]] = PLAN["tasks"]
TARGETS = [(task, target) for task in TASKS for target in task["targets"]]
IN_WORDS = {3: "三条"}


def test_all_tasks_and_safeguards_are_there_in_order() -> None:
    assert [task["no"] for task in TASKS] == [*map(str, range(1, 40)), "S1", "S2", "S3"]
    assert [theme["id"] for theme in PLAN["themes"]][-1] == "safeguards"
    assert {task["theme"] for task in TASKS} == {theme["id"] for theme in PLAN["themes"]}


@pytest.mark.parametrize(
    ("task", "target"),
    [
        pytest.param(task, target, id=f"{task['no']}-{target['id']}")
        for task, target in TARGETS
        if target.get("printed")
    ],
)
def test_a_printed_figure_stands_in_the_text(task: dict[str, Any], target: dict[str, Any]) -> None:
    text = task["text"].replace(" ", "")
    figure = target["figure"]
    if target["unit"] == "%":
        assert f"{figure * 100:g}%" in text
    else:
        assert str(figure) in text or IN_WORDS[figure] in text
    if target["bound"] == ">":
        assert "超过" in text


def test_marks_and_figures_agree() -> None:
    assert sum(bool(target.get("printed")) for _, target in TARGETS) == 14
    assert sum(bool(target.get("read_as")) for _, target in TARGETS) == 14
    for _, target in TARGETS:
        assert ("figure" in target) == ("bound" in target)
        if "figure" not in target:
            assert not target.get("printed")
            assert not target.get("read_as")
        elif target["unit"] == "%":
            assert 0 < target["figure"] <= 1


def test_only_what_the_plan_dates_falls_due_before_its_end() -> None:
    early = {(task["no"], target["id"]) for task, target in TARGETS if "due" in target}
    village = ("revival_applied", "revival_total", "beautiful_more", "beautiful_total", "environment")
    assert early == {("8", "new_energy"), *(("13", target) for target in village)}
    assert all("2025" in task["text"] for task, target in TARGETS if "due" in target)


def test_units_are_known_and_targets_name_their_own_pack() -> None:
    known = {unit["code"] for unit in UNITS}
    for task in TASKS:
        assert any(lead["role"] == "leads" for lead in task["leads"])
        assert {lead["unit"] for lead in task["leads"] if "unit" in lead} <= known
    for task, target in TARGETS:
        assert target["indicator"].startswith(f"{task['pack']}.")
        if task["pack"] in current().packs and target.get("built", True):
            assert target["indicator"] in current().indicators


def test_the_text_is_the_documents_own() -> None:
    document = ROOT.parent / "shared" / "plan" / "action-plan.zh.txt"
    if not document.is_file():
        pytest.skip("the plan's document does not lie beside the project")
    words = document.read_text(encoding="utf-8").replace("\n", "")
    assert [task["no"] for task in TASKS if task["text"] not in words] == []


def test_what_is_to_be_confirmed_in_task_26_is_said_where_it_is_shown() -> None:
    (task,) = [task for task in PLAN["tasks"] if task["no"] == "26"]
    (scats,) = [target for target in task["targets"] if target["id"] == "scats"]
    assert "待核" in scats["label"]["zh"] and "to be confirmed" in scats["label"]["en"]
