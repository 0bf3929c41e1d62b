"""Importing real outlines of areas: all rows are checked, then all are taken or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import shapely
from django.db import transaction
from numpy.typing import NDArray

from xiuhua.engines.coordinates import bd09_to_wgs84, gcj02_to_wgs84
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.people.actions.songjiang import DISTRICT, areas_changed, draw_towns, keep_outlines
from xiuhua.people.models import Area
from xiuhua.people.policy import require

Conversion = Callable[[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]

STORED = 4490
OFFSETS: Mapping[str, Conversion] = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}
MARGIN_DEG = 0.05
"""How far outside the district's outline a real layer may reach: outlines of two sources differ by some kilometres."""
ENDINGS = ("办事处", "人民政府", "社区居委会", "居委会", "村委会", "街道", "镇")


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaFault:
    """What is wrong with one row of the file (numbered from 1): the code of a sentence and its parameters."""

    row: int
    value: str
    code: str
    params: Mapping[str, object]


def import_areas(
    actor: Actor, *, file: Path, crs: str = "", layer: str = "", column: str = "", level: str = ""
) -> Mapping[str, int]:
    """Set the outlines of areas from a layer; return how many by level.

    `crs` overrules what the file says: an EPSG number, gcj02 or bd09. Rows are matched by `column`, or by the column
    that holds most known codes or names. A 15-digit code under a known community makes a new grid. Raises Invalid with
    `faults`, all of them together.
    """
    require(actor, Act.MANAGE_SETTINGS, area_path=f"{DISTRICT}/", unit_code="")
    shapes, columns = _read(file, layer, crs)
    with transaction.atomic():
        areas = {area.code: area for area in Area.objects.select_for_update().order_by("code")}
        drawn, faults = _match(shapes, columns, areas, column, level)
        if faults:
            raise Invalid("people.area_file_wrong", file=file.name, count=len(faults), faults=faults)
        for area, shape in drawn:
            area.geometry = shapely.to_wkb(shape)
            area.synthetic_geometry = False
            area.origin = f"import:{file.name}"
        keep_outlines([area for area, _ in drawn])
        towns = frozenset(area.code for area, _ in drawn if area.level == "town")
        if towns:
            draw_towns(towns)
        areas_changed()
        counts: dict[str, int] = {}
        for area, _ in drawn:
            counts[area.level] = counts.get(area.level, 0) + 1
        record(
            actor,
            Change(
                action="imported", entity="areas", entity_id=DISTRICT, area_path=f"{DISTRICT}/",
                data={"file": file.name, "counts": counts, "codes": [area.code for area, _ in drawn]},
            ),
        )  # fmt: skip
    return counts


def _read(file: Path, layer: str, crs: str) -> tuple[Sequence[shapely.Geometry | None], Mapping[str, Sequence[str]]]:
    try:
        meta, _, wkb, values = pyogrio.raw.read(file, layer=layer or None, force_2d=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise Invalid("people.area_file_unreadable", file=file.name) from error
    if wkb is None:
        raise Invalid("people.area_file_unreadable", file=file.name)
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    named = crs.strip().lower() or (meta["crs"] or "")
    if not named:
        raise Invalid("people.area_crs_unknown", file=file.name)
    columns = {name: [_text(value) for value in column] for name, column in zip(meta["fields"], values, strict=True)}
    return shapely.transform(shapes, _to_stored(named), interleaved=False), columns


def _to_stored(crs: str) -> Conversion:
    if crs in OFFSETS:
        return OFFSETS[crs]
    try:
        source = pyproj.CRS.from_user_input(int(crs) if crs.isdigit() else crs)
    except pyproj.exceptions.CRSError as error:
        raise Invalid("people.area_crs_wrong", crs=crs) from error
    convert: Conversion = pyproj.Transformer.from_crs(source, STORED, always_xy=True).transform
    return convert


def _text(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return "" if value is None else str(value).strip()


def _match(
    shapes: Sequence[shapely.Geometry | None],
    columns: Mapping[str, Sequence[str]],
    areas: Mapping[str, Area],
    column: str,
    level: str,
) -> tuple[list[tuple[Area, shapely.Geometry]], list[AreaFault]]:
    known = _known_by(areas, level)
    if column and column not in columns:
        return [], [AreaFault(row=0, value=column, code="people.area_no_column", params={"column": column})]
    best = column or max(
        columns, key=lambda name: sum(_find(value, known, areas) is not None for value in columns[name])
    )
    bounds = shapely.bounds(shapely.from_wkb(bytes(areas[DISTRICT].geometry or b"")))
    drawn: list[tuple[Area, shapely.Geometry]] = []
    faults: list[AreaFault] = []
    first_row: dict[str, int] = {}
    for row, (value, shape) in enumerate(zip(columns[best], shapes, strict=True), start=1):
        area = _find(value, known, areas)
        code, params = _problem(area, shape, bounds, first_row)
        if code or area is None or shape is None:
            faults.append(AreaFault(row=row, value=value, code=code, params=params))
            continue
        first_row[area.code] = row
        drawn.append((area, shape))
    return drawn, faults


def _problem(
    area: Area | None, shape: shapely.Geometry | None, bounds: NDArray[np.float64], first_row: Mapping[str, int]
) -> tuple[str, Mapping[str, object]]:
    if area is None:
        return "people.area_unknown", {}
    if area.code in first_row:
        return "people.area_twice", {"row": first_row[area.code]}
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return "people.area_no_polygon", {}
    if not shape.is_valid:
        return "people.area_invalid", {"reason": shapely.is_valid_reason(shape)}
    west, south, east, north = shape.bounds
    if (
        west < bounds[0] - MARGIN_DEG or south < bounds[1] - MARGIN_DEG
        or east > bounds[2] + MARGIN_DEG or north > bounds[3] + MARGIN_DEG
    ):  # fmt: skip
        return "people.area_elsewhere", {}
    return "", {}


def _known_by(areas: Mapping[str, Area], level: str) -> Mapping[str, Area]:
    """Return the areas by code (also filled with zeros to twelve digits), by name and by name without its ending; what
    several areas are called stands for none of them.
    """
    named: dict[str, list[Area]] = {}
    for area in areas.values():
        if not level or area.level == level:
            for key in {area.code, area.code.ljust(12, "0"), area.name, _short(area.name)}:
                named.setdefault(key, []).append(area)
    return {key: found[0] for key, found in named.items() if len(found) == 1}


def _find(value: str, known: Mapping[str, Area], areas: Mapping[str, Area]) -> Area | None:
    area = known.get(value) or known.get(_short(value))
    if area is None and len(value) == 15 and value.isdigit() and value[:12] in areas:
        community, serial = areas[value[:12]], int(value[12:])
        return Area(
            code=value, name=f"{community.name}第{serial}网格", name_en=f"{community.name_en} grid {serial}",
            level="grid", parent=community, path=f"{community.path}{value}/",
        )  # fmt: skip
    return area


def _short(name: str) -> str:
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return _short(name.removesuffix(ending))
    return name
