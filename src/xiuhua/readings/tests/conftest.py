"""Street lamps in two towns, their streams and rules, and people of both towns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import Client

from xiuhua.catalog.catalogue import Catalogue, current, install
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.cases import CaseType, Kind, State
from xiuhua.kernel.durations import MINUTES
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.quantities import VOLTAGE
from xiuhua.kernel.streams import Reports, Rule, Stream
from xiuhua.kernel.words import Act, Label, Privacy, Source
from xiuhua.objects.models import CityObject
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.models import Datastream

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EAST, WEST = "310117/310117001/", "310117/310117102/"
LAMP = "lights.lamp"
SOURCE = Source(standard="GB/T 12325", edition="2008", clause="4.3")


def _label(zh: str, en: str) -> Label:
    return Label(zh=zh, en=en)


def _stream(id: str, label: Label, reports: Reports) -> Stream:
    quantity = VOLTAGE if reports is Reports.NUMBER else None
    return Stream(
        id=id, label=label, reports=reports, quantity=quantity, cadence=MINUTES(1), silent_after=MINUTES(15)
    )  # fmt: skip


LIGHTS = Catalogue(
    packs={},
    objects={
        LAMP: ObjectType(
            id=LAMP,
            label=_label("路灯", "Street lamp"),
            streams=(
                _stream("voltage", _label("供电电压", "Supply voltage"), Reports.NUMBER),
                _stream("heartbeat", _label("心跳", "Heartbeat"), Reports.STATE),
                _stream("fault", _label("故障码", "Fault code"), Reports.STATE),
            ),
        )
    },
    cases={
        "lights.repair": CaseType(
            id="lights.repair",
            label=_label("路灯维修", "Lamp repair"),
            on=LAMP,
            states=(State(id="new", label=_label("新建", "New"), kind=Kind.OPEN),),
            moves=(),
        )
    },
    rules={
        rule.id: rule
        for rule in (
            Rule(
                id="lights.low", label=_label("电压低", "Voltage low"), on=(LAMP, "voltage"), below=198.0, grade=3,
                opens="lights.repair", source=SOURCE,
            ),
            Rule(
                id="lights.high", label=_label("电压高", "Voltage high"), on=(LAMP, "voltage"), above=242.0, grade=2,
                source=SOURCE,
            ),
            Rule(
                id="lights.silent", label=_label("失联", "Silent"), on=(LAMP, "heartbeat"), silent=True, grade=4,
                opens="lights.repair", source=SOURCE,
            ),
            Rule(
                id="lights.broken", label=_label("报故障", "Reports a fault"), on=(LAMP, "fault"), among=("E01", "E02"),
                grade=1, opens="lights.repair", source=SOURCE,
            ),
        )
    },
    rounds={},
    analyses={},
    indicators={},
    code_lists={},
    scales={},
    posts={},
)  # fmt: skip


@pytest.fixture
def lights() -> Iterator[Catalogue]:
    """Put the lamps' catalogue in force for a test."""
    before = current()
    install(LIGHTS)
    yield LIGHTS
    install(before)


@dataclass(frozen=True, kw_only=True)
class Lamps:
    """One lamp in each town."""

    east: CityObject
    west: CityObject


def lamp(code: str, area_path: str, unit_code: str) -> CityObject:
    """Return a new lamp."""
    return CityObject.objects.create(
        type=LAMP, code=code, name=f"{code} 号灯", area_path=area_path, unit_code=unit_code, origin="test",
        west=121.2, east=121.2, south=31.0, north=31.0,
    )  # fmt: skip


@pytest.fixture
def lamps(db: None, lights: Catalogue) -> Lamps:
    """Put one lamp into each town, with its datastreams; nothing has been read yet."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    made = Lamps(east=lamp("E.1", EAST, "east"), west=lamp("西 1", WEST, "west"))
    ensure_datastreams(LAMP)
    Datastream.objects.update(created_at=NOW)
    return made


PLACE = Place(consumer="devices-0", stream_created=NOW)


@dataclass
class Line:
    """Takes messages in as the worker does, one batch a call; sequences count on."""

    ingest: Ingest
    place: Place = PLACE
    sequence: int = 0

    def message(self, subject: str, payload: bytes, *, at: datetime = NOW) -> Message:
        self.sequence += 1
        return Message(subject=subject, payload=payload, sequence=self.sequence, stored_at=at, place=self.place)

    def take(self, *messages: Message, now: datetime = NOW) -> dict[str, int]:
        fates = dict(self.ingest.take(messages, floors={}, now=now))
        self.ingest.bring_latest(wait=True)
        return fates


@pytest.fixture
def line(lamps: Lamps) -> Line:
    return Line(ingest=Ingest())


def person(town: str, unit: str, *acts: Act, own_unit_only: bool = False) -> Actor:
    """Return a person of a town who may see, and do those acts."""
    grant = Grant(
        post="duty", unit=unit, area_path=town, acts=frozenset({Act.SEE, *acts}), sees=Privacy.INTERNAL,
        own_unit_only=own_unit_only,
    )  # fmt: skip
    return Actor(code=f"u-{unit}", name=unit, grants=(grant,))


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Actor], Client]:
    """Return a function that gives a browser in which that person is signed in."""
    people: dict[str, Actor] = {}

    def find(request: HttpRequest) -> Actor | None:
        return people.get(request.headers.get("X-Person", ""))

    def enter(actor: Actor) -> Client:
        people[actor.code] = actor
        return Client(headers={"X-Person": actor.code})

    monkeypatch.setattr("xiuhua.http.signed_in._find_actor", [find])
    return enter
