"""Reads: rows, one object, counts, map, search, history; only what the actor may see, private values taken out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import shapely
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.models import History
from xiuhua.objects.choosing import narrowed, searched, sorted_by
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject, FoundLink, ObjectLink
from xiuhua.objects.remembering import make_readable
from xiuhua.objects.shapes import geojson_of, shapes_of
from xiuhua.objects.words import folded
from xiuhua.people.policy import may, visible
from xiuhua.people.queries import area_names, unit_names

HEAVY = ("grams", "words", "sort_key")
BEST = 20
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectView:
    """One row of a register as its actor may read it."""

    id: UUID
    type: str
    code: str
    name: str
    attributes: Mapping[str, Any]
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    lon: float | None
    lat: float | None
    valid_from: date | None
    valid_to: date | None
    origin: str
    updated_at: datetime
    version: int
    masked: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkView:
    """The thing at the other end of a link."""

    link: str
    label: Label
    direction: str
    id: UUID
    type: str
    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which rows: `area` is a path's beginning, `filters` attribute id → value, `box` west south east north, `ids` of
    single things.
    """

    type: str = ""
    q: str = ""
    area: str = ""
    unit: str = ""
    filters: Mapping[str, object] | None = None
    box: Box | None = None
    ids: frozenset[UUID] | None = None


def object_rows(actor: Actor, choice: Choice, *, sort: str = "") -> QuerySet[CityObject]:
    """Return the live rows that the actor sees of the choice, in the order of `sort`; raises Invalid, Refused."""
    rows = CityObject.objects.filter(visible(actor), removed_at__isnull=True)
    rows = narrowed(actor, rows, choice.type, choice.filters or {}, choice.box)
    if choice.area:
        rows = rows.filter(area_path__startswith=choice.area)
    if choice.ids is not None:
        rows = rows.filter(id__in=choice.ids)
    if choice.unit:
        rows = rows.filter(unit_code=choice.unit)
    if choice.q.strip():
        rows = searched(actor, rows, choice.q)
    return sorted_by(actor, rows, choice.type, sort)


def object_page(actor: Actor, choice: Choice, *, sort: str, window: slice) -> tuple[list[ObjectView], int]:
    """Return one page of rows and how many there are in all."""
    rows = object_rows(actor, choice, sort=sort)
    return views(actor, rows.defer(*HEAVY)[window]), rows.count()


def object_counts(actor: Actor, area: str = "") -> list[tuple[str, int]]:
    """Return how many objects of each declared type the actor sees, nought included; `area` is a path's beginning."""
    rows = CityObject.objects.filter(visible(actor), removed_at__isnull=True, area_path__startswith=area)
    counted = rows.values_list("type")
    found = dict(counted.annotate(count=Count("id")).order_by())
    return [(type_id, found.get(type_id, 0)) for type_id in current().objects]


def object_search(actor: Actor, q: str) -> list[ObjectView]:
    """Return the 20 best matches over all types: the same code or name first, then beginnings, then the rest."""
    if not q.strip():
        return []
    rows = searched(actor, CityObject.objects.filter(visible(actor), removed_at__isnull=True), q)
    asked = q.strip()
    rank = Case(
        When(Q(code__iexact=asked) | Q(name__iexact=asked), then=Value(0)),
        When(Q(code__istartswith=asked) | Q(name__istartswith=asked), then=Value(1)),
        When(name__icontains=folded(asked), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    best = rows.filter(type__in=list(current().objects)).order_by(rank, "sort_key", "id")
    return views(actor, best.defer(*HEAVY)[:BEST])


def map_features(actor: Actor, choice: Choice, *, limit: int) -> bytes:
    """Return a GeoJSON FeatureCollection of the rows that have a geometry, at most `limit`; its member `truncated`
    says whether there are more.
    """
    rows = object_rows(actor, choice).filter(geometry__isnull=False).order_by()
    found = list(rows.values_list("id", "type", "code", "name", "geometry")[: limit + 1])
    shapes = shapes_of([row[4] for row in found[:limit]])
    features = [
        {
            "type": "Feature",
            "id": row[0],
            "properties": {"id": row[0], "type": row[1], "code": row[2], "name": row[3]},
            "geometry": orjson.Fragment(text),
        }
        for row, text in zip(found, shapely.to_geojson(shapes).tolist(), strict=False)
    ]
    return orjson.dumps({"type": "FeatureCollection", "truncated": len(found) > limit, "features": features})


def one_object(actor: Actor, object_id: UUID, *, removed: bool = False) -> CityObject:
    """Return the object; raises NotFound if there is none that the actor sees. `removed`: removed ones as well."""
    rows = CityObject.objects.filter(visible(actor), id=object_id)
    thing = (rows if removed else rows.filter(removed_at__isnull=True)).first()
    if thing is None:
        raise NotFound("people.not_visible")
    return thing


def may_edit(actor: Actor, thing: CityObject) -> bool:
    """Return whether the actor may change the object."""
    return may(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)


def object_links(actor: Actor, thing: CityObject) -> list[LinkView]:
    """Return the links of an object both ways, stored and found, as far as the actor sees their other ends."""
    found = []
    for direction, end, rows in (
        ("out", "target", thing.links_out),
        ("out", "target", thing.found_out),
        ("in", "source", thing.links_in),
        ("in", "source", thing.found_in),
    ):
        seen = rows.filter(
            visible(actor, area=f"{end}__area_path", unit=f"{end}__unit_code"), **{f"{end}__removed_at__isnull": True}
        )
        for link in seen.select_related(end).order_by("link", f"{end}__code"):
            found.append(_link_view(link, direction, getattr(link, end)))
    return found


def object_history(actor: Actor, object_id: UUID) -> list[History]:
    """Return the history of an object the actor sees, newest first, private values taken out; removed ones as well."""
    thing = one_object(actor, object_id, removed=True)
    rows = list(History.objects.filter(entity="object", entity_id=str(thing.id)).order_by("-id"))
    make_readable(actor, rows)
    return rows


def views(actor: Actor, rows: Iterable[CityObject]) -> list[ObjectView]:
    """Return the rows as the actor may read them."""
    mask, areas, units, types = Mask(actor), area_names(), unit_names(), current().objects
    return [_view(thing, mask, areas, units, types) for thing in rows if thing.type in types]


def _view(
    thing: CityObject, mask: Mask, areas: Mapping[str, str], units: Mapping[str, str], types: Mapping[str, Any]
) -> ObjectView:
    attributes, masked = mask.read(
        types[thing.type], thing.attributes, area_path=thing.area_path, unit_code=thing.unit_code
    )
    lon, lat = position(thing)
    return ObjectView(
        id=thing.id, type=thing.type, code=thing.code, name=thing.name, attributes=attributes, masked=masked,
        area_path=thing.area_path, area_name=areas.get(thing.area_path, ""), unit_code=thing.unit_code,
        unit_name=units.get(thing.unit_code, ""), lon=lon, lat=lat, valid_from=thing.valid_from,
        valid_to=thing.valid_to, origin=thing.origin, updated_at=thing.updated_at, version=thing.version,
    )  # fmt: skip


def position(thing: CityObject) -> tuple[float | None, float | None]:
    """Return a point on the object's geometry, lon-lat degrees; None, None without one."""
    if thing.geometry is None:
        return None, None
    if thing.west == thing.east and thing.south == thing.north:
        return thing.west, thing.south
    point = shapely.point_on_surface(shapely.from_wkb(bytes(thing.geometry)))
    return float(point.x), float(point.y)


def geometry_of(thing: CityObject) -> dict[str, Any] | None:
    """Return the object's geometry as GeoJSON."""
    return geojson_of(thing.geometry)


def _link_view(link: ObjectLink | FoundLink, direction: str, other: CityObject) -> LinkView:
    type_id, _, link_id = link.link.rpartition(".")
    declared = current().objects.get(type_id)
    labels = [known.label for known in declared.links if known.id == link_id] if declared else []
    return LinkView(
        link=link.link,
        label=labels[0] if labels else Label(zh=link.link, en=link.link),
        direction=direction,
        id=other.id,
        type=other.type,
        code=other.code,
        name=other.name,
    )
