"""The district: its areas, synthetic outlines, and finding where a point lies."""

from __future__ import annotations

import time

import numpy as np
import pyproj
import pytest
import shapely

from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.models import History
from xiuhua.people import actions, queries
from xiuhua.people.models import Area, Unit

pytestmark = pytest.mark.django_db
DEMO = system_actor("demo")


def in_metres(figure: shapely.Geometry) -> shapely.Geometry:
    grid = pyproj.Transformer.from_crs(4490, 4549, always_xy=True)
    return shapely.transform(figure, grid.transform, interleaved=False)


def shape(area: Area) -> shapely.Geometry:
    return shapely.from_wkb(bytes(area.geometry or b""))


def test_the_district_is_loaded_once_with_all_its_areas_and_units() -> None:
    actions.load_songjiang()
    actions.load_songjiang()
    assert [Area.objects.filter(level=level).count() for level in ("district", "town", "community")] == [1, 20, 386]
    assert Area.objects.get(code="310117102").name_en == "Sijing Town"
    assert Unit.objects.get(code="lhsr").name == "区绿化市容局"
    assert Unit.objects.filter(kind="town").count() == 20
    assert not Unit.objects.filter(origin="synthetic:demo").exists()
    assert History.objects.filter(entity="areas").count() == 1


def test_synthetic_towns_fill_the_outline_without_overlap() -> None:
    actions.load_songjiang()
    district = Area.objects.get(code="310117")
    outline = in_metres(shape(district))
    assert not district.synthetic_geometry
    assert outline.area == pytest.approx(602.3e6, rel=0.001)
    for level in ("town", "community"):
        cells = list(Area.objects.filter(level=level, geometry__isnull=False))
        assert all(cell.synthetic_geometry for cell in cells)
        assert sum(shape(cell).area for cell in cells) == pytest.approx(shape(district).area, rel=1e-9)
    assert Area.objects.filter(level="town", geometry__isnull=True).count() == 3


def test_grids_of_the_demonstration_have_fifteen_digits_under_their_community() -> None:
    actions.load_songjiang()
    assert actions.make_demo_grids(DEMO) == 383 * 2
    assert actions.make_demo_grids(DEMO) == 0
    grid = Area.objects.get(code="310117001001002")
    assert (grid.parent_id, grid.path) == ("310117001001", "310117/310117001/310117001001/310117001001002/")
    assert grid.origin == "synthetic:demo"
    assert actions.make_demo_units(DEMO) == 3


def test_a_point_lies_in_the_deepest_area_that_contains_it() -> None:
    actions.load_songjiang()
    actions.make_demo_grids(DEMO)
    for area in (*Area.objects.filter(level="grid")[:40],):
        inside = shape(area).representative_point()
        assert queries.places_of([inside.x], [inside.y]) == [area.path]
    assert queries.place_of(116.4, 39.9) is None
    seed = queries.place_of(121.25904, 31.11116)
    assert seed is not None and seed.path.startswith("310117/310117102/") and seed.level == "grid"


def test_a_real_town_wins_over_a_synthetic_community_of_its_neighbour() -> None:
    actions.load_songjiang()
    towns = {area.code: area for area in Area.objects.filter(level="town", geometry__isnull=False)}
    taken = shape(towns["310117103"])
    inside = taken.representative_point()
    # Sijing takes all of Sheshan: its own communities do not reach there
    Area.objects.filter(code="310117102").update(geometry=shapely.to_wkb(shape(towns["310117102"]).union(taken)))
    Area.objects.filter(code="310117103").update(geometry=shapely.to_wkb(shape(towns["310117103"]).buffer(-0.5)))
    actions.make_demo_grids(DEMO)
    assert queries.places_of([inside.x], [inside.y]) == ["310117/310117102/"]


def test_a_hundred_thousand_points_are_placed_within_seconds() -> None:
    actions.load_songjiang()
    actions.make_demo_grids(DEMO)
    random = np.random.default_rng(7)
    lons, lats = random.uniform(121.02, 121.37, 100_000), random.uniform(30.90, 31.16, 100_000)
    queries.places_of(lons[:1], lats[:1])
    began = time.perf_counter()
    places = queries.places_of(lons, lats)
    assert time.perf_counter() - began < 5
    assert len(places) == 100_000
    share = sum(1 for place in places if place) / len(places)
    assert 0.5 < share < 0.8
    assert {len(place.split("/")) for place in places if place} == {5}
