"""Where an object belongs: its area from its position, and what stands in when it has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.words import Act
from xiuhua.objects.shapes import Degrees
from xiuhua.people.models import Area
from xiuhua.people.queries import area_names, places_of, root_path


def areas_at(lons: list[float], lats: list[float]) -> list[str]:
    """Return the deepest area of each point; the district for a point outside its outline, whose register it is in."""
    root = root_path()
    return [path or root for path in places_of(lons, lats)] if lons else []


def area_without_place(actor: Actor, act: Act) -> str:
    """Return the area of an object that has no position: that of the actor's first post that may do this."""
    if actor.administrator:
        return root_path()
    return next((grant.area_path for grant in actor.grants if act in grant.acts), "")


def area_of_act(actor: Actor, act: Act, asked: str) -> str:
    """Return the area under which an act on many things is recorded: the one asked for where the actor may act in it,
    else that of the first post that may; so whoever audits that area finds it.
    """
    inside = actor.administrator or any(
        act in grant.acts and asked.startswith(grant.area_path) for grant in actor.grants
    )
    return asked if inside and asked in area_names() else area_without_place(actor, act)


def district_centre() -> tuple[float, float] | None:
    """Return the centre of the district's outline, lon-lat degrees; None while there is no outline."""
    outline = _outline()
    if outline is None:
        return None
    centre = shapely.centroid(outline)
    return float(centre.x), float(centre.y)


def inside_district(lons: Degrees, lats: Degrees) -> NDArray[np.bool_] | None:
    """Return which points lie in the district's outline; None while there is no outline."""
    outline = _outline()
    if outline is None:
        return None
    shapely.prepare(outline)
    return np.asarray(shapely.contains_xy(outline, lons, lats), dtype=bool)


def _outline() -> Any:
    outline = Area.objects.filter(level="district", geometry__isnull=False).values_list("geometry", flat=True).first()
    return None if outline is None else shapely.from_wkb(bytes(outline))
