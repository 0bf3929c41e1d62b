"""Geometry at the wall: read, moved into CGCS2000 lon-lat, checked against the declared kind. Arrays in, arrays out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from xiuhua.engines.coordinates import bd09_to_wgs84, gcj02_to_wgs84
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Geometry
from xiuhua.kernel.words import Label
from xiuhua.objects.problems import Wrong

Shapes = NDArray[np.object_]
Degrees = NDArray[np.float64]

CGCS2000 = "EPSG:4490"
GCJ02 = "GCJ-02"
BD09 = "BD-09"
FARTHEST_M = 100_000.0
EARTH_RADIUS_M = 6_371_000.0
SAME_WITHIN_DEG = 1e-9
_OFFSETS: Mapping[str, Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]] = {
    GCJ02: gcj02_to_wgs84,
    BD09: bd09_to_wgs84,
}
_SPELLINGS = {
    "cgcs2000": CGCS2000, "wgs84": "EPSG:4326", "gcj02": GCJ02, "bd09": BD09, "crs84": "EPSG:4326",
    "火星坐标系": GCJ02, "百度坐标系": BD09,
}  # fmt: skip
_KINDS = {
    Geometry.POINT: {shapely.GeometryType.POINT},
    Geometry.LINE: {shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING},
    Geometry.POLYGON: {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON},
}
KIND_LABELS = {
    Geometry.POINT: Label(zh="点", en="point"),
    Geometry.LINE: Label(zh="线", en="line"),
    Geometry.POLYGON: Label(zh="面", en="polygon"),
}
_MULTI = (shapely.GeometryType.MULTIPOINT, shapely.GeometryType.MULTILINESTRING, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A checked geometry as it is stored: WKB, its bounds and a point inside, in degrees."""

    wkb: bytes
    west: float
    south: float
    east: float
    north: float
    lon: float
    lat: float


def crs_named(text: str) -> str:
    """Return the one spelling of a coordinate system: EPSG:n, GCJ-02, BD-09; raises Invalid("objects.crs_unknown")."""
    plain = text.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if plain in _SPELLINGS:
        return _SPELLINGS[plain]
    number = plain.removeprefix("epsg:")
    if number.isdecimal():
        try:
            return f"EPSG:{CRS.from_epsg(int(number)).to_epsg()}"
        except CRSError:
            pass
    raise Invalid("objects.crs_unknown", crs=text)


def crs_of_file(text: str) -> str:
    """Return the spelling of a coordinate system that a file names (an authority code or WKT), "" if not recognised."""
    try:
        number = CRS.from_user_input(text).to_epsg(min_confidence=70)
    except CRSError:
        return ""
    return f"EPSG:{number}" if number else ""


def to_lonlat(shapes: Shapes, crs: str) -> Shapes:
    """Return the geometries in CGCS2000, lon-lat, flat; `crs` as spelt by crs_named."""
    flat = shapely.force_2d(shapes)
    if crs in (CGCS2000, "EPSG:4326"):
        return np.asarray(flat, dtype=object)
    if crs in _OFFSETS:
        move = _OFFSETS[crs]
    else:
        transformer = _transformer(crs)

        def move(x: Degrees, y: Degrees) -> tuple[Degrees, Degrees]:
            lon, lat = transformer.transform(x, y)
            return lon, lat

    def moved(coordinates: Degrees) -> Degrees:
        if not len(coordinates):
            return coordinates
        return np.column_stack(move(coordinates[:, 0], coordinates[:, 1]))

    return np.asarray(shapely.transform(flat, moved), dtype=object)


def check_shapes(
    shapes: Shapes, kind: Geometry, centre: tuple[float, float] | None
) -> tuple[Shapes, list[Wrong | None]]:
    """Return the geometries (a multi of one part unwrapped) and what is wrong with each; None stays None."""
    shapes = unwrapped(shapes)
    wrongs: list[Wrong | None] = [None] * len(shapes)
    given = ~shapely.is_missing(shapes)
    if kind is Geometry.NONE:
        for at in np.flatnonzero(given):
            wrongs[at] = Wrong("no_geometry")
        return shapes, wrongs
    empty = shapely.is_empty(shapes)
    ids = shapely.get_type_id(shapes)
    fits = np.isin(ids, list(_KINDS[kind]))
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(bounds).all(axis=1)
        distance = _farthest_m(bounds, centre)
        far = given & fits & ~empty & (~finite | (distance > FARTHEST_M))
    valid = shapely.is_valid(shapes)
    for at in np.flatnonzero(given & (empty | ~fits | far | ~valid)):
        if empty[at]:
            wrongs[at] = Wrong("empty_geometry")
        elif not fits[at]:
            wrongs[at] = Wrong("geometry_kind", given=shapes[at].geom_type, wanted=KIND_LABELS[kind])
        elif far[at]:
            wrongs[at] = Wrong(
                "outside",
                lon=f"{bounds[at, 0]:.6g}",
                lat=f"{bounds[at, 1]:.6g}",
                distance_km=f"{distance[at] / 1000:.0f}" if np.isfinite(distance[at]) else "—",
            )
        else:
            wrongs[at] = Wrong("invalid_geometry", reason=shapely.is_valid_reason(shapes[at]))
    return shapes, wrongs


def unwrapped(shapes: Shapes) -> Shapes:
    """Return the geometries with every multi of exactly one part replaced by that part."""
    single = np.isin(shapely.get_type_id(shapes), _MULTI) & (shapely.get_num_geometries(shapes) == 1)
    return np.where(single, shapely.get_geometry(shapes, 0), shapes)


def stored(shapes: Shapes) -> list[Shape | None]:
    """Return the checked geometries as they are stored."""
    wkb = shapely.to_wkb(shapes, include_srid=False)
    bounds = shapely.bounds(shapes)
    inside = shapely.point_on_surface(shapes)
    lons, lats = shapely.get_x(inside), shapely.get_y(inside)
    rows = zip(wkb, bounds.tolist(), lons.tolist(), lats.tolist(), strict=True)
    return [
        None if raw is None else Shape(wkb=raw, west=box[0], south=box[1], east=box[2], north=box[3], lon=lon, lat=lat)
        for raw, box, lon, lat in rows
    ]


def stored_one(shape: Any) -> Shape | None:
    """Return one checked geometry as it is stored."""
    one = np.empty(1, dtype=object)
    one[0] = shape
    return stored(one)[0]


def read_geojson(given: Mapping[str, Any]) -> Any:
    """Return the geometry of a GeoJSON object; raises Wrong."""
    try:
        return shapely.from_geojson(json.dumps(given))
    except (shapely.errors.GEOSException, ValueError, TypeError):
        raise Wrong("unreadable_geometry") from None


def check_geojson(given: Mapping[str, Any] | None, kind: Geometry, centre: tuple[float, float] | None) -> Shape | None:
    """Return the checked geometry of a form; raises Wrong."""
    if given is None:
        return None
    one = np.empty(1, dtype=object)
    one[0] = shapely.force_2d(read_geojson(given))
    shapes, wrongs = check_shapes(one, kind, centre)
    if wrongs[0] is not None:
        raise wrongs[0]
    return stored(shapes)[0]


def same(ours: Shapes, theirs: Shapes) -> NDArray[np.bool_]:
    """Return where two geometries are the same within 1e-9°, whatever the order of rings and vertices; None = None."""
    missing = shapely.is_missing(ours) & shapely.is_missing(theirs)
    equal = missing | shapely.equals_exact(ours, theirs, SAME_WITHIN_DEG)
    unlike = np.flatnonzero(~equal)
    if len(unlike):
        equal[unlike] = shapely.equals_exact(
            shapely.normalize(ours[unlike]), shapely.normalize(theirs[unlike]), SAME_WITHIN_DEG
        )
    return np.asarray(equal, dtype=bool)


def shapes_of(wkbs: Sequence[bytes | memoryview | None]) -> Shapes:
    """Return stored WKB as geometries."""
    return np.asarray(shapely.from_wkb([None if wkb is None else bytes(wkb) for wkb in wkbs]), dtype=object)


def geojson_of(wkb: bytes | memoryview | None) -> dict[str, Any] | None:
    """Return a stored geometry as a GeoJSON object."""
    if wkb is None:
        return None
    read: dict[str, Any] = json.loads(shapely.to_geojson(shapely.from_wkb(bytes(wkb))))
    return read


@lru_cache(maxsize=32)
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(crs, CGCS2000, always_xy=True)


def _farthest_m(bounds: Degrees, centre: tuple[float, float] | None) -> Degrees:
    """Return the distance of the farthest corner from the centre; infinite where the numbers are no degrees."""
    no_degrees = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
    if centre is None:
        return np.where(no_degrees, np.inf, 0.0)
    lon, lat = np.radians(centre[0]), np.radians(centre[1])
    corners = [
        _great_circle_m(lon, lat, np.radians(bounds[:, x]), np.radians(bounds[:, y])) for x in (0, 2) for y in (1, 3)
    ]
    return np.where(no_degrees, np.inf, np.max(corners, axis=0))


def _great_circle_m(lon: float, lat: float, lons: Degrees, lats: Degrees) -> Degrees:
    """Return haversine distances on a sphere, good to half a percent."""
    half = np.sin((lats - lat) / 2) ** 2 + np.cos(lat) * np.cos(lats) * np.sin((lons - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))))
