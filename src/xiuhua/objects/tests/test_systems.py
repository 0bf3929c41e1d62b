"""A file that does not say its coordinate system: where its rows lie in either that it may be in; and rows in error."""

from __future__ import annotations

import pytest

from xiuhua.objects.models import ImportJob
from xiuhua.objects.tests.conftest import Town, send
from xiuhua.objects.tests.importing_files import brought, previewed, table, uploaded
from xiuhua.people.models import Area

pytestmark = pytest.mark.django_db


def test_both_readings_are_counted_against_the_outline_and_nothing_is_kept(town: Town) -> None:
    east = 121.4
    rows = [
        f"A1,一,{east - 0.002:.6f},31.0,路,,",
        f"A2,二,{east + 0.002:.6f},31.0,路,,",
        "A3,三,,,路,,",
        "A4,四,500000,3400000,路,,",
    ]
    job = uploaded(town.chief, table(*rows)).json()
    mapping = {one["column"]: one["to"] for one in job["mapping"]}
    found = send(town.chief, "POST", f"/imports/{job['id']}/placements", {"mapping": mapping}).json()
    assert found["placed"] == 2
    plain, shifted = found["readings"]
    assert (plain["crs"], plain["inside"], shifted["crs"], shifted["inside"]) == ("EPSG:4326", 1, "GCJ-02", 2)
    assert plain["points"] == [[round(east - 0.002, 6), 31.0], [round(east + 0.002, 6), 31.0]]
    assert all(
        0.003 < ours[0] - theirs[0] < 0.006 for ours, theirs in zip(plain["points"], shifted["points"], strict=True)
    )
    kept = ImportJob.objects.get()
    assert (kept.state, kept.crs) == ("uploaded", "")


def test_without_an_outline_nothing_is_said_to_lie_inside(town: Town) -> None:
    job = uploaded(town.chief, table("A1,一,121.1,31.0,路,,")).json()
    mapping = {one["column"]: one["to"] for one in job["mapping"]}
    Area.objects.filter(level="district").update(geometry=None)
    found = send(town.chief, "POST", f"/imports/{job['id']}/placements", {"mapping": mapping}).json()
    assert [one["inside"] for one in found["readings"]] == [None, None]


def test_no_position_no_picture_and_a_written_file_has_none_left(town: Town) -> None:
    job = uploaded(town.chief, table("A1,一,,,路,,")).json()
    mapping = {one["column"]: one["to"] for one in job["mapping"]}
    asked = {"mapping": mapping}
    assert send(town.chief, "POST", f"/imports/{job['id']}/placements", asked).json() == {"placed": 0, "readings": []}
    unmapped = send(town.chief, "POST", f"/imports/{job['id']}/placements", {"mapping": {}})
    assert (unmapped.status_code, unmapped.json()["code"]) == (422, "objects.code_unmapped")
    done = brought(town.chief, table("A1,一,121.1,31.0,路,,"))
    gone = send(town.chief, "POST", f"/imports/{done['id']}/placements", asked)
    assert (gone.status_code, gone.json()["code"]) == (409, "objects.import_begun")


def test_rows_in_error_stand_on_the_map_where_their_place_is_good(town: Town) -> None:
    rows = ["A1,一,121.1,31.0,路,,", "A2,二,121.2,31.0,路,,many", "A3,三,5,5,路,,", "A4,四,,,路,,many"]
    shown = previewed(town.chief, uploaded(town.chief, table(*rows)).json()).json()
    drawn = {one["properties"]["code"]: one for one in shown["sample_geojson"]["features"]}
    assert {code: one["properties"]["status"] for code, one in drawn.items()} == {"A1": "added", "A2": "wrong"}
    assert (drawn["A2"]["properties"]["row"], drawn["A2"]["geometry"]["coordinates"]) == (3, [121.2, 31.0])
