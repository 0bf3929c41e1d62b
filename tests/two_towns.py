"""A small real district of two towns, made through the real verbs, and the people who look at it over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, cast
from uuid import UUID

import orjson
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.actions import compute
from xiuhua.indicators.models import Stale
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.words import Act, Label, Post, Privacy
from xiuhua.ledger.models import Outbox
from xiuhua.ledger.relay import deliver
from xiuhua.objects.importing import run_import
from xiuhua.people.actions import Holding, load_songjiang, make_demo_units, make_user
from xiuhua.people.models import User
from xiuhua.people.posts import CORE_POSTS, use_posts
from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.topics import MQTT
from xiuhua.site.worker import gather, job_modules
from xiuhua.testbed.synthetic import towns

from .test_packs import photo

ROOT = system_actor("test")
DISTRICT, A, B = "310117", "310117003", "310117107"
OPERATOR = "op-busstop"
KEEPER = Post(
    id="user_keeper", label=Label(zh="账号管理员", en="Keeper of accounts"),
    acts=frozenset({Act.SEE, Act.MANAGE_USERS}), sees=Privacy.INTERNAL,
)  # fmt: skip
TOWN_POSTS = ("town_staff", "dispatcher", "duty_chief", "inspector", "auditor", "user_keeper")
DISTRICT_POSTS = ("leader", "dispatcher", "duty_chief", "inspector", "data_officer", "auditor", "user_keeper")
SAMPLING = {"aql": "aql_4_0", "level": "ii"}
PHONE = "13800001234"


class Placed(Protocol):
    """A stored row of an area and a unit."""

    area_path: str
    unit_code: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody signed in, and by our own plain words what lies within the reader's sight."""

    code: str
    client: Client
    area_path: str
    unit: str = ""

    def sees(self, row: Placed) -> bool:
        """Return whether the row is the reader's to see."""
        return row.area_path.startswith(self.area_path) and self.unit in ("", row.unit_code)

    def mine(self, rows: Iterable[Any]) -> list[Any]:
        """Return the rows that are the reader's to see."""
        return [row for row in rows if self.sees(row)]

    def raw(self, method: str, path: str, body: object = None, *, files: Any = None) -> HttpResponse:
        """Call the API and return the answer."""
        if files is not None:
            return cast(HttpResponse, self.client.post(f"/api{path}", files))
        data = "" if body is None else json.dumps(body)
        return cast(
            HttpResponse, self.client.generic(method, f"/api{path}", data=data, content_type="application/json")
        )

    def call(self, method: str, path: str, body: object = None, *, status: int = 200, files: Any = None) -> Any:
        """Call the API, hold it to the status, and return the JSON it answered."""
        answer = self.raw(method, path, body, files=files)
        shown = content(answer)
        assert answer.status_code == status, (self.code, method, path, answer.status_code, shown[:600])
        if status >= 400:
            assert answer["Content-Type"] == "application/problem+json"
        return json.loads(shown) if shown and "json" in answer["Content-Type"] else shown

    def get(self, path: str, *, status: int = 200) -> Any:
        """Read."""
        return self.call("GET", path, status=status)

    def post(self, path: str, body: object = None, *, status: int = 200) -> Any:
        """Do."""
        return self.call("POST", path, {} if body is None else body, status=status)


@dataclass(kw_only=True)
class Town:
    """The things of one town by what they are, and its officer."""

    code: str
    path: str
    officer: Reader
    handler: Reader
    ids: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class District:
    """Two towns, the district's leader, somebody who sees one unit's things only, and an administrator."""

    a: Town
    b: Town
    leader: Reader
    operator: Reader
    root: Reader

    @property
    def readers(self) -> tuple[Reader, ...]:
        """Return all who are held to the permission policy."""
        return self.a.officer, self.b.officer, self.leader, self.operator


def content(answer: Any) -> bytes:
    """Return the answer's bytes, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else cast(bytes, answer.content)


def person(name: str, area: str, unit: str, posts: Iterable[str], *, own_unit_only: bool = False) -> Reader:
    """Return a new person who holds the posts there."""
    holdings = [Holding(post=post, unit=unit, area=area, own_unit_only=own_unit_only) for post in posts]
    user = make_user(ROOT, username=name, name=f"姓名{name}", password="two-towns-and-a-bridge", holdings=holdings)
    held = user.holdings.select_related("area").first()
    return Reader(
        code=user.code, client=signed_in(user), area_path=held.area.path if held else "",
        unit=unit if own_unit_only else "",
    )  # fmt: skip


def signed_in(user: User, *, csrf: bool = False) -> Client:
    """Return a browser in which the user is signed in."""
    client = Client(enforce_csrf_checks=csrf)
    client.force_login(user)
    return client


def settle() -> None:
    """Deliver every event and compute the numbers it touched, as the background worker does."""
    handlers = gather(job_modules()).handlers
    while Outbox.objects.filter(done_at=None).update(not_before=timezone.now()):
        deliver(handlers, lambda topic, message: None)
        assert list(Outbox.objects.exclude(error="").values_list("topic", "error")) == []
    for indicator in set(Stale.objects.values_list("indicator", flat=True)) & set(current().indicators):
        compute(indicator, now=timezone.now())


def build() -> District:
    """Make the district; called once, inside a transaction that the caller takes back."""
    use_posts({post.id: post for post in (*CORE_POSTS, KEEPER)})
    load_songjiang()
    make_demo_units(ROOT)
    root = make_user(ROOT, username="root", name="管理员", password="two-towns-and-a-bridge", administrator=True)
    made = District(
        a=_town("a", A), b=_town("b", B), leader=person("leader", DISTRICT, "cyzx", DISTRICT_POSTS),
        operator=person("operator", DISTRICT, OPERATOR, ("dispatcher", "leader"), own_unit_only=True),
        root=Reader(code="root", client=signed_in(root), area_path=""),
    )  # fmt: skip
    for town in (made.a, made.b):
        _register(town)
        _bring_in(town)
    settle()
    _read_devices(made)
    settle()
    for town in (made.a, made.b):
        _cases(town, made.leader)
        _rounds(town)
    settle()
    for indicator in current().indicators:
        compute(indicator, now=timezone.now())
    return made


def _town(letter: str, code: str) -> Town:
    unit = f"town-{code}"
    return Town(
        code=code,
        path=f"{DISTRICT}/{code}/",
        officer=person(f"officer-{letter}", code, unit, TOWN_POSTS),
        handler=person(f"handler-{letter}", code, unit, ("handler",)),
    )


def point(code: str, step: int = 0) -> dict[str, object]:
    """Return a place in the town, each step some metres from the last."""
    place = next(one for one in towns() if one.code == code)
    return {"type": "Point", "coordinates": [round(place.lon + step * 1e-5, 7), round(place.lat, 7)]}


def _register(town: Town) -> None:
    def put(short: str, type_id: str, code: str, step: int, **more: object) -> None:
        body = {"type": type_id, "code": code, "name": f"{code}之物", "geometry": point(town.code, step), **more}
        town.ids[short] = UUID(town.officer.call("POST", "/objects", body, status=201)["id"])

    mark = town.officer.code[-1].upper()
    unit = f"town-{town.code}"
    put("stop", "mobility.bus_stop", f"STOP-{mark}", 1, unit_code=unit)
    put("sign", "mobility.stop_sign", f"SIGN-{mark}", 2, unit_code=OPERATOR, links={"stop": [f"STOP-{mark}"]})
    put("own_sign", "mobility.stop_sign", f"OWN-{mark}", 3, unit_code=unit, links={"stop": [f"STOP-{mark}"]})
    put("board", "signs.billboard", f"BOARD-{mark}", 4, unit_code=unit, attributes={"owner_phone": PHONE})
    for number in range(3):
        put(f"shop{number}", "signs.shop_sign", f"SHOP-{mark}{number}", 5 + number, unit_code=unit)


def csv_of(town: Town, *codes: str) -> io.BytesIO:
    """Return a file of bus stops; the last row has a wrong number of routes."""
    lon, lat = cast(list[float], point(town.code, 20)["coordinates"])
    rows = [f"{code},{code}站,{lon},{lat},3" for code in codes]
    rows.append(f"BAD-{town.code},坏,{lon},{lat},许多")
    file = io.BytesIO("\n".join(["code,name,lon,lat,routes", *rows]).encode())
    file.name = f"{town.code}.csv"
    return file


MAPPING = {"code": "code", "name": "name", "lon": "lon", "lat": "lat", "routes": "attr.routes"}


def _bring_in(town: Town) -> None:
    for short, state in (("import", "done"), ("waiting_import", "previewed")):
        files = {"file": csv_of(town, f"{short.upper()}-{town.code}"), "type": "mobility.bus_stop"}
        job = town.officer.call("POST", "/imports", files=files)
        town.ids[short] = UUID(job["id"])
        town.officer.post(f"/imports/{job['id']}/preview", {"mapping": MAPPING, "crs": "WGS84"})
        if state == "done":
            town.officer.post(f"/imports/{job['id']}/apply", {"keep_good": True})
            run_import(town.ids[short])
        assert town.officer.get(f"/imports/{job['id']}")["state"] == state


# Every stream of a sign: what has never reported is seen by nobody, and would prove nothing.
SIGN_SENDS: dict[str, dict[str, object]] = {
    "heartbeat": {"code": "0"}, "fault": {"code": "E1"}, "voltage": {"value": 220}, "battery": {"value": 0.9},
}  # fmt: skip


def _read_devices(made: District) -> None:
    now = timezone.now()
    ingest, place = Ingest(), Place(consumer="devices-0", stream_created=datetime(2026, 1, 1, tzinfo=UTC))
    messages = []
    for mark in ("A", "B"):
        for code in (f"SIGN-{mark}", f"OWN-{mark}"):
            for stream, sends in SIGN_SENDS.items():
                messages.append(
                    Message(
                        subject=f"{MQTT}city.mobility.stop_sign.{code}.{stream}",
                        payload=orjson.dumps({"at": now.isoformat(), **sends}),
                        sequence=len(messages) + 1,
                        stored_at=now,
                        place=place,
                    )
                )
    ingest.caught_up([place], now)
    assert ingest.take(messages, floors={}, now=now)["stored"] == len(messages)
    ingest.bring_latest(wait=True)


def _cases(town: Town, leader: Reader) -> None:
    """One case of each sign stands by its alarm; that of the operator's sign goes to the operator, with a photo."""
    for short in ("sign", "own_sign"):
        (case,) = leader.get(f"/cases?object={town.ids[short]}")["items"]
        town.ids[f"{short}_case"] = UUID(case["id"])
    case_id = town.ids["sign_case"]
    sent = {"version": 1, "unit_code": OPERATOR}
    leader.post(f"/cases/{case_id}/moves/send", sent)
    for short in ("sign", "own_sign"):
        file = io.BytesIO(photo())
        file.name = "现场.png"
        row = town.officer.call(
            "POST", f"/cases/{town.ids[f'{short}_case']}/evidence", files={"file": file, "need": "photo_before"}
        )
        town.ids[f"{short}_evidence"] = row["id"]


def _rounds(town: Town) -> None:
    """Two draws: one became a round whose first item is filled, one waits; and a round over all billboards."""
    for short in ("accepted_run", "waiting_run"):
        body = {"area": town.code, "parameters": SAMPLING}
        town.ids[short] = UUID(town.officer.post("/analyses/signs.sampling_draw/runs", body)["id"])
    sampled = town.officer.post(f"/rounds/from-run/{town.ids['accepted_run']}", {"why": "按计划"})
    town.ids["sampled_round"] = UUID(sampled["id"])
    first, *rest = sampled["items"]
    town.officer.post(f"/rounds/{sampled['id']}/items/{first['id']}", {"form": {"result": "sound", "note": "好"}})
    town.ids["open_item"] = UUID(rest[0]["id"])
    looked = town.officer.post("/rounds/signs.billboard_inspection/start", {"area": town.code})
    town.ids["board_round"] = UUID(looked["id"])
