"""Which coordinate system a file without one is in: its rows read in the two that look alike, for a person to judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from xiuhua.kernel.objects import Geometry, ObjectType
from xiuhua.objects.imports.mapping import mapped
from xiuhua.objects.imports.placing import given_shapes
from xiuhua.objects.imports.rows import Problems
from xiuhua.objects.imports.tables import Table
from xiuhua.objects.places import inside_district
from xiuhua.objects.shapes import CGCS2000, GCJ02, Shapes, to_lonlat

# WGS84 and CGCS2000 lie within a metre of each other: no file tells them apart, and nothing is shifted for either.
LIKELY = ("EPSG:4326", GCJ02)
SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the rows lie if their numbers are read in `crs`: `inside` of them in the district's outline (None while
    there is none), and up to SHOWN, spread over the file, as lon-lat points.
    """

    crs: str
    inside: int | None
    points: list[tuple[float, float]]


def placements(declared: ObjectType, table: Table, mapping: Mapping[str, str]) -> tuple[int, list[Placement]]:
    """Return how many rows have a position in degrees, and where these lie in either system; raises Invalid as
    `mapped` does.
    """
    if declared.geometry is Geometry.NONE:
        return 0, []
    incoming = mapped(declared, table, mapping, CGCS2000)
    _, shapes = given_shapes(incoming, Problems(incoming))
    shapes = _in_degrees(shapes)
    if not len(shapes):
        return 0, []
    return len(shapes), [_read(shapes, crs) for crs in LIKELY]


def _in_degrees(shapes: Any) -> Shapes:
    """Return the geometries whose numbers can be degrees at all."""
    given = np.asarray([] if shapes is None else shapes, dtype=object)
    given = given[~shapely.is_missing(given) & ~shapely.is_empty(given)]
    bounds = shapely.bounds(given)
    fine = np.isfinite(bounds).all(axis=1)
    fine &= (np.abs(bounds[:, [0, 2]]) <= 180).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90).all(axis=1)
    return np.asarray(given[fine], dtype=object)


def _read(shapes: Shapes, crs: str) -> Placement:
    middles = shapely.centroid(to_lonlat(shapes, crs))
    lons, lats = shapely.get_x(middles), shapely.get_y(middles)
    inside = inside_district(lons, lats)
    spread = np.unique(np.linspace(0, len(shapes) - 1, SHOWN).astype(int))
    return Placement(
        crs=crs,
        inside=None if inside is None else int(inside.sum()),
        points=list(zip(lons[spread].round(7).tolist(), lats[spread].round(7).tolist(), strict=True)),
    )
