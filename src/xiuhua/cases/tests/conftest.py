"""A district of two towns with lamps, and people who hold posts in one of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import shapely
from django.test import Client

from xiuhua.cases.tests.sample import CATALOGUE
from xiuhua.catalog import catalogue
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.objects.models import CityObject
from xiuhua.people.models import Area, AreaVersion, PostHolding, Unit, User
from xiuhua.people.queries import actor_of_user

DISTRICT, EAST, WEST = "310117", "310117001", "310117002"


@dataclass(frozen=True, kw_only=True)
class World:
    """The lamps of the two towns; `east[0]` belongs to the maintainer."""

    east: tuple[CityObject, ...]
    west: tuple[CityObject, ...]


@pytest.fixture
def installed() -> Iterator[Catalogue]:
    """The test scenario in force."""
    before = list(catalogue._in_force)
    catalogue.install(CATALOGUE)
    yield CATALOGUE
    catalogue._in_force[:] = before


def lamp(code: str, area: str, lon: float, *, unit: str = "", kind: str = "street") -> CityObject:
    """Return a new lamp."""
    made = CityObject.objects.create(
        type="demo.lamp",
        code=code,
        name=f"灯 {code}",
        attributes={"kind": kind},
        geometry=shapely.to_wkb(shapely.Point(lon, 31.05)),
        area_path=area,
        unit_code=unit,
        origin="site",
    )
    made.refresh_from_db()
    return made


def build() -> World:
    """Make areas, units and lamps."""
    for code, parent, lon in ((DISTRICT, None, 121.0), (EAST, DISTRICT, 121.2), (WEST, DISTRICT, 121.0)):
        width = 0.4 if parent is None else 0.2
        Area.objects.create(
            code=code,
            name=f"区域{code}",
            level="town" if parent else "district",
            parent_id=parent,
            path=f"{parent}/{code}/" if parent else f"{code}/",
            geometry=shapely.to_wkb(shapely.box(lon, 31.0, lon + width, 31.1)),
        )
    for unit, area in (
        ("cyzx", DISTRICT),
        (f"town-{EAST}", EAST),
        (f"town-{WEST}", WEST),
        ("crew", DISTRICT),
        ("other", DISTRICT),
    ):
        Unit.objects.create(code=unit, name=f"单位{unit}", kind="department", area_id=area)
    number = (AreaVersion.objects.values_list("number", flat=True).first() or 0) + 1
    AreaVersion.objects.update_or_create(id=1, defaults={"number": number + int.from_bytes(_salt(), "big")})
    east, west = f"{DISTRICT}/{EAST}/", f"{DISTRICT}/{WEST}/"
    return World(
        east=(
            lamp("E1", east, 121.25, unit="crew"),
            lamp("E2", east, 121.26),
            lamp("E3", east, 121.27),
            lamp("E4", east, 121.28, kind="park"),
        ),
        west=(lamp("W1", west, 121.05), lamp("W2", west, 121.06)),
    )


_built = [0]


def _salt() -> bytes:
    _built[0] += 1
    return _built[0].to_bytes(4, "big")


@pytest.fixture
def world(db: None, installed: Catalogue) -> World:
    """The district, in the test's transaction."""
    return build()


@pytest.fixture
def committed_world(transactional_db: None, installed: Catalogue) -> World:
    """The district, committed, for tests with several connections."""
    return build()


def person(name: str, *held: tuple[str, str, str], administrator: bool = False, own: bool = False) -> User:
    """Return a new person who holds (post, unit, area code)."""
    user = User.objects.create(code=f"u-{name}", username=name, name=name, administrator=administrator)
    for post, unit, area in held:
        PostHolding.objects.create(user=user, post=post, unit_id=unit, area_id=area, own_unit_only=own)
    return user


def actor(name: str, *held: tuple[str, str, str], own: bool = False) -> Actor:
    """Return the actor of a new person."""
    return actor_of_user(person(name, *held, own=own))


class Browser:
    """A signed-in person's calls."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api{path}")
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)

    def post(self, path: str, body: object, status: int = 200) -> Any:
        answer = self.client.post(f"/api{path}", json.dumps(body, default=str), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)


@pytest.fixture
def crew(world: World) -> dict[str, Actor]:
    """One person for each post of the loop, all over the east town."""
    return {
        "dispatcher": actor("dispatcher", ("dispatcher", "cyzx", DISTRICT)),
        "handler": actor("handler", ("handler", "crew", DISTRICT)),
        "other": actor("other", ("handler", "other", DISTRICT)),
        "verifier": actor("verifier", ("verifier", f"town-{EAST}", EAST)),
        "inspector": actor("inspector", ("inspector", f"town-{EAST}", EAST)),
        "chief": actor("chief", ("duty_chief", "cyzx", DISTRICT)),
        "west": actor("west", ("verifier", f"town-{WEST}", WEST), ("dispatcher", f"town-{WEST}", WEST)),
    }
