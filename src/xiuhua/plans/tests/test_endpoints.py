"""The plan over HTTP: the scoreboard, a task, and what people of different towns see of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from xiuhua.catalog import catalogue as catalogues
from xiuhua.indicators.actions import compute
from xiuhua.indicators.tests.conftest import DISTRICT, EAST, WEST, lamp, signed_in
from xiuhua.indicators.tests.scenario import with_indicators
from xiuhua.people.models import Area, Unit
from xiuhua.plans import plan as plans
from xiuhua.plans.loading import load
from xiuhua.plans.tests.sample import written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_plan(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Put the small plan and its scenario in force."""
    settings.ROOT_URLCONF = "xiuhua.plans.tests.urls"
    kept = list(catalogues._in_force), list(plans._in_force)
    catalogues.install(with_indicators())
    plans.install(load(written(tmp_path))[0])
    yield
    catalogues._in_force[:], plans._in_force[:] = kept


@pytest.fixture
def district(db: None) -> None:
    """Make two towns with lamps."""
    for path, name, level in ((DISTRICT, "松江区", "district"), (WEST, "西镇", "town"), (EAST, "东镇", "town")):
        parent = "310117" if level == "town" else None
        Area.objects.create(code=path.split("/")[-2], name=name, level=level, path=path, parent_id=parent)
    Unit.objects.create(code="lamps", name="路灯所", kind="operator", area_id="310117")
    for code, path, lit in (("A", WEST, True), ("B", WEST, False), ("C", EAST, True), ("D", EAST, True)):
        lamp(code, path, lit=lit, checked="2026-02-01", kind="led", power=100)
    for indicator in ("working", "leds", "power"):
        compute(f"city.{indicator}", now=datetime.now(UTC))


def read(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(f"/api{path}")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_the_scoreboard(district: None) -> None:
    plan = read(signed_in("chief", "leader", "310117"), "/plan")
    assert plan["title"]["en"] == "Small plan"
    assert plan["counts"] == {"met": 0, "short": 1, "no_data": 1, "not_built": 1, "no_figure": 0}
    lamps, trees, safeguard = plan["themes"][0]["tasks"]
    assert {one["id"]: one["result"] for one in lamps["targets"]} == {
        "working": "short", "leds": "met", "power": "no_figure",
    }  # fmt: skip
    assert (lamps["result"], lamps["met"], lamps["short"], lamps["pack_built"]) == ("short", 1, 1, True)
    working = lamps["targets"][0]
    assert (working["value"], working["numerator"], working["denominator"]) == (0.75, 3, 4)
    assert (working["gap"], working["gap_things"], working["missing_pack"]) == (pytest.approx(-0.2), 1, None)
    assert working["trend"][-1] == 0.75
    assert len(working["trend"]) == 12
    assert lamps["targets"][1]["due"] == "2025-12-31"
    (planted,) = trees["targets"]
    assert (trees["result"], trees["pack_built"], planted["missing_pack"], planted["value"]) == (
        "not_built", False, "trees", None,
    )  # fmt: skip
    assert (safeguard["no"], safeguard["result"]) == ("S1", "no_data")
    assert [(gap["task"], gap["target"]["id"]) for gap in plan["gaps"]] == [("1", "working")]


def test_a_task_with_its_towns(district: None) -> None:
    task = read(signed_in("chief", "leader", "310117"), "/plan/tasks/1")
    assert task["text"] == "让路灯亮起来。"
    assert task["leads"] == [{"name": "区某局", "role": "leads"}]
    assert (task["theme_title"]["en"], task["object_types"]) == ("Light", ["city.pole", "city.lamp"])
    assert task["case_types"] == ["city.repair"]
    assert "city.working" in task["indicators"]
    towns = {town["area_name"]: town["values"]["city.working"]["value"] for town in task["towns"]}
    assert towns == {"西镇": 0.5, "东镇": 1.0}


def test_people_of_different_towns_see_their_own(district: None) -> None:
    west, east = (signed_in(name, "town_staff", code) for name, code in (("w", "310117001"), ("e", "310117002")))

    def working(plan: Any) -> tuple[str, float]:
        target = plan["themes"][0]["tasks"][0]["targets"][0]
        return target["result"], target["denominator"]

    assert working(read(west, "/plan")) == ("short", 2)
    assert working(read(east, "/plan")) == ("met", 2)
    assert working(read(east, "/cockpit")["plan"]) == ("met", 2)
    (_, leds, _) = read(west, "/plan")["themes"][0]["tasks"][0]["targets"]
    assert (leds["result"], leds["value"], leds["figure"], leds["gap"]) == ("no_figure", 2, 2, None)
    assert read(east, "/plan")["themes"][0]["tasks"][0]["result"] == "met"
    assert read(west, "/plan")["themes"][0]["tasks"][0]["targets"][0]["trend"][-1] == 0.5
    for client, name in ((west, "西镇"), (east, "东镇")):
        assert [town["area_name"] for town in read(client, "/plan/tasks/1")["towns"]] == [name]


def test_the_plan_asks_the_database_no_more_for_more_months(
    district: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """The year behind each number comes with one query; each of the two own-unit figures needs no rows."""
    crew = signed_in("crew", "handler", "310117", own_unit_only=True)
    chief = signed_in("chief", "leader", "310117")
    for months in range(1, 12):
        for indicator in ("working", "leds", "power"):
            compute(f"city.{indicator}", now=datetime.now(UTC) - timedelta(days=30 * months))
    for client in (chief, crew):
        read(client, "/plan")
        with django_assert_max_num_queries(8):
            plan = read(client, "/plan")
        assert plan["themes"][0]["tasks"][0]["targets"][0]["trend"][-6:] == [0.75] * 6


def test_what_is_not_there(district: None) -> None:
    chief = signed_in("chief", "leader", "310117")
    assert read(chief, "/plan/tasks/99", 404)["code"] == "plans.no_task"
    assert Client().get("/api/plan").status_code == 401
    plans.install(None)
    assert read(chief, "/plan", 404)["code"] == "plans.no_plan"
