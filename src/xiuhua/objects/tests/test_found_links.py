"""Links by geometry: found, kept right through every change of either end, shown on both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from xiuhua.catalog import catalogue as catalogues
from xiuhua.kernel.objects import Geometry, Link, ObjectType, Relation
from xiuhua.ledger.models import Outbox
from xiuhua.objects import found_links
from xiuhua.objects.models import CityObject, FoundLink
from xiuhua.objects.tests.conftest import Town, named, send
from xiuhua.objects.tests.importing_files import brought

pytestmark = pytest.mark.django_db
M = 1 / 111_000
IN = Link(id="lies_in", label=named("位于", "Lies in"), to="test.zone", relation=Relation.IN)
ON = Link(id="stands_on", label=named("临街", "Stands on"), to="test.street", relation=Relation.ON, within_m=10)
NEAR = Link(
    id="next_to", label=named("附近", "Next to"), to="test.tree", relation=Relation.NEAR, within_m=50, many=True
)
NEXT = Link(id="next", label=named("最近", "Next"), to="test.tree", relation=Relation.NEAR, within_m=200)
TREE = ObjectType(id="test.tree", label=named("树", "Tree"), links=(IN, ON, NEAR, NEXT))
ZONE = ObjectType(id="test.zone", label=named("片区", "Zone"), geometry=Geometry.POLYGON)
STREET = ObjectType(id="test.street", label=named("街", "Street"), geometry=Geometry.LINE)


@pytest.fixture(autouse=True)
def trees(catalogue: None) -> Iterator[None]:
    empty: dict[str, Any] = {}
    types = {one.id: one for one in (TREE, ZONE, STREET)}
    catalogues.install(
        catalogues.Catalogue(
            packs={}, objects=types, cases={}, rules={}, rounds={}, analyses={}, indicators={}, code_lists={},
            scales={}, posts=empty,
        )
    )  # fmt: skip
    yield


def deliver() -> None:
    """Hand the waiting events of objects to the room, as the relay does."""
    for event in Outbox.objects.order_by("id"):
        if event.topic == "object.changed":
            found_links.follow(event.payload)
        elif event.topic == "objects.imported":
            found_links.follow_type(event.payload)
    Outbox.objects.all().delete()


def make(town: Town, type_id: str, code: str, kind: str, coordinates: object) -> dict[str, Any]:
    body = {"type": type_id, "code": code, "name": code, "geometry": {"type": kind, "coordinates": coordinates}}
    answer = send(town.chief, "POST", "/objects", body)
    assert answer.status_code == 201, answer.content.decode()
    deliver()
    made: dict[str, Any] = answer.json()
    return made


def square(west: float, south: float, side: float) -> list[Any]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def ends(link: str) -> set[tuple[str, str]]:
    return set(FoundLink.objects.filter(link=f"test.tree.{link}").values_list("source__code", "target__code"))


def test_in_on_and_near_are_found_and_follow_both_ends(town: Town) -> None:
    tree = make(town, "test.tree", "T1", "Point", [121.1, 31.0])
    assert FoundLink.objects.count() == 0
    zone = make(town, "test.zone", "Z1", "Polygon", square(121.09, 30.99, 0.02))
    assert ends("lies_in") == {("T1", "Z1")}
    make(town, "test.zone", "Z2", "Polygon", square(121.099, 30.999, 0.002))
    assert ends("lies_in") == {("T1", "Z2")}, "of several outlines the smallest is kept"
    make(town, "test.street", "S1", "LineString", [[121.05, 31 + 8 * M], [121.15, 31 + 8 * M]])
    make(town, "test.street", "S2", "LineString", [[121.05, 31 + 3 * M], [121.15, 31 + 3 * M]])
    make(town, "test.street", "S3", "LineString", [[121.05, 31 + 25 * M], [121.15, 31 + 25 * M]])
    assert ends("stands_on") == {("T1", "S2")}
    make(town, "test.tree", "T2", "Point", [121.1, 31 + 40 * M])
    make(town, "test.tree", "T3", "Point", [121.1, 31 + 45 * M])
    make(town, "test.tree", "T4", "Point", [121.1, 31 + 130 * M])
    assert ends("next_to") == {("T1", "T2"), ("T2", "T1"), ("T1", "T3"), ("T3", "T1"), ("T2", "T3"), ("T3", "T2")}
    assert ends("next") == {("T1", "T2"), ("T2", "T3"), ("T3", "T2"), ("T4", "T3")}
    detail = send(town.chief, "GET", f"/objects/{tree['id']}").json()
    shown = {(one["link"].rpartition(".")[2], one["direction"], one["code"]) for one in detail["links"]}
    assert shown == {
        ("lies_in", "out", "Z2"), ("stands_on", "out", "S2"), ("next_to", "out", "T2"), ("next_to", "in", "T2"),
        ("next_to", "out", "T3"), ("next_to", "in", "T3"), ("next", "out", "T2"),
    }  # fmt: skip
    back = send(town.chief, "GET", f"/objects/{zone['id']}").json()["links"]
    assert [(one["direction"], one["code"]) for one in back] == [("in", "T4")]
    moved = {"version": 1, "geometry": {"type": "Point", "coordinates": [121.3, 31.0]}}
    assert send(town.chief, "PATCH", f"/objects/{tree['id']}", moved).status_code == 200
    deliver()
    assert ends("lies_in") == {("T2", "Z2"), ("T3", "Z2"), ("T4", "Z1")}
    assert ends("stands_on") == set()
    assert ends("next_to") == {("T2", "T3"), ("T3", "T2")}
    assert ends("next") == {("T2", "T3"), ("T3", "T2"), ("T4", "T3")}
    wider = {"version": 1, "geometry": {"type": "Polygon", "coordinates": square(121.099, 30.999, 0.003)}}
    inner = CityObject.objects.get(code="Z2")
    assert send(town.chief, "PATCH", f"/objects/{inner.id}", wider).status_code == 200
    deliver()
    assert ends("lies_in") == {("T2", "Z2"), ("T3", "Z2"), ("T4", "Z2")}


def test_an_import_and_a_removal_are_followed_and_nothing_else_is_touched(town: Town) -> None:
    zone = make(town, "test.zone", "Z1", "Polygon", square(121.09, 30.99, 0.02))
    rows = "".join(f"T{n},树{n},{121.0905 + n * 0.002},31.0\n" for n in range(12))
    job = brought(town.chief, "code,name,lon,lat\n" + rows, type_id="test.tree")
    deliver()
    assert ends("lies_in") == {(f"T{n}", "Z1") for n in range(10)}
    kept = set(FoundLink.objects.filter(link="test.tree.lies_in").values_list("id", flat=True))
    assert found_links.find_all() == 0
    assert set(FoundLink.objects.filter(link="test.tree.lies_in").values_list("id", flat=True)) == kept
    gone = CityObject.objects.get(code="T3")
    assert send(town.chief, "DELETE", f"/objects/{gone.id}", {"why": "砍"}).status_code == 204
    deliver()
    assert ends("lies_in") == {(f"T{n}", "Z1") for n in range(10) if n != 3}
    assert send(town.chief, "DELETE", f"/objects/{zone['id']}", {"why": "撤"}).status_code == 204, (
        "found links hold nobody"
    )
    deliver()
    assert ends("lies_in") == set()
    assert job["state"] == "done"


def test_the_other_end_is_shown_only_to_who_sees_it(town: Town) -> None:
    tree = make(town, "test.tree", "T1", "Point", [121.1999, 31.0])
    make(town, "test.tree", "T2", "Point", [121.2002, 31.0])
    assert ("T1", "T2") in ends("next_to")
    assert send(town.west, "GET", f"/objects/{tree['id']}").json()["links"] == []
    assert {one["code"] for one in send(town.chief, "GET", f"/objects/{tree['id']}").json()["links"]} == {"T2"}
