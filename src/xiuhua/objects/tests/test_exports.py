"""Out in every format and in again: nothing changes, nothing leaks, nothing runs."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from xiuhua.ledger.models import History
from xiuhua.objects.models import CityObject
from xiuhua.objects.tests.conftest import Town, made_stop, send, signed_in, stop
from xiuhua.objects.tests.importing_files import applied, previewed, uploaded

pytestmark = pytest.mark.django_db
FORMATS = ("csv", "xlsx", "geojson", "gpkg", "shp")
ENDING = {"shp": "zip"}
FULL = {
    "road": "=1+1", "kind": "kerb", "height": 2.25, "seats": 0, "lit": False, "built": "2020-02-29",
    "checked": "2026-01-31T00:30:00Z", "note": "第一行\n第二行, 含逗号", "keeper": "张三",
}  # fmt: skip
RING = [[[121.1, 31.0], [121.11, 31.0], [121.11, 31.01], [121.1, 31.0]]]
HOLED = [[[121.1, 31.0], [121.2, 31.0], [121.2, 31.1], [121.1, 31.1], [121.1, 31.0]],
         [[121.12, 31.02], [121.14, 31.02], [121.14, 31.04], [121.12, 31.02]]]  # fmt: skip


def exported(client: Client, query: str) -> bytes:
    answer = client.get(f"/api/objects/export?{query}")
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def brought_back(client: Client, content: bytes, kind: str, type_id: str) -> dict[str, Any]:
    first = uploaded(client, content, name=f"回.{ENDING.get(kind, kind)}", type_id=type_id)
    assert first.status_code == 200, first.content.decode()
    job = first.json()
    assert job["crs"] == ("" if kind in ("csv", "xlsx") else "EPSG:4490")
    answer = previewed(client, job, crs="" if job["crs"] else "CGCS2000")
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("kind", FORMATS)
def test_points_with_every_kind_of_value_come_back_unchanged(town: Town, kind: str) -> None:
    square = {"type": "Polygon", "coordinates": RING}
    assert (
        send(
            town.chief, "POST", "/objects", {"type": "test.depot", "code": "D1", "name": "场", "geometry": square}
        ).status_code
        == 201
    )
    made_stop(town.chief, stop("A1", 121.123456789012, 31.0, attributes=FULL, unit_code="bus", links={"depot": ["D1"]}))
    made_stop(town.chief, stop("A2", 121.3, 31.0))
    made_stop(town.chief, {**stop("A3", 0, 0), "geometry": None})
    content = exported(town.chief, f"type=test.stop&format={kind}")
    job = brought_back(town.chief, content, kind, "test.stop")
    assert (job["counts"]["unchanged"], job["errors"]) == (3, [])
    CityObject.objects.filter(code="A1").update(attributes={"road": "x"}, name="x", unit_code="")
    job = brought_back(town.chief, content, kind, "test.stop")
    assert job["counts"]["changed"] == 1
    assert applied(town.chief, job).json()["state"] == "done"
    thing = CityObject.objects.get(code="A1")
    assert (thing.attributes, thing.name, thing.unit_code, thing.west) == (FULL, "站A1", "bus", 121.123456789012)
    assert History.objects.filter(entity="register", action="exported").count() == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_polygons_with_holes_and_several_parts_come_back_unchanged(town: Town, kind: str) -> None:
    shapes = {
        "D1": {"type": "Polygon", "coordinates": HOLED},
        "D2": {
            "type": "MultiPolygon",
            "coordinates": [RING, [[[121.3, 31.0], [121.31, 31.0], [121.31, 31.01], [121.3, 31.0]]]],
        },
    }
    for code, geometry in shapes.items():
        body = {"type": "test.depot", "code": code, "name": code, "geometry": geometry, "attributes": {"bays": 5}}
        assert send(town.chief, "POST", "/objects", body).status_code == 201
    job = brought_back(town.chief, exported(town.chief, f"type=test.depot&format={kind}"), kind, "test.depot")
    assert (job["counts"]["unchanged"], job["errors"]) == (2, [])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson"])
def test_things_without_geometry_come_back_unchanged(town: Town, kind: str) -> None:
    made_stop(town.chief, stop("A1", 121.1, 31.0))
    body = {"type": "test.permit", "code": "P1", "name": "许可", "links": {"stop": ["A1"]}, "valid_from": "2024-01-01"}
    assert send(town.chief, "POST", "/objects", body).status_code == 201
    content = exported(town.chief, f"type=test.permit&format={kind}")
    first = uploaded(town.chief, content, name=f"p.{kind}", type_id="test.permit").json()
    assert previewed(town.chief, first).json()["counts"]["unchanged"] == 1
    refused = town.chief.get("/api/objects/export?type=test.permit&format=shp")
    assert refused.json()["code"] == "objects.no_shape_format"


def test_an_export_obeys_town_filter_privacy_and_language(town: Town) -> None:
    for code, lon in (("W1", 121.1), ("W2", 121.1), ("E1", 121.3)):
        made_stop(
            town.chief, stop(code, lon, 31.0, attributes={"keeper": "张三", "kind": "bay" if code == "W1" else "kerb"})
        )

    def rows(client: Client, query: str = "") -> list[dict[str, str]]:
        text = exported(client, f"type=test.stop{query}").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert [row["编号"] for row in rows(town.west)] == ["W1", "W2"]
    assert [row["编号"] for row in rows(town.east)] == ["E1"]
    assert [row["编号"] for row in rows(town.chief, "&sort=-code&q=站")] == ["W2", "W1", "E1"]
    assert [(row["编号"], row["站型"]) for row in rows(town.chief, '&filter={"kind":"bay"}')] == [("W1", "港湾式")]
    assert rows(town.chief)[0]["负责人"] == "张三"
    leader = signed_in("leader", "310117", "leader")
    assert "负责人" not in rows(leader)[0]
    assert "张三" not in exported(leader, "type=test.stop&format=geojson").decode()
    english = leader.get("/api/objects/export?type=test.stop", headers={"X-Language": "en"})
    assert b"Kind" in b"".join(english.streaming_content)  # type: ignore[attr-defined]
    worker = signed_in("worker", "310117", "grid_worker")
    assert worker.get("/api/objects/export?type=test.stop").json()["code"] == "people.act_not_allowed"
    assert town.chief.get("/api/objects/export?type=test.stop&format=pdf").json()["code"] == "objects.bad_format"


def test_no_cell_runs_in_a_spreadsheet(town: Town, tmp_path: Path) -> None:
    for at, text in enumerate(("=cmd()", "+1", "-1", "@x", "'=y")):
        made_stop(town.chief, stop(f"A{at}", 121.1, 31.0, attributes={"road": text}))
    text = exported(town.chief, "type=test.stop").decode("utf-8-sig")
    assert [row["道路"] for row in csv.DictReader(io.StringIO(text))] == ["'=cmd()", "'+1", "'-1", "'@x", "''=y"]
    path = tmp_path / "x.xlsx"
    path.write_bytes(exported(town.chief, "type=test.stop&format=xlsx"))
    cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert all(cell.data_type != "f" for cell in cells)
    assert "=cmd()" in [cell.value for cell in cells]


def test_a_shapefile_carries_its_encoding_and_the_names_it_shortened(town: Town) -> None:
    made_stop(town.chief, stop("A1", 121.1, 31.0))
    with zipfile.ZipFile(io.BytesIO(exported(town.chief, "type=test.stop&format=shp"))) as archive:
        assert archive.read("test_stop.cpg").decode().strip() == "UTF-8"
        fields = archive.read("fields.csv").decode("utf-8-sig")
    assert "checked,checked,巡查时间,Checked at" in fields
    made_stop(town.chief, stop("A2", 121.1, 31.0, attributes={"note": "长" * 100}))
    refused = town.chief.get("/api/objects/export?type=test.stop&format=shp")
    assert refused.json()["code"] == "objects.text_too_long_for_shp"
