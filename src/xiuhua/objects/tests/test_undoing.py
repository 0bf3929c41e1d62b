"""An import taken back: as one change, in history, and not at all where anything was touched since."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.models import CityObject, ImportJob, ObjectLink
from xiuhua.objects.tests.conftest import EAST, Town, made_stop, send, stop
from xiuhua.objects.tests.importing_files import GOOD, brought, counts_of, previewed, table, uploaded

pytestmark = pytest.mark.django_db
SKIPPED = {"version", "updated_at", "created_at", "removed_at"}
LINE = '"LINESTRING ({0} 31, {0} 31.01)"'


def undone(client: Client, job: dict[str, Any], why: str = "") -> Any:
    return send(client, "POST", f"/imports/{job['id']}/undo", {"why": why})


def standing() -> dict[str, dict[str, object]]:
    found = {}
    for row in CityObject.objects.filter(removed_at__isnull=True).values():
        shape = row["geometry"]
        kept: dict[str, object] = {key: value for key, value in row.items() if key not in SKIPPED}
        found[row["code"]] = kept | {"geometry": None if shape is None else bytes(shape)}
    return found


def ends() -> set[tuple[str, str, object]]:
    return set(ObjectLink.objects.values_list("source__code", "target__code", "valid_from"))


def test_everything_is_as_it_was_and_history_says_so(town: Town) -> None:
    brought(town.chief, table("A1,一站,121.10000000000123,31.000000000045,中山路,港湾式,3", *GOOD[1:]))
    before = standing()
    rows = [
        "A1,一站改,121.3,31.0,新路,,",
        "A2,二站,121.3,31.0,人民路,kerb,",
        "A3,三站,,,人民路,,9",
        "A9,九,121.1,31,路,,",
    ]
    job = brought(town.chief, table(*rows))
    assert counts_of(job) == (1, 2, 1)
    assert standing() != before
    answer = undone(town.chief, job, "文件拿错了")
    assert (answer.status_code, answer.json()["state"]) == (200, "undone")
    assert answer.json()["undone_at"]
    assert standing() == before
    assert set(CityObject.objects.values_list("code", "version")) == {("A1", 3), ("A2", 1), ("A3", 3), ("A9", 2)}
    told = {row.data["code"]: row for row in History.objects.filter(entity="object", action="undone")}
    assert told.keys() == {"A1", "A3", "A9"}
    assert told["A9"].data["changes"] == {"removed": [False, True]}
    assert told["A1"].data["changes"]["attr.road"] == ["新路", "中山路"] and told["A1"].why == "文件拿错了"
    whole = History.objects.get(entity="import", action="undone")
    assert (whole.entity_id, whole.data["count"], whole.actor) == (job["id"], 3, "chief")
    assert Outbox.objects.filter(topic="objects.imported").count() == 3
    listed = send(town.chief, "GET", "/objects/search?q=一站").json()
    assert [one["name"] for one in listed] == ["一站"]
    assert undone(town.chief, job).json()["code"] == "objects.not_done"
    again = brought(town.chief, table(*rows))
    assert counts_of(again) == (1, 2, 1)


def test_what_was_touched_since_is_named_and_nothing_is_undone(town: Town) -> None:
    job = brought(town.chief, table(*GOOD))
    thing = CityObject.objects.get(code="A2")
    assert send(town.chief, "PATCH", f"/objects/{thing.id}", {"version": 1, "name": "改过"}).status_code == 200
    gone = CityObject.objects.get(code="A3")
    assert send(town.chief, "DELETE", f"/objects/{gone.id}", {"why": "拆"}).status_code == 204
    before = standing()
    refused = undone(town.chief, job)
    assert (refused.status_code, refused.json()["code"]) == (409, "objects.undo_changed")
    assert (refused.json()["params"]["count"], refused.json()["params"]["codes"]) == (2, "A2, A3")
    assert "A2, A3" in refused.json()["title"]
    assert standing() == before
    assert ImportJob.objects.get().state == "done"


def test_the_later_of_two_imports_goes_first(town: Town) -> None:
    first = brought(town.chief, table(*GOOD))
    second = brought(town.chief, table("A1,新名,121.1,31.0,中山路,港湾式,3"))
    assert undone(town.chief, first).json()["params"]["codes"] == "A1"
    assert undone(town.chief, second).status_code == 200
    assert undone(town.chief, first).status_code == 200
    assert standing() == {}
    third = brought(town.chief, table(*GOOD))
    fourth = brought(town.chief, table("A1,新名,121.1,31.0,中山路,港湾式,3"))
    thing = CityObject.objects.get(code="A1", removed_at__isnull=True)
    assert send(town.chief, "PATCH", f"/objects/{thing.id}", {"version": 2, "name": "改过"}).status_code == 200
    assert undone(town.chief, fourth).json()["code"] == "objects.undo_changed"
    assert undone(town.chief, third).json()["code"] == "objects.undo_changed"


def test_links_and_periods_come_back(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    head = "code,name,stop,valid from,valid to\n"
    rows = head + "P1,许可,A1,2024-01-01,2024-06-30\nP2,许可,A2,2024-01-01,\n"
    brought(town.chief, rows, type_id="test.permit")
    before, linked = standing(), ends()
    moved = head + "P1,许可,A2,2023-01-01,2023-06-30\nP2,许可,A1,2024-01-01,2024-02-02\nP3,许可,A3,2024-01-01,\n"
    job = brought(town.chief, moved, type_id="test.permit")
    assert ends() != linked
    assert undone(town.chief, job).status_code == 200, ends()
    assert (standing(), ends()) == (before, linked)


def test_added_things_that_others_link_to_stay(town: Town) -> None:
    text = f"code,name,wkt,upstream\nP1,一,{LINE.format(121.1)},\nP2,二,{LINE.format(121.11)},P1\n"
    job = brought(town.chief, text, type_id="test.pipe")
    later = brought(town.chief, f"code,name,wkt,upstream\nP3,三,{LINE.format(121.12)},P1\n", type_id="test.pipe")
    refused = undone(town.chief, job)
    assert (refused.json()["code"], refused.json()["params"]["codes"]) == ("objects.undo_linked", "P1")
    assert undone(town.chief, later).status_code == 200
    assert undone(town.chief, job).status_code == 200
    assert standing() == {} and ends() == set()


def test_only_who_brought_it_or_an_administrator_and_only_within_the_own_area(town: Town) -> None:
    job = brought(town.west, table("A1,一站,121.1,31.0,中山路,,"))
    assert undone(town.east, job).status_code == 404
    assert undone(town.chief, job).status_code == 404
    assert [one["id"] for one in send(town.west, "GET", "/imports?type=test.stop").json()["items"]] == [job["id"]]
    assert send(town.east, "GET", "/imports").json()["total"] == 0
    CityObject.objects.update(area_path=EAST)
    refused = undone(town.west, job)
    assert (refused.json()["code"], refused.json()["params"]["codes"]) == ("objects.undo_elsewhere", "—")
    waiting = previewed(town.west, uploaded(town.west, table("A5,五,121.1,31.0,路,,")).json()).json()
    assert undone(town.west, waiting).json()["code"] == "objects.not_done"
    (row, _) = send(town.west, "GET", "/imports").json()["items"]
    assert (row["state"], row["filename"], row["by"]) == ("previewed", "站点.csv", "west")


def test_what_others_made_is_not_touched(town: Town) -> None:
    made_stop(town.chief, stop("B1", 121.1, 31.0))
    job = brought(town.chief, table(*GOOD))
    assert undone(town.chief, job).status_code == 200
    assert standing().keys() == {"B1"}
