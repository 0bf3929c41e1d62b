"""Every endpoint of this room with two people of different towns: each sees and does its own, no more."""

from __future__ import annotations

import pytest
from django.db import transaction

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused, XiuhuaError
from xiuhua.ledger.actions import Change, record
from xiuhua.ledger.models import History, Seal
from xiuhua.people import actions, queries
from xiuhua.people.models import User
from xiuhua.people.tests.conftest import (
    PASSWORD,
    ROOT,
    SIJING,
    YUEYANG,
    Browser,
    body_of,
    code_of,
    person,
    signed_in,
)

pytestmark = pytest.mark.usefixtures("district")


def new_user(username: str, town: str, post: str = "grid_worker") -> dict[str, object]:
    return {
        "username": username, "name": username, "password": PASSWORD,
        "holdings": [{"post": post, "unit": f"town-{town}", "area": town}],
    }  # fmt: skip


def test_nothing_answers_without_a_session() -> None:
    browser = Browser()
    for path in ("/areas", "/areas.geojson", "/units", "/users", "/audit", "/session", "/live"):
        answer = browser.call("GET", path)
        assert (answer.status_code, code_of(answer)) == (401, "http.not_signed_in"), path


def test_areas_and_units_are_public_facts_the_same_for_both_towns() -> None:
    person("li", "town_staff", YUEYANG)
    person("wu", "town_staff", SIJING)
    li, wu = signed_in("li"), signed_in("wu")
    for path in ("/areas?level=town", "/areas?parent=310117102", "/areas.geojson?level=town", "/units"):
        assert li.get(path) == wu.get(path)
    towns = li.get("/areas?level=town")
    assert len(towns) == 20
    assert towns[0] == {
        "code": "310117001", "name": "岳阳街道", "name_en": "Yueyang Subdistrict", "level": "town", "parent": "310117",
        "path": "310117/310117001/", "synthetic_geometry": True, "has_geometry": True,
    }  # fmt: skip
    drawn = li.get("/areas.geojson?level=town")
    assert len(drawn["features"]) == 17
    assert drawn["features"][0]["properties"] == {
        "code": "310117001", "name": "岳阳街道", "name_en": "Yueyang Subdistrict", "level": "town", "synthetic": True,
    }  # fmt: skip
    assert {unit["code"] for unit in li.get("/units")} >= {"lhsr", "jtw", "town-310117001"}


def test_a_keeper_sees_and_makes_only_people_of_its_own_town() -> None:
    person("li", "keeper", YUEYANG)
    person("wu", "keeper", SIJING)
    person("zhao", "handler", SIJING)
    li, wu = signed_in("li"), signed_in("wu")
    assert [row["code"] for row in li.get("/users")] == ["li"]
    assert [row["code"] for row in wu.get("/users")] == ["wu", "zhao"]
    made = body_of(li.call("POST", "/users", new_user("qian", YUEYANG)))
    assert (made["code"], made["holdings"][0]["area"]) == ("qian", YUEYANG)
    elsewhere = li.call("POST", "/users", new_user("sun", SIJING))
    assert (elsewhere.status_code, code_of(elsewhere)) == (404, "people.not_visible")
    assert not User.objects.filter(username="sun").exists()
    assert [row["code"] for row in wu.get("/users")] == ["wu", "zhao"]


def test_a_keeper_changes_only_people_of_its_own_town() -> None:
    person("li", "keeper", YUEYANG)
    person("zhao", "handler", SIJING)
    person("qian", "grid_worker", YUEYANG)
    li = signed_in("li")
    assert code_of(li.call("PATCH", "/users/zhao", {"name": "x"})) == "people.no_user"
    assert code_of(li.call("PATCH", "/users/nobody", {"name": "x"})) == "people.no_user"
    changed = li.call("PATCH", "/users/qian", {"name": "钱", "active": False})
    assert (body_of(changed)["name"], body_of(changed)["active"]) == ("钱", False)
    # a person who also works elsewhere is not the keeper's to lock out
    actions.grant(ROOT, user_code="qian", holding=actions.Holding(post="handler", unit="jtw", area="310117"))
    refused = li.call("PATCH", "/users/qian", {"password": PASSWORD})
    assert (refused.status_code, code_of(refused)) == (403, "people.act_not_allowed")
    row = body_of(
        li.call(
            "PATCH", "/users/qian",
            {"revoke": [{"post": "grid_worker", "unit": f"town-{YUEYANG}", "area": YUEYANG}]},
        )
    )  # fmt: skip
    assert row["holdings"] == []


def test_nobody_gives_more_than_it_has() -> None:
    person("li", "keeper", YUEYANG)
    li = signed_in("li")
    for post in ("auditor", "data_officer", "town_staff"):
        answer = li.call("POST", "/users", new_user("qian", YUEYANG, post))
        assert (answer.status_code, code_of(answer)) == (403, "people.more_than_own"), post
    assert code_of(li.call("POST", "/users", {**new_user("qian", YUEYANG), "administrator": True})) == (
        "people.act_not_allowed"
    )
    assert code_of(li.call("POST", "/users", {**new_user("qian", YUEYANG), "holdings": []})) == "people.needs_holding"
    assert code_of(li.call("PATCH", "/users/li", {"administrator": True})) == "people.act_not_allowed"
    assert not User.objects.filter(username="qian").exists()


def test_a_change_of_a_person_is_taken_whole_or_not_at_all() -> None:
    person("zhao", "handler", SIJING)
    actions.make_user(ROOT, username="chief", name="Chief", password=PASSWORD, administrator=True)
    chief = signed_in("chief")
    wrong = {"name": "other", "grant": [{"post": "no-such-post", "unit": "jtw", "area": "310117"}]}
    assert code_of(chief.call("PATCH", "/users/zhao", wrong)) == "people.no_post"
    assert User.objects.get(code="zhao").name == "Zhao"
    assert code_of(chief.call("PATCH", "/users/chief", {"active": False})) == "people.last_administrator"


def test_people_without_the_right_see_no_users_and_no_record() -> None:
    person("li", "town_staff", YUEYANG)
    li = signed_in("li")
    for method, path, body in (
        ("GET", "/users", None),
        ("POST", "/users", new_user("qian", YUEYANG)),
        ("GET", "/audit", None),
    ):
        answer = li.call(method, path, body)
        assert (answer.status_code, code_of(answer)) == (403, "people.act_not_allowed"), path


def test_an_auditor_reads_the_record_of_its_own_town() -> None:
    person("li", "auditor", YUEYANG)
    person("wu", "auditor", SIJING)
    person("ma", "auditor", SIJING, own_unit_only=True)
    actor = Actor(code="x", name="X", grants=())
    with transaction.atomic():
        for town in (YUEYANG, SIJING):
            path = f"310117/{town}/"
            record(actor, Change(action="moved", entity="case", entity_id=town, area_path=path, why="…", data={"n": 1}))
    li, wu = signed_in("li"), signed_in("wu")
    page = li.get("/audit?entity=case")
    assert page["total"] == 1
    row = page["items"][0]
    assert (row["entity_id"], row["sealed"], row["action_label"]) == (YUEYANG, False, {"zh": "流转", "en": "Moved"})
    assert [row["entity_id"] for row in wu.get("/audit?actor=x")["items"]] == [SIJING]
    assert signed_in("ma").get("/audit?entity=case")["total"] == 0
    Seal.objects.create(seq=1, history_id=row["id"], digest=b"", chain=b"")
    assert li.get(f"/audit?entity=case&entity_id={YUEYANG}")["items"][0]["sealed"] is True
    assert li.get("/audit?size=1")["size"] == 1
    assert History.objects.filter(entity="user", action="granted").count() == 3


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"username": "a b"}, Invalid, "people.bad_username"),
        ({"username": "taken"}, Conflict, "people.username_taken"),
        ({"password": "short"}, Invalid, "people.weak_password"),
        ({"password": "password1234"}, Invalid, "people.weak_password"),
        ({"username": "zhao.zhao", "password": "zhao.zhao1"}, Invalid, "people.weak_password"),
    ],
)
def test_bad_accounts_are_refused(change: dict[str, str], error: type[XiuhuaError], code: str) -> None:
    person("taken", "handler", SIJING)
    given = {"username": "zhao", "name": "Zhao", "password": PASSWORD, **change}
    with pytest.raises(error) as caught:
        actions.make_user(ROOT, username=given["username"], name=given["name"], password=given["password"])
    assert caught.value.code == code


def test_only_managers_of_settings_load_or_draw_areas() -> None:
    actor = queries.actor_of_user(person("li", "town_staff", YUEYANG))
    with pytest.raises(NotFound):
        actions.make_demo_grids(actor)
    leader = actions.make_user(ROOT, username="gu", name="Gu", password=PASSWORD)
    actions.grant(ROOT, user_code="gu", holding=actions.Holding(post="leader", unit="cyzx", area="310117"))
    with pytest.raises(Refused):
        actions.make_demo_units(queries.actor_of_user(leader))
