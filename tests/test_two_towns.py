"""Every operation of the API, called by people of two towns: each is shown its own town, and nothing of the other.

What a reader ought to see is worked out here from the stored rows in plain Python, not by the policy under test.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from xiuhua.cases.models import Case, Evidence, RoundItem, RoundRun
from xiuhua.catalog.catalogue import current
from xiuhua.catalog.models import RuleTrial
from xiuhua.edge.copying import PARTS
from xiuhua.edge.taking import Item, Parcel
from xiuhua.files.models import StoredFile
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects import actions as on_objects
from xiuhua.objects.importing import run_import
from xiuhua.objects.models import CityObject, ImportJob
from xiuhua.people.live import may_hear
from xiuhua.people.models import Shift, User
from xiuhua.people.posts import CORE_POSTS, use_posts
from xiuhua.people.queries import actor_of_user
from xiuhua.readings.models import Alarm, AlarmArrival, Datastream, DoorCount, Quarantine, Storm
from xiuhua.runs.models import Run
from xiuhua.site.api import api

from .test_packs import photo
from .two_towns import (
    DISTRICT,
    MAPPING,
    OPERATOR,
    PHONE,
    ROOT,
    SAMPLING,
    SIGN_SENDS,
    District,
    Reader,
    Town,
    build,
    csv_of,
    person,
    point,
    signed_in,
)

pytestmark = pytest.mark.django_db
PUBLIC = {("POST", "/api/session")}
"""What may be called without a session: signing in. Asking who is signed in answers 401 to nobody."""
NODES_CALL = {("POST", "/api/edge/up"), ("PUT", "/api/edge/files/{hash}")}
"""What a town's node calls with its key: a session, and with it the token against forged calls, says nothing there."""
VOLTAGE = "mobility.stop_sign.voltage"
RETENTION = {"version": 0, "raw_days": 30, "rollup_days": None, "why": "规定"}
NEVER = "00000000-0000-0000-0000-000000000000"
NUMBERED = ("evidence_id", "number", "shift_id", "trial_id")

Check = Callable[[District], None]
TABLE: dict[tuple[str, str], Check] = {}


def operation(method: str, path: str) -> Callable[[Check], Check]:
    """Enter a check into the table under its operation."""

    def enter(check: Check) -> Check:
        assert (method, path) not in TABLE
        TABLE[method, path] = check
        return check

    return enter


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


def described() -> set[tuple[str, str]]:
    """Return every operation of the OpenAPI document."""
    paths = api.get_openapi_schema()["paths"]
    return {(method.upper(), path) for path, methods in paths.items() for method in methods}


def test_every_operation_has_its_check() -> None:
    assert described() - TABLE.keys() == set(), "say in the table who sees what of these"
    assert TABLE.keys() - described() == set(), "these are gone"


@pytest.mark.parametrize(("method", "path"), sorted(described()), ids=lambda part: part)
def test_each_sees_its_own(district: District, method: str, path: str) -> None:
    TABLE[method, path](district)


def filled(path: str) -> str:
    """Return the path with something in each of its places."""
    return re.sub(r"\{(\w+)\}", lambda found: "1" if found[1] in NUMBERED else NEVER, path)


@pytest.mark.parametrize(("method", "path"), sorted(described() - PUBLIC), ids=lambda part: part)
def test_nobody_is_told_to_sign_in(district: District, method: str, path: str) -> None:
    answer = Client().generic(method, filled(path), data="{}", content_type="application/json")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "http.not_signed_in"


@pytest.mark.parametrize(("method", "path"), sorted(one for one in described() if one[0] != "GET"), ids=lambda p: p)
def test_nothing_is_done_without_its_token(district: District, method: str, path: str) -> None:
    before = History.objects.count()
    client = signed_in(User.objects.get(code="root"), csrf=True)
    body = json.dumps({"username": "root", "password": "two-towns-and-a-bridge"})
    answer = client.generic(method, filled(path), data=body, content_type="application/json")
    told = (401, "http.not_signed_in") if (method, path) in NODES_CALL else (403, "http.csrf")
    assert (answer.status_code, json.loads(answer.content)["code"]) == told
    assert answer["Content-Type"] == "application/problem+json"
    assert History.objects.count() == before


def test_live_tells_each_of_its_own(district: District) -> None:
    """The stream itself is tried in people/tests; here every event this world gave is asked of the one filter."""
    assert Client().get("/api/live").status_code == 401
    actors = {reader.code: actor_of_user(User.objects.get(code=reader.code)) for reader in district.readers}
    events = [{**event.payload, "topic": event.topic, "area_path": event.area_path} for event in Outbox.objects.all()]
    assert len(events) > 20
    for reader in district.readers:
        for event in events:
            heard = may_hear(actors[reader.code], event)
            path, unit = str(event["area_path"]), str(event.get("unit_code", ""))
            assert heard == (path.startswith(reader.area_path) and reader.unit in ("", unit)), event


# --- what many operations have in common ---


def own(reader: Reader, rows: Iterable[Any]) -> set[str]:
    return {str(row.id) for row in reader.mine(rows)}


def shows(district: District, path: str, rows: Iterable[Any], ids: Callable[[Any], list[str]]) -> None:
    """Hold a list to exactly the rows of each reader; both towns have some, and no two readers the same."""
    kept = list(rows)
    assert district.a.officer.mine(kept) and district.b.officer.mine(kept)
    for reader in district.readers:
        answer = reader.get(path)
        found = ids(answer)
        assert len(found) == len(set(found))
        assert set(found) == own(reader, kept), (reader.code, path)
        if isinstance(answer, dict) and "total" in answer:
            assert answer["total"] == len(found)


def items(answer: Any) -> list[str]:
    return [str(row["id"]) for row in (answer["items"] if isinstance(answer, dict) else answer)]


def features(answer: Any) -> list[str]:
    return [str(one["properties"]["id"]) for one in answer["features"]]


def opens(district: District, path: str, rows: Iterable[Any], **places: Callable[[Any], object]) -> None:
    """Hold a detail to 200 for those who see the row and 404, in the one shape, for everybody else."""
    kept = list(rows)
    assert len(kept) > 1
    for row in kept:
        asked = path.format(id=row.id, **{name: place(row) for name, place in places.items()})
        for reader in district.readers:
            reader.get(asked, status=200 if reader.sees(row) else 404)


def refuses(district: District, method: str, path: str, short: str, body: object, model: Any) -> None:
    """Hold an act to 404 for the other town, with nothing changed, and let the own town do it."""
    for town, other in ((district.a, district.b), (district.b, district.a)):
        thing = town.ids[short]
        asked = path.format(id=thing)
        before, rows = History.objects.count(), list(model.objects.filter(id=thing).values())
        other.officer.call(method, asked, body, status=404)
        assert (History.objects.count(), list(model.objects.filter(id=thing).values())) == (before, rows)
        town.officer.call(method, asked, body, status=204 if method == "DELETE" else 200)
        assert History.objects.count() > before


def alike(district: District, path: str) -> None:
    """Hold public facts to being the same for everybody signed in."""
    answers = [reader.get(path) for reader in district.readers]
    assert answers[0] and all(answer == answers[0] for answer in answers)


def each_town(district: District) -> tuple[tuple[Town, Town], ...]:
    return (district.a, district.b), (district.b, district.a)


# --- people ---


@operation("GET", "/api/session")
def who(district: District) -> None:
    for reader in district.readers:
        shown = reader.get("/session")
        assert shown["code"] == reader.code
        assert {held["area_path"] for held in shown["holdings"]} == {reader.area_path}


@operation("POST", "/api/session")
def sign_in(district: District) -> None:
    body = {"username": "officer-a", "password": "two-towns-and-a-bridge"}
    fresh = Reader(code="officer-a", client=Client(), area_path=district.a.path)
    fresh.post("/session", {**body, "password": "wrong-wrong-wrong"}, status=401)
    assert fresh.post("/session", body)["code"] == "officer-a"
    assert fresh.get("/cases")["total"] == len(fresh.mine(Case.objects.filter(kind="open")))


@operation("PATCH", "/api/session")
def choose_language(district: District) -> None:
    column = {"key": "code", "shown": False, "width": None}
    chosen = {"language": "en", "columns": {"table": "alarms", "columns": [column]}}
    district.a.officer.call("PATCH", "/session", chosen)
    assert district.a.officer.get("/session")["columns"] == {"alarms": [column]}
    assert district.b.officer.get("/session")["columns"] == {}
    assert district.b.officer.get("/session")["language"] == "zh"
    assert district.a.officer.get("/session")["language"] == "en"


@operation("DELETE", "/api/session")
def sign_out(district: District) -> None:
    leaving = Reader(code="officer-a", client=signed_in(User.objects.get(code="officer-a")), area_path="")
    leaving.call("DELETE", "/session", status=204)
    leaving.get("/session", status=401)
    district.b.officer.get("/session")


@operation("GET", "/api/areas")
def areas(district: District) -> None:
    alike(district, "/areas?level=town")


@operation("GET", "/api/areas.geojson")
def area_shapes(district: District) -> None:
    alike(district, "/areas.geojson?level=town")


@operation("GET", "/api/units")
def units(district: District) -> None:
    alike(district, "/units")


@operation("GET", "/api/catalog")
def catalogue(district: District) -> None:
    alike(district, "/catalog")


@operation("GET", "/api/users")
def users(district: District) -> None:
    def seen(reader: Reader) -> set[str]:
        return {row["code"] for row in reader.get("/users")}

    assert seen(district.a.officer) == {"officer-a", "handler-a"}
    assert seen(district.b.officer) == {"officer-b", "handler-b"}
    assert seen(district.leader) == {"officer-a", "handler-a", "officer-b", "handler-b", "leader", "operator"}
    assert seen(district.root) == seen(district.leader) | {"root"}
    district.operator.get("/users", status=403)


def newcomer(town: Town, **more: object) -> dict[str, object]:
    held = {"post": "handler", "unit": f"town-{town.code}", "area": town.code, **more}
    return {"username": "new-one", "name": "新人", "password": "two-towns-and-a-bridge", "holdings": [held]}


@operation("POST", "/api/users")
def add_user(district: District) -> None:
    for town, other in each_town(district):
        town.officer.post("/users", newcomer(other), status=404)
        assert not User.objects.filter(code="new-one").exists()
        district.operator.post("/users", newcomer(town), status=403)
        district.operator.post("/users", {**newcomer(town), "username": "officer-a"}, status=403)
        town.officer.post("/users", {**newcomer(town), "administrator": True}, status=403)
    district.a.officer.post("/users", newcomer(district.a))


@operation("PATCH", "/api/users/{code}")
def change_user(district: District) -> None:
    for letter, town, other in (("a", district.a, district.b), ("b", district.b, district.a)):
        other.officer.call("PATCH", f"/users/handler-{letter}", {"name": "改"}, status=404)
        other.officer.call("PATCH", "/users/leader", {"password": "two-towns-and-a-bridge"}, status=404)
        town.officer.call("PATCH", "/users/root", {"password": "two-towns-and-a-bridge"}, status=404)
        town.officer.call("PATCH", f"/users/handler-{letter}", {"administrator": True}, status=403)
        grant = {"post": "handler", "unit": "cyzx", "area": "310117"}
        town.officer.call("PATCH", f"/users/handler-{letter}", {"grant": [grant]}, status=404)
        town.officer.call("PATCH", f"/users/handler-{letter}", {"name": "改"})


def on_duty(town: Town, **more: object) -> dict[str, object]:
    return {"post": "duty_chief", "unit": f"town-{town.code}", "area": town.code, **more}


@operation("GET", "/api/roster")
def roster(district: District) -> None:
    for town in (district.a, district.b):
        town.officer.call("POST", "/roster", on_duty(town), status=201)
    district.leader.call("POST", "/roster", {**on_duty(district.a), "area": "310117", "unit": "cyzx"}, status=201)
    shifts = Shift.objects.select_related("area")
    for reader in district.readers:
        lines = {one.id for one in shifts if one.area.path.startswith(reader.area_path)
                 and reader.unit in ("", one.unit_id)}  # fmt: skip
        assert {row["id"] for row in reader.get("/roster")} == lines


@operation("POST", "/api/roster")
def put_on_duty(district: District) -> None:
    for town, other in each_town(district):
        town.officer.call("POST", "/roster", on_duty(other), status=404)
        town.officer.call("POST", "/roster", on_duty(town, area="310117"), status=404)
        town.handler.call("POST", "/roster", on_duty(town), status=403)
        assert not Shift.objects.filter(area_id=other.code).exists()
    district.operator.call("POST", "/roster", on_duty(district.a), status=404)
    district.a.officer.call("POST", "/roster", on_duty(district.a), status=201)


@operation("DELETE", "/api/roster/{shift_id}")
def take_off_duty(district: District) -> None:
    for town, other in each_town(district):
        line = town.officer.call("POST", "/roster", on_duty(town), status=201)
        other.officer.call("DELETE", f"/roster/{line['id']}", status=404)
        district.operator.call("DELETE", f"/roster/{line['id']}", status=404)
        town.handler.call("DELETE", f"/roster/{line['id']}", status=403)
        town.officer.call("DELETE", f"/roster/{line['id']}", status=204)


@operation("GET", "/api/audit")
def audit(district: District) -> None:
    for reader in (district.a.officer, district.b.officer, district.leader):
        rows = {str(row.id) for row in History.objects.all() if row.area_path.startswith(reader.area_path)}
        shown = reader.get("/audit?size=500")
        assert (set(items(shown)), shown["total"]) == (rows, len(rows))
    district.operator.get("/audit", status=403)


# --- objects ---


def things() -> list[CityObject]:
    return list(CityObject.objects.filter(removed_at__isnull=True))


@operation("GET", "/api/objects")
def objects(district: District) -> None:
    for type_id in ("mobility.stop_sign", "mobility.bus_stop"):
        rows = [row for row in things() if row.type == type_id]
        for more in ("", "&q=之物", "&sort=-updated_at", "&area=310117/", "&sort=name"):
            wanted = [row for row in rows if "q=" not in more or "之物" in row.name]
            shows(district, f"/objects?type={type_id}&size=500{more}", wanted, items)
    for town, other in each_town(district):
        assert town.officer.get(f"/objects?type=mobility.stop_sign&area={other.path}")["total"] == 0


@operation("GET", "/api/objects/counts")
def object_counts(district: District) -> None:
    for reader in district.readers:
        counted = {row["type"]: row["count"] for row in reader.get("/objects/counts")}
        for type_id, count in counted.items():
            assert count == len(reader.mine(row for row in things() if row.type == type_id))
    for town, other in each_town(district):
        assert {row["count"] for row in town.officer.get(f"/objects/counts?area={other.path}")} == {0}


@operation("GET", "/api/objects/search")
def search(district: District) -> None:
    shows(district, "/objects/search?q=SIGN", [row for row in things() if "SIGN" in row.code], items)
    for town, other in each_town(district):
        mark = other.officer.code[-1].upper()
        assert town.officer.get(f"/objects/search?q=SHOP-{mark}1") == []


@operation("GET", "/api/objects.geojson")
def object_map(district: District) -> None:
    rows = [row for row in things() if row.geometry is not None]
    shows(district, "/objects.geojson", rows, features)
    shows(district, "/objects.geojson?bbox=120,30,122,32", rows, features)


@operation("GET", "/api/objects/export")
def export_objects(district: District) -> None:
    def codes(reader: Reader, more: str = "") -> set[str]:
        text = reader.get(f"/objects/export?type=mobility.stop_sign&format=csv{more}").decode("utf-8-sig")
        return {next(iter(row.values())) for row in csv.DictReader(io.StringIO(text))}

    for reader in district.readers:
        assert codes(reader) == {row.code for row in reader.mine(things()) if row.type == "mobility.stop_sign"}
    for town, other in each_town(district):
        assert codes(town.officer, f"&area={other.path}") == set()
    for town in (district.a, district.b):
        town.handler.get("/objects/export?type=mobility.stop_sign", status=403)


def chosen_of(*towns: Town) -> dict[str, Any]:
    """Return a body that chooses the own sign of each town."""
    rows = CityObject.objects.filter(id__in=[town.ids["own_sign"] for town in towns])
    things = [{"id": str(row.id), "version": row.version} for row in rows]
    return {"type": "mobility.stop_sign", "things": things, "ids": [one["id"] for one in things], "why": "核对"}


@operation("POST", "/api/objects/export")
def export_chosen(district: District) -> None:
    for town, other in each_town(district):
        for body in (chosen_of(other), chosen_of(town, other)):
            town.officer.post("/objects/export", body, status=409)
        assert town.officer.post("/objects/export", chosen_of(town))
        town.handler.post("/objects/export", chosen_of(town), status=403)


@operation("POST", "/api/objects/bulk/attribute")
def set_many(district: District) -> None:
    value = {"attribute": "supplier", "value": "甲"}
    for town, other in each_town(district):
        for body in (chosen_of(other), chosen_of(town, other)):
            told = town.officer.post("/objects/bulk/attribute", {**body, **value}, status=409)["params"]["refused"]
            assert [(one["id"], one["code"]) for one in told] == [(str(other.ids["own_sign"]), "")]
        for stranger in (town.handler, district.operator):
            stranger.post("/objects/bulk/attribute", {**chosen_of(town), **value}, status=403)
        assert town.officer.post("/objects/bulk/attribute", {**chosen_of(town), **value}) == {"count": 1}


@operation("POST", "/api/objects/bulk/remove")
def remove_many(district: District) -> None:
    for town, other in each_town(district):
        before = len(things())
        for body in (chosen_of(other), chosen_of(town, other)):
            town.officer.post("/objects/bulk/remove", body, status=409)
        for stranger in (town.handler, district.operator):
            stranger.post("/objects/bulk/remove", chosen_of(town), status=403)
        assert len(things()) == before


@operation("GET", "/api/objects/{object_id}")
def one_object(district: District) -> None:
    opens(district, "/objects/{id}", things())
    assert district.a.officer.get(f"/objects/{district.a.ids['board']}")["attributes"]["owner_phone"] == PHONE
    masked = district.a.handler.get(f"/objects/{district.a.ids['board']}")
    assert PHONE not in json.dumps(masked) and "owner_phone" in masked["masked"]


@operation("GET", "/api/objects/{object_id}/history")
def object_history(district: District) -> None:
    opens(district, "/objects/{id}/history", things())
    path = f"/objects/{district.a.ids['board']}/history"
    assert PHONE in json.dumps(district.a.officer.get(path))
    assert PHONE not in json.dumps(district.a.handler.get(path))


@operation("GET", "/api/objects/{object_id}/streams")
def object_streams(district: District) -> None:
    opens(district, "/objects/{id}/streams", things())


@operation("POST", "/api/objects")
def make_object(district: District) -> None:
    for town, other in each_town(district):
        body = {"type": "mobility.bus_stop", "code": "NEW", "name": "新", "geometry": point(other.code)}
        town.officer.post("/objects", body, status=403)
        assert not CityObject.objects.filter(code="NEW").exists()
        mark = other.officer.code[-1].upper()
        unseen = {
            "type": "mobility.stop_sign", "code": "NEW", "name": "新", "geometry": point(town.code),
            "links": {"stop": [f"STOP-{mark}"]},
        }  # fmt: skip
        town.officer.post("/objects", unseen, status=422)
    district.operator.post("/objects", body, status=403)
    district.a.officer.call("POST", "/objects", {**body, "geometry": point(district.a.code)}, status=201)


@operation("PATCH", "/api/objects/{object_id}")
def change_object(district: District) -> None:
    away = {"version": 1, "geometry": point(district.b.code)}
    district.a.officer.call("PATCH", f"/objects/{district.a.ids['stop']}", away, status=403)
    refuses(district, "PATCH", "/objects/{id}", "stop", {"version": 1, "name": "改名"}, CityObject)


@operation("DELETE", "/api/objects/{object_id}")
def remove_object(district: District) -> None:
    refuses(district, "DELETE", "/objects/{id}", "own_sign", {"why": "拆除"}, CityObject)


# --- imports ---


@operation("POST", "/api/imports")
def upload(district: District) -> None:
    for town, other in each_town(district):
        files = {"file": csv_of(other, "A-FILE"), "type": "mobility.bus_stop"}
        job = town.officer.call("POST", "/imports", files=files)
        assert ImportJob.objects.get(id=job["id"]).actor_code == town.officer.code
        files = {"file": csv_of(town, "A-FILE"), "type": "mobility.bus_stop"}
        district.operator.call("POST", "/imports", files=files, status=403)


@operation("GET", "/api/imports/{job_id}")
def one_import(district: District) -> None:
    for town, other in each_town(district):
        for short in ("import", "waiting_import"):
            town.officer.get(f"/imports/{town.ids[short]}")
            district.root.get(f"/imports/{town.ids[short]}")
            for stranger in (other.officer, town.handler, district.leader, district.operator):
                stranger.get(f"/imports/{town.ids[short]}", status=404)


@operation("POST", "/api/imports/{job_id}/preview")
def preview(district: District) -> None:
    choice = {"mapping": MAPPING, "crs": "WGS84"}
    refused(district, "/imports/{id}/preview", "waiting_import", choice, ImportJob)
    for town, other in each_town(district):
        mark = other.officer.code[-1].upper()
        files = {"file": csv_of(other, f"STOP-{mark}", "ELSEWHERE"), "type": "mobility.bus_stop"}
        job = town.officer.call("POST", "/imports", files=files)
        shown = town.officer.post(f"/imports/{job['id']}/preview", choice)
        assert (shown["counts"]["added"], shown["counts"]["changed"], shown["counts"]["wrong"]) == (0, 0, 3)
        assert {error["code"] for error in shown["errors"] if error["row"] == 2} >= {"code_elsewhere"}
        drawn = shown["sample_geojson"]["features"]
        assert {one["properties"]["status"] for one in drawn} == {"wrong"}
        sent = cast(list[float], point(other.code, 20)["coordinates"])
        assert all(one["geometry"]["coordinates"] == pytest.approx(sent) for one in drawn)
        own_stops = [row for row in town.officer.mine(things()) if row.type == "mobility.bus_stop"]
        assert shown["counts"]["gone"] == len(own_stops)


def refused(district: District, path: str, short: str, body: object, model: Any, unable: int = 404) -> None:
    for town, other in each_town(district):
        before = list(model.objects.filter(id=town.ids[short]).values())
        other.officer.post(path.format(id=town.ids[short]), body, status=404)
        for stranger in (town.handler, district.operator):
            stranger.post(path.format(id=town.ids[short]), body, status=unable)
        assert list(model.objects.filter(id=town.ids[short]).values()) == before


@operation("POST", "/api/imports/{job_id}/placements")
def placements(district: District) -> None:
    refused(district, "/imports/{id}/placements", "waiting_import", {"mapping": MAPPING}, ImportJob)
    town = district.a
    found = town.officer.post(f"/imports/{town.ids['waiting_import']}/placements", {"mapping": MAPPING})
    assert found["placed"] > 0 and [one["crs"] for one in found["readings"]] == ["EPSG:4326", "GCJ-02"]


@operation("POST", "/api/imports/{job_id}/apply")
def apply(district: District) -> None:
    refused(district, "/imports/{id}/apply", "waiting_import", {"keep_good": True}, ImportJob, unable=403)
    path = f"/imports/{district.a.ids['waiting_import']}/apply"
    assert district.a.officer.post(path, {"keep_good": True})["state"] == "running"


@operation("GET", "/api/imports")
def imports(district: District) -> None:
    for town, other in each_town(district):
        mine = {str(row.id) for row in ImportJob.objects.filter(actor_code=town.officer.code)}
        assert {row["id"] for row in town.officer.get("/imports?size=100")["items"]} == mine
        assert mine.isdisjoint(row["id"] for row in other.officer.get("/imports?size=100")["items"])
        for stranger in (district.leader, district.operator):
            assert stranger.get("/imports")["total"] == 0


@operation("POST", "/api/imports/{job_id}/undo")
def undo(district: District) -> None:
    refused(district, "/imports/{id}/undo", "import", {"why": "误导入"}, ImportJob, unable=403)
    town = district.a
    code = f"IMPORT-{town.code}"
    assert CityObject.objects.filter(code=code, removed_at__isnull=True).exists()
    assert town.officer.post(f"/imports/{town.ids['import']}/undo", {})["state"] == "undoing"
    run_import(town.ids["import"])
    assert not CityObject.objects.filter(code=code, removed_at__isnull=True).exists()


@operation("GET", "/api/imports/{job_id}/rejected")
def rejected(district: District) -> None:
    for town, other in each_town(district):
        path = f"/imports/{town.ids['import']}/rejected"
        assert f"BAD-{town.code}" in town.officer.get(path).decode()
        for stranger in (other.officer, district.leader, district.operator):
            stranger.get(path, status=404)


# --- readings and alarms ---


def standing() -> list[Alarm]:
    return list(Alarm.objects.filter(closed_at__isnull=True))


@operation("GET", "/api/alarms")
def alarms(district: District) -> None:
    shows(district, "/alarms", standing(), items)
    shows(district, "/alarms?q=SIGN&grade=3", [row for row in standing() if "SIGN" in row.object_code], items)


@operation("GET", "/api/alarms.geojson")
def alarm_map(district: District) -> None:
    shows(district, "/alarms.geojson", standing(), features)


@operation("GET", "/api/alarms/counts")
def alarm_counts(district: District) -> None:
    for reader in district.readers:
        mine = reader.mine(standing())
        counted = reader.get("/alarms/counts")
        assert sum(counted["grades"].values()) == len(mine)
        assert counted["unacknowledged"] == sum(row.state == "raised" for row in mine)


@operation("GET", "/api/alarms/{alarm_id}")
def one_alarm(district: District) -> None:
    opens(district, "/alarms/{id}", standing())


@operation("GET", "/api/alarms/{alarm_id}/history")
def alarm_history(district: District) -> None:
    opens(district, "/alarms/{id}/history", standing())


def on_alarms(district: District, act: str, body: object) -> None:
    for town in (district.a, district.b):
        for short in ("sign", "own_sign"):
            town.ids[f"{short}_alarm"] = Alarm.objects.get(object_id=town.ids[short], closed_at__isnull=True).id
        district.operator.post(f"/alarms/{town.ids['own_sign_alarm']}/{act}", body, status=404)
        town.handler.post(f"/alarms/{town.ids['sign_alarm']}/{act}", body, status=403)
    refuses(district, "POST", f"/alarms/{{id}}/{act}", "sign_alarm", body, Alarm)


def folded(district: District, *, under: str, member: str) -> None:
    for town in (district.a, district.b):
        head = Alarm.objects.get(object_id=town.ids[under], closed_at__isnull=True)
        Alarm.objects.filter(object_id=town.ids[member], closed_at__isnull=True).update(parent_id=head.id)


@operation("GET", "/api/alarms/{alarm_id}/members")
def alarm_members(district: District) -> None:
    """A fold tells nobody of members they may not see, and hides from nobody a member whose head they may not see."""
    opens(district, "/alarms/{id}/members", standing())
    folded(district, under="sign", member="own_sign")
    head = Alarm.objects.get(object_id=district.a.ids["sign"], closed_at__isnull=True)
    assert district.operator.get(f"/alarms/{head.id}/members")["total"] == 0
    assert district.operator.get(f"/alarms/{head.id}")["members"] == 0
    assert district.a.officer.get(f"/alarms/{head.id}/members")["total"] == 1
    assert district.a.officer.get("/alarms")["total"] == len(district.a.officer.mine(standing())) - 1
    Alarm.objects.update(parent_id=None)
    folded(district, under="own_sign", member="sign")
    shown = district.operator.get("/alarms")
    assert shown["total"] == len(district.operator.mine(standing())) > 0


@operation("POST", "/api/alarms/{alarm_id}/split")
def split_alarm(district: District) -> None:
    folded(district, under="sign", member="own_sign")
    on_alarms(district, "split", {"why": "不是同因"})


@operation("GET", "/api/alarms/storm")
def alarm_storm(district: District) -> None:
    calm = {"since": None, "holds": None, "held": 0, "peak": None, "raw": 0, "shown": 0, "ends_at": 5.0}
    assert {json.dumps(reader.get("/alarms/storm")) for reader in district.readers} == {json.dumps(calm)}
    first = AlarmArrival.objects.order_by("at").first()
    assert first is not None
    Storm.objects.create(began_at=first.at, holds=1, peak=11.0)
    for reader in district.readers:
        shown, mine = reader.get("/alarms/storm"), len(reader.mine(Alarm.objects.all()))
        assert shown["held"] == shown["raw"] == shown["shown"] == mine > 0


@operation("GET", "/api/alarms/measures")
def alarm_measures(district: District) -> None:
    for reader in district.readers:
        mine = {str(row.id): row for row in reader.mine(Alarm.objects.all())}
        came = [one for one in AlarmArrival.objects.all() if str(one.alarm_id) in mine]
        shown = reader.get("/alarms/measures?hours=24")
        assert shown["total"] == sum(shown["grades"].values()) == len(came) > 0
        assert {one["rule"] for one in shown["worst"]} <= {row.rule for row in mine.values()}
    for town, other in each_town(district):
        assert town.officer.get(f"/alarms/measures?area={other.path}")["total"] == 0


@operation("POST", "/api/alarms/{alarm_id}/acknowledge")
def acknowledge(district: District) -> None:
    on_alarms(district, "acknowledge", {})


@operation("POST", "/api/alarms/{alarm_id}/shelve")
def shelve(district: District) -> None:
    until = timezone.now() + timedelta(days=1)
    on_alarms(district, "shelve", {"until": until.isoformat(), "why": "施工"})


@operation("POST", "/api/alarms/{alarm_id}/close")
def close_alarm(district: District) -> None:
    on_alarms(district, "close", {"why": "误报"})


@operation("POST", "/api/alarms/{alarm_id}/to-case")
def send_to_case(district: District) -> None:
    Alarm.objects.update(case_done=True)
    on_alarms(district, "to-case", {})


@operation("GET", "/api/readings")
def readings(district: District) -> None:
    opens(district, "/readings?datastream={id}", Datastream.objects.all())
    stream = Datastream.objects.get(object_id=district.a.ids["sign"], stream__endswith=".voltage")
    shown = district.operator.get(f"/readings?datastream={stream.id}")
    assert ([row["value"] for row in shown["readings"]], shown["unit"]) == ([220.0], "V")
    opens(district, "/readings?datastream={id}&resolution=hour", Datastream.objects.all())


@operation("GET", "/api/readings/across")
def readings_across(district: District) -> None:
    voltages = list(Datastream.objects.filter(stream=VOLTAGE))
    for reader in district.readers:
        shown = reader.get(f"/readings/across?stream={VOLTAGE}")
        assert shown["streams"] == sum(shown["count"]) == len(reader.mine(voltages)) > 0
    for town, other in each_town(district):
        assert town.officer.get(f"/readings/across?stream={VOLTAGE}&area={other.path}")["streams"] == 0


@operation("GET", "/api/streams/latest")
def latest_values(district: District) -> None:
    rows = list(Datastream.objects.all())
    for more in ("", "?type=mobility.stop_sign", f"?stream={VOLTAGE}"):
        for reader in district.readers:
            wanted = [row.id for row in reader.mine(rows) if more.partition("=")[2] in row.stream]
            assert sorted(reader.get(f"/streams/latest{more}")["id"]) == sorted(wanted)
    for town, other in each_town(district):
        assert town.officer.get(f"/streams/latest?area={other.path}")["id"] == []


@operation("GET", "/api/readings/retention")
def retention(district: District) -> None:
    district.root.call("PUT", f"/readings/retention/{VOLTAGE}", RETENTION)
    alike(district, "/readings/retention")


@operation("GET", "/api/readings/retention/preview")
def preview_retention(district: District) -> None:
    path = f"/readings/retention/preview?kind={VOLTAGE}&raw_days=30"
    for reader, status in ((district.a.officer, 404), (district.operator, 404), (district.leader, 403)):
        reader.get(path, status=status)
    assert district.root.get(path)["files"] == 0


@operation("PUT", "/api/readings/retention/{kind}")
def set_retention(district: District) -> None:
    path = f"/readings/retention/{VOLTAGE}"
    for reader, status in ((district.a.officer, 404), (district.operator, 404), (district.leader, 403)):
        reader.call("PUT", path, RETENTION, status=status)
    assert district.b.officer.get("/readings/retention") == []
    assert district.root.call("PUT", path, RETENTION)["version"] == 1


@operation("POST", "/api/readings")
def send_readings(district: District) -> None:
    at = int(timezone.now().timestamp() * 1000)
    for town, other in each_town(district):
        mine, theirs = (f"mobility/stop_sign/SIGN-{one.officer.code[-1].upper()}/voltage" for one in (town, other))
        for foreign in (theirs, "mobility/stop_sign/NOBODY/voltage"):
            told = town.officer.post(
                "/readings", {"streams": [mine, foreign], "at": [at, at], "value": [1, 1]}, status=404
            )
            assert told["params"]["names"] == foreign
        town.handler.post("/readings", {"streams": [mine], "at": [at], "value": [1]}, status=404)
        town.officer.post("/readings", {"streams": [mine], "at": [at], "value": [None]}, status=422)
        town.officer.post("/readings", {"streams": [mine]}, status=422)
        # No message server runs here: the sender is told, and keeps its readings.
        town.officer.post("/readings", {"streams": [mine], "at": [at], "value": [1]}, status=503)


STA = "/sensorthings/v1.1"


@operation("GET", "/api/sensorthings/v1.1")
def sensorthings_root(district: District) -> None:
    alike(district, STA)


@operation("GET", "/api/sensorthings/v1.1/{path}")
def sensorthings_read(district: District) -> None:
    streams = list(Datastream.objects.all())
    things = list(CityObject.objects.filter(id__in=[row.object_id for row in streams]))
    for path, rows in (("Things", things), ("Datastreams", streams), ("Locations", things),
                       ("HistoricalLocations", things), ("FeaturesOfInterest", things)):  # fmt: skip
        for more in ("", "&$filter=id ne 'x'&$orderby=id"):
            for reader in district.readers:
                shown = reader.get(f"{STA}/{path}?$count=true{more}")
                assert {str(row["@iot.id"]) for row in shown["value"]} == own(reader, rows), (reader.code, path)
                assert shown["@iot.count"] == len(reader.mine(rows))
    for reader in district.readers:
        shown = reader.get(f"{STA}/Observations?$count=true&$expand=Datastream/Thing,FeatureOfInterest")
        assert {str(row["Datastream"]["@iot.id"]) for row in shown["value"]} == own(reader, streams)
        assert shown["@iot.count"] == len(reader.mine(streams)) > 0
        for kind in ("Sensors", "ObservedProperties"):
            (shown,) = reader.get(f"{STA}/{kind}?$filter=id eq '{VOLTAGE}'&$expand=Datastreams($count=true)")["value"]
            mine = reader.mine([row for row in streams if row.stream == VOLTAGE])
            assert {row["@iot.id"] for row in shown["Datastreams"]} == {row.id for row in mine}
            assert shown["Datastreams@iot.count"] == len(mine)
    opens(district, STA + "/Things('{id}')", things)
    opens(district, STA + "/Datastreams({id})", streams)
    opens(district, STA + "/Datastreams({id})/Observations?$top=1", streams)
    for row in streams:
        at = round(row.latest.at.timestamp() * 1000)
        for reader in district.readers:
            reader.get(f"{STA}/Observations('{row.id}-{at}')", status=200 if reader.sees(row) else 404)


@operation("POST", "/api/sensorthings/v1.1/{path}")
def sensorthings_create(district: District) -> None:
    at = timezone.now().isoformat()
    for town, other in each_town(district):
        mine, theirs = (
            Datastream.objects.get(object_id=one.ids["sign"], stream=VOLTAGE).id for one in (town, other)
        )  # fmt: skip
        body = {"phenomenonTime": at, "result": 1}
        town.officer.post(f"{STA}/Datastreams({theirs})/Observations", body, status=404)
        town.officer.post(f"{STA}/Observations", {**body, "Datastream": {"@iot.id": theirs}}, status=404)
        town.handler.post(f"{STA}/Datastreams({mine})/Observations", body, status=404)
        group = {"Datastream": {"@iot.id": theirs}, "components": ["result"], "dataArray": [[1]]}
        assert town.officer.post(f"{STA}/CreateObservations", [group], status=201) == ["error"]
        # No message server runs here: the sender is told, and keeps its readings.
        town.officer.post(f"{STA}/Datastreams({mine})/Observations", body, status=503)


def own_devices(reader: Reader) -> set[str]:
    return {str(row.object_id) for row in reader.mine(Datastream.objects.all())}


@operation("GET", "/api/devices")
def devices(district: District) -> None:
    for reader in district.readers:
        answer = reader.get("/devices?health=fresh&type=mobility.stop_sign")
        assert {row["object_id"] for row in answer["items"]} == own_devices(reader)
        assert answer["total"] == len(own_devices(reader))
        assert reader.get("/devices?health=silent")["total"] == 0
    for town, other in each_town(district):
        assert town.officer.get(f"/devices?area={other.code}")["total"] == 0
        assert town.officer.get(f"/devices?q={other.officer.code[-1].upper()}")["total"] <= len(
            own_devices(town.officer)
        )


@operation("GET", "/api/devices/groups")
def device_groups(district: District) -> None:
    for reader in district.readers:
        for by in ("type", "town", "firmware"):
            rows = reader.get(f"/devices/groups?by={by}")
            assert [sum(row[name] for row in rows) for name in ("total", "fresh")] == [len(own_devices(reader))] * 2
    for town, other in each_town(district):
        assert town.officer.get(f"/devices/groups?by=town&area={other.code}") == []


@operation("GET", "/api/devices.geojson")
def devices_on_the_map(district: District) -> None:
    for reader in district.readers:
        shown = {one["properties"]["id"] for one in reader.get("/devices.geojson")["features"]}
        assert shown
        assert shown <= own_devices(reader)


def keys_of(district: District) -> dict[str, str]:
    """Make a key in each town, one for both towns and one for a whole type; return their ids by name."""
    made = {}
    for town in (district.a, district.b):
        body = {"name": f"key-{town.code}", "objects": [str(town.ids["own_sign"])]}
        made[body["name"]] = town.officer.post("/devices/keys", body, status=201)["key"]["id"]
    both = {"name": "key-both", "objects": [str(town.ids["sign"]) for town in (district.a, district.b)]}
    made["key-both"] = district.leader.post("/devices/keys", both, status=201)["key"]["id"]
    whole = {"name": "key-whole", "types": ["mobility.stop_sign"]}
    made["key-whole"] = district.leader.post("/devices/keys", whole, status=201)["key"]["id"]
    return made


def spoken_for(district: District, reader: Reader) -> dict[str, set[str]]:
    """Return by key which of its objects lie within the reader's sight; a key of none is not the reader's to see."""
    sign = {town.code: CityObject.objects.get(id=town.ids["sign"]) for town in (district.a, district.b)}
    own_sign = {town.code: CityObject.objects.get(id=town.ids["own_sign"]) for town in (district.a, district.b)}
    wanted = {"key-both": own(reader, sign.values())}
    wanted |= {f"key-{code}": own(reader, [thing]) for code, thing in own_sign.items()}
    wanted = {name: things for name, things in wanted.items() if things}
    return wanted | ({"key-whole": set()} if reader is district.leader else {})


@operation("GET", "/api/devices/keys")
def list_keys(district: District) -> None:
    keys_of(district)
    for reader in district.readers:
        answer = reader.get("/devices/keys")
        shown = {row["name"]: {thing["object_id"] for thing in row["objects"]} for row in answer["items"]}
        assert shown == spoken_for(district, reader), reader.code
        assert answer["total"] == len(shown)
        assert all(row["objects_total"] == len(row["objects"]) for row in answer["items"])
        mine = {row["name"] for row in answer["items"] if row["may_revoke"]}
        town = next((one for one in (district.a, district.b) if one.officer is reader), None)
        assert mine == (set(shown) if reader is district.leader else {f"key-{town.code}"} if town else set())
    assert district.leader.get("/devices/keys?state=revoked")["total"] == 0


@operation("GET", "/api/devices/keys/{key_id}")
def one_key(district: District) -> None:
    made = keys_of(district)
    for reader in district.readers:
        wanted = spoken_for(district, reader)
        for name, key_id in made.items():
            row = reader.get(f"/devices/keys/{key_id}", status=200 if name in wanted else 404)
            if name in wanted:
                assert {thing["object_id"] for thing in row["objects"]} == wanted[name]


@operation("POST", "/api/devices/keys")
def make_a_key(district: District) -> None:
    for town, other in each_town(district):
        before = History.objects.count()
        for status, who, more in (
            (404, town.officer, {"objects": [str(other.ids["sign"])]}),
            (404, town.officer, {"objects": [str(town.ids["sign"]), str(other.ids["sign"])]}),
            (403, town.officer, {"types": ["mobility.stop_sign"]}),
            (403, town.handler, {"objects": [str(town.ids["own_sign"])]}),
            (422, town.officer, {"objects": [str(town.ids["stop"])]}),
            (422, town.officer, {}),
        ):
            who.post("/devices/keys", {"name": f"new-{town.code}", **more}, status=status)
        assert History.objects.count() == before
        body = {"name": f"new-{town.code}", "objects": [str(town.ids["sign"])]}
        made = town.officer.post("/devices/keys", body, status=201)
        assert made["secret"] not in json.dumps(town.officer.get("/devices/keys"))
        assert made["secret"] not in str(list(History.objects.filter(entity="device_key").values_list("data")))
        other.officer.post("/devices/keys", {**body, "objects": [str(other.ids["sign"])]}, status=409)


@operation("POST", "/api/devices/keys/{key_id}/revoke")
def revoke_a_key(district: District) -> None:
    made = keys_of(district)
    for town, other in each_town(district):
        own_key = f"/devices/keys/{made[f'key-{town.code}']}/revoke"
        other.officer.post(own_key, {"why": "试"}, status=404)
        town.handler.post(own_key, {"why": "试"}, status=403)
        district.operator.post(f"/devices/keys/{made['key-both']}/revoke", {"why": "试"}, status=403)
        town.officer.post(f"/devices/keys/{made['key-both']}/revoke", {"why": "试"}, status=403)
        town.officer.post(f"/devices/keys/{made['key-whole']}/revoke", {"why": "试"}, status=404)
        town.officer.post(own_key, {"why": " "}, status=422)
        assert town.officer.post(own_key, {"why": "遗失"})["state"] == "revoked"
        town.officer.post(own_key, {"why": "遗失"}, status=409)
    assert district.leader.post(f"/devices/keys/{made['key-whole']}/revoke", {"why": "换"})["state"] == "revoked"


def nodes_of(district: District) -> dict[str, tuple[str, str]]:
    """Make both towns' nodes; return id and key by town."""
    made = {}
    for town in (district.a, district.b):
        answer = district.root.post("/nodes", {"town": town.code}, status=201)
        row = next(row for row in district.root.get("/nodes") if row["code"] == answer["code"])
        made[town.code] = (row["id"], answer["key"])
    return made


def node_call(method: str, path: str, key: str, body: bytes = b"", *, status: int = 200) -> Any:
    """Call as a node does, with its key and no session."""
    answer = Client().generic(
        method, f"/api/edge{path}", data=body, content_type="application/msgpack", HTTP_AUTHORIZATION=f"Bearer {key}"
    )
    assert answer.status_code == status, (path, answer.status_code, answer.content[:400])
    return json.loads(answer.content)


def parcel(*items: tuple[str, object], begin: int = 1, era: str = "one") -> bytes:
    """Return what a node sends: each item is its kind and what it says."""
    return msgspec.msgpack.encode(
        Parcel(
            era=era, at=timezone.now(), waiting=0, oldest_at=None, full=False, copied_at=None, catalogue="",
            items=[
                Item(position=begin + number, kind=kind, payload=msgspec.json.encode(said))
                for number, (kind, said) in enumerate(items)
            ],
        )
    )  # fmt: skip


@operation("GET", "/api/nodes")
def list_nodes(district: District) -> None:
    nodes_of(district)
    for town, _ in each_town(district):
        assert [row["town"] for row in town.officer.get("/nodes")] == [town.code]
    assert {row["town"] for row in district.leader.get("/nodes")} == {district.a.code, district.b.code}
    assert district.operator.get("/nodes") == []


@operation("POST", "/api/nodes")
def make_a_node(district: District) -> None:
    for reader in district.readers:
        reader.post("/nodes", {"town": district.a.code}, status=403)
    district.root.post("/nodes", {"town": DISTRICT}, status=422)
    made = district.root.post("/nodes", {"town": district.a.code}, status=201)
    district.root.post("/nodes", {"town": district.a.code}, status=409)
    assert made["key"].split(":")[1] not in json.dumps(district.root.get("/nodes"))
    assert made["key"].split(":")[1] not in str(list(History.objects.filter(entity="node").values_list("data")))


@operation("POST", "/api/nodes/{node_id}/revoke")
def revoke_a_node(district: District) -> None:
    node_id, key = nodes_of(district)[district.a.code]
    for reader in district.readers:
        reader.post(f"/nodes/{node_id}/revoke", {"why": "试"}, status=403)
    district.root.post(f"/nodes/{node_id}/revoke", {"why": " "}, status=422)
    node_call("GET", "/copy", key)
    district.root.post(f"/nodes/{node_id}/revoke", {"why": "换机"}, status=204)
    node_call("GET", "/copy", key, status=401)
    district.root.post(f"/nodes/{node_id}/revoke", {"why": "换机"}, status=409)


@operation("GET", "/api/edge/line")
def read_the_line(district: District) -> None:
    for reader in district.readers:
        assert reader.get("/edge/line")["edge"] is False


@operation("POST", "/api/edge/cases/{case_id}/release")
def release_a_case(district: District) -> None:
    for town, other in each_town(district):
        path = f"/edge/cases/{town.ids['sign_case']}/release"
        assert town.officer.post(path, {"why": "试"}, status=404)["code"] == "edge.no_edge"
        with at_node(town):
            assert other.officer.post(path, {"why": "试"}, status=404)["code"] == "people.not_visible"
            town.handler.post(path, {"why": "试"}, status=403)
            town.officer.post(path, {"why": ""}, status=422)
            town.officer.post(path, {"why": "交区里"})
            town.officer.post(path, {"why": "交区里"}, status=409)
            moved = town.officer.post(
                f"/cases/{town.ids['sign_case']}/moves/return", {"version": 2, "reason": "试"}, status=403
            )
            assert moved["code"] == "ledger.owned_elsewhere"
            assert town.officer.post("/objects", {}, status=409)["code"] == "edge.kept_at_centre"


@contextlib.contextmanager
def at_node(town: Town) -> Iterator[None]:
    """Let this site be the town's node."""
    with override_settings(CONFIG=replace(settings.CONFIG, edge=town.code, upstream="http://127.0.0.1:1")):
        yield


@operation("POST", "/api/edge/up")
def hand_up(district: District) -> None:
    """A node brings nothing into another town, takes no case that is the centre's, and is counted exactly."""
    made = nodes_of(district)
    for town, other in each_town(district):
        _, key = made[town.code]
        row = {
            "id": str(uuid4()), "number": f"SJ-20261124-{town.code[6:]}-9", "type": "mobility.stop_sign_repair",
            "state": "dispatch", "kind": "open", "title": "题", "description": "", "object_id": None,
            "object_code": "", "alarm_id": None, "source": "hand", "area_path": town.path, "unit_code": "",
            "handled_by": "", "handled_by_all": [], "fields": {}, "opened_by": "x", "closed_at": None,
            "opened_at": timezone.now().isoformat(), "paused": False, "why": [], "version": 1, "origin": "site",
        }  # fmt: skip
        state = {"row": row, "clocks": [], "evidence": [], "released": False}
        foreign = {**state, "row": {**row, "id": str(uuid4()), "number": "SJ-9", "area_path": other.path}}
        ours = {**state, "row": {**row, "id": str(town.ids["sign_case"])}}
        thing = {"id": str(other.ids["board"]), "values": {"approval": "approved"}, "why": ""}
        told = {"entity": "case", "entity_id": row["id"], "area_path": other.path, "actor": "x", "actor_name": "x",
                "action": "moved", "why": "", "data": {}, "at": timezone.now().isoformat()}  # fmt: skip
        items = (("case", state), ("case", foreign), ("case", ours), ("object", thing), ("history", told))
        before = Case.objects.count()
        answer = node_call("POST", "/up", key, parcel(*items))
        assert (answer["position"], answer["counts"]) == (5, {"cases_in": 1, "set_aside": 4})
        assert Case.objects.count() == before + 1
        assert Quarantine.objects.filter(consumer__startswith=f"node-{town.code}", area_path=town.path).count() == 4
        assert node_call("POST", "/up", key, parcel(*items))["counts"] == {"again": 5}
        assert node_call("POST", "/up", key, parcel(("case", state), begin=7), status=409)["code"] == "edge.gap"
        era = node_call("POST", "/up", key, parcel(("case", state), begin=6, era="two"), status=409)
        assert era["code"] == "edge.other_era"
        other.officer.get(f"/cases/{row['id']}", status=404)
        locked = [move["reason"]["zh"] for move in town.officer.get(f"/cases/{row['id']}")["moves"]]
        assert locked and all(f"node-{town.code}-" in one for one in locked)


@operation("GET", "/api/edge/files/{hash}")
def has_a_file(district: District) -> None:
    """A node is not told of files that it did not send."""
    made = nodes_of(district)
    for town, _ in each_town(district):
        evidence = Evidence.objects.get(id=town.ids["sign_evidence"])
        assert node_call("GET", f"/files/{evidence.file_hash}", made[town.code][1]) == {"kept": False}


@operation("PUT", "/api/edge/files/{hash}")
def put_a_file(district: District) -> None:
    made = nodes_of(district)
    data = photo()
    name = hashlib.sha256(data).hexdigest()
    node_call("PUT", f"/files/{name[:-1]}0" if name[-1] != "0" else f"/files/{name[:-1]}1", made[district.a.code][1],
              data, status=422)  # fmt: skip
    assert node_call("PUT", f"/files/{name}", made[district.a.code][1], data) == {"kept": True}
    node_call("PUT", f"/files/{name}", made[district.a.code][1] + "x", data, status=401)


@operation("GET", "/api/edge/copy")
def read_the_copy(district: District) -> None:
    made = nodes_of(district)
    first, second = (node_call("GET", "/copy", made[town.code][1])["digests"] for town in (district.a, district.b))
    assert first["areas"] == second["areas"]
    assert all(first[part] != second[part] for part in ("people", "posts", "objects", "links"))


@operation("GET", "/api/edge/copy/{part}")
def read_a_part(district: District) -> None:
    """A node gets its town's things and people, and of nobody else a name or a password."""
    made = nodes_of(district)
    keys_of(district)
    for town, other in each_town(district):
        parts = {part: node_call("GET", f"/copy/{part}", made[town.code][1])["rows"] for part in PARTS}
        mine = CityObject.objects.filter(area_path__startswith=town.path).values_list("id", flat=True)
        assert {row["id"] for row in parts["objects"]} == {str(one) for one in mine}
        assert {row["code"] for row in parts["people"]} == {town.officer.code, town.handler.code}
        assert {row["user"] for row in parts["posts"]} == {town.officer.code, town.handler.code}
        assert {row["object_id"] for row in parts["spoken"]} <= {str(one) for one in mine}
        assert f"key-{other.code}" not in {row["name"] for row in parts["keys"]}
        said = json.dumps({name: rows for name, rows in parts.items() if name not in ("areas", "units", "rules")})
        assert str(other.ids["board"]) not in said
        assert district.leader.code not in {row["code"] for row in parts["people"]}
        node_call("GET", "/copy/sessions", made[town.code][1], status=404)


@operation("GET", "/api/devices/turned-away")
def turned_away(district: District) -> None:
    DoorCount.objects.create(why="secret", count=3, last_at=timezone.now())
    assert [(row["why"], row["count"]) for row in district.leader.get("/devices/turned-away")] == [("secret", 3)]
    for reader in (district.a.officer, district.b.officer, district.operator):
        reader.get("/devices/turned-away", status=403)


def set_aside(district: District) -> tuple[list[Quarantine], Quarantine]:
    """Put one reading of each datastream into quarantine, and one that belongs to none."""
    rows = [
        Quarantine(
            consumer="devices-0", stream_created=timezone.now(), stream_sequence=number, item=0, reason="value",
            subject="", name=stream.object_code, payload=b"{}", area_path=stream.area_path,
            unit_code=stream.unit_code, received_at=timezone.now(),
        )
        for number, stream in enumerate(Datastream.objects.all())
    ]  # fmt: skip
    kept = Quarantine.objects.bulk_create(rows)
    stray = Quarantine.objects.create(
        consumer="devices-0", stream_created=timezone.now(), stream_sequence=-1, item=0, reason="object",
        subject="", name="nobody/knows/it/voltage", payload=b"{}", received_at=timezone.now(),
    )  # fmt: skip
    return kept, stray


@operation("GET", "/api/quarantine")
def quarantined(district: District) -> None:
    kept, stray = set_aside(district)
    for reader in district.readers:
        wanted = own(reader, kept) | ({str(stray.id)} if reader is district.leader else set())
        answer = reader.get("/quarantine?size=500")
        assert (set(items(answer)), answer["total"]) == (wanted, len(wanted)), reader.code
        assert set(items(reader.get("/quarantine?name=SIGN"))) <= wanted


@operation("GET", "/api/quarantine/kinds")
def quarantine_kinds(district: District) -> None:
    kept, _ = set_aside(district)
    for reader in district.readers:
        counted = {row["reason"]: row["count"] for row in reader.get("/quarantine/kinds")}
        assert counted == {"value": len(reader.mine(kept))} | ({"object": 1} if reader is district.leader else {})


@operation("POST", "/api/quarantine/again")
def quarantine_again(district: District) -> None:
    kept, _ = set_aside(district)
    mark = {district.a.code: "SIGN-A", district.b.code: "SIGN-B"}
    for town, other in each_town(district):
        before = History.objects.count()
        assert town.officer.post("/quarantine/again", {"name": mark[other.code]}) == {"count": 0}
        assert town.officer.post("/quarantine/again", {"reason": "object"}) == {"count": 0}
        town.handler.post("/quarantine/again", status=403)
        # No message server runs here: the readings stay where they are.
        town.officer.post("/quarantine/again", {"name": mark[town.code]}, status=503)
        assert (Quarantine.objects.count(), History.objects.count()) == (len(kept) + 1, before)


@operation("GET", "/api/readings/fates")
def reading_fates(district: District) -> None:
    assert {"fate": "stored", "count": 4 * len(SIGN_SENDS)} in district.leader.get("/readings/fates")
    for reader in (district.a.officer, district.b.officer, district.operator):
        reader.get("/readings/fates", status=403)


@operation("GET", "/api/devices/health")
def health(district: District) -> None:
    for reader in district.readers:
        devices = {row.object_id for row in reader.mine(Datastream.objects.all())}
        shown = reader.get("/devices/health")
        assert (shown["total"], shown["fresh"]) == (len(devices), len(devices))


# --- cases ---


def open_cases() -> list[Case]:
    return list(Case.objects.filter(kind="open"))


@operation("GET", "/api/cases")
def cases(district: District) -> None:
    shows(district, "/cases", open_cases(), items)
    shows(district, "/cases?kind=all&area=310117&sort=-opened_at&q=SJ-", Case.objects.all(), items)
    for town, other in each_town(district):
        assert town.officer.get(f"/cases?object={other.ids['sign']}")["total"] == 0
        assert town.officer.get(f"/cases?area={other.code}")["total"] == 0


@operation("GET", "/api/cases.geojson")
def case_map(district: District) -> None:
    shows(district, "/cases.geojson", open_cases(), features)


@operation("GET", "/api/cases/counts")
def case_counts(district: District) -> None:
    for reader in district.readers:
        mine = reader.mine(open_cases())
        shown = reader.get("/cases/counts")
        assert shown["open"] == len(mine) == sum(row["open"] for row in shown["by_type"])
        by_town = {row["area_path"]: row["open"] for row in shown["by_town"]}
        paths = [town.path for town in (district.a, district.b)]
        counted = {path: sum(row.area_path.startswith(path) for row in mine) for path in paths}
        assert by_town == {path: count for path, count in counted.items() if count}


@operation("GET", "/api/cases/{case_id}")
def one_case(district: District) -> None:
    opens(district, "/cases/{id}", Case.objects.all())


@operation("GET", "/api/cases/{case_id}/history")
def case_history(district: District) -> None:
    opens(district, "/cases/{id}/history", Case.objects.all())


@operation("GET", "/api/cases/{case_id}/evidence/{evidence_id}")
def evidence(district: District) -> None:
    files = {row.case_id: row.id for row in Evidence.objects.all()}
    rows = [row for row in Case.objects.all() if row.id in files]
    opens(district, "/cases/{id}/evidence/{file}", rows, file=lambda row: files[row.id])
    for town, other in each_town(district):
        town.officer.get(f"/cases/{town.ids['sign_case']}/evidence/{other.ids['sign_evidence']}", status=404)


@operation("POST", "/api/cases")
def open_case(district: District) -> None:
    for town, other in each_town(district):
        before = Case.objects.count()
        body = {"type": "signs.billboard_repair", "object_id": str(town.ids["board"])}
        other.officer.post("/cases", body, status=404)
        district.operator.post("/cases", body, status=404)
        assert Case.objects.count() == before
        case = town.officer.post("/cases", body)
        other.officer.get(f"/cases/{case['id']}", status=404)


@operation("POST", "/api/cases/bulk")
def open_many(district: District) -> None:
    for town, other in each_town(district):
        before = Case.objects.count()
        body = {"type": "signs.billboard_repair", "object_ids": [str(town.ids["board"])]}
        both = {**body, "object_ids": [str(district.a.ids["board"]), str(district.b.ids["board"])]}
        other.officer.post("/cases/bulk", body, status=404)
        town.officer.post("/cases/bulk", both, status=404)
        assert Case.objects.count() == before
        (opened,) = town.officer.post("/cases/bulk", body)
        other.officer.get(f"/cases/{opened['case_id']}", status=404)


@operation("POST", "/api/cases/{case_id}/evidence")
def add_evidence(district: District) -> None:
    for town, other in each_town(district):
        before = Evidence.objects.count()
        path = f"/cases/{town.ids['own_sign_case']}/evidence"
        for stranger in (other.officer, other.handler, district.operator):
            file = io.BytesIO(b"%PDF-1.4 %%EOF")
            file.name = "a.pdf"
            stranger.call("POST", path, files={"file": file, "need": ""}, status=404)
        assert Evidence.objects.count() == before


@operation("POST", "/api/cases/{case_id}/moves/{move_id}")
def move(district: District) -> None:
    body = {"version": 1, "unit_code": OPERATOR}
    for town in (district.a, district.b):
        district.operator.post(f"/cases/{town.ids['own_sign_case']}/moves/send", body, status=404)
    refuses(district, "POST", "/cases/{id}/moves/send", "own_sign_case", body, Case)
    for town in (district.a, district.b):
        district.operator.get(f"/cases/{town.ids['own_sign_case']}")


# --- runs and rounds ---


@operation("POST", "/api/analyses/{analysis_id}/runs")
def start_run(district: District) -> None:
    path = "/analyses/signs.sampling_draw/runs"
    for town, other in each_town(district):
        before = Run.objects.count()
        town.officer.post(path, {"area": other.code, "parameters": SAMPLING}, status=404)
        town.officer.post(path, {"area": "310117", "parameters": SAMPLING}, status=404)
        town.handler.post(path, {"area": town.code, "parameters": SAMPLING}, status=403)
        assert Run.objects.count() == before
        run = town.officer.post(path, {"area": town.code, "parameters": SAMPLING})
        shops = [row for row in town.officer.mine(things()) if row.type == "signs.shop_sign"]
        assert run["input_count"] == len(shops)
    assert district.leader.post(path, {"area": "310117", "parameters": SAMPLING})["input_count"] == 2 * len(shops)


@operation("GET", "/api/runs")
def runs(district: District) -> None:
    shows(district, "/runs", Run.objects.all(), items)


@operation("GET", "/api/runs/{run_id}")
def one_run(district: District) -> None:
    opens(district, "/runs/{id}", Run.objects.all())


@operation("POST", "/api/runs/{run_id}/decline")
def decline(district: District) -> None:
    refuses(district, "POST", "/runs/{id}/decline", "waiting_run", {"why": "重抽"}, Run)


@operation("POST", "/api/rounds/from-run/{run_id}")
def round_from_run(district: District) -> None:
    refuses(district, "POST", "/rounds/from-run/{id}", "waiting_run", {"why": "按计划"}, Run)


@operation("POST", "/api/rounds/{round_id}/start")
def start_round(district: District) -> None:
    path = "/rounds/signs.billboard_gale_round/start"
    for town, other in each_town(district):
        before = RoundRun.objects.count()
        town.officer.post(path, {"area": other.code}, status=404)
        town.officer.post(path, {"area": "310117"}, status=404)
        assert RoundRun.objects.count() == before
        made = town.officer.post(path, {"area": town.code})
        assert {item["object_id"] for item in made["items"]} == {str(town.ids["board"])}


@operation("GET", "/api/rounds")
def rounds(district: District) -> None:
    shows(district, "/rounds", RoundRun.objects.all(), items)


@operation("GET", "/api/rounds/{round_id}")
def one_round(district: District) -> None:
    opens(district, "/rounds/{id}", RoundRun.objects.all())
    for town in (district.a, district.b):
        shown = town.officer.get(f"/rounds/{town.ids['sampled_round']}")
        kept = RoundItem.objects.filter(round_run=town.ids["sampled_round"])
        assert {item["id"] for item in shown["items"]} == {str(item.id) for item in kept}


@operation("POST", "/api/rounds/{round_id}/items/{item_id}")
def fill_item(district: District) -> None:
    for town, other in each_town(district):
        body = {"form": {"result": "sound"}}
        path = f"/rounds/{town.ids['sampled_round']}/items/{town.ids['open_item']}"
        other.officer.post(path, body, status=404)
        other.officer.post(f"/rounds/{other.ids['sampled_round']}/items/{town.ids['open_item']}", body, status=404)
        assert RoundItem.objects.get(id=town.ids["open_item"]).filled_at is None
        town.officer.post(path, body)


@operation("POST", "/api/rounds/{round_id}/close")
def close_round(district: District) -> None:
    refuses(district, "POST", "/rounds/{id}/close", "board_round", {}, RoundRun)


# --- indicators and the plan ---

STOPS, SHOPS = "mobility.stops_with_working_sign", "signs.shop_signs_approved"
OF = {STOPS: "mobility.bus_stop", SHOPS: "signs.shop_sign"}


def counted(reader: Reader, indicator: str) -> list[CityObject]:
    return [row for row in reader.mine(things()) if row.type == OF[indicator]]


@operation("GET", "/api/indicators")
def indicators(district: District) -> None:
    for reader in district.readers:
        shown = {one["id"]: one for one in reader.get("/indicators")}
        for indicator in OF:
            assert (shown[indicator]["denominator"] or 0) == len(counted(reader, indicator))
            assert shown[indicator]["trend"][-1] == shown[indicator]["value"]
    for town, other in each_town(district):
        for one in other.officer.get(f"/indicators?area={town.code}"):
            assert not one["denominator"]
            assert one["trend"] == [None] * 12


@operation("GET", "/api/indicators/{indicator_id}")
def one_indicator(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            assert (reader.get(f"/indicators/{indicator}")["denominator"] or 0) == len(counted(reader, indicator))
        for town, other in each_town(district):
            assert not town.officer.get(f"/indicators/{indicator}?area={other.code}")["denominator"]
            assert not town.officer.get(f"/indicators/{indicator}?unit=town-{other.code}")["denominator"]


@operation("GET", "/api/indicators/{indicator_id}/trend")
def trend(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            last = reader.get(f"/indicators/{indicator}/trend")[-1]
            assert (last["denominator"] or 0) == len(counted(reader, indicator))
        for town, other in each_town(district):
            last = other.officer.get(f"/indicators/{indicator}/trend?area={town.code}")[-1]
            assert last["value"] is None


@operation("GET", "/api/indicators/{indicator_id}/by-area")
def by_area(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            shown = {row["area_path"]: row["denominator"] for row in reader.get(f"/indicators/{indicator}/by-area")}
            rows = counted(reader, indicator)
            paths = [town.path for town in (district.a, district.b)]
            found = {path: sum(row.area_path.startswith(path) for row in rows) for path in paths}
            assert shown == {path: count for path, count in found.items() if count}


@operation("GET", "/api/indicators/{indicator_id}/by-unit")
def by_unit(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            shown = {row["unit_code"] for row in reader.get(f"/indicators/{indicator}/by-unit")}
            assert shown == {row.unit_code for row in counted(reader, indicator) if row.unit_code}


@operation("GET", "/api/indicators/{indicator_id}/rows")
def indicator_rows(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            shown = reader.get(f"/indicators/{indicator}/rows?size=500")
            assert {row["thing"] for row in shown["items"]} == own(reader, counted(reader, indicator))
            assert shown["total"] == len(shown["items"])
            value = reader.get(f"/indicators/{indicator}")["value_id"]
            assert reader.get(f"/indicators/{indicator}/rows?size=500&value_id={value}")["total"] == shown["total"]
    for reader in district.readers:
        for indicator in current().indicators:
            for row in reader.get(f"/indicators/{indicator}/rows?size=500")["items"]:
                assert row["area_path"].startswith(reader.area_path) and reader.unit in ("", row["unit_code"])


@operation("GET", "/api/indicators/{indicator_id}/export")
def export_rows(district: District) -> None:
    for indicator in OF:
        for reader in district.readers:
            text = reader.get(f"/indicators/{indicator}/export?format=csv").decode("utf-8-sig")
            codes = {row[0] for row in list(csv.reader(io.StringIO(text)))[1:]}
            assert codes == {row.code for row in counted(reader, indicator)}
        district.a.handler.get(f"/indicators/{indicator}/export", status=403)


@operation("POST", "/api/indicators/{indicator_id}/recompute")
def recompute(district: District) -> None:
    for town in (district.a, district.b):
        shown = town.officer.post(f"/indicators/{STOPS}/recompute")
        assert shown["denominator"] == len(counted(town.officer, STOPS))
        town.handler.post(f"/indicators/{STOPS}/recompute", status=403)


RULE = "mobility.stop_sign_low_voltage"
LAID = {"values": {"value": 190}, "why": "试运行"}


@operation("GET", "/api/rules")
def rules(district: District) -> None:
    for reader in district.readers:
        shown = {row["id"]: row["standing"] for row in reader.get("/rules")}
        mine = [row.rule for row in reader.mine(standing())]
        assert shown == {rule: mine.count(rule) for rule in current().rules}


@operation("GET", "/api/rules/{rule_id}")
def one_rule(district: District) -> None:
    for reader in district.readers:
        shown = reader.get(f"/rules/{RULE}")
        assert shown["rule"]["standing"] == sum(row.rule == RULE for row in reader.mine(standing()))
        assert shown["may_tune"] == (reader is district.leader)


@operation("POST", "/api/rules/{rule_id}/versions")
def lay_over_rule(district: District) -> None:
    for reader in (district.a.officer, district.b.officer, district.operator, district.a.handler):
        reader.post(f"/rules/{RULE}/versions", LAID, status=403)
    assert district.leader.post(f"/rules/{RULE}/versions", LAID)["rule"]["version"] == 1


@operation("POST", "/api/rules/{rule_id}/versions/{number}/restore")
def restore_rule(district: District) -> None:
    district.leader.post(f"/rules/{RULE}/versions", LAID)
    district.a.officer.post(f"/rules/{RULE}/versions/0/restore", {"why": "x"}, status=403)
    assert district.leader.post(f"/rules/{RULE}/versions/0/restore", {"why": "x"})["rule"]["version"] == 2


@operation("POST", "/api/rules/{rule_id}/trials")
def try_rule(district: District) -> None:
    now = timezone.now()
    asked = {"values": LAID["values"], "begin": (now - timedelta(days=30)).isoformat(), "end": now.isoformat()}
    district.a.handler.post(f"/rules/{RULE}/trials", asked, status=403)
    for reader in (district.a.officer, district.b.officer, district.leader):
        assert reader.post(f"/rules/{RULE}/trials", asked)["trial"]["state"] == "waiting"


@operation("GET", "/api/rules/{rule_id}/trials/{trial_id}")
def one_trial(district: District) -> None:
    streams = list(Datastream.objects.filter(stream="mobility.stop_sign.voltage"))
    now = timezone.now()
    trial = RuleTrial.objects.create(
        rule=RULE, values=LAID["values"], begin=now - timedelta(days=1), end=now, state="done", asked_by="x",
        asked_by_name="x",
        result=[
            {"object_id": str(one.object_id), "code": one.object_code, "area_path": one.area_path,
             "unit_code": one.unit_code, "day": "2026-11-23", "before": 1, "after": 0}
            for one in streams
        ],
    )  # fmt: skip
    assert streams
    for reader in district.readers:
        shown = reader.get(f"/rules/{RULE}/trials/{trial.pk}")
        mine = reader.mine(streams)
        assert (shown["before"], {one["code"] for one in shown["things"]}) == (
            len(mine), {one.object_code for one in mine},
        )  # fmt: skip
        assert sum(day["before"] for day in shown["days"]) == len(mine)
        reader.get(f"/rules/mobility.stop_sign_fault/trials/{trial.pk}", status=404)


def targets(plan: Any) -> dict[str, Any]:
    return {
        target["indicator"]: target
        for theme in plan["themes"] for task in theme["tasks"] for target in task["targets"]
    }  # fmt: skip


def holds_plan(district: District, read: Callable[[Reader], dict[str, Any]]) -> None:
    for reader in district.readers:
        shown = read(reader)
        for indicator in OF.keys() & shown.keys():
            rows = counted(reader, indicator)
            assert (shown[indicator]["denominator"] or 0) == len(rows)
            assert (shown[indicator]["value"] is None) == (not rows)


@operation("GET", "/api/plan")
def plan(district: District) -> None:
    holds_plan(district, lambda reader: targets(reader.get("/plan")))


@operation("GET", "/api/cockpit")
def cockpit(district: District) -> None:
    holds_plan(district, lambda reader: targets(reader.get("/cockpit")["plan"]))


@operation("GET", "/api/plan/tasks/{no}")
def task(district: District) -> None:
    for no in ("7", "8"):
        for reader in district.readers:
            for row in reader.get(f"/plan/tasks/{no}")["towns"]:
                assert row["area_path"].startswith(reader.area_path)
                for indicator in OF.keys() & row["values"].keys():
                    rows = [one for one in counted(reader, indicator) if one.area_path.startswith(row["area_path"])]
                    assert (row["values"][indicator]["denominator"] or 0) == len(rows)


# --- what the table above does not name ---


def test_an_auditor_reads_no_private_value_that_the_post_may_not(district: District) -> None:
    board = str(district.a.ids["board"])
    assert PHONE in json.dumps(History.objects.get(entity="object", entity_id=board).data)
    plain = person("auditor-a", district.a.code, f"town-{district.a.code}", ("auditor",))
    (row,) = plain.get(f"/audit?entity=object&entity_id={board}")["items"]
    assert PHONE not in json.dumps(row) and row["data"]["masked"] == ["attr.owner_phone"]
    (whole,) = district.a.officer.get(f"/audit?entity=object&entity_id={board}")["items"]
    assert PHONE in json.dumps(whole)


def test_history_does_not_name_the_unseen_end_of_a_link(district: District) -> None:
    sign = district.a.ids["own_sign"]
    on_objects.change_object(ROOT, sign, version=1, given={"links": {"stop": ["STOP-B"]}})
    for path in (f"/objects/{sign}/history", f"/audit?entity=object&entity_id={sign}"):
        assert "STOP-B" in json.dumps(district.leader.get(path))
        shown = json.dumps(district.a.officer.get(path))
        assert "STOP-A" in shown and "STOP-B" not in shown


def test_an_import_says_nothing_of_what_it_may_not_touch(district: District) -> None:
    """A period is checked against the stored end of it: not against that of another town's thing."""
    scheme = {"name": "方案", "attributes": {"edition": "2024"}, "valid_from": "2024-01-01", "valid_to": "2024-12-31"}
    made = on_objects.make_object(ROOT, type_id="signs.ad_scheme", code="PLAN-B", given=cast(Any, scheme))
    CityObject.objects.filter(id=made.id).update(area_path=district.b.path)
    file = io.BytesIO("code,name,edition,valid_from\nPLAN-B,方案,2024,2025-06-01".encode())
    file.name = "plans.csv"
    job = district.a.officer.call("POST", "/imports", files={"file": file, "type": "signs.ad_scheme"})
    mapping = {"code": "code", "name": "name", "edition": "attr.edition", "valid_from": "valid_from"}
    shown = district.a.officer.post(f"/imports/{job['id']}/preview", {"mapping": mapping})
    assert [error["code"] for error in shown["errors"]] == ["code_elsewhere"]
    assert "2024-12-31" not in json.dumps(shown)


def test_who_is_held_to_one_unit_gives_no_sight_of_others(district: District) -> None:
    unit = f"town-{district.a.code}"
    keeper = person("keeper", district.a.code, unit, ("user_keeper", "handler"), own_unit_only=True)
    keeper.post("/users", newcomer(district.a), status=403)
    keeper.post("/users", newcomer(district.a, own_unit_only=True))


def test_what_leaves_the_house_is_found_by_the_towns_auditor(district: District) -> None:
    for path in ("/objects/export?type=mobility.bus_stop", f"/indicators/{STOPS}/export"):
        for more in ("", f"area={district.b.path}"):
            district.a.officer.get(path + ("&" if "?" in path else "?") + more)
            newest = History.objects.order_by("-id").first()
            assert newest is not None
            assert (newest.action, newest.area_path) == ("exported", district.a.path)


def test_a_rounds_progress_counts_the_items_one_sees(district: District) -> None:
    round_id = district.a.ids["sampled_round"]
    RoundRun.objects.filter(id=round_id).update(unit_code=OPERATOR)
    item = RoundItem.objects.filter(round_run=round_id).order_by("object_code")[0]
    RoundItem.objects.filter(id=item.id).update(unit_code=OPERATOR)
    (listed,) = district.operator.get("/rounds")["items"]
    assert listed["total"] == len(district.operator.get(f"/rounds/{round_id}")["items"]) == 1


def test_a_file_that_does_not_fit_leaves_nothing_behind(district: District) -> None:
    files = StoredFile.objects.count()
    text = io.BytesIO("不是照片".encode())
    text.name = "现场.txt"
    path = f"/cases/{district.a.ids['own_sign_case']}/evidence"
    district.a.officer.call("POST", path, files={"file": text, "need": "photo_before"}, status=422)
    assert StoredFile.objects.count() == files
