"""Objects over HTTP: made, changed, removed, linked, listed, found, drawn, remembered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Writer
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects import actions
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.tests.conftest import EAST, WEST, Town, send, stop

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
SQUARE = {"type": "Polygon", "coordinates": [[[121.1, 31.0], [121.11, 31.0], [121.11, 31.01], [121.1, 31.0]]]}


def made(town: Town, body: dict[str, Any]) -> dict[str, Any]:
    answer = send(town.chief, "POST", "/objects", body)
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content.decode()
    body = answer.json()
    return [row["code"] for row in (body["items"] if isinstance(body, dict) else body)]


def test_an_object_is_made_with_typed_values_area_and_history(town: Town) -> None:
    given = {
        "kind": "港湾式",
        "height": "2.5",
        "seats": 4.0,
        "lit": "是",
        "built": "2024年5月6日",
        "checked": "2026-01-31 08:30",
    }
    thing = made(town, stop("A1", 121.1, 31.0, attributes=given, unit_code="bus"))
    assert thing["attributes"] == {
        "road": "中山路", "kind": "bay", "height": 2.5, "seats": 4, "lit": True, "built": "2024-05-06",
        "checked": "2026-01-31T00:30:00Z",
    }  # fmt: skip
    assert (thing["area_path"], thing["area_name"], thing["unit_name"]) == (WEST, "西镇", "公交公司")
    assert (thing["lon"], thing["lat"], thing["version"], thing["may_edit"]) == (121.1, 31.0, 1, True)
    (row,) = send(town.chief, "GET", f"/objects/{thing['id']}/history").json()
    assert (row["action"], row["actor"]) == ("made", "chief")
    assert row["data"]["changes"]["attr.kind"] == [None, "bay"]
    event = Outbox.objects.get(topic="object.changed")
    assert event.payload == {"id": thing["id"], "type": "test.stop", "code": "A1", "unit_code": "bus"}


def test_everything_wrong_with_a_form_is_said_at_once(town: Town) -> None:
    body = stop("a-1", 151.1, -31.0, name="", unit_code="nobody", valid_from="2024-01-01", links={"depot": ["D9"]})
    body["attributes"] = {
        "kind": "圆形",
        "height": 11,
        "seats": "2.5",
        "built": "1/2/2024",
        "state": "ok",
        "colour": "red",
    }
    answer = send(town.chief, "POST", "/objects", body)
    assert answer.status_code == 422
    problems = answer.json()["params"]["problems"]
    assert {(one["field"], one["code"]) for one in problems} == {
        ("code", "pattern"), ("name", "required"), ("attr.kind", "not_a_choice"), ("attr.height", "too_large"),
        ("attr.seats", "not_an_integer"), ("attr.built", "not_a_date"), ("attr.state", "not_writable"),
        ("attr.colour", "unknown_attribute"), ("attr.road", "required"), ("unit_code", "unit_unknown"),
        ("geometry", "outside"), ("valid_from", "no_period"), ("link.depot", "link_unknown"),
    }  # fmt: skip
    assert all(one[part]["zh"] and one[part]["en"] for one in problems for part in ("problem", "why", "remedy"))
    assert not CityObject.objects.exists()


def test_a_change_needs_the_version_seen_and_says_who_was_first(town: Town) -> None:
    thing = made(town, stop("A1", 121.1, 31.0))
    address = f"/objects/{thing['id']}"
    first = send(town.west, "PATCH", address, {"version": 1, "name": "新名"})
    assert (first.json()["name"], first.json()["version"]) == ("新名", 2)
    late = send(town.chief, "PATCH", address, {"version": 1, "name": "另名"})
    assert (late.status_code, late.json()["code"]) == (409, "objects.changed")
    assert (late.json()["params"]["by"], late.json()["params"]["theirs"]["name"]) == ("west", "新名")
    same = send(town.chief, "PATCH", address, {"version": 2, "name": "新名"})
    assert same.json()["version"] == 2
    moved = send(
        town.chief, "PATCH", address, {"version": 2, "geometry": {"type": "Point", "coordinates": [121.3, 31]}}
    )
    assert moved.json()["area_path"] == EAST
    cleared = send(town.chief, "PATCH", address, {"version": 3, "attributes": {"road": None}})
    assert cleared.json()["params"]["problems"][0]["code"] == "required"


def test_a_code_is_used_once_until_its_thing_is_removed(town: Town) -> None:
    thing = made(town, stop("A1", 121.1, 31.0))
    again = send(town.chief, "POST", "/objects", stop("A1", 121.1, 31.0))
    assert (again.status_code, again.json()["code"]) == (409, "objects.code_taken")
    assert send(town.chief, "DELETE", f"/objects/{thing['id']}", {"why": "拆除"}).status_code == 204
    assert send(town.chief, "GET", f"/objects/{thing['id']}").status_code == 404
    history = send(town.chief, "GET", f"/objects/{thing['id']}/history").json()
    assert [(row["action"], row["why"]) for row in history] == [("removed", "拆除"), ("made", "")]
    made(town, stop("A1", 121.1, 31.0))


def test_attributes_are_written_only_by_those_declared(town: Town) -> None:
    thing = made(town, stop("A1", 121.1, 31.0))
    actions.set_attributes_by(SYSTEM, thing["id"], {"state": "坏"}, Writer.READING, "心跳停了")
    assert CityObject.objects.get().attributes["state"] == "坏"
    with pytest.raises(Invalid) as refused:
        actions.set_attributes_by(SYSTEM, thing["id"], {"state": "好"}, Writer.FORM)
    assert refused.value.params["problems"][0]["code"] == "not_writable"  # type: ignore[index]
    with pytest.raises(Invalid):
        actions.set_attributes_by(SYSTEM, thing["id"], {"road": "新路"}, Writer.READING)


def test_links_go_both_ways_and_hold_their_target(town: Town) -> None:
    depot = made(town, {"type": "test.depot", "code": "D1", "name": "一场", "geometry": SQUARE})
    thing = made(town, stop("A1", 121.1, 31.0, links={"depot": ["D1"]}))
    assert [(one["direction"], one["code"]) for one in thing["links"]] == [("out", "D1")]
    back = send(town.chief, "GET", f"/objects/{depot['id']}").json()["links"]
    assert [(one["direction"], one["code"], one["label"]["zh"]) for one in back] == [("in", "A1", "所属停车场")]
    held = send(town.chief, "DELETE", f"/objects/{depot['id']}", {"why": "x"})
    assert held.json()["code"] == "objects.in_use"
    free = send(town.chief, "PATCH", f"/objects/{thing['id']}", {"version": 1, "links": {"depot": []}})
    assert (free.json()["links"], free.json()["version"]) == ([], 2)
    actions.link(SYSTEM, thing["id"], "depot", "D1")
    assert ObjectLink.objects.count() == 1
    actions.unlink(SYSTEM, thing["id"], "depot", "D1")
    assert ObjectLink.objects.count() == 0


def test_two_permits_are_never_valid_on_one_stop_at_the_same_time(town: Town) -> None:
    made(town, stop("A1", 121.1, 31.0))
    permit = {"type": "test.permit", "name": "许可", "links": {"stop": ["A1"]}}
    made(town, {**permit, "code": "P1", "valid_from": "2024-01-01", "valid_to": "2024-06-30"})
    clash = send(town.chief, "POST", "/objects", {**permit, "code": "P2", "valid_from": "2024-06-30"})
    assert (clash.status_code, clash.json()["code"]) == (409, "objects.overlap")
    assert (clash.json()["params"]["other"], clash.json()["params"]["target"]) == ("P1", "A1")
    next_one = made(town, {**permit, "code": "P2", "valid_from": "2024-07-01"})
    earlier = send(town.chief, "PATCH", f"/objects/{next_one['id']}", {"version": 1, "valid_from": "2024-05-01"})
    assert earlier.json()["code"] == "objects.overlap"
    assert History.objects.filter(action="changed").count() == 0


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (SQUARE, "geometry_kind"),
        ({"type": "Point", "coordinates": []}, "empty_geometry"),
        ({"type": "Pudding", "coordinates": [1, 2]}, "unreadable_geometry"),
        ({"type": "Point", "coordinates": [31.0, 121.1]}, "outside"),
    ],
)
def test_a_geometry_must_fit_the_type_and_the_district(town: Town, geometry: dict[str, Any], code: str) -> None:
    answer = send(town.chief, "POST", "/objects", {**stop("A1", 0, 0), "geometry": geometry})
    assert [one["code"] for one in answer.json()["params"]["problems"]] == [code]


def test_a_crossed_polygon_is_refused_not_mended(town: Town) -> None:
    crossed = [[[121.1, 31.0], [121.11, 31.01], [121.11, 31.0], [121.1, 31.01], [121.1, 31.0]]]
    body = {"type": "test.depot", "code": "D1", "name": "x", "geometry": {"type": "Polygon", "coordinates": crossed}}
    (problem,) = send(town.chief, "POST", "/objects", body).json()["params"]["problems"]
    assert problem["code"] == "invalid_geometry"
    assert "Self-intersection" in problem["problem"]["en"]


def test_rows_are_filtered_sorted_and_paged(town: Town) -> None:
    rows = [
        ("A1", "重庆路", 9.5, "bay"),
        ("A2", "安亭路", 2, "kerb"),
        ("A3", "长江路10号", 10, "bay"),
        ("A4", "长江路2号", None, "bay"),
    ]
    for at, (code, name, height, kind) in enumerate(rows):
        given = {"kind": kind} if height is None else {"kind": kind, "height": height}
        made(town, stop(code, 121.1 + at / 20, 31.0, name=name, attributes=given))

    def listed(query: str) -> list[str]:
        return codes(send(town.chief, "GET", f"/objects?type=test.stop&{query}"))

    assert listed("sort=name") == ["A2", "A4", "A3", "A1"][:1] + listed("sort=name")[1:]
    assert listed("sort=-attr.height") == ["A3", "A1", "A2", "A4"]
    assert listed("sort=-code&size=2&page=2") == ["A2", "A1"]
    assert listed('filter={"kind":"港湾式"}') == ["A1", "A3", "A4"]
    assert listed('filter={"height":null}') == ["A4"]
    assert listed('filter={"height":{"min":9}}') == ["A1", "A3"]
    assert listed('filter={"kind":["kerb"]}') == ["A2"]
    assert listed(f"area={WEST}") == ["A1", "A2", "A3"]
    assert listed("q=长江") == ["A3", "A4"]
    assert send(town.chief, "GET", "/objects?type=test.stop&sort=attr.nope").json()["code"] == "objects.no_attribute"
    assert send(town.chief, "GET", '/objects?filter={"kind":"bay"}').json()["code"] == "objects.filter_needs_type"


def test_names_sort_by_pinyin_and_by_number(town: Town) -> None:
    for at, name in enumerate(["重庆路", "安亭路", "长江路10号", "长江路2号", "佘山"]):
        made(town, stop(f"A{at}", 121.1, 31.0, name=name))
    answer = send(town.chief, "GET", "/objects?sort=name").json()["items"]
    assert [row["name"] for row in answer] == ["安亭路", "长江路2号", "长江路10号", "重庆路", "佘山"]


def test_search_finds_two_letters_anywhere_and_one_at_the_beginning(town: Town) -> None:
    made(town, stop("MH16", 121.1, 31.0, name="外环路地铁站", attributes={"note": "雨棚漏水"}))
    made(town, stop("MH17", 121.1, 31.0, name="莘庄北广场"))

    def found(q: str) -> list[str]:
        return codes(send(town.chief, "GET", f"/objects/search?q={q}"))

    assert found("地铁") == ["MH16"]
    assert found("漏水") == ["MH16"]
    assert found("mh17") == ["MH17"]
    assert found("H1") == ["MH16", "MH17"]
    assert found("莘") == ["MH17"]
    assert found("庄") == []
    assert found("广场 mh") == ["MH17"]
    assert found("%") == []


def test_the_map_draws_what_lies_in_the_box(town: Town) -> None:
    made(town, stop("A1", 121.1, 31.0))
    made(town, stop("A2", 121.3, 31.0))
    body = send(town.chief, "GET", "/objects.geojson?type=test.stop&bbox=121.05,30.95,121.15,31.05").json()
    assert [one["properties"]["code"] for one in body["features"]] == ["A1"]
    assert body["features"][0]["geometry"] == {"type": "Point", "coordinates": [121.1, 31.0]}
    assert send(town.chief, "GET", "/objects.geojson?limit=1").json()["truncated"]
    assert send(town.chief, "GET", "/objects.geojson?bbox=1,2,3").json()["code"] == "objects.bad_box"


def test_a_list_asks_the_database_the_same_number_of_times_however_long_it_is(town: Town) -> None:
    def asked(size: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            send(town.chief, "GET", f"/objects?type=test.stop&size={size}")
        return len(caught)

    for at in range(12):
        made(town, stop(f"A{at}", 121.1, 31.0, unit_code="bus" if at % 2 else ""))
    assert asked(1) == asked(12) <= 11
