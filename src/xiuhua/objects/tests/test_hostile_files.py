"""Files that are broken, lie about themselves, or mean harm are refused with a sentence, and leave nothing behind."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import pytest
from openpyxl import Workbook

from xiuhua.objects.imports import files
from xiuhua.objects.models import ImportJob
from xiuhua.objects.tests.conftest import Town, send
from xiuhua.objects.tests.importing_files import GOOD, HEADER, brought, previewed, table, uploaded
from xiuhua.stack.config import read_config

pytestmark = pytest.mark.django_db


def workbook(**extra: bytes) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "站点"
    sheet.append(HEADER.split(","))
    for row in GOOD:
        sheet.append(row.split(","))
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return raw.getvalue()


def archive(**members: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("_dot_", "."), content)
    return raw.getvalue()


def refused(town: Town, content: bytes, name: str) -> str:
    answer = uploaded(town.chief, content, name=name)
    assert answer.status_code == 422, answer.content.decode()
    assert not ImportJob.objects.exists()
    assert not list((read_config().data / "imports").glob("*"))
    assert answer.json()["title"] != answer.json()["code"]
    return str(answer.json()["code"])


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "objects.empty_file"),
        (b"\r\n\r\n", "a.csv", "objects.empty_file"),
        (b"a,b\n1,2", "a.xlsx", "objects.wrong_ending"),
        (b'{"type": "FeatureCollection"}', "a.csv", "objects.wrong_ending"),
        (b'{"type": "FeatureCollection"}', "a.geojson", "objects.no_features"),
        (b'{"type": ', "a.geojson", "objects.unreadable_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "objects.old_workbook"),
        (b"<html>", "a.csv", "objects.unknown_file"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "a.gpkg", "objects.unknown_file"),
        (b"%PDF-1.7", "a.csv", "objects.unknown_file"),
        (b"a,b\n\x00\x01", "a.csv", "objects.unknown_file"),
        (b"a,b\n\xff\xff", "a.csv", "objects.unknown_encoding"),
        (b"SQLite format 3\x00" + b"\x00" * 200, "a.gpkg", "objects.unreadable_file"),
        (b"PK\x03\x04 cut", "a.zip", "objects.unreadable_file"),
        (archive(readme_dot_txt=b"x"), "a.zip", "objects.unknown_file"),
        (archive(a_dot_shp=b"x", a_dot_shx=b"y", a_dot_dbf=b"z"), "a.zip", "objects.unreadable_file"),
        (workbook()[:-400], "a.xlsx", "objects.unreadable_file"),
        (workbook(xl__vbaProject_dot_bin=b"x"), "a.xlsx", "objects.macros"),
    ],
)  # fmt: skip
def test_what_is_not_what_it_should_be_is_refused(town: Town, content: bytes, name: str, code: str) -> None:
    assert refused(town, content, name) == code


def test_a_bomb_is_not_unpacked(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_UNPACKED", 4 * 1024 * 1024)
    bomb = workbook(xl__media__x_dot_bin=b"\x00" * 20 * 1024 * 1024)
    assert len(bomb) < 100_000
    assert refused(town, bomb, "a.xlsx") == "objects.too_large_unpacked"
    lying = bytearray(bomb)
    at = lying.rfind(b"PK\x01\x02")
    struct.pack_into("<I", lying, at + 24, 10)
    assert refused(town, bytes(lying), "a.xlsx") == "objects.unreadable_file"


def test_a_sheet_with_one_cell_at_the_far_end_is_not_laid_out(town: Town) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "编号", "x"
    raw = io.BytesIO()
    book.save(raw)
    assert refused(town, raw.getvalue(), "a.xlsx") == "objects.too_many_cells"


def test_a_file_over_the_limit_is_refused_while_it_arrives(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiuhua.objects.import_actions.MOST_BYTES", 10)
    assert refused(town, table(*GOOD).encode(), "a.csv") == "objects.too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_the_encodings_that_occur(town: Town, encoding: str) -> None:
    job = brought(town.chief, table(*GOOD).encode(encoding))
    assert job["counts"]["added"] == 3
    assert job["sample"][0]["道路"] == "中山路"


def test_row_numbers_are_those_a_spreadsheet_shows(town: Town) -> None:
    text = '\r\n编号;名称;道路\r\nA1;"一\r\n站";路\r\n;;\r\nA2;二站;\r\n'
    job = previewed(town.chief, uploaded(town.chief, text).json()).json()
    assert [(one["row"], one["column"], one["code"]) for one in job["errors"]] == [(5, "道路", "required")]


def test_a_workbook_offers_its_sheets_and_typed_cells(town: Town) -> None:
    first = uploaded(town.chief, workbook(), name="站点.xlsx").json()
    assert (first["sheets"], first["sheet"]) == (["站点"], "站点")
    assert previewed(town.chief, first).json()["counts"]["added"] == 3
    missing = send(town.chief, "POST", f"/imports/{first['id']}/preview", {"mapping": {}, "sheet": "无"})
    assert missing.json()["code"] == "objects.no_sheet"


def test_geojson_without_a_system_asks_for_one_and_a_broken_feature_is_one_error(town: Town) -> None:
    def feature(code: str, geometry: str) -> str:
        own = json.dumps({"code": code, "name": "站", "road": "路"})
        return f'{{"type":"Feature","properties":{own},"geometry":{geometry}}}'

    features = ",".join(
        [
            feature("A1", '{"type":"Point","coordinates":[121.1,31]}'),
            feature("A2", '{"type":"Point"}'),
            feature("A3", "null"),
        ]
    )
    job = uploaded(town.chief, '{"type":"FeatureCollection","features":[' + features + "]}", name="a.geojson").json()
    assert (job["crs"], job["crs_known"]) == ("", False)
    seen = previewed(town.chief, job, crs="WGS84").json()
    assert [(one["row"], one["code"]) for one in seen["errors"]] == [(2, "empty_geometry")]
    assert (seen["counts"]["added"], seen["counts"]["wrong"]) == (2, 1)
