"""Calls that mean no good or make no sense: refused in the one shape, never a crash, nothing left half done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from xiuhua.catalog.catalogue import current
from xiuhua.objects.models import CityObject, ImportJob
from xiuhua.people.models import User
from xiuhua.people.posts import CORE_POSTS, use_posts
from xiuhua.stack.config import read_config

from .test_packs import photo
from .two_towns import District, Reader, build, content, point

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[District]:
    """The district of two towns, taken back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
    use_posts({**{post.id: post for post in CORE_POSTS}, **current().posts})


@pytest.fixture
def district(world: District, db: None) -> District:
    """The same for one test; what the test changes is taken back."""
    return world


@pytest.fixture
def officer(district: District) -> Reader:
    """Town A's officer, whose browser is told of a crash as people are."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(code="officer-a"))
    return replace(district.a.officer, client=client)


def counts() -> dict[str, int]:
    """Return how many rows each of our tables has, and how many files lie about."""
    kept = {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model.__module__.startswith("xiuhua.")
    }
    data = read_config().data
    return {**kept, "files": sum(1 for path in Path(data).rglob("*") if path.is_file())}


def refused(answer: Any, *allowed: int) -> dict[str, Any]:
    """Hold an answer to a 4xx in the one shape and return it."""
    text = content(answer)
    assert 400 <= answer.status_code < 500, (answer.status_code, text[:400])
    assert not allowed or answer.status_code in allowed, (answer.status_code, text[:400])
    assert answer["Content-Type"] == "application/problem+json", text[:200]
    shown: dict[str, Any] = json.loads(text)
    assert {"type", "title", "status", "code", "params", "request"} <= shown.keys()
    assert shown["status"] == answer.status_code and shown["code"] != "http.internal"
    assert not any(word in text for word in (b"Traceback", b"psycopg", b"SELECT ", b"/src/xiuhua"))
    return shown


def harmless(answer: Any) -> None:
    """Hold an answer to a good one, or a refusal in the one shape."""
    if answer.status_code >= 400:
        refused(answer)


# --- bodies ---

BODIES = {
    "nothing": b"",
    "no json": b"{",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "not utf-8": b'{"type": "\xff\xfe"}',
    "not a number": b'{"type": "signs.billboard_repair", "lon": NaN}',
    "endless": b'{"type": "signs.billboard_repair", "lon": 1e999}',
    "deep": b"[" * 100_000,
    "deep fields": b'{"type": "signs.billboard_repair", "fields": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001,
    "NUL": b'{"type": "signs.billboard_repair", "title": "a\\u0000b"}',
    "half a letter": b'{"type": "signs.billboard_repair", "title": "\\ud800"}',
    "half a key": b'{"type": "signs.billboard_repair", "fields": {"\\udfff": 1}}',
    "a long number": b'{"type": "signs.billboard_repair", "lon": ' + b"9" * 5000 + b"}",
    "wrong kinds": b'{"type": {"a": 1}, "object_id": ["x"], "fields": "no"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("path", ["/cases", "/objects", "/users", "/cases/bulk"])
def test_a_body_that_cannot_be_read(officer: Reader, path: str, body: bytes) -> None:
    before = counts()
    refused(officer.client.post(f"/api{path}", body, content_type="application/json"))
    assert counts() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "", "application/json;\x01"])
def test_another_kind_of_content(officer: Reader, kind: str) -> None:
    before = counts()
    refused(officer.client.post("/api/cases", b"<a/>", content_type=kind))
    torn = "multipart/form-data; boundary=x"
    refused(officer.client.post("/api/imports", b"<a/>", content_type=kind))
    refused(officer.client.post("/api/imports", b"--x\r\nContent-Disposition: form-data", content_type=torn))
    assert counts() == before


def test_a_body_beyond_the_limit(officer: Reader) -> None:
    before = counts()
    large = json.dumps({"type": "x", "title": "长" * 3_000_000}).encode()
    refused(officer.client.post("/api/cases", large, content_type="application/json"), 400, 413)
    fields = {f"f{number}": "x" for number in range(2000)}
    refused(officer.client.post("/api/imports", fields), 400, 413)
    many = "&".join(f"f{number}=x" for number in range(2000))
    harmless(officer.client.get(f"/api/cases?{many}"))
    assert counts() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_another_method(officer: Reader, method: str) -> None:
    shown = refused(officer.client.generic(method, "/api/cases"), 405)
    assert shown["code"] == "http.refused"


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/api/", "/api/cases/%00", "/api/cases/x", "/api/objects/../../etc/passwd", "/api/%ff",
             "/api/objects/00000000-0000-0000-0000-00000000000g", "/api/rounds/1", "/api/users/%00",
             "/api/plan/tasks/%E2%80%AE", "/api/plan/tasks/99", "/api/indicators/a'b", "/api/indicators/%00/rows",
             "/api/cases/00000000-0000-0000-0000-000000000000/evidence/99999999999999999999"],
)  # fmt: skip
def test_an_address_that_is_none(officer: Reader, path: str) -> None:
    refused(officer.client.get(path), 400, 404, 405, 422)


# --- questions ---

TRICKS = (
    "'", "';DROP TABLE cases_case;--", "%' OR '1'='1", "\\", "%", "_", "%%%s", "{}", "{0.__class__}", "$1", "\x00",
    "\ud7ff\uffff", "‮abc", "a\u200bb", "＇；", "../../etc/passwd", "a" * 3000, "a b " * 800, "null", "-1", "1e999",
    "NaN", "🏮" * 50, "\n\r\t", "<script>alert(1)</script>",
)  # fmt: skip
QUESTIONS = (
    "/objects?type=signs.billboard&q={}", "/objects?type={}", "/objects?type=signs.billboard&area={}",
    "/objects?type=signs.billboard&unit={}", "/objects?type=signs.billboard&sort={}",
    "/objects?type=signs.billboard&sort=attr.{}", "/objects?type=signs.billboard&filter={}", "/objects/search?q={}",
    "/objects.geojson?bbox={}", "/objects/export?type=signs.billboard&format={}", "/cases?q={}", "/cases?area={}",
    "/cases?sort={}", "/cases?type={}&state={}&unit={}", "/cases?object={}", "/cases?kind={}", "/alarms?q={}",
    "/alarms?state={}", "/alarms?area={}&type={}", "/alarms?grade={}", "/readings?datastream={}",
    "/readings?datastream=1&from={}", "/runs?analysis={}&area={}", "/rounds?round={}&area={}", "/audit?entity={}",
    "/audit?actor={}&entity_id={}", "/areas?level={}&parent={}", "/areas.geojson?level={}",
    "/indicators/signs.shop_signs_approved/rows?area={}", "/indicators/signs.shop_signs_approved/rows?unit={}",
    "/indicators/signs.shop_signs_approved?period={}", "/indicators/signs.shop_signs_approved/trend?months={}",
    "/indicators/signs.shop_signs_approved/trend?area={}", "/indicators/signs.shop_signs_approved/trend?unit={}",
    "/indicators/signs.shop_signs_approved/rows?value_id={}", "/indicators/{}", "/plan/tasks/{}",
    "/indicators?of={}", "/indicators?area={}&unit={}",
    "/cases/counts?area={}",
    "/alarms/counts?area={}", "/devices/health?area={}", "/cases.geojson?type={}&area={}",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_with_tricks_in_it(officer: Reader, question: str) -> None:
    before = counts()
    for trick in TRICKS:
        asked = question.replace("{}", quote(trick, safe=""))
        answer = officer.client.get(f"/api{asked}")
        assert answer.status_code < 500, (trick[:40], content(answer)[:300])
        harmless(answer)
    after = counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]}.keys() <= {
        "ledger.History"
    }


@pytest.mark.parametrize(
    "paging",
    ["size=0", "size=501", "size=99999999999999999999", "size=-1", "size=x", "page=0", "page=-1",
     "page=9223372036854775807", "page=99999999999999999999999", "page=1e3", "page=", "page=%00",
     "size=1&page=2000000"],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/objects?type=signs.billboard", "/cases?", "/alarms?", "/runs?", "/rounds?", "/audit?"]
)
def test_a_page_that_is_none(officer: Reader, path: str, paging: str) -> None:
    refused(officer.client.get(f"/api{path}&{paging}"), 400, 422)


FILTERS = (
    "[]", "1", "{", '{"owner": {"min": {}}}', '{"owner": {"x": 1}}', '{"area": {"min": "x"}}', '{"area": 1e999}',
    '{"area": NaN}', '{"no_such": 1}', '{"area": {"min": 1' + "0" * 400 + "}}", '{"owner": ' + "[" * 30_000,
    '{"owner": ' + "[" * 3000 + "1" + "]" * 3000 + "}", '{"approval": "a\'b"}', '{"owner": "\\u0000"}',
    '{"owner": "\\ud800"}', '{"owner": ' + json.dumps(["x"] * 3000) + "}", '{"__class__": 1}', '{"owner__exact": 1}',
)  # fmt: skip


@pytest.mark.parametrize("given", FILTERS, ids=[text[:24] for text in FILTERS])
def test_a_filter_that_is_none(officer: Reader, given: str) -> None:
    harmless(officer.client.get("/api/objects", {"type": "signs.billboard", "filter": given}))
    harmless(officer.client.get("/api/objects.geojson", {"type": "signs.billboard", "filter": given}))


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "NaN,NaN,NaN,NaN", "inf,0,1,1", "1,2,3,4,5", ",,,", "1e400,0,0,0"])
def test_a_box_that_is_none(officer: Reader, box: str) -> None:
    refused(officer.client.get("/api/objects.geojson", {"bbox": box}), 422)


def test_times_at_the_ends_of_the_calendar(district: District, officer: Reader) -> None:
    (stream, *_) = officer.get(f"/objects/{district.a.ids['sign']}/streams")
    for ends in ("to=0001-01-01T00:00:00Z", "from=9999-12-31T23:59:59Z", "to=9999-12-31T23:59:59-12:00",
                 "from=0001-01-01T00:00:00%2B14:00", "from=0001-01-01T00:00:00%2B14:00&to=9999-12-31T23:59:59-12:00",
                 "from=2026-01-01", "from=x"):  # fmt: skip
        harmless(officer.client.get(f"/api/readings?datastream={stream['id']}&{ends}"))


def test_no_row_is_chosen_or_ordered_by_what_one_may_not_read(district: District) -> None:
    for more in ("sort=attr.owner_phone", "sort=-attr.owner_phone", 'filter={"owner_phone": "138"}'):
        for path in ("/objects", "/objects.geojson", "/objects/export"):
            if "geojson" in path and "sort" in more:
                continue
            answer = district.a.handler.client.get(f"/api{path}?type=signs.billboard&{more}")
            refused(answer, 403)
    assert district.a.handler.get("/objects?type=signs.billboard&q=13800001234")["total"] == 0


# --- things ---

CODES = ("", " ", "a\x00b", "a\x1bb", "‮gnp.exe", "A\u200bB", "A\ufeffB", "\u2066x\u2069", "x" * 101, "\ud800", "a\nb")


@pytest.mark.parametrize("code", CODES, ids=[ascii(code)[:16] for code in CODES])
def test_a_code_that_only_looks_like_one(officer: Reader, code: str) -> None:
    before = counts()
    body = {"type": "mobility.bus_stop", "code": code, "name": "站", "geometry": point(officer.area_path[7:16])}
    refused(officer.client.post("/api/objects", json.dumps(body), content_type="application/json"), 400, 422)
    assert counts() == before


GEOMETRIES: tuple[Any, ...] = (
    "x", [], {}, {"type": "Point"}, {"type": "Point", "coordinates": []}, {"type": "Point", "coordinates": "x"},
    {"type": "Point", "coordinates": [1e400, 1]}, {"type": "Point", "coordinates": [121, 31, 1, 1, 1, 1]},
    {"type": "Point", "coordinates": [10**400, 31]}, {"type": "Point", "coordinates": [0, 0]},
    {"type": "Polygon", "coordinates": [[[121, 31]]]}, {"type": "LineString", "coordinates": [[121, 31]]},
    {"type": "GeometryCollection", "geometries": []}, {"type": "x" * 1000}, {"type": "Feature", "geometry": None},
)  # fmt: skip


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=[str(one)[:40] for one in GEOMETRIES])
def test_a_geometry_that_is_none(officer: Reader, geometry: Any) -> None:
    before = counts()
    body = {"type": "mobility.bus_stop", "code": "G", "name": "站", "geometry": geometry}
    if isinstance(geometry, dict) and len(geometry.get("coordinates", ())) == 6:
        harmless(officer.client.post("/api/objects", json.dumps(body), content_type="application/json"))
        return
    refused(officer.client.post("/api/objects", json.dumps(body), content_type="application/json"), 400, 403, 422)
    assert counts() == before


@pytest.mark.parametrize(
    "more",
    [{"attributes": {"routes": 10**400}}, {"attributes": {"routes": {"a": [1]}}}, {"attributes": {"routes": "1e9999"}},
     {"attributes": {"no_such": 1}}, {"attributes": {"": ""}}, {"links": {"stop": ["x"]}}, {"unit_code": "' OR 1=1"},
     {"valid_from": "0000-00-00"}, {"valid_from": "99999-01-01"}, {"name": "x" * 10_000}, {"name": ""},
     {"attributes": {"shelter": "maybe"}}, {"attributes": {"direction": "x" * 100_000}}],
    ids=lambda more: str(more)[:40],
)  # fmt: skip
def test_values_that_do_not_fit(officer: Reader, more: dict[str, Any]) -> None:
    before = counts()
    body = {"type": "mobility.bus_stop", "code": "V", "name": "站", "geometry": point(officer.area_path[7:16]), **more}
    refused(officer.client.post("/api/objects", json.dumps(body), content_type="application/json"), 400, 422)
    assert counts() == before


def test_ids_of_other_kinds(district: District, officer: Reader) -> None:
    ids = district.a.ids
    before = counts()
    for path in (f"/cases/{ids['board']}", f"/objects/{ids['sign_case']}", f"/alarms/{ids['sign']}",
                 f"/runs/{ids['sampled_round']}", f"/rounds/{ids['accepted_run']}", f"/imports/{ids['board']}",
                 f"/cases/{ids['sign_case']}/evidence/{ids['own_sign_evidence']}"):  # fmt: skip
        refused(officer.client.get(f"/api{path}"), 404)
    wrong = (
        ("/cases", {"type": "signs.billboard_repair", "object_id": str(ids["stop"])}),
        ("/cases", {"type": "signs.billboard_repair"}),
        ("/cases", {"type": "mobility.bus_stop", "object_id": str(ids["stop"])}),
        ("/cases/bulk", {"type": "signs.billboard_repair", "object_ids": [str(ids["board"]), str(ids["stop"])]}),
        (f"/cases/{ids['sign_case']}/moves/accept", {"version": 2}),
        (f"/cases/{ids['sign_case']}/moves/send", {"version": 10**30}),
        (f"/cases/{ids['sign_case']}/moves/no-such", {"version": 2}),
        (f"/rounds/{ids['sampled_round']}/items/{ids['board']}", {"form": {"result": "sound"}}),
        (f"/rounds/{ids['sampled_round']}/items/{ids['open_item']}", {"form": {"result": "x", "more": 1}}),
        ("/rounds/signs.no_such/start", {"area": district.a.code}),
        ("/rounds/signs.billboard_inspection/start", {"area": "x'"}),
        ("/analyses/signs.sampling_draw/runs", {"area": district.a.code, "parameters": {"aql": "?"}}),
        ("/analyses/signs.sampling_draw/runs", {"area": district.a.code, "seed": 2**70}),
        ("/analyses/mobility.bus_stop/runs", {"area": district.a.code}),
    )
    for path, body in wrong:
        refused(officer.client.post(f"/api{path}", json.dumps(body), content_type="application/json"))
    assert counts() == before


# --- files ---

NAMES = ("../../../etc/cron.d/x", "..\\..\\x", "a\x00b.csv", "/etc/passwd", "x" * 400, "‮vsc.exe", "a\r\nSet-Cookie: x",
         "CON", ".", "名\u200b称.csv")  # fmt: skip


def upload(officer: Reader, name: str, data: bytes, path: str = "/imports", **more: str) -> Any:
    edge = "frontier"
    lines = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in more.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = ("".join(lines) + head).encode(errors="surrogatepass") + data + f"\r\n--{edge}--\r\n".encode()
    return officer.client.post(f"/api{path}", body, content_type=f"multipart/form-data; boundary={edge}")


@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:24] for name in NAMES])
def test_a_file_whose_name_leads_elsewhere(district: District, officer: Reader, name: str) -> None:
    outside = [path for path in (Path("/etc/cron.d/x"), read_config().data.parent / "x") if path.exists()]
    harmless(upload(officer, name, b"code,name\n1,2\n", type="mobility.bus_stop"))
    for job in ImportJob.objects.exclude(id__in=[town.ids[short] for town in (district.a, district.b)
                                                 for short in ("import", "waiting_import")]):  # fmt: skip
        assert not {"/", "\\", "\x00", "\n"} & set(job.filename)
    answer = upload(officer, name, photo(), f"/cases/{district.a.ids['own_sign_case']}/evidence", need="")
    harmless(answer)
    if answer.status_code == 200:
        shown = answer.json()
        assert shown["name"].endswith(".png") and not {"/", "\\", "\x00", "\n"} & set(shown["name"])
        served = officer.client.get(shown["url"])
        assert served["X-Content-Type-Options"] == "nosniff" and "sandbox" in served["Content-Security-Policy"]
        assert "Set-Cookie" not in served.headers
    assert outside == [path for path in (Path("/etc/cron.d/x"), read_config().data.parent / "x") if path.exists()]


FILES = {
    "an empty one": b"",
    "a program": b"MZ\x90\x00" + bytes(200),
    "a page": b"<html><script>alert(1)</script>",
    "a torn archive": b"PK\x03\x04" + bytes(50),
    "a torn package": b"SQLite format 3\x00" + bytes(200),
    "a torn outline": b'{"type": "FeatureCollection", "features": [',
    "deep json": b'{"a":' * 50_000,
    "an odd collection": b'{"type": "FeatureCollection", "features": [1, null, {"type": "Feature"}]}',
    "NUL": b"code,name\n1,\x00\n",
    "quotes": b'code,name\n"1,2\n',
    "no columns": b"\n\n\n",
    "half letters": b"\xff\xfe\x00\xd8\x00\xd8",
    "many columns": ",".join(f"c{n}" for n in range(20_000)).encode() + b"\n1\n",
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.geojson", "x.gpkg", "x.zip"])
def test_a_file_that_is_not_what_it_says(officer: Reader, name: str, data: bytes) -> None:
    before = counts()
    answer = upload(officer, name, data, type="mobility.bus_stop")
    if answer.status_code == 200:
        job = answer.json()
        body = json.dumps({"mapping": {column: "" for column in job["columns"]} | {"code": "code"}, "crs": "WGS84"})
        harmless(officer.client.post(f"/api/imports/{job['id']}/preview", body, content_type="application/json"))
        return
    refused(answer)
    assert counts() == before


@pytest.mark.parametrize(
    "choice",
    [{"mapping": {}}, {"mapping": {"code": "attr.no_such"}}, {"mapping": {"no such": "code"}},
     {"mapping": {"code": "code", "name": "code"}}, {"mapping": {"code": "code"}, "crs": "EPSG:999999999999"},
     {"mapping": {"code": "code"}, "crs": "'; --"}, {"mapping": {"code": "code"}, "crs": "EPSG:²"},
     {"mapping": {"code": "code"}, "sheet": "../x"}, {"mapping": {"code": "id"}}, {"mapping": {"code": "origin"}},
     {"mapping": {"code": "code", "lon": "lon", "lat": "lat"}, "crs": "EPSG:4978"}],
    ids=lambda choice: str(choice)[:48],
)  # fmt: skip
def test_a_preview_that_makes_no_sense(district: District, officer: Reader, choice: dict[str, Any]) -> None:
    things = CityObject.objects.count()
    path = f"/api/imports/{district.a.ids['waiting_import']}/preview"
    harmless(officer.client.post(path, json.dumps(choice), content_type="application/json"))
    assert CityObject.objects.count() == things


def test_evidence_that_is_none(district: District, officer: Reader) -> None:
    before = counts()
    path = f"/cases/{district.a.ids['own_sign_case']}/evidence"
    for data in (b"", b"MZ\x90\x00" + bytes(200), b"<svg onload=alert(1)>" + bytes(3), b"\x89PNG\r\n\x1a\n", bytes(30)):
        refused(upload(officer, "x.png", data, path, need="photo_before"), 422)
    refused(upload(officer, "x.png", photo(), path, need="no_such"), 422)
    refused(upload(officer, "x.png", photo() + bytes(21 * 1024 * 1024), path, need=""), 413, 422)
    assert counts() == before


# --- sessions ---


@pytest.mark.parametrize(
    "given",
    [{"username": "' OR 1=1 --", "password": "x"}, {"username": "root\x00", "password": "x"},
     {"username": "ROOT", "password": "two-towns-and-a-bridge"}, {"username": "ｒｏｏｔ", "password": "x"},
     {"username": "r\u200boot", "password": "two-towns-and-a-bridge"}, {"username": "root", "password": "x" * 201},
     {"username": "root", "password": "\ud800"}, {"username": ["root"], "password": {}}, {}],
    ids=lambda given: ascii(given)[:48],
)  # fmt: skip
def test_a_sign_in_with_tricks(district: District, given: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    refused(client.post("/api/session", json.dumps(given), content_type="application/json"), 400, 401, 422)
    refused(client.get("/api/session"), 401)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 5000, "a\x00bcdefghijk", "'; DROP TABLE", "é" * 20])
def test_a_session_that_is_none(district: District, cookie: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = cookie
    refused(client.get("/api/cases"), 400, 401)


def test_a_name_that_looks_like_anothers(district: District) -> None:
    """A new person may not bear a name that reads like one there is already in other letters of the same shape."""
    held = [{"post": "handler", "unit": f"town-{district.a.code}", "area": district.a.code}]
    for username in ("ｒｏｏｔ", "root ", "r\u200boot", "a\nb", "../x", "Ⅳ"):
        body = {"username": username, "name": "新", "password": "two-towns-and-a-bridge", "holdings": held}
        refused(district.a.officer.raw("POST", "/users", body), 422)
    body = {"username": "fine", "name": "新", "password": "two-towns-and-a-bridge", "holdings": held, "language": "x'"}
    refused(district.a.officer.raw("POST", "/users", body), 422)


# --- what the browser is told ---


@pytest.mark.parametrize("path", ["/", "/api/session", "/api/nothing", "/health/live", "/api/cases", "/api/%00"])
def test_every_answer_binds_the_browser(officer: Reader, path: str) -> None:
    answer = officer.client.get(path)
    sources = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert sources["default-src"] == sources["connect-src"] == sources["script-src"] == "'self'"
    assert sources["object-src"] == sources["frame-ancestors"] == "'none'"
    assert "http" not in answer["Content-Security-Policy"] and "unsafe-eval" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_cookies_keep_to_themselves(district: District) -> None:
    client = Client()
    body = {"username": "officer-a", "password": "two-towns-and-a-bridge"}
    client.post("/api/session", json.dumps(body), content_type="application/json")
    session = client.cookies["sessionid"]
    assert session["httponly"] and session["samesite"] == "Lax"
    assert bool(session["secure"]) is settings.SESSION_COOKIE_SECURE
