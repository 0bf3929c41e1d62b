"""One case from alarm to closure: who may move, what a move needs, what it leaves behind."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from xiuhua.cases import actions
from xiuhua.cases.jobs import open_for_raised
from xiuhua.cases.models import Case, CaseClock, Evidence
from xiuhua.cases.tests.conftest import DISTRICT, EAST, WEST, World, actor
from xiuhua.files.tests.test_content import EXE, jpeg, png
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.ledger.models import Outbox
from xiuhua.ledger.queries import history_of
from xiuhua.objects.models import CityObject
from xiuhua.readings.models import Alarm

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""Ten in the morning in Shanghai, a working day."""


def photo(who: Actor, case: Case, name: str = "after.jpg", data: bytes = b"") -> Evidence:
    return actions.add_evidence(who, case.id, io.BytesIO(data or jpeg()), name=name, need="photo_after")


def move(who: Actor, case: Case, move_id: str, **more: Any) -> Case:
    case.refresh_from_db()
    return actions.make_move(who, case.id, move_id, version=case.version, now=MONDAY, **more)


def opened(crew: dict[str, Actor], world: World) -> Case:
    return actions.open_case(crew["dispatcher"], "demo.lamp_repair", object_id=world.east[0].id, now=MONDAY)


def sent(crew: dict[str, Actor], world: World) -> Case:
    return move(crew["dispatcher"], opened(crew, world), "send", unit_code="crew")


def checked(crew: dict[str, Actor], world: World) -> Case:
    case = sent(crew, world)
    photo(crew["handler"], case)
    return move(crew["handler"], case, "finish", fields={"cause": "bulb"})


def alarm(thing: CityObject, **more: Any) -> Alarm:
    made = Alarm.objects.create(
        rule="demo.dark", grade=3, object_id=thing.id, object_type=thing.type, object_code=thing.code,
        object_name=thing.name, raised_at=MONDAY, last_at=MONDAY, area_path=thing.area_path, unit_code=thing.unit_code,
        origin="site", **more,
    )  # fmt: skip
    made.refresh_from_db()
    return made


def topics() -> list[str]:
    return list(Outbox.objects.filter(topic__startswith="case.").order_by("id").values_list("topic", flat=True))


def test_the_whole_loop(world: World, crew: dict[str, Actor]) -> None:
    raised = alarm(world.east[0])
    open_for_raised({"id": str(raised.id)})
    raised.refresh_from_db()
    case = Case.objects.get(alarm_id=raised.id)
    assert case.number.startswith("SJ-") and case.number.endswith("-0001")
    assert raised.case_id == case.id
    assert (case.state, case.unit_code, case.grade) == ("new", "crew", 3)
    assert case.lon == pytest.approx(121.25)
    assert "Ⅲ级告警" in case.why[0]["zh"] and "责任单位" in case.why[1]["zh"]
    move(crew["dispatcher"], case, "send", unit_code="crew")
    photo(crew["handler"], case)
    move(crew["handler"], case, "finish", fields={"cause": "cable"})
    case = move(crew["verifier"], case, "accept")
    assert (case.state, case.kind, case.due_at) == ("closed", "done", None)
    lamp = CityObject.objects.get(id=world.east[0].id)
    assert lamp.attributes["lit"] is True
    assert lamp.attributes["mended_on"] == "2026-11-23"
    assert topics() == ["case.opened", "case.moved", "case.moved", "case.moved", "case.closed"]
    closed = Outbox.objects.get(topic="case.closed").payload
    assert closed["alarm_id"] == str(raised.id) and closed["number"] == case.number
    rows = list(history_of("case", str(case.id)))
    assert [row.action for row in rows] == ["opened", "moved", "evidence_added", "moved", "moved"]
    assert rows[3].data["fields"] == {"cause": "cable"}
    assert rows[3].actor == "u-handler"


def test_the_handler_may_not_verify(world: World, crew: dict[str, Actor]) -> None:
    both = actor("both", ("handler", "crew", DISTRICT), ("verifier", "crew", DISTRICT))
    case = sent(crew, world)
    photo(both, case)
    move(both, case, "finish", fields={"cause": "bulb"})
    with pytest.raises(Refused, match="handler_may_not_verify"):
        move(both, case, "accept")
    with pytest.raises(Refused, match="handler_may_not_verify"):
        move(both, case, "rework", reason="看着不亮")
    assert move(crew["verifier"], case, "accept").state == "closed"


def test_rework_needs_a_fresh_photo_and_the_first_handler_stays_barred(world: World, crew: dict[str, Actor]) -> None:
    case = checked(crew, world)
    move(crew["verifier"], case, "rework", reason="仍不亮")
    with pytest.raises(Invalid, match="needs_missing") as caught:
        move(crew["handler"], case, "finish", fields={"cause": "bulb"})
    assert caught.value.params["needs"] == ["photo_after"]
    photo(crew["handler"], case, data=png())
    case = move(crew["handler"], case, "finish", fields={"cause": "bulb"})
    assert case.handled_by_all == ["u-handler"]
    assert CaseClock.objects.filter(case=case, clock="sent").count() == 2


@pytest.mark.parametrize("who", ["handler", "verifier", "west"])
def test_only_the_post_moves(who: str, world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world)
    with pytest.raises(NotFound if who == "west" else Refused):
        move(crew[who], case, "send", unit_code="crew")


def test_handling_is_for_the_case_s_own_unit(world: World, crew: dict[str, Actor]) -> None:
    case = sent(crew, world)
    photo(crew["dispatcher"], case)
    with pytest.raises(Refused, match="other_unit"):
        move(crew["other"], case, "finish", fields={"cause": "bulb"})
    boss = Actor(code="root", name="root", grants=(), administrator=True)
    with pytest.raises(Refused, match="other_unit"):
        move(boss, case, "finish", fields={"cause": "bulb"})


def test_a_mover_who_does_not_see_the_thing_still_writes_on_it(world: World, crew: dict[str, Actor]) -> None:
    case = actions.open_case(crew["dispatcher"], "demo.lamp_repair", object_id=world.east[1].id, now=MONDAY)
    assert case.unit_code == f"town-{EAST}"
    move(crew["dispatcher"], case, "send", unit_code="crew")
    narrow = actor("narrow", ("handler", "crew", DISTRICT), own=True)
    photo(narrow, case)
    move(narrow, case, "finish", fields={"cause": "bulb"})
    assert CityObject.objects.get(id=world.east[1].id).attributes["mended_on"] == "2026-11-23"
    assert history_of("object", str(world.east[1].id)).get().actor == "u-narrow"


def test_all_that_is_missing_is_named(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world)
    with pytest.raises(Invalid, match="unit_missing"):
        move(crew["dispatcher"], case, "send")
    with pytest.raises(Invalid, match="unknown_unit"):
        move(crew["dispatcher"], case, "send", unit_code="nobody")
    with pytest.raises(Invalid, match="needs_missing"):
        move(crew["dispatcher"], case, "cancel", reason="   ")
    move(crew["dispatcher"], case, "send", unit_code="crew")
    with pytest.raises(Invalid, match=r"objects\.invalid") as caught:
        move(crew["handler"], case, "finish", fields={"cause": "witchcraft"})
    assert caught.value.params["count"] == 1
    assert Case.objects.get(id=case.id).state == "sent"


def test_a_stale_version_is_told_who_was_faster(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world)
    move(crew["dispatcher"], case, "send", unit_code="crew")
    with pytest.raises(Conflict, match="moved_on") as caught:
        actions.make_move(crew["dispatcher"], case.id, "cancel", version=1, reason="x")
    assert caught.value.params["by"] == "dispatcher"
    assert caught.value.params["state"] == "sent"


def test_evidence_is_told_by_content(world: World, crew: dict[str, Actor]) -> None:
    case = sent(crew, world)
    with pytest.raises(Invalid, match=r"files\.not_allowed"):
        photo(crew["handler"], case, name="现场.jpg", data=EXE)
    with pytest.raises(Invalid, match="not_a_photo"):
        photo(crew["handler"], case, name="现场.jpg", data=b"just words")
    with pytest.raises(Invalid, match="unknown_need"):
        actions.add_evidence(crew["handler"], case.id, io.BytesIO(png()), name="a.png", need="poem")
    with pytest.raises(NotFound):
        photo(crew["west"], case)
    bystander = actor("bystander", ("leader", "cyzx", DISTRICT))
    with pytest.raises(Refused):
        photo(bystander, case)
    assert not Evidence.objects.exists()
    move(crew["handler"], case, "wait", reason="缺件")
    kept = actions.add_evidence(crew["handler"], case.id, io.BytesIO(b"%PDF-1.4\n%%EOF"), name="函.pdf", need="")
    assert kept.media_type == "application/pdf"


def test_a_closed_case_takes_no_more_evidence(world: World, crew: dict[str, Actor]) -> None:
    case = move(crew["verifier"], checked(crew, world), "accept")
    with pytest.raises(Conflict, match=r"cases\.closed"):
        photo(crew["handler"], case)


def test_an_alarm_opens_one_case_however_often_it_is_told(world: World, crew: dict[str, Actor]) -> None:
    raised = alarm(world.east[0])
    for _ in range(3):
        open_for_raised({"id": str(raised.id)})
    assert Case.objects.count() == 1
    second = alarm(world.east[0], closed_at=MONDAY)
    open_for_raised({"id": str(second.id)})
    assert Case.objects.count() == 1


def test_a_folded_alarm_opens_no_case_of_its_own(world: World, crew: dict[str, Actor]) -> None:
    head = alarm(world.east[0])
    member = alarm(world.east[1], parent_id=head.id)
    assert actions.open_for_alarm(head.id, now=MONDAY) is not None
    assert actions.open_for_alarm(member.id, now=MONDAY) is None
    assert Case.objects.count() == 1


def test_a_second_alarm_of_the_thing_joins_the_open_case(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world)
    raised = alarm(world.east[0])
    open_for_raised({"id": str(raised.id)})
    raised.refresh_from_db()
    case.refresh_from_db()
    assert (raised.case_id, case.alarm_id, case.grade) == (case.id, raised.id, 3)
    assert [row.action for row in history_of("case", str(case.id))] == ["opened", "joined"]


def test_who_opens(world: World, crew: dict[str, Actor]) -> None:
    with pytest.raises(Invalid, match="wrong_object"):
        actions.open_case(crew["dispatcher"], "demo.lamp_repair", title="x", lon=121.25, lat=31.05)
    with pytest.raises(NotFound):
        actions.open_case(crew["west"], "demo.lamp_repair", object_id=world.east[0].id)
    with pytest.raises(Refused, match="post_may_not_open"):
        actions.open_case(crew["dispatcher"], "demo.complaint", title="太吵", lon=121.25, lat=31.05)
    with pytest.raises(Refused, match="act_not_allowed"):
        leader = actor("leader", ("leader", "cyzx", DISTRICT))
        actions.open_case(leader, "demo.lamp_repair", object_id=world.east[0].id)
    town = actor("town", ("town_staff", f"town-{EAST}", EAST))
    with pytest.raises(Invalid, match="outside"):
        actions.open_case(town, "demo.complaint", title="太吵", lon=10, lat=10)
    with pytest.raises(NotFound):
        actions.open_case(town, "demo.complaint", title="太吵", lon=121.05, lat=31.05)
    case = actions.open_case(town, "demo.complaint", title="太吵", lon=121.25, lat=31.05)
    assert (case.unit_code, case.area_path) == (f"town-{EAST}", f"{DISTRICT}/{EAST}/")
    assert "街镇" in case.why[1]["zh"]


def test_a_case_without_town_or_unit_goes_to_the_operation_centre(world: World) -> None:
    clerk = actor("clerk", ("town_staff", "cyzx", DISTRICT))
    case = actions.open_case(clerk, "demo.complaint", title="不知在哪")
    assert case.unit_code == "cyzx"
    assert "区城运中心" in case.why[1]["zh"]


def test_rows_of_an_indicator_are_opened_once(world: World, crew: dict[str, Actor]) -> None:
    ids = [thing.id for thing in world.east[:3]]
    first = actions.open_for_rows(crew["dispatcher"], "demo.lamp_repair", ids)
    again = actions.open_for_rows(crew["dispatcher"], "demo.lamp_repair", ids)
    assert [one.existing for one in first] == [False] * 3
    assert [one.existing for one in again] == [True] * 3
    assert [one.case for one in first] == [one.case for one in again] and all(one.case for one in first)
    with pytest.raises(NotFound):
        actions.open_for_rows(crew["west"], "demo.lamp_repair", ids)
    assert Case.objects.count() == 3


def test_a_synthetic_thing_makes_a_synthetic_case(world: World, crew: dict[str, Actor]) -> None:
    CityObject.objects.filter(id=world.east[0].id).update(origin="synthetic:demo")
    assert opened(crew, world).origin == "synthetic:demo"


def test_numbers_count_by_day_in_beijing(world: World, crew: dict[str, Actor]) -> None:
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    numbers = [
        actions.open_case(system_actor("test"), "demo.lamp_repair", object_id=thing.id, now=at).number
        for thing, at in zip(world.east, (MONDAY, MONDAY, late, late - timedelta(hours=1)), strict=True)
    ]
    assert numbers == ["SJ-20261123-0001", "SJ-20261123-0002", "SJ-20261124-0001", "SJ-20261123-0003"]


def test_an_unknown_alarm_is_an_error(world: World) -> None:
    with pytest.raises(NotFound, match="no_alarm"):
        open_for_raised({"id": str(UUID(int=1))})


def test_the_other_town_s_case_is_not_there(world: World, crew: dict[str, Actor]) -> None:
    case = actions.open_case(crew["dispatcher"], "demo.lamp_repair", object_id=world.west[0].id)
    assert case.unit_code == f"town-{WEST}"
    with pytest.raises(NotFound):
        move(crew["verifier"], case, "accept")
