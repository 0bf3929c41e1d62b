"""A district of two towns, four types, and people of either town."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.test import Client
from pytest_django import Settings

from xiuhua.catalog import catalogue as catalogues
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.objects import Attribute, Choice, Geometry, Link, ObjectType, Value, Writer
from xiuhua.kernel.quantities import LENGTH
from xiuhua.kernel.words import Act, Label, Privacy
from xiuhua.people.models import Area, PostHolding, Unit, User

DISTRICT = "310117/"
WEST = "310117/310117001/"
EAST = "310117/310117002/"


def named(zh: str, en: str = "") -> Label:
    return Label(zh=zh, en=en or zh)


DEPOT = ObjectType(
    id="test.depot",
    label=named("停车场", "Depot"),
    geometry=Geometry.POLYGON,
    attributes=(Attribute(id="bays", label=named("车位数", "Bays"), value=Value.INTEGER),),
)
BAY = Choice(id="bay", label=named("港湾式", "Bay stop"))
KERB = Choice(id="kerb", label=named("直线式", "Kerb stop"))
STOP = ObjectType(
    id="test.stop",
    label=named("站点", "Stop"),
    code_pattern=r"[A-Z]{1,3}\d{1,7}",
    attributes=(
        Attribute(id="road", label=named("道路", "Road"), required=True),
        Attribute(id="kind", label=named("站型", "Kind"), value=Value.CHOICE, choices=(BAY, KERB)),
        Attribute(
            id="height", label=named("高度", "Height"), value=Value.NUMBER, quantity=LENGTH, minimum=0, maximum=10
        ),
        Attribute(id="seats", label=named("座位数", "Seats"), value=Value.INTEGER, minimum=0),
        Attribute(id="lit", label=named("有照明", "Lit"), value=Value.BOOLEAN),
        Attribute(id="built", label=named("建成日期", "Built on"), value=Value.DATE),
        Attribute(id="checked", label=named("巡查时间", "Checked at"), value=Value.TIME),
        Attribute(id="note", label=named("备注", "Note"), value=Value.LONG_TEXT, privacy=Privacy.INTERNAL),
        Attribute(id="keeper", label=named("负责人", "Keeper"), privacy=Privacy.PERSONAL),
        Attribute(id="state", label=named("状态", "State"), written_by=frozenset({Writer.MOVE, Writer.READING})),
    ),
    links=(Link(id="depot", label=named("所属停车场", "Depot"), to="test.depot"),),
)  # fmt: skip
PERMIT = ObjectType(
    id="test.permit",
    label=named("许可", "Permit"),
    geometry=Geometry.NONE,
    period=True,
    links=(Link(id="stop", label=named("站点", "Stop"), to="test.stop", required=True),),
    never=("stop",),
)
PIPE = ObjectType(
    id="test.pipe",
    label=named("管线", "Pipe"),
    geometry=Geometry.LINE,
    links=(Link(id="upstream", label=named("上游", "Upstream"), to="test.pipe", many=True),),
)
TYPES = (DEPOT, STOP, PERMIT, PIPE)


def actor_of_town(path: str, *, sees: Privacy = Privacy.INTERNAL, acts: frozenset[Act] | None = None) -> Actor:
    held = acts if acts is not None else frozenset({Act.SEE, Act.EDIT_OBJECTS, Act.IMPORT, Act.EXPORT})
    grant = Grant(post="town_staff", unit="u", area_path=path, acts=held, sees=sees)
    return Actor(code=f"p:{path}", name="某人", grants=(grant,))


@pytest.fixture(autouse=True)
def only_this_room(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Serve this room's addresses only, and keep its files apart."""
    settings.ROOT_URLCONF = "xiuhua.objects.tests.urls"
    monkeypatch.setenv("XIUHUA_DATA", str(tmp_path))


@pytest.fixture(autouse=True)
def catalogue() -> Iterator[None]:
    """Put the four types in force."""
    kept = list(catalogues._in_force)
    empty: dict[str, Any] = {}
    catalogues.install(
        catalogues.Catalogue(
            packs={}, objects={one.id: one for one in TYPES}, cases={}, rules={}, rounds={}, analyses={}, indicators={},
            code_lists={}, scales={}, posts=empty,
        )
    )  # fmt: skip
    yield
    catalogues._in_force[:] = kept


@dataclass(frozen=True, kw_only=True)
class Town:
    """The people of the test district, each with a signed-in client."""

    west: Client
    east: Client
    chief: Client


@pytest.fixture
def district(db: None) -> None:
    """Make the district, its two towns and two units."""
    make_district()


def make_district() -> None:
    boxes = {
        ("310117", "松江区", "district", DISTRICT): (121.0, 30.9, 121.4, 31.2),
        ("310117001", "西镇", "town", WEST): (121.0, 30.9, 121.2, 31.2),
        ("310117002", "东镇", "town", EAST): (121.2, 30.9, 121.4, 31.2),
    }
    for (code, name, level, path), box in boxes.items():
        parent = None if level == "district" else "310117"
        Area.objects.create(
            code=code, name=name, level=level, path=path, parent_id=parent, geometry=shapely.to_wkb(shapely.box(*box))
        )
    Unit.objects.create(code="bus", name="公交公司", kind="operator", area_id="310117")
    Unit.objects.create(code="west", name="西镇城管", kind="town", area_id="310117001")


@pytest.fixture
def town(district: None) -> Town:
    """Sign in a person of either town, and one over the whole district who reads everything personal."""
    return Town(
        west=signed_in("west", "310117001", "town_staff"),
        east=signed_in("east", "310117002", "town_staff"),
        chief=signed_in("chief", "310117", "data_officer"),
    )


def signed_in(name: str, area: str, post: str) -> Client:
    user = User.objects.create(code=name, username=name, name=name)
    PostHolding.objects.create(user=user, post=post, unit_id="bus", area_id=area)
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, method: str, path: str, body: object | None = None) -> Any:
    """Call the API with JSON; return the answer."""
    return client.generic(method, f"/api{path}", json.dumps(body), content_type="application/json")


def stop(code: str, lon: float, lat: float, **more: Any) -> dict[str, Any]:
    """Return a new stop as a form sends it."""
    attributes = {"road": "中山路", **more.pop("attributes", {})}
    return {
        "type": "test.stop", "code": code, "name": more.pop("name", f"站{code}"), "attributes": attributes,
        "geometry": {"type": "Point", "coordinates": [lon, lat]}, **more,
    }  # fmt: skip


def made_stop(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    """Make an object and return it."""
    answer = send(client, "POST", "/objects", body)
    assert answer.status_code == 201, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found
