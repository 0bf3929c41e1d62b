"""An import taken back: as one change, in history, and not at all where anything was touched since."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.import_actions import TASK
from xiuhua.objects.importing import run_import
from xiuhua.objects.models import CityObject, ImportJob, ObjectLink
from xiuhua.objects.tests.conftest import EAST, Town, made_stop, send, stop
from xiuhua.objects.tests.importing_files import GOOD, brought, counts_of, previewed, table, undone, uploaded
from xiuhua.people.models import PostHolding

pytestmark = pytest.mark.django_db
SKIPPED = {"version", "updated_at", "created_at", "removed_at"}
LINE = '"LINESTRING ({0} 31, {0} 31.01)"'


def refused(client: Client, job: dict[str, Any]) -> tuple[str, str]:
    """Take an import back in vain; return the fault and the codes it names, as the client is told."""
    answer = undone(client, job)
    kept = ImportJob.objects.get(id=job["id"])
    assert (answer.status_code, answer.json()["state"], kept.state) == (200, "done", "done")
    assert str(kept.fault_params["codes"]) in answer.json()["fault"]
    return kept.fault, kept.fault_params["codes"]


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
    assert refused(town.chief, job) == ("objects.undo_changed", "A2, A3")
    assert "2 件" in send(town.chief, "GET", f"/imports/{job['id']}").json()["fault"]
    assert standing() == before
    assert not History.objects.filter(action="undone").exists()


def test_the_later_of_two_imports_goes_first(town: Town) -> None:
    first = brought(town.chief, table(*GOOD))
    second = brought(town.chief, table("A1,新名,121.1,31.0,中山路,港湾式,3"))
    assert refused(town.chief, first) == ("objects.undo_changed", "A1")
    assert undone(town.chief, second).json()["state"] == "undone"
    assert undone(town.chief, first).json()["state"] == "undone"
    assert standing() == {}
    third = brought(town.chief, table(*GOOD))
    fourth = brought(town.chief, table("A1,新名,121.1,31.0,中山路,港湾式,3"))
    thing = CityObject.objects.get(code="A1", removed_at__isnull=True)
    assert send(town.chief, "PATCH", f"/objects/{thing.id}", {"version": 2, "name": "改过"}).status_code == 200
    assert refused(town.chief, fourth) == ("objects.undo_changed", "A1")
    assert refused(town.chief, third) == ("objects.undo_changed", "A1")


def test_links_and_periods_come_back(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    head = "code,name,stop,valid from,valid to\n"
    rows = head + "P1,许可,A1,2024-01-01,2024-06-30\nP2,许可,A2,2024-01-01,\n"
    brought(town.chief, rows, type_id="test.permit")
    before, linked = standing(), ends()
    moved = head + "P1,许可,A2,2023-01-01,2023-06-30\nP2,许可,A1,2024-01-01,2024-02-02\nP3,许可,A3,2024-01-01,\n"
    job = brought(town.chief, moved, type_id="test.permit")
    assert ends() != linked
    assert undone(town.chief, job).json()["state"] == "undone", ends()
    assert (standing(), ends()) == (before, linked)


def test_added_things_that_others_link_to_stay(town: Town) -> None:
    text = f"code,name,wkt,upstream\nP1,一,{LINE.format(121.1)},\nP2,二,{LINE.format(121.11)},P1\n"
    job = brought(town.chief, text, type_id="test.pipe")
    later = brought(town.chief, f"code,name,wkt,upstream\nP3,三,{LINE.format(121.12)},P1\n", type_id="test.pipe")
    assert refused(town.chief, job) == ("objects.undo_linked", "P1")
    assert undone(town.chief, later).json()["state"] == "undone"
    assert undone(town.chief, job).json()["state"] == "undone"
    assert standing() == {} and ends() == set()


def test_only_who_brought_it_or_an_administrator_and_only_within_the_own_area(town: Town) -> None:
    job = brought(town.west, table("A1,一站,121.1,31.0,中山路,,"))
    assert undone(town.east, job).status_code == 404
    assert undone(town.chief, job).status_code == 404
    assert [one["id"] for one in send(town.west, "GET", "/imports?type=test.stop").json()["items"]] == [job["id"]]
    assert send(town.east, "GET", "/imports").json()["total"] == 0
    CityObject.objects.update(area_path=EAST)
    assert refused(town.west, job) == ("objects.undo_elsewhere", "—")
    waiting = previewed(town.west, uploaded(town.west, table("A5,五,121.1,31.0,路,,")).json()).json()
    assert undone(town.west, waiting).json()["code"] == "objects.not_done"
    (row, _) = send(town.west, "GET", "/imports").json()["items"]
    assert (row["state"], row["filename"], row["by"]) == ("previewed", "站点.csv", "west")


def test_what_others_made_is_not_touched(town: Town) -> None:
    made_stop(town.chief, stop("B1", 121.1, 31.0))
    job = brought(town.chief, table(*GOOD))
    assert undone(town.chief, job).json()["state"] == "undone"
    assert standing().keys() == {"B1"}


def test_asked_twice_it_is_undone_once(town: Town) -> None:
    job = brought(town.chief, table(*GOOD))
    path = f"/imports/{job['id']}/undo"
    asked = send(town.chief, "POST", path, {"why": "错"})
    assert (asked.status_code, asked.json()["state"], asked.json()["progress"]) == (200, "undoing", 0)
    again = send(town.chief, "POST", path, {"why": "错"})
    assert (again.status_code, again.json()["code"]) == (409, "objects.undo_begun")
    assert ProcrastinateJob.objects.filter(task_name=TASK).count() == 2
    for _ in range(2):
        run_import(UUID(job["id"]))
    kept = ImportJob.objects.get()
    assert (kept.state, kept.progress, kept.tries) == ("undone", 1.0, 1)
    assert History.objects.filter(entity="object", action="undone").count() == len(GOOD)
    assert History.objects.filter(entity="import", action="undone").count() == 1


def test_who_may_import_nowhere_may_not_undo(town: Town) -> None:
    job = brought(town.west, table("A1,一站,121.1,31.0,中山路,,"))
    PostHolding.objects.all().delete()
    answer = send(town.west, "POST", f"/imports/{job['id']}/undo", {"why": ""})
    assert (answer.status_code, ImportJob.objects.get().state) == (403, "done")


def test_codes_that_a_refusal_names_are_told_to_who_asked_alone(town: Town) -> None:
    job = brought(town.west, table("A1,一站,121.1,31.0,中山路,,"))
    thing = CityObject.objects.get(code="A1")
    assert send(town.west, "PATCH", f"/objects/{thing.id}", {"version": 1, "name": "改过"}).status_code == 200
    assert refused(town.west, job) == ("objects.undo_changed", "A1")
    kept = ImportJob.objects.get()
    kept.undo["actor"]["code"] = "another"
    kept.save()
    told = send(town.west, "GET", f"/imports/{job['id']}").json()["fault"]
    assert "A1" not in told and "—" in told
