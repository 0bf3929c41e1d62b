"""Objects follow boundaries that change."""

from __future__ import annotations

import pytest
import shapely
from django.db import transaction

from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.models import History
from xiuhua.objects.actions import make_object
from xiuhua.objects.models import CityObject
from xiuhua.objects.relocating import follow_areas
from xiuhua.objects.tests.conftest import EAST, WEST
from xiuhua.people.actions.songjiang import areas_changed
from xiuhua.people.models import Area


@pytest.mark.django_db
def test_an_object_belongs_to_the_town_it_now_lies_in(district: None) -> None:
    west = shapely.from_wkb(bytes(Area.objects.get(path=WEST).geometry or b""))
    point = shapely.centroid(west)
    geometry = {"type": "Point", "coordinates": [point.x, point.y]}
    thing = make_object(
        system_actor("test"),
        type_id="test.stop",
        code="A1",
        given={"name": "站", "attributes": {"road": "路"}, "geometry": geometry},
    )
    assert thing.area_path == WEST
    assert follow_areas() == 0

    with transaction.atomic():
        east = Area.objects.get(path=EAST)
        Area.objects.filter(path=EAST).update(geometry=Area.objects.get(path=WEST).geometry)
        Area.objects.filter(path=WEST).update(geometry=east.geometry)
        areas_changed()

    assert follow_areas() == 1
    moved = CityObject.objects.get(id=thing.id)
    assert (moved.area_path, moved.version) == (EAST, thing.version + 1)
    told = History.objects.filter(entity="object", entity_id=str(thing.id)).latest("id")
    assert told.data["changes"] == {"area_path": [WEST, EAST]}
    assert follow_areas() == 0
