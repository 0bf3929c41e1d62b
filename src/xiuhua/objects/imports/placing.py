"""Geometry of an import: read, moved into CGCS2000, checked, compared, placed into areas; all rows at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from xiuhua.kernel.objects import Geometry, ObjectType
from xiuhua.kernel.words import Label
from xiuhua.objects.checking import number_of
from xiuhua.objects.imports.rows import Draft, Incoming, Problems, given_text
from xiuhua.objects.places import areas_at, district_centre
from xiuhua.objects.problems import Wrong
from xiuhua.objects.shapes import Shapes, check_shapes, same, shapes_of, stored, to_lonlat

LON = Label(zh="经度", en="Longitude")
LAT = Label(zh="纬度", en="Latitude")


def place_rows(declared: ObjectType, incoming: Incoming, drafts: Sequence[Draft], problems: Problems) -> None:
    """Give the drafts their shape, and to what is new or moved its area. A row without geometry keeps what is known."""
    if declared.geometry is Geometry.NONE:
        return
    where, shapes = given_shapes(incoming, problems)
    if shapes is None:
        return
    shapes, wrongs = check_shapes(to_lonlat(shapes, incoming.crs), declared.geometry, district_centre())
    for at, wrong in enumerate(wrongs):
        if wrong is not None:
            problems.add(at, where, _shown(incoming, at), wrong)
            shapes[at] = None
    given = ~shapely.is_missing(shapes)
    known = shapes_of([draft.known.wkb if draft.known else None for draft in drafts])
    moved = given & ~same(shapes, known)
    places = np.flatnonzero(moved).tolist()
    kept = stored(shapes[moved])
    paths = areas_at([shape.lon for shape in kept if shape], [shape.lat for shape in kept if shape])
    for at, shape, path in zip(places, kept, paths, strict=True):
        drafts[at].shape, drafts[at].area_path, drafts[at].moved = shape, path, True


def far_rows(declared: ObjectType, incoming: Incoming, *, only: str = "") -> set[int]:
    """Return the places of the rows whose position cannot be taken, or not for the one reason named."""
    if declared.geometry is Geometry.NONE:
        return set()
    _, shapes = given_shapes(incoming, Problems(incoming))
    if shapes is None:
        return set()
    _, wrongs = check_shapes(to_lonlat(shapes, incoming.crs), declared.geometry, district_centre())
    return {at for at, wrong in enumerate(wrongs) if wrong is not None and only in ("", wrong.code)}


def given_shapes(incoming: Incoming, problems: Problems) -> tuple[str, Shapes | None]:
    """Return the target that problems are told of, and the geometries in the file's own system."""
    columns = incoming.columns
    if "lon" in columns and "lat" in columns:
        return "lon", _points(columns["lon"], columns["lat"], problems)
    if "wkt" in columns:
        return "wkt", _from_wkt(columns["wkt"], problems)
    return "geometry", incoming.shapes


def _points(lons: Sequence[object], lats: Sequence[object], problems: Problems) -> Shapes:
    x = _numbers(lons, "lon", LON, problems)
    y = _numbers(lats, "lat", LAT, problems)
    for at in np.flatnonzero(np.isnan(x) != np.isnan(y)).tolist():
        missing, cells = ("lon", lons) if np.isnan(x[at]) else ("lat", lats)
        if not given_text(cells[at]):
            problems.add(at, missing, None, Wrong("half_position"))
    whole = ~(np.isnan(x) | np.isnan(y))
    shapes = np.full(len(x), None, dtype=object)
    shapes[whole] = shapely.points(x[whole], y[whole])
    return shapes


def _numbers(cells: Sequence[object], target: str, label: Label, problems: Problems) -> np.ndarray:
    numbers = np.full(len(cells), np.nan)
    for at, raw in enumerate(cells):
        if given_text(raw):
            try:
                numbers[at] = number_of(raw, label=label, unit="°")
            except Wrong as wrong:
                problems.add(at, target, raw, wrong)
    return numbers


def _from_wkt(cells: Sequence[object], problems: Problems) -> Shapes:
    texts = [given_text(raw).rpartition(";")[2] or None for raw in cells]
    shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"), dtype=object)
    for at, (text, shape) in enumerate(zip(texts, shapes, strict=True)):
        if text and shape is None:
            problems.add(at, "wkt", text, Wrong("unreadable_geometry"))
    return shapes


def _shown(incoming: Incoming, at: int) -> str:
    if "lon" in incoming.columns and "lat" in incoming.columns:
        return f"{given_text(incoming.columns['lon'][at])}, {given_text(incoming.columns['lat'][at])}"
    return given_text(incoming.columns["wkt"][at]) if "wkt" in incoming.columns else ""
