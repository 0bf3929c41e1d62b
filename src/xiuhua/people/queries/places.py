"""Where a point lies: the deepest area that contains it, found for many points at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from xiuhua.kernel.errors import NotFound
from xiuhua.people.models import Area, AreaVersion, Unit

LEVELS = ("district", "town", "community", "grid")
NOWHERE = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Level:
    """The areas of one level that have a geometry: `numbers` are their places in the index, `within` the number of the
    nearest area above that has one, the district left out.
    """

    tree: shapely.STRtree
    numbers: NDArray[np.int64]
    within: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Index:
    """All areas at one version."""

    version: int
    paths: Sequence[str]
    names: Mapping[str, str]
    units: Mapping[str, str]
    levels: tuple[_Level, ...]


_kept: list[_Index] = []


def place_of(lon: float, lat: float) -> Area | None:
    """Return the deepest area whose geometry contains the point (CGCS2000, degrees); None outside the district."""
    path = places_of([lon], [lat])[0]
    return Area.objects.get(path=path) if path else None


def places_of(lons: ArrayLike, lats: ArrayLike) -> list[str]:
    """Return for each point the path of the deepest area that contains it, "" outside the district.

    The descent is from the top: a community counts only inside its own town, so a real town boundary is never
    overruled by a synthetic cell beneath another town.
    """
    index = _current()
    points = shapely.points(np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64))
    place = np.full(len(points), NOWHERE, dtype=np.int64)
    within = np.full(len(points), NOWHERE, dtype=np.int64)
    for level in index.levels:
        found, cell = level.tree.query(points, predicate="intersects")
        fits = level.within[cell] == within[found]
        found, cell = found[fits], cell[fits]
        order = np.lexsort((level.numbers[cell], found))
        found, first = np.unique(found[order], return_index=True)
        chosen = level.numbers[cell[order][first]]
        place[found] = chosen
        if level is not index.levels[0]:
            within[found] = chosen
    return ["" if number == NOWHERE else index.paths[number] for number in place.tolist()]


def area_of(code: str) -> Area:
    """Return the area of that code; raises NotFound."""
    area = Area.objects.filter(code=code).first()
    if area is None:
        raise NotFound("people.no_area", area=code)
    return area


def area_path(area: str) -> str:
    """Return an area's path, given as a path, a code or "" (everywhere); raises NotFound for an unknown code."""
    return area if not area or "/" in area else area_of(area).path


def area_names() -> Mapping[str, str]:
    """Return the names of all areas by path."""
    return _current().names


def unit_names() -> Mapping[str, str]:
    """Return the names of all units by code."""
    return _current().units


def root_path() -> str:
    """Return the district's path; "" while no areas are loaded."""
    index = _current()
    return index.paths[0] if index.paths else ""


def _current() -> _Index:
    version = AreaVersion.objects.filter(id=1).values_list("number", flat=True).first()
    if _kept and version == _kept[0].version:
        return _kept[0]
    fresh = _read(version or 0)
    if version:
        _kept[:] = [fresh]
    return fresh


def _read(version: int) -> _Index:
    areas = sorted(Area.objects.values_list("path", "level", "name", "geometry"))
    number_of = {path: number for number, (path, *_) in enumerate(areas)}
    drawn = {path for path, level, _, geometry in areas if geometry is not None and level != LEVELS[0]}
    levels = []
    for wanted in LEVELS:
        rows = [(path, geometry) for path, level, _, geometry in areas if level == wanted and geometry is not None]
        levels.append(
            _Level(
                tree=shapely.STRtree(shapely.from_wkb([bytes(geometry) for _, geometry in rows])),
                numbers=np.array([number_of[path] for path, _ in rows], dtype=np.int64),
                within=np.array([number_of.get(_above(path, drawn), NOWHERE) for path, _ in rows], dtype=np.int64),
            )
        )
    return _Index(
        version=version,
        paths=[path for path, *_ in areas],
        names={path: name for path, _, name, _ in areas},
        units=dict(Unit.objects.values_list("code", "name")),
        levels=tuple(levels),
    )


def _above(path: str, drawn: set[str]) -> str:
    codes = path.split("/")[:-2]
    while codes:
        above = "/".join(codes) + "/"
        if above in drawn:
            return above
        codes.pop()
    return ""
