"""The HTTP wall: each endpoint answers its contract, and shows nothing of the other town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from xiuhua.cases import actions
from xiuhua.cases.models import Case, CaseClock
from xiuhua.cases.tests.conftest import DISTRICT, EAST, WEST, Browser, World, person
from xiuhua.files.tests.test_content import EXE, jpeg
from xiuhua.kernel.actor import system_actor

ROOT = system_actor("test")


@pytest.fixture
def east(world: World) -> Browser:
    """Somebody of the east town who dispatches, inspects and decides."""
    town = f"town-{EAST}"
    return Browser(person("east", *((post, town, EAST) for post in ("dispatcher", "inspector", "duty_chief"))))


@pytest.fixture
def west(world: World) -> Browser:
    """The same of the west town."""
    town = f"town-{WEST}"
    return Browser(person("west", *((post, town, WEST) for post in ("dispatcher", "inspector", "duty_chief"))))


@pytest.fixture
def handler(world: World) -> Browser:
    """A handler of the maintainer."""
    return Browser(person("handler", ("handler", "crew", DISTRICT)))


def opened(east: Browser, world: World, number: int = 0, **more: object) -> Any:
    return east.post("/cases", {"type": "demo.lamp_repair", "object_id": str(world.east[number].id), **more})


def photo(browser: Browser, case: Any, data: bytes = b"", name: str = "现场.jpg") -> Any:
    file = SimpleUploadedFile(name, data or jpeg(), content_type="image/jpeg")
    return browser.client.post(f"/api/cases/{case['id']}/evidence", {"file": file, "need": "photo_after"})


def test_a_case_over_http(world: World, east: Browser, handler: Browser) -> None:
    case = opened(east, world, fields={"urgent": True, "phone": "13800000000"})
    assert case["number"].startswith("SJ-")
    assert [(step["step"], step["state"]) for step in case["steps"]][1:4] == [
        ("file", "done"), ("dispatch", "now"), ("handle", "ahead"),
    ]  # fmt: skip
    assert [why["zh"] for why in case["why_here"]] == ["人工立案", "单位crew是E1的责任单位"]
    send, cancel = case["moves"]
    assert send["allowed"] and send["primary"] and send["assigns"] and not cancel["primary"]
    assert cancel["needs"] == [
        {"id": "reason", "label": {"zh": "理由", "en": "Reason"}, "kind": "reason", "met": False}
    ]
    new, whole = sorted(case["clocks"], key=lambda clock: str(clock["clock"]))
    assert (new["clock"], new["limit"], new["working_time"]) == ("new", "30 分钟", False)
    assert (whole["limit"], whole["working_time"], whole["source"]["confirmed"]) == ("5 个工作日", True, False)
    case = east.post(f"/cases/{case['id']}/moves/send", {"version": case["version"], "unit_code": "crew"})
    assert case["why_here"][1]["zh"] == "“派遣”时指定由单位crew承办"
    locked = case["moves"][1]
    assert not locked["allowed"] and locked["reason"] == {
        "zh": "由单位crew的承办人办理",
        "en": "This is for the post Handler of the unit in charge: 单位crew",
    }
    row = photo(handler, case).json()
    assert row["url"] == f"/api/cases/{case['id']}/evidence/{row['id']}"
    shown = handler.get(f"/cases/{case['id']}")
    assert shown["moves"][1]["needs"][0]["met"] is True
    assert shown["mine"] and "phone" not in shown["fields"] and shown["fields"]["urgent"] is True
    assert "phone" in east.get(f"/cases/{case['id']}")["fields"]
    handler.post(f"/cases/{case['id']}/moves/finish", {"version": 2, "fields": {"cause": "bulb"}})
    history = east.get(f"/cases/{case['id']}/history")
    assert [row["action_label"]["zh"] for row in history] == ["立案", "派遣", "添加材料", "修复"]
    assert history[-1]["actor_name"] == "handler"
    served = east.client.get(row["url"])
    assert served.content == jpeg()
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Disposition"].startswith("inline")


def test_problems_have_their_sentence(world: World, east: Browser, handler: Browser) -> None:
    case = opened(east, world)
    path = f"/cases/{case['id']}/moves"
    stale = east.post(f"{path}/send", {"version": 9, "unit_code": "crew"}, status=409)
    assert stale["code"] == "cases.moved_on"
    assert stale["title"] == "east已先一步办理，案件现为“待派”，您这一步未执行；刷新后再决定"
    needs = east.post(f"{path}/cancel", {"version": 1}, status=422)
    assert (needs["code"], needs["params"]["needs"]) == ("cases.needs_missing", ["reason"])
    assert needs["title"] == "这一步还缺：理由；补齐后再提交"
    refused = handler.post(f"{path}/send", {"version": 1, "unit_code": "crew"}, status=403)
    assert refused["title"] == "由派遣员办理"
    answer = photo(east, case, EXE)
    assert answer.status_code == 422 and answer.json()["code"] == "files.not_allowed"


def test_nothing_of_the_other_town(world: World, east: Browser, west: Browser) -> None:
    case = opened(east, world)
    evidence = photo(east, case).json()
    run = east.post("/analyses/demo.lamp_sample/runs", {"area": EAST, "parameters": {"accept": 0}, "seed": 0})
    running = east.post(f"/rounds/from-run/{run['id']}", {"why": "查"})
    item = running["items"][0]["id"]
    second = east.post("/analyses/demo.lamp_sample/runs", {"area": EAST, "parameters": {}})
    assert west.get("/cases")["total"] == 0
    assert (
        west.get(
            "/cases",
        )["items"]
        == []
    )
    assert west.get("/cases.geojson")["features"] == []
    counts = west.get("/cases/counts")
    assert counts["open"] == counts["opened_today"] == counts["mine"] == 0
    assert counts["by_type"] == counts["by_town"] == []
    assert west.get("/rounds")["total"] == west.get("/runs")["total"] == 0
    for path in (
        f"/cases/{case['id']}",
        f"/cases/{case['id']}/history",
        f"/cases/{case['id']}/evidence/{evidence['id']}",
        f"/rounds/{running['id']}",
        f"/runs/{run['id']}",
    ):
        assert west.get(path, status=404)["code"] == "people.not_visible"
        if "evidence" not in path:
            east.get(path)
    lamp = str(world.east[1].id)
    for path, body in (
        ("/cases", {"type": "demo.lamp_repair", "object_id": lamp}),
        ("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": [lamp]}),
        (f"/cases/{case['id']}/moves/send", {"version": 1, "unit_code": "crew"}),
        ("/analyses/demo.lamp_sample/runs", {"area": EAST, "parameters": {}}),
        (f"/runs/{second['id']}/decline", {"why": "x"}),
        (f"/rounds/from-run/{second['id']}", {"why": "x"}),
        ("/rounds/demo.lamp_check/start", {"area": EAST}),
        (f"/rounds/{running['id']}/items/{item}", {"form": {"broken": False}}),
        (f"/rounds/{running['id']}/close", {}),
    ):
        assert west.post(path, body, status=404)["code"] == "people.not_visible", path
    assert photo(west, case).status_code == 404
    assert Case.objects.count() == 1
    assert east.get("/cases")["total"] == 1


def test_opening_for_many_names_no_case_of_another_unit(world: World, east: Browser) -> None:
    lamp = world.east[0]
    case = opened(east, world)
    Case.objects.filter(id=case["id"]).update(unit_code="other")
    crew = Browser(person("crew", ("inspector", "crew", DISTRICT), own=True))
    crew.get(f"/cases/{case['id']}", status=404)
    (told,) = crew.post("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": [str(lamp.id)]})
    assert told == {"object_id": str(lamp.id), "case_id": None, "number": "", "existing": True}
    (known,) = east.post("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": [str(lamp.id)]})
    assert (known["case_id"], known["number"]) == (case["id"], case["number"])
    auditor = Browser(person("auditor", ("auditor", "cyzx", DISTRICT)))
    auditor.post("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": [str(lamp.id)]}, status=403)
    assert Case.objects.count() == 1


def test_opening_for_many_names_each_thing_refused(world: World) -> None:
    mixed = Browser(person("mixed", ("inspector", f"town-{EAST}", EAST), ("auditor", f"town-{WEST}", WEST)))
    both = [str(world.east[1].id), str(world.west[0].id)]
    told = mixed.post("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": both}, status=403)
    assert told["code"] == "cases.rows_refused"
    (one,) = told["params"]["refused"]
    assert (one["code"], one["id"]) == ("W1", both[1]) and one["reason"]["zh"] and one["reason"]["en"]
    assert Case.objects.count() == 0
    body = {"type": "demo.lamp_repair", "object_ids": both[:1], "source": "hand", "description": "巡查发现"}
    (opened,) = mixed.post("/cases/bulk", body)
    case = Case.objects.get(id=opened["case_id"])
    assert (case.source, case.description) == ("hand", "巡查发现")


def test_lists_narrow_and_sort(world: World, east: Browser, west: Browser) -> None:
    now = timezone.now()
    ids = [opened(east, world, number)["id"] for number in range(4)]
    for case_id, minutes, paused in zip(ids, (50, -10, 5, -20), (False, False, False, True), strict=True):
        due = now + timedelta(minutes=minutes)
        Case.objects.filter(id=case_id).update(due_at=due, at_risk_at=due - timedelta(minutes=30), paused=paused)
    assert [row["id"] for row in east.get("/cases")["items"]] == [ids[1], ids[2], ids[0], ids[3]]
    assert [row["id"] for row in east.get("/cases?at=risk")["items"]] == [ids[2]]
    assert {row["id"] for row in east.get("/cases?at=overdue")["items"]} == {ids[1], ids[3]}
    assert [row["id"] for row in east.get("/cases?sort=-opened_at")["items"]] == ids[::-1]
    assert east.get("/cases?q=e3")["items"][0]["id"] == ids[2]
    assert east.get(f"/cases?object={world.east[0].id}")["total"] == 1
    assert east.get(f"/cases?area={EAST}&unit=crew&type=demo.lamp_repair&state=new")["total"] == 1
    assert east.get("/cases?mine=true&size=2")["total"] == 4
    assert east.get("/cases?kind=done")["total"] == 0
    assert east.get("/cases?sort=colour", status=422)["code"] == "cases.unknown_sort"
    counts = east.get("/cases/counts")
    assert (counts["open"], counts["overdue"], counts["at_risk"], counts["mine"]) == (4, 2, 1, 4)
    assert counts["by_type"] == [{"type": "demo.lamp_repair", "open": 4, "at_risk": 1, "overdue": 2}]
    (town,) = counts["by_town"]
    assert town["area_path"] == f"{DISTRICT}/{EAST}/" and 121.2 < town["lon"] < 121.4
    features = east.get("/cases.geojson")["features"]
    assert [one["properties"]["overdue"] for one in features] == [True, False, False, True]
    assert features[0]["geometry"]["type"] == "Point"


def test_an_area_is_named_by_path_or_code_and_narrows_lists_and_counts(world: World, east: Browser) -> None:
    opened(east, world)
    actions.open_case(ROOT, "demo.lamp_repair", object_id=world.west[0].id)
    whole = Browser(person("whole", ("dispatcher", "cyzx", DISTRICT)))
    for area, total in (("", 2), (WEST, 1), (f"{DISTRICT}/{WEST}/", 1), (f"{DISTRICT}/310117999/", 0)):
        counts = whole.get(f"/cases/counts?area={area}")
        assert counts["open"] == counts["opened_today"] == total, area
        assert sum(one["open"] for one in counts["by_type"]) == sum(one["open"] for one in counts["by_town"]) == total
        assert whole.get(f"/cases?area={area}")["total"] == total
        assert len(whole.get(f"/cases.geojson?area={area}")["features"]) == total
    assert east.get(f"/cases/counts?area={WEST}")["open"] == 0
    assert east.get("/cases/counts?area=999", status=404)["code"] == "people.no_area"


def test_a_case_is_found_by_part_of_its_number_title_or_object(world: World, east: Browser) -> None:
    case = opened(east, world, title="路灯不亮 Dark")
    opened(east, world, 1)
    number = case["number"]
    for text in (number, number[3:], number[-6:].lower(), "不亮", "dark", "e1", "E1"):
        assert [row["id"] for row in east.get(f"/cases?q={text}&kind=all")["items"]] == [case["id"]], text
    for text in ("SJ", "sj", " sj-"):
        assert east.get(f"/cases?q={text}&kind=all")["total"] == 2, text
    assert east.get("/cases?q=%25&kind=all")["total"] == 0


def test_a_handled_case_is_not_mine_to_verify(world: World) -> None:
    held = (("dispatcher", "crew", EAST), ("handler", "crew", EAST), ("verifier", "crew", EAST))
    browser = Browser(person("all", *held))
    case = browser.post("/cases", {"type": "demo.lamp_repair", "object_id": str(world.east[0].id)})
    browser.post(f"/cases/{case['id']}/moves/send", {"version": 1, "unit_code": "crew"})
    assert browser.get("/cases?mine=true")["total"] == 1
    photo(browser, case)
    done = browser.post(f"/cases/{case['id']}/moves/finish", {"version": 2, "fields": {"cause": "bulb"}})
    assert not done["mine"]
    assert browser.get("/cases?mine=true")["total"] == browser.get("/cases/counts")["mine"] == 0
    assert {move["reason"]["zh"] for move in done["moves"]} == {"您处置过这个案件，须由另一人核查"}
    refused = browser.post(f"/cases/{case['id']}/moves/accept", {"version": 3}, status=403)
    assert refused["code"] == "cases.handler_may_not_verify"


def test_rounds_over_http(world: World, east: Browser) -> None:
    run = east.post("/analyses/demo.lamp_sample/runs", {"area": EAST, "parameters": {"accept": 1}, "seed": 0})
    assert (run["input_count"], run["chosen"], run["state"], run["started_by"]) == (3, ["E1", "E3"], "done", "east")
    assert run["reasons"]["E1"]["zh"] == "E1 抽中"
    running = east.post(f"/rounds/from-run/{run['id']}", {"why": "合理"})
    assert (running["total"], running["filled"], running["run_id"]) == (2, 0, run["id"])
    assert east.get(f"/runs/{run['id']}")["decision"] == "accepted"
    assert east.get("/runs?analysis=demo.lamp_sample")["total"] == 1
    for item, broken in zip(running["items"], (True, False), strict=True):
        filled = east.post(f"/rounds/{running['id']}/items/{item['id']}", {"form": {"broken": broken}})
        assert (filled["passes"], filled["filled_by"], bool(filled["case_id"])) == (not broken, "east", broken)
    listed = east.get(f"/rounds?round=demo.lamp_check&area={EAST}&open=true")["items"][0]
    assert (listed["total"], listed["filled"], listed["defects"]) == (2, 2, 1)
    closed = east.post(f"/rounds/{running['id']}/close", {})
    assert (closed["outcome"], closed["figures"]["coverage"]) == ("accepted", 1.0)
    started = east.post("/rounds/demo.lamp_check/start", {"area": EAST})
    assert started["total"] == 3
    opened_again = east.post("/cases/bulk", {"type": "demo.lamp_repair", "object_ids": [str(world.east[0].id)]})
    assert opened_again[0]["existing"] is True


def test_a_limit_without_its_calendar_says_so(world: World, east: Browser) -> None:
    late = datetime(2026, 12, 30, 2, tzinfo=UTC)
    case = actions.open_case(ROOT, "demo.lamp_repair", object_id=world.east[0].id, now=late)
    clocks = {clock["clock"]: clock for clock in east.get(f"/cases/{case.id}")["clocks"]}
    assert clocks["whole"]["due_at"] is None
    assert "2027" in clocks["whole"]["fault"]
    assert clocks["new"]["fault"] == ""


def test_the_list_asks_the_database_a_fixed_number_of_times(
    world: World, east: Browser, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        opened(east, world, number)
    east.get("/cases")
    with django_assert_max_num_queries(11):
        east.get("/cases")
    assert CaseClock.objects.count() == 8
