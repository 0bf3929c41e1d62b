"""Signing in and out over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from xiuhua.ledger.models import History
from xiuhua.people import actions
from xiuhua.people.models import FailedSignIn, User
from xiuhua.people.tests.conftest import PASSWORD, ROOT, YUEYANG, Browser, body_of, code_of, person, signed_in

pytestmark = pytest.mark.usefixtures("district")


def test_the_first_administrator_is_made_once_with_a_random_password() -> None:
    password = actions.first_administrator()
    assert password is not None and len(password) >= 16
    assert actions.first_administrator() is None
    browser = Browser()
    me = body_of(browser.sign_in("admin", password))
    assert me["administrator"] and "manage_users" in me["acts"]
    assert User.objects.get().password.startswith("argon2")
    assert password not in str(list(History.objects.values()))


def test_signing_in_shows_who_one_is_and_rotates_the_session() -> None:
    person("li", "town_staff", YUEYANG)
    browser = Browser()
    assert browser.call("GET", "/session").status_code == 401
    first = browser.sign_in("li")
    assert first.status_code == 200
    before = browser.client.cookies["sessionid"].value
    cookie = browser.client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    me = browser.get("/session")
    assert me == body_of(first)
    assert me["holdings"] == [
        {
            "post": "town_staff", "post_label": {"zh": "街镇专员", "en": "Town officer"}, "unit": "town-310117001",
            "unit_name": "岳阳街道办事处", "area": "310117001", "area_name": "岳阳街道",
            "area_path": "310117/310117001/", "own_unit_only": False,
        }
    ]  # fmt: skip
    assert browser.sign_in("li").status_code == 200
    assert browser.client.cookies["sessionid"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_signing_out_ends_the_session_and_both_are_recorded() -> None:
    person("li", "town_staff", YUEYANG)
    browser = signed_in("li")
    assert browser.call("DELETE", "/session").status_code == 204
    assert browser.call("GET", "/session").status_code == 401
    done = History.objects.filter(entity="session").order_by("id")
    assert [(row.action, row.actor, row.area_path) for row in done] == [
        ("signed_in", "li", "310117/310117001/"),
        ("signed_out", "li", "310117/310117001/"),
    ]


def test_every_unsafe_call_needs_a_csrf_token_signing_in_too() -> None:
    person("li", "town_staff", YUEYANG)
    browser = Browser()
    refused = browser.call("POST", "/session", {"username": "li", "password": PASSWORD}, csrf=False)
    assert (refused.status_code, code_of(refused)) == (403, "http.csrf")
    browser.sign_in("li")
    for method, path in (("DELETE", "/session"), ("PATCH", "/session"), ("POST", "/users"), ("PATCH", "/users/li")):
        assert code_of(browser.call(method, path, {"language": "en"}, csrf=False)) == "http.csrf"


def test_five_failures_stop_further_tries_for_a_while_even_with_the_right_password() -> None:
    person("li", "town_staff", YUEYANG)
    person("wu", "town_staff", YUEYANG)
    browser = Browser()
    for _ in range(5):
        wrong = browser.sign_in("li", "wrong-password")
        assert (wrong.status_code, code_of(wrong)) == (401, "people.wrong_password")
    stopped = browser.sign_in("li")
    assert (stopped.status_code, code_of(stopped)) == (429, "people.too_many")
    assert 1 <= body_of(stopped)["params"]["minutes"] <= 15
    assert browser.sign_in("wu").status_code == 200
    FailedSignIn.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert signed_in("li").get("/session")["username"] == "li"
    assert not FailedSignIn.objects.exists()
    assert History.objects.filter(action="sign_in_failed", entity_id="li").count() == 5
    assert Browser().sign_in("nobody", "wrong-password").status_code == 401


def test_a_stopped_person_is_out_at_once_and_so_is_an_old_password() -> None:
    person("li", "town_staff", YUEYANG)
    browser = signed_in("li")
    actions.set_active(ROOT, user_code="li", active=False)
    assert browser.call("GET", "/session").status_code == 401
    assert browser.sign_in("li").status_code == 401
    actions.set_active(ROOT, user_code="li", active=True)
    browser = signed_in("li")
    actions.set_password(ROOT, user_code="li", password="another-9-lanterns")
    assert browser.call("GET", "/session").status_code == 401
    assert browser.sign_in("li", "another-9-lanterns").status_code == 200


def test_the_language_is_kept() -> None:
    person("li", "town_staff", YUEYANG)
    browser = signed_in("li")
    assert body_of(browser.call("PATCH", "/session", {"language": "en"}))["language"] == "en"
    assert browser.get("/session")["language"] == "en"
    assert code_of(browser.call("PATCH", "/session", {"language": "fr"})) == "people.bad_language"


def test_the_columns_of_a_list_follow_the_person_and_nobody_else() -> None:
    person("li", "town_staff", YUEYANG)
    person("wu", "town_staff", YUEYANG)
    browser, other = signed_in("li"), signed_in("wu")
    columns = [{"key": "name", "shown": True, "width": 240}, {"key": "code", "shown": False, "width": None}]
    wanted = {"columns": {"table": "alarms", "columns": columns}}
    answer = body_of(browser.call("PATCH", "/session", wanted))
    assert (answer["columns"], answer["language"]) == ({"alarms": columns}, "zh")
    assert signed_in("li").get("/session")["columns"] == {"alarms": columns}
    assert other.get("/session")["columns"] == {}
    assert History.objects.filter(action="columns_chosen", entity_id="li").count() == 1
    browser.call("PATCH", "/session", {"columns": {"table": "alarms", "columns": []}})
    assert browser.get("/session")["columns"] == {}


def test_columns_out_of_bounds_are_refused_and_change_nothing() -> None:
    person("li", "town_staff", YUEYANG)
    browser = signed_in("li")
    column = {"key": "name", "shown": True, "width": None}
    for columns in ([{**column, "width": 4}], [column] * 81):
        assert browser.call("PATCH", "/session", {"columns": {"table": "t", "columns": columns}}).status_code == 422
    User.objects.update(columns={f"t{n}": [column] for n in range(200)})
    refused = browser.call("PATCH", "/session", {"columns": {"table": "one more", "columns": [column]}})
    assert code_of(refused) == "people.too_many_tables"
    assert len(browser.get("/session")["columns"]) == 200
