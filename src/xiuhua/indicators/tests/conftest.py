"""A district of two towns with lamps, and people who hold posts in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from xiuhua.catalog import catalogue as catalogues
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.indicators.tests.scenario import with_indicators
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.people.models import Area, PostHolding, Unit, User

DISTRICT, WEST, EAST = "310117/", "310117/310117001/", "310117/310117002/"


@pytest.fixture(autouse=True)
def catalogue() -> Iterator[Catalogue]:
    """Put the scenario in force."""
    kept = list(catalogues._in_force)
    found = with_indicators()
    catalogues.install(found)
    yield found
    catalogues._in_force[:] = kept


@pytest.fixture(autouse=True)
def only_up_to_this_room(settings: Settings) -> None:
    """Serve this room's addresses only."""
    settings.ROOT_URLCONF = "xiuhua.indicators.tests.urls"


@pytest.fixture
def district(db: None) -> None:
    """Make the district, its two towns and their units."""
    for path, name, level in ((DISTRICT, "松江区", "district"), (WEST, "西镇", "town"), (EAST, "东镇", "town")):
        parent = "310117" if level == "town" else None
        Area.objects.create(code=path.split("/")[-2], name=name, level=level, path=path, parent_id=parent)
    for code, area in (("west", "310117001"), ("east", "310117002"), ("lamps", "310117")):
        Unit.objects.create(code=code, name=f"{code} 单位", kind="town", area_id=area)


def signed_in(name: str, post: str, area: str, *, unit: str = "lamps", own_unit_only: bool = False) -> Client:
    """Return the client of a new person."""
    user = User.objects.create(code=name, username=name, name=name)
    PostHolding.objects.create(user=user, post=post, unit_id=unit, area_id=area, own_unit_only=own_unit_only)
    client = Client()
    client.force_login(user)
    return client


def lamp(code: str, path: str, *, unit: str = "lamps", pole: CityObject | None = None, **more: Any) -> CityObject:
    """Return a stored lamp."""
    columns = {key: more.pop(key) for key in ("valid_from", "valid_to", "removed_at") if key in more}
    made = CityObject.objects.create(
        type="city.lamp", code=code, name=f"灯{code}", attributes=more, area_path=path, unit_code=unit, origin="site",
        **columns,
    )  # fmt: skip
    made.refresh_from_db()
    if pole is not None:
        ObjectLink.objects.create(link="city.lamp.pole", source=made, target=pole)
    return made


def pole(code: str, path: str, **attributes: Any) -> CityObject:
    """Return a stored pole."""
    made = CityObject.objects.create(
        type="city.pole", code=code, name=f"杆{code}", attributes=attributes, area_path=path, origin="site"
    )
    made.refresh_from_db()
    return made
