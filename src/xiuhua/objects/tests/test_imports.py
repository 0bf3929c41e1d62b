"""A file into a register: guessed, previewed with all that is wrong, applied as a whole, brought again without harm."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.tests.conftest import EAST, WEST, Town, send
from xiuhua.objects.tests.importing_files import GOOD, HEADER, applied, brought, previewed, table, uploaded

pytestmark = pytest.mark.django_db


def counts(**given: int) -> dict[str, int]:
    return {"rows": 0, "added": 0, "changed": 0, "unchanged": 0, "wrong": 0, "gone": 0} | given


def test_a_file_is_guessed_previewed_and_applied(town: Town) -> None:
    job = uploaded(town.chief, table(*GOOD)).json()
    assert {one["column"]: one["to"] for one in job["mapping"]} == {
        "编号": "code", "名称": "name", "经度": "lon", "纬度": "lat", "道路": "attr.road", "站型": "attr.kind",
        "座位数": "attr.seats",
    }  # fmt: skip
    assert all(one["confidence"] >= 0.9 and one["ground"]["zh"] and one["ground"]["en"] for one in job["mapping"])
    assert (job["rows"], job["crs"], job["crs_known"], job["state"]) == (3, "", False, "uploaded")
    assert job["sample"][0]["道路"] == "中山路"
    assert previewed(town.chief, job, crs="").json()["code"] == "objects.crs_needed"
    seen = previewed(town.chief, job).json()
    assert (seen["state"], seen["counts"], seen["errors"]) == ("previewed", counts(rows=3, added=3), [])
    assert [one["properties"]["status"] for one in seen["sample_geojson"]["features"]] == ["added"] * 3
    assert not CityObject.objects.exists()
    done = applied(town.chief, job).json()
    assert (done["state"], done["progress"], done["counts"]) == ("done", 1.0, counts(rows=3, added=3))
    assert ProcrastinateJob.objects.get().task_name == "xiuhua.objects.apply_import"
    thing = CityObject.objects.get(code="A1")
    assert thing.attributes == {"road": "中山路", "kind": "bay", "seats": 3}
    assert (thing.area_path, thing.origin, thing.west) == (WEST, "import:站点.csv", 121.1)
    assert CityObject.objects.get(code="A2").area_path == EAST
    rows = History.objects.filter(entity="object", action="imported")
    assert rows.count() == 3
    row = rows.get(entity_id=str(thing.id))
    assert (row.actor, row.data["file"], len(row.data["sha256"]), row.data["row"]) == ("chief", "站点.csv", 64, 2)
    assert row.data["changes"]["attr.seats"] == [None, 3]
    event = Outbox.objects.get(topic="objects.imported")
    assert (event.payload["type"], event.payload["count"], event.area_path) == ("test.stop", 3, "310117/")
    listed = send(town.chief, "GET", "/objects/search?q=三站").json()
    assert [one["code"] for one in listed] == ["A3"]


def test_every_kind_of_error_is_told_at_once_with_row_column_and_remedy(town: Town) -> None:
    header = HEADER + ",高度,有照明,建成日期,巡查时间,所属停车场,区域,单位"
    rows = [
        ",无编号,121.1,31,路,,,,,,,,,",
        "A1,一,121.1,31,,,,,,,,,,",
        "A1,重,121.1,31,路,,,,,,,,,",
        "a2,,121.1,31,路,圆形,x,abc,也许,2024-13-01,昨天,D9,火星镇,无此单位",
        "A3,三,121.1,,路,,1.5,-1,,,,,,",
        "A4,四,31,121.1,路,,,11,,,,,,",
        "A5,五,东经,31,路,,,,,,,,,",
        "A6,六,121.1,31,路,,,,,,,,,,多,余",
        "A7," + "长" * 201 + ",121.1,31,路,,,,,,,,,",
        "A8,八\x07,121.1,31,路,,,,,,,,,",
    ]
    job = previewed(town.chief, uploaded(town.chief, table(*rows, header=header)).json()).json()
    assert job["counts"] == counts(rows=10, wrong=10)
    assert {(one["row"], one["column"], one["code"]) for one in job["errors"]} == {
        (2, "编号", "required"), (3, "道路", "required"), (4, "编号", "code_repeated"),
        (5, "编号", "pattern"), (5, "名称", "required"), (5, "站型", "not_a_choice"), (5, "座位数", "not_an_integer"),
        (5, "高度", "not_a_number"), (5, "有照明", "not_a_boolean"), (5, "建成日期", "not_a_date"),
        (5, "巡查时间", "not_a_time"), (5, "所属停车场", "link_unknown"), (5, "区域", "area_unknown"),
        (5, "单位", "unit_unknown"), (6, "纬度", "half_position"), (6, "座位数", "not_an_integer"),
        (6, "高度", "too_small"), (7, "经度", "outside"), (7, "高度", "too_large"), (8, "经度", "not_a_number"),
        (9, "", "ragged"), (10, "名称", "too_long"), (11, "名称", "not_text"),
    }  # fmt: skip
    assert job["errors_total"] == len(job["errors"]) == sum(kind["count"] for kind in job["error_kinds"])
    for one in job["errors"]:
        assert all(
            one[part][language] and not re.search(r"{[a-z_]+}", one[part][language])
            for part in ("problem", "why", "remedy")
            for language in ("zh", "en")
        )
    choice = next(one for one in job["errors"] if one["code"] == "not_a_choice")
    assert (choice["value"], choice["why"]["zh"]) == ("圆形", "只能取：港湾式、直线式")
    refused = applied(town.chief, job)
    assert (refused.status_code, refused.json()["code"]) == (409, "objects.rows_wrong")
    assert not CityObject.objects.exists()


def test_keep_good_takes_the_good_rows_and_hands_back_the_bad_ones(town: Town) -> None:
    job = brought(town.chief, table(*GOOD, "A9,=九,121.1,31.0,路,圆形,"), keep_good=True)
    assert (job["state"], job["counts"], job["result_rejected"]) == ("done", counts(rows=4, added=3, wrong=1), True)
    assert CityObject.objects.count() == 3
    answer = town.chief.get(f"/api/imports/{job['id']}/rejected")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = text.splitlines()
    assert lines[0] == "行号 Row,问题,Problems," + HEADER
    assert len(lines) == 2
    assert lines[1].startswith("5,[站型] “站型”没有这个选项")
    assert lines[1].endswith("A9,'=九,121.1,31.0,路,圆形,")


def test_bringing_a_file_again_updates_by_code_and_leaves_the_rest_untouched(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    before = dict(CityObject.objects.values_list("code", "updated_at"))
    again = brought(town.chief, table(*GOOD))
    assert again["counts"] == counts(rows=3, unchanged=3)
    assert dict(CityObject.objects.values_list("code", "updated_at")) == before
    assert History.objects.filter(entity="object").count() == 3
    third = brought(town.chief, table("A1,一站,121.1,31.0,新路,港湾式,", GOOD[1], "A4,四站,121.1,31.0,路,,"))
    assert third["counts"] == counts(rows=3, added=1, changed=1, unchanged=1, gone=1)
    thing = CityObject.objects.get(code="A1")
    assert (thing.attributes, thing.version) == ({"road": "新路", "kind": "bay"}, 2)
    (change, _) = send(town.chief, "GET", f"/objects/{thing.id}/history").json()
    assert change["data"]["changes"] == {"attr.road": ["中山路", "新路"], "attr.seats": [3, None]}
    moved = brought(town.chief, table("A1,一站,121.3,31.0,新路,港湾式,"))
    assert moved["counts"]["changed"] == 1
    thing.refresh_from_db()
    assert (thing.area_path, thing.west, thing.version) == (EAST, 121.3, 3)


def test_columns_that_are_not_mapped_and_empty_positions_stay_as_they_are(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    job = brought(town.chief, "编号,高度,经度,纬度\r\nA1,2.5,,\r\n")
    assert job["counts"] == counts(rows=1, changed=1, gone=2)
    thing = CityObject.objects.get(code="A1")
    assert (thing.name, thing.west, thing.attributes["height"], thing.attributes["seats"]) == ("一站", 121.1, 2.5, 3)


def test_a_column_that_imports_may_not_write_is_refused_as_a_whole(town: Town) -> None:
    job = uploaded(town.chief, table(*(row + ",好" for row in GOOD), header=HEADER + ",状态")).json()
    guess = job["mapping"][-1]
    assert (guess["to"], guess["ground"]["en"]) == ("", "Imports do not write this")
    forced = {one["column"]: one["to"] for one in job["mapping"]} | {"状态": "attr.state"}
    seen = previewed(town.chief, job, mapping=forced).json()
    assert [(one["row"], one["column"], one["code"]) for one in seen["errors"]] == [(1, "状态", "not_writable")]
    assert applied(town.chief, seen, keep_good=True).json()["code"] == "objects.column_wrong"


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ({"名称": "name"}, "objects.code_unmapped"),
        ({"编号": "code", "名称": "code"}, "objects.mapped_twice"),
        ({"编号": "code", "没有": "name"}, "objects.no_column"),
        ({"编号": "code", "名称": "attr.nope"}, "objects.no_target"),
        ({"编号": "code", "经度": "lon"}, "objects.half_mapped"),
    ],
)
def test_a_mapping_must_make_sense(town: Town, mapping: dict[str, str], code: str) -> None:
    job = uploaded(town.chief, table(*GOOD)).json()
    assert previewed(town.chief, job, mapping=mapping).json()["code"] == code


@pytest.mark.parametrize(("crs", "lon", "lat"), [
    ("CGCS2000", 121.1, 31.0), ("WGS84", 121.1, 31.0), ("EPSG:4549", 605057.7, 3431493.8),
    ("GCJ-02", 121.1045, 30.9979), ("BD-09", 121.1110, 31.0042),
])  # fmt: skip
def test_positions_of_every_system_land_in_the_same_place(town: Town, crs: str, lon: float, lat: float) -> None:
    job = brought(town.chief, table(f"A1,一,{lon},{lat},路,,"), crs=crs)
    assert job["counts"]["added"] == 1, job["errors"]
    thing = CityObject.objects.get()
    assert (thing.west, thing.south) == pytest.approx((121.1, 31.0), abs=2e-3)


def test_an_unknown_system_is_refused(town: Town) -> None:
    job = uploaded(town.chief, table(*GOOD)).json()
    assert previewed(town.chief, job, crs="EPSG:123456").json()["code"] == "objects.crs_unknown"


def test_links_are_made_by_code_also_within_the_file(town: Town) -> None:
    line = '"LINESTRING (121.1 31, 121.11 31)"'
    text = f"code,name,wkt,upstream\nP1,一,{line},\nP2,二,{line},P1\nP3,三,{line},P1;P2\n"
    brought(town.chief, text, type_id="test.pipe")
    assert ObjectLink.objects.count() == 3
    again = brought(town.chief, text.replace("P1;P2", "P2"), type_id="test.pipe")
    assert again["counts"] == counts(rows=3, changed=1, unchanged=2)
    assert ObjectLink.objects.count() == 2
    chain = f"code,name,wkt,upstream\nQ1,,{line},\nQ2,二,{line},Q1\nQ3,三,{line},Q2\nQ4,四,{line},P1\n"
    bad = previewed(town.chief, uploaded(town.chief, chain, type_id="test.pipe").json()).json()
    assert [(one["row"], one["code"]) for one in bad["errors"]] == [
        (2, "required"),
        (3, "link_unknown"),
        (4, "link_unknown"),
    ]


def test_overlapping_permits_are_found_in_the_file_and_against_the_register(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    head = "code,name,stop,valid from,valid to\n"
    brought(town.chief, head + "P1,许可,A1,2024-01-01,2024-06-30\n", type_id="test.permit")
    rows = "P2,许可,A1,2024-06-30,2024-07-30\nP3,许可,A2,2024-01-01,\nP4,许可,A2,2025/1/1,\n"
    rows += "P5,许可,A3,2025-01-02,2025-01-01\n"
    seen = previewed(town.chief, uploaded(town.chief, head + rows, type_id="test.permit").json()).json()
    assert [(one["row"], one["code"]) for one in seen["errors"]] == [
        (2, "overlap"),
        (4, "overlap"),
        (5, "period_order"),
    ]
    swapped = head + "P1,许可,A1,2024-07-01,2024-12-31\nP6,许可,A1,2024-01-01,2024-06-30\n"
    assert brought(town.chief, swapped, type_id="test.permit")["counts"] == counts(rows=2, added=1, changed=1)
    back = head + "P6,许可,A1,2024-07-01,2024-12-31\nP1,许可,A1,2024-01-01,2024-06-30\n"
    assert brought(town.chief, back, type_id="test.permit")["counts"] == counts(rows=2, changed=2)


def test_what_the_file_lacks_is_counted_by_code_however_often_a_code_stands_in_it(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    row = "A1,一站,121.1,31.0,新路,,"
    job = previewed(town.chief, uploaded(town.chief, table(row, row, row)).json()).json()
    assert job["counts"]["gone"] == 2 and len(job["lacking"]) == 2


def test_a_town_imports_only_into_itself_and_learns_nothing_of_others(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    rows = ["A1,一站,121.1,31.0,新路,,", "A2,偷改,121.1,31.0,路,,", "A7,七,121.3,31.0,路,,", "A8,八,,,路,,"]
    job = previewed(town.west, uploaded(town.west, table(*rows)).json()).json()
    assert [(one["row"], one["code"]) for one in job["errors"]] == [(3, "code_elsewhere"), (4, "not_yours")]
    assert job["counts"] == counts(rows=4, added=1, changed=1, wrong=2, gone=1)
    assert send(town.east, "GET", f"/imports/{job['id']}").status_code == 404
    done = applied(town.west, job, keep_good=True).json()
    assert done["state"] == "done"
    assert CityObject.objects.get(code="A8").area_path == WEST
    assert CityObject.objects.get(code="A2").name == "二站"


def test_the_next_file_of_the_same_source_starts_from_the_last_mapping(town: Town) -> None:
    header, row = "站号,叫法,经度,纬度,在哪", "A1,一站,121.1,31.0,中山路"
    mapping = {"站号": "code", "叫法": "name", "经度": "lon", "纬度": "lat", "在哪": "attr.road"}
    first = uploaded(town.chief, table(row, header=header)).json()
    assert {one["column"]: one["to"] for one in first["mapping"]} != mapping
    applied(town.chief, previewed(town.chief, first, mapping=mapping, crs="GCJ-02").json())
    again = uploaded(town.chief, table(row, header="叫法,站号,经度,纬度,在哪")).json()
    assert {one["column"]: one["to"] for one in again["mapping"]} == mapping
    assert (again["crs"], again["crs_known"]) == ("GCJ-02", False)
    assert {one["ground"]["zh"] for one in again["mapping"]} == {"与上次导入相同列的文件时一样"}
    for other in (
        uploaded(town.west, table(row, header=header)).json(),
        uploaded(town.chief, table(row + ",", header=header + ",备用")).json(),
    ):
        assert {one["column"]: one["to"] for one in other["mapping"]} != mapping and other["crs"] == ""


def test_what_the_file_lacks_is_listed_as_far_as_it_is_seen(town: Town) -> None:
    brought(town.chief, table(*GOOD))
    job = brought(town.west, table("A1,一站,121.1,31.0,中山路,港湾式,3"))
    assert [(one["code"], one["name"]) for one in job["lacking"]] == [("A3", "三站")]
    assert CityObject.objects.filter(removed_at__isnull=True).count() == 3
    assert brought(town.chief, table(*GOOD))["lacking"] == []


def test_what_changed_since_the_preview_stops_the_import_whole(town: Town) -> None:
    text = table("A1,一站,121.1,31.0,路,,", "A5,五站,121.1,31.0,路,,")
    job = previewed(town.west, uploaded(town.west, text).json()).json()
    brought(town.chief, table("A5,东站,121.3,31.0,路,,"))
    done = applied(town.west, job).json()
    assert (done["state"], CityObject.objects.filter(code="A1").exists()) == ("failed", False)
    assert "未写入" in done["fault"]
    assert timezone.now() > CityObject.objects.get().created_at
