"""Links whose other end their writer does not see: kept, or the write is refused; never lost, never told."""

from __future__ import annotations

from typing import Any

import pytest

from xiuhua.kernel.errors import Invalid
from xiuhua.objects import actions
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.tests.conftest import WEST, Town, actor_of_town, made_stop, send, stop
from xiuhua.objects.tests.importing_files import brought, previewed, uploaded

pytestmark = pytest.mark.django_db
LINE = "LINESTRING ({0} 31, {0} 31.01)"
HEAD = "code,name,wkt,upstream\n"


def depot(client: Any, code: str, west: float) -> None:
    ring = [[west, 31], [west + 0.01, 31], [west + 0.01, 31.01], [west, 31]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    answer = send(client, "POST", "/objects", {"type": "test.depot", "code": code, "name": code, "geometry": shape})
    assert answer.status_code == 201, answer.content.decode()


def ends(link: str) -> set[tuple[str, str]]:
    return set(ObjectLink.objects.filter(link=link).values_list("source__code", "target__code"))


@pytest.fixture
def stopped(town: Town) -> dict[str, Any]:
    """A western stop that belongs to an eastern depot, and a western depot to choose instead."""
    depot(town.chief, "EAST", 121.3)
    depot(town.chief, "WEST", 121.1)
    return made_stop(town.chief, stop("A1", 121.1, 31.0, links={"depot": ["EAST"]}))


@pytest.fixture
def pipes(town: Town) -> None:
    """A western pipe below one of each town."""
    rows = [("W0", 121.1, ""), ("E0", 121.3, ""), ("W1", 121.11, "W0;E0"), ("W2", 121.12, "")]
    text = HEAD + "".join(f'{code},{code},"{LINE.format(lon)}",{up}\n' for code, lon, up in rows)
    assert brought(town.chief, text, type_id="test.pipe")["counts"]["added"] == 4


def test_a_form_does_not_replace_the_one_end_it_cannot_see(town: Town, stopped: dict[str, Any]) -> None:
    address = f"/objects/{stopped['id']}"
    assert send(town.west, "GET", address).json()["links"] == []
    refused = send(town.west, "PATCH", address, {"version": 1, "links": {"depot": ["WEST"]}})
    (problem,) = refused.json()["params"]["problems"]
    assert (refused.status_code, problem["field"], problem["code"]) == (422, "link.depot", "link_unseen")
    assert "所属停车场" in problem["problem"]["zh"] and "EAST" not in refused.content.decode()
    emptied = send(town.west, "PATCH", address, {"version": 1, "name": "新名", "links": {"depot": []}})
    assert emptied.status_code == 200
    assert ends("test.stop.depot") == {("A1", "EAST")}
    with pytest.raises(Invalid):
        actions.link(actor_of_town(WEST), stopped["id"], "depot", "WEST")
    allowed = send(town.chief, "PATCH", address, {"version": 2, "links": {"depot": ["WEST"]}})
    assert allowed.status_code == 200 and ends("test.stop.depot") == {("A1", "WEST")}


def test_a_file_does_not_replace_the_one_end_it_cannot_see(town: Town, stopped: dict[str, Any]) -> None:
    head = "编号,名称,道路,所属停车场\n"
    seen = previewed(town.west, uploaded(town.west, head + "A1,一站,中山路,WEST\n").json()).json()
    assert [(one["row"], one["column"], one["code"]) for one in seen["errors"]] == [(2, "所属停车场", "link_unseen")]
    assert "EAST" not in str(seen)
    done = brought(town.west, head + "A1,新名,中山路,\n")
    assert (done["state"], done["counts"]["changed"]) == ("done", 1)
    assert ends("test.stop.depot") == {("A1", "EAST")}


def test_one_of_many_ends_that_is_not_seen_stays(town: Town, pipes: None) -> None:
    text = HEAD + f'W1,W1,"{LINE.format(121.11)}",W2\n'
    assert brought(town.west, text, type_id="test.pipe")["counts"]["changed"] == 1
    assert ends("test.pipe.upstream") == {("W1", "W2"), ("W1", "E0")}
    again = brought(town.west, text, type_id="test.pipe")
    assert again["counts"]["unchanged"] == 1
    thing = ObjectLink.objects.get(target__code="E0").source
    west = actor_of_town(WEST)
    actions.change_object(west, thing.id, version=2, given={"links": {"upstream": ["W0"]}})
    assert ends("test.pipe.upstream") == {("W1", "W0"), ("W1", "E0")}
    actions.link(west, thing.id, "upstream", "W2")
    actions.unlink(west, thing.id, "upstream", "W0")
    actions.unlink(west, thing.id, "upstream", "E0")
    assert ends("test.pipe.upstream") == {("W1", "W2"), ("W1", "E0")}


def test_an_overlap_on_an_unseen_end_does_not_tell_its_code(town: Town) -> None:
    made_stop(town.chief, stop("E9", 121.3, 31.0))
    permit = {"type": "test.permit", "name": "许可", "links": {"stop": ["E9"]}}
    dates = (("P1", "2024-01-01", "2024-06-30"), ("P2", "2024-07-01", "2024-12-31"))
    made = [made_stop(town.chief, {**permit, "code": code, "valid_from": a, "valid_to": b}) for code, a, b in dates]

    CityObject.objects.filter(code__in=["P1", "P2"]).update(area_path=WEST)
    clash = send(town.west, "PATCH", f"/objects/{made[1]['id']}", {"version": 1, "valid_from": "2024-06-01"})
    assert (clash.status_code, clash.json()["code"]) == (409, "objects.overlap")
    assert "E9" not in clash.content.decode()
    text = "code,name,valid from,valid to\nP2,许可,2024-06-01,2024-12-31\n"
    seen = previewed(town.west, uploaded(town.west, text, type_id="test.permit").json()).json()
    assert [one["code"] for one in seen["errors"]] == ["overlap"]
    assert "E9" not in str(seen)
