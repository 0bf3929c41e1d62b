"""A failing row says why in words, shows the cases that work on it, and since when it has failed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client

from xiuhua.cases.models import Case
from xiuhua.catalog import catalogue as catalogues
from xiuhua.indicators import queries
from xiuhua.indicators.actions import compute
from xiuhua.indicators.models import IndicatorValue
from xiuhua.indicators.tests.conftest import EAST, WEST, lamp, pole, signed_in
from xiuhua.indicators.tests.scenario import LAMP, POLE, named, with_indicators
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.expressions import Condition, HasOpenCase, Linked, Moment
from xiuhua.kernel.indicators import share
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.words import Act, Privacy
from xiuhua.objects.models import CityObject
from xiuhua.readings.models import Datastream, Latest

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
SERVED = Linked(
    link="pole", to="lamp", where=LAMP.stream("beat", "fresh").among(True) & ~HasOpenCase(case_type="repair")
)
numbers = count(1)


def declare(of: ObjectType, passes: Condition) -> None:
    """Put an indicator of that condition in force, computed at NOW."""
    one = share(id="asked", label=named("问", "Asked"), meaning=named("问", "Asked"), of=of, passes=passes)
    catalogues.install(with_indicators(one))
    compute("city.asked", now=NOW)


def failing(client: Client, **query: str) -> dict[str, Any]:
    answer = client.get("/api/indicators/city.asked/rows", {"passes": "false", **query})
    assert answer.status_code == 200, answer.content.decode()
    return {row["code"]: row for row in answer.json()["items"]}


def reasons(client: Client) -> dict[str, tuple[str, str]]:
    return {code: (row["reason"]["zh"], row["reason"]["en"]) for code, row in failing(client).items()}


def repaired(thing: CityObject, path: str) -> Case:
    return Case.objects.create(
        number=f"R{next(numbers)}", type="city.repair", state="sent", kind="open", title="修", object_id=thing.id,
        source="site", area_path=path, unit_code="lamps", opened_by="x", origin="site",
    )  # fmt: skip


def beating(thing: CityObject) -> None:
    stream = Datastream.objects.create(object_id=thing.id, stream="city.lamp.beat", area_path=thing.area_path)
    Latest.objects.create(datastream=stream, at=NOW, received_at=NOW, silent_at=NOW + timedelta(minutes=15))


@pytest.fixture
def chief(district: None) -> Client:
    return signed_in("chief", "leader", "310117")


def test_no_link_is_told_apart_from_what_the_linked_thing_lacks(chief: Client) -> None:
    pole("P1", WEST)
    silent, mended, both = pole("P2", WEST), pole("P3", WEST), pole("P4", EAST)
    lamp("A", WEST, pole=silent)
    working = lamp("B", WEST, pole=mended)
    beating(working)
    repaired(working, WEST)
    repaired(lamp("C", EAST, pole=both), EAST)
    declare(POLE, SERVED)
    assert reasons(chief) == {
        "P1": ("没有路灯", "Has no lamp"),
        "P2": ("路灯：心跳已静默", "Lamp: heartbeat is silent"),
        "P3": ("路灯：有未结的路灯维修", "Lamp: lamp repair is open"),
        "P4": ("路灯：心跳已静默，有未结的路灯维修", "Lamp: heartbeat is silent, lamp repair is open"),
    }


def test_what_is_recorded_is_said_as_it_is(chief: Client) -> None:
    lamp("A", WEST, kind="sodium", checked="2026-05-01", power=40, seen="2026-07-01T00:00:00+08:00")
    lamp("B", WEST, lit=True)
    lamp("C", WEST, kind="sodium", lit=True)
    declare(
        LAMP,
        (LAMP["kind"] == "led") & (LAMP["checked"] >= Moment.TODAY) & (LAMP["power"] > 60)
        & (LAMP["seen"] <= Moment.NOW) & LAMP["lit"].filled,
    )  # fmt: skip
    assert reasons(chief) == {
        "A": (
            "类别为“钠灯”；检查日期 2026-05-01，已过期；功率 40，不高于 60；巡查时间 2026-07-01 00:00，还没到；"
            "未登记亮灯",
            'Kind is "Sodium"; Checked 2026-05-01, expired; Power 40, at most 60; Seen 2026-07-01 00:00, '
            "not yet reached; Lit not recorded",
        ),
        "B": (
            "未登记类别；未登记检查日期；未登记功率；未登记巡查时间",
            "Kind not recorded; Checked not recorded; Power not recorded; Seen not recorded",
        ),
        "C": ("类别为“钠灯”", 'Kind is "Sodium"'),
    }


def test_a_reason_keeps_what_the_reader_may_not_read(chief: Client) -> None:
    lamp("A", WEST, cost=7)
    declare(LAMP, LAMP["cost"] > 10)

    def said(sees: Privacy) -> str:
        grant = Grant(post="guest", unit="", area_path=WEST, acts=frozenset({Act.SEE}), sees=sees)
        guest = Actor(code="guest", name="guest", grants=(grant,))
        page = queries.rows(guest, "city.asked", queries.Narrowed(), passes=None, value_id=None, window=slice(0, 9))
        reason = queries.reasons(page.indicator).reason(page.rows[0].leaves, page.rows[0].facts)
        assert reason is not None
        return reason.zh

    assert said(Privacy.INTERNAL) == "造价 7，不高于 10"
    assert said(Privacy.PUBLIC) == "造价不高于 10"


def test_a_row_shows_the_cases_on_what_it_is_linked_with(chief: Client) -> None:
    west = signed_in("west", "town_staff", "310117001")
    bare, served = pole("P1", WEST), pole("P2", WEST)
    working = lamp("A", WEST, pole=served)
    beating(working)
    faulty = lamp("B", WEST, pole=bare)
    ours, theirs = repaired(faulty, WEST), repaired(lamp("C", EAST, pole=bare), EAST)
    declare(POLE, SERVED)
    assert failing(chief).keys() == {"P1"}
    assert {case["number"] for case in failing(chief)["P1"]["cases"]} == {ours.number, theirs.number}
    assert [case["number"] for case in failing(west)["P1"]["cases"]] == [ours.number]
    Case.objects.filter(id=theirs.id).update(kind="done")
    assert [case["number"] for case in failing(chief)["P1"]["cases"]] == [ours.number]


def test_cases_beyond_two_links(chief: Client) -> None:
    middle = pole("P1", WEST)
    lamp("A", WEST, pole=middle)
    case = repaired(lamp("B", WEST, pole=middle), WEST)
    beyond = Linked(link="pole", to="lamp", where=LAMP["lit"].among(True))
    declare(LAMP, Linked(link="pole", to="pole", where=beyond))
    rows = failing(chief)
    assert [one["number"] for one in rows["A"]["cases"]] == [case.number]
    assert [one["number"] for one in rows["B"]["cases"]] == [case.number]
    assert rows["A"]["reason"]["zh"] == "灯杆：路灯：未登记亮灯"


def test_since_when_a_row_has_failed(chief: Client) -> None:
    for code, lit in (("A", False), ("B", True), ("C", False), ("D", True)):
        lamp(code, WEST if code != "C" else EAST, lit=lit)
    start = NOW - timedelta(days=60)
    one = share(id="asked", label=named("问", "A"), meaning=named("问", "A"), of=LAMP, passes=LAMP["lit"].among(True))
    catalogues.install(with_indicators(one))
    for day, change in ((0, {}), (10, {"A": True}), (20, {"A": False, "B": False}), (30, {})):
        for code, lit in change.items():
            CityObject.objects.filter(code=code).update(attributes={"lit": lit})
        compute("city.asked", now=start + timedelta(days=day))

    def since(**query: str) -> dict[str, int | None]:
        found = failing(chief, **query)
        return {
            code: (datetime.fromisoformat(row["at"]) - start).days if row["at"] else None for code, row in found.items()
        }

    assert since() == {"A": 20, "B": 20, "C": 0}
    first = IndicatorValue.objects.order_by("at").first()
    assert first is not None
    assert since(value_id=str(first.pk)) == {"A": 0, "C": 0}
    every = chief.get("/api/indicators/city.asked/rows").json()["items"]
    assert {row["code"] for row in every if row["at"] is None} == {"D"}
    for minute in range(1, 31):
        CityObject.objects.filter(code="D").update(attributes={"lit": minute % 2 == 0})
        compute("city.asked", now=NOW + timedelta(minutes=minute))
    assert since() == {"A": 20, "B": 20, "C": 0}


def test_own_dates_stay(chief: Client) -> None:
    """A case that failed keeps its own date."""
    thing = lamp("A", WEST)
    case = repaired(thing, WEST)
    Case.objects.filter(id=case.id).update(kind="done", closed_at=NOW - timedelta(days=3))
    compute("city.in_time", now=NOW)
    (row,) = chief.get("/api/indicators/city.in_time/rows").json()["items"]
    assert datetime.fromisoformat(row["at"]) == NOW - timedelta(days=3)
