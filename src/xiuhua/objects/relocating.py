"""Objects follow their areas: where boundaries change, what lies there belongs to the new area."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.actions import Change, announce, record_many
from xiuhua.objects.models import CityObject
from xiuhua.objects.places import areas_at
from xiuhua.objects.shapes import Shape, shapes_of, stored

AT_ONCE = 5_000
KEEP = """UPDATE objects_cityobject o SET area_path = n.path, version = o.version + 1, updated_at = now()
    FROM unnest(%s::uuid[], %s::text[]) AS n (id, path) WHERE o.id = n.id"""


def follow_areas() -> int:
    """Give every object that has a position the area it now lies in; return how many moved. Each move is in history."""
    moved, last = 0, UUID(int=0)
    while True:
        with transaction.atomic():
            rows = list(
                CityObject.objects.select_for_update()
                .filter(id__gt=last, removed_at__isnull=True, geometry__isnull=False)
                .order_by("id")[:AT_ONCE]
            )
            if not rows:
                return moved
            last = rows[-1].id
            moved += _follow(rows)


def _follow(rows: list[CityObject]) -> int:
    places = [place for place in stored(shapes_of([bytes(row.geometry or b"") for row in rows])) if place]
    changed = [(row, path) for row, path in zip(rows, _areas(places), strict=True) if path != row.area_path]
    if not changed:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [[row.id for row, _ in changed], [path for _, path in changed]])
    record_many(
        system_actor("areas"),
        [
            Change(
                action="changed", entity="object", entity_id=str(row.id), area_path=path,
                data={
                    "type": row.type, "code": row.code, "version": row.version + 1,
                    "changes": {"area_path": [row.area_path, path]},
                },
            )
            for row, path in changed
        ],
    )  # fmt: skip
    for type_id in sorted({row.type for row, _ in changed}):
        announce("objects.imported", id=type_id, type=type_id, count=sum(row.type == type_id for row, _ in changed))
    return len(changed)


def _areas(places: list[Shape]) -> list[str]:
    return areas_at([place.lon for place in places], [place.lat for place in places])
