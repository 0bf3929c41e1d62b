"""Links found by geometry: in, on, near. Kept beside the stored ones, found anew after every change of either end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import numpy as np
import shapely
from django.db import transaction
from django.db.models import Q
from numpy.typing import NDArray
from pyproj import Transformer

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.objects import Link, Relation
from xiuhua.ledger.actions import announce
from xiuhua.objects.choosing import meets_box
from xiuhua.objects.models import CityObject, FoundLink
from xiuhua.objects.shapes import CGCS2000, Shapes, shapes_of

METRES = "EPSG:4549"
METRES_A_DEGREE = 90_000.0
"""Fewer than a degree has anywhere in the district, so that a margin in degrees is never too small."""
FEW = 50
AT_ONCE = 10_000
_to_metres = Transformer.from_crs(CGCS2000, METRES, always_xy=True)
Row = tuple[UUID, str, bytes]


def find_all() -> int:
    """Find the links of every declared type anew; return how many changed."""
    return sum(_find(full, link, None) for full, link in _declared())


def find_for_type(type_id: str) -> int:
    """Find anew the links that leave or reach things of the type ("" for all types); return how many changed."""
    ours = [(full, link) for full, link in _declared() if type_id in ("", full.rpartition(".")[0], link.to)]
    return sum(_find(full, link, None) for full, link in ours)


def find_for_object(type_id: str, object_id: UUID) -> int:
    """Find anew the links that leave or reach one thing; return how many changed."""
    changed = 0
    for full, link in _declared():
        if full.rpartition(".")[0] == type_id:
            changed += _find(full, link, {object_id})
        if link.to == type_id:
            changed += _find(full, link, _around(full, link, object_id))
    return changed


def pairs(
    link: Link, sources: Shapes, targets: Shapes, itself: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which sources (in metres) lead to which targets, as two arrays of places: IN lies within, ON touches or
    lies within `within_m`, NEAR lies within `within_m`. Where one end is allowed: the smallest area, else the nearest,
    the first of equals. `itself` is each source's own place among the targets (-1: none): nothing leads to itself.
    """
    tree = shapely.STRtree(targets)
    if link.relation is Relation.IN:
        here, there = tree.query(sources, predicate="covered_by")
    elif link.within_m:
        here, there = tree.query(sources, predicate="dwithin", distance=link.within_m)
    else:
        here, there = tree.query(sources, predicate="intersects")
    others = there != itself[here]
    here, there = here[others], there[others]
    if link.many or not len(here):
        return here, there
    by_area = link.relation is Relation.IN
    weight = shapely.area(targets[there]) if by_area else shapely.distance(sources[here], targets[there])
    order = np.lexsort((there, weight, here))
    here, there = here[order], there[order]
    first = np.concatenate(([True], here[1:] != here[:-1]))
    return here[first], there[first]


def _declared() -> list[tuple[str, Link]]:
    """Return the links found by geometry of all types, with their full ids."""
    return [
        (f"{type_id}.{link.id}", link)
        for type_id, declared in current().objects.items()
        for link in declared.links
        if link.relation in (Relation.IN, Relation.ON, Relation.NEAR)
    ]


def _find(full: str, link: Link, sources: set[UUID] | None) -> int:
    """Find one link of these sources (None: of all) anew; return how many of its rows changed."""
    if sources is not None and not sources:
        return 0
    with transaction.atomic():
        kept = FoundLink.objects.select_for_update().filter(link=full)
        ours = kept if sources is None else kept.filter(source_id__in=sources)
        before = {(source, target): row for row, source, target in ours.values_list("id", "source_id", "target_id")}
        after = set(_leading(full, link, sources))
        gone = [row for pair, row in before.items() if pair not in after]
        fresh = [FoundLink(link=full, source_id=one, target_id=other) for one, other in sorted(after - before.keys())]
        FoundLink.objects.filter(id__in=gone).delete()
        FoundLink.objects.bulk_create(fresh, batch_size=AT_ONCE, ignore_conflicts=True)
        changed = len(gone) + len(fresh)
        if changed:
            announce("objects.linked", id=full, type=full.rpartition(".")[0], count=changed)
    return changed


def _leading(full: str, link: Link, only: set[UUID] | None) -> Iterable[tuple[UUID, UUID]]:
    own = _placed(full.rpartition(".")[0], None if only is None else Q(id__in=only))
    boxes = None if only is None or len(own) > FEW else _near_boxes(own, link)
    others = _placed(link.to, boxes)
    if not own or not others:
        return
    places = {row[0]: at for at, row in enumerate(others)}
    itself = np.array([places.get(row[0], -1) for row in own])
    here, there = pairs(link, _metres(own), _metres(others), itself)
    for at, to in zip(here.tolist(), there.tolist(), strict=True):
        yield own[at][0], others[to][0]


def _placed(type_id: str, where: Q | None) -> list[Row]:
    """Return the live things of the type that have a geometry, in the order of their codes."""
    rows = CityObject.objects.filter(type=type_id, removed_at__isnull=True, geometry__isnull=False)
    chosen = rows if where is None else rows.filter(where)
    found = chosen.order_by("code").values_list("id", "code", "geometry")
    return [(one, code, bytes(wkb)) for one, code, wkb in found if wkb is not None]


def _near_boxes(rows: Sequence[Row], link: Link) -> Q:
    """Return the condition that a thing's bounds meet those of any row, widened by the link's distance."""
    margin = (link.within_m or 0.0) / METRES_A_DEGREE
    found = Q(pk__in=[])
    for west, south, east, north in shapely.bounds(shapes_of([row[2] for row in rows])).tolist():
        found |= Q(meets_box(west - margin, south - margin, east + margin, north + margin))
    return found


def _around(full: str, link: Link, target_id: UUID) -> set[UUID]:
    """Return the sources that lead to the thing now or may after its change."""
    found = set(FoundLink.objects.filter(link=full, target_id=target_id).values_list("source_id", flat=True))
    target = _placed(link.to, Q(id=target_id))
    if target:
        rows = CityObject.objects.filter(type=full.rpartition(".")[0], removed_at__isnull=True)
        found |= set(rows.filter(_near_boxes(target, link)).values_list("id", flat=True))
    return found


def _metres(rows: Sequence[Row]) -> Shapes:
    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(_to_metres.transform(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(shapes_of([row[2] for row in rows]), moved), dtype=object)


def follow(payload: Mapping[str, object]) -> None:
    """Find links anew after a change that an event tells of: of one object, or of a whole type."""
    type_id, object_id = str(payload.get("type", "")), str(payload.get("id", ""))
    try:
        find_for_object(type_id, UUID(object_id))
    except ValueError:
        find_for_type(type_id)


def follow_type(payload: Mapping[str, object]) -> None:
    """Find links anew after many things of a type changed."""
    find_for_type(str(payload.get("type", "")))
