"""The verb that lets rows out of the house as a file; who took what is kept."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.kernel.objects import Geometry
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.objects.actions import require_somewhere
from xiuhua.objects.exports.sheet import chunks, export_columns
from xiuhua.objects.exports.writers import PLACED, WRITERS, Export
from xiuhua.objects.places import area_of_act
from xiuhua.objects.queries import Choice, object_rows
from xiuhua.people.policy import visible


def export_objects(actor: Actor, choice: Choice, *, sort: str, kind: str, path: Path, language: str) -> int:
    """Write the rows of the choice that the actor may export to `path`; return how many. Raises Invalid, Refused, and
    Conflict where it may not export some of the things it asked for by id.
    """
    declared = current().object_type(choice.type)
    require_somewhere(actor, Act.EXPORT)
    if kind not in WRITERS:
        raise Invalid("objects.bad_format", format=kind)
    if declared.geometry is Geometry.NONE and kind in ("gpkg", "shp"):
        raise Invalid("objects.no_shape_format", format=kind)
    columns = export_columns(actor, declared, placed=kind in PLACED)
    with transaction.atomic():
        rows = object_rows(actor, choice, sort=sort).filter(visible(actor, act=Act.EXPORT))
        count = rows.count()
        if choice.ids is not None and count < len(choice.ids):
            raise Conflict("objects.export_short", count=len(choice.ids) - count)
        found = chunks(actor, declared, rows, columns)
        WRITERS[kind](Export(path=path, declared=declared, columns=columns, chunks=found, language=language))
        asked = {"format": kind, "count": count, "q": choice.q, "area": choice.area, "unit": choice.unit}
        if choice.ids is not None:
            asked["ids"] = sorted(str(one) for one in choice.ids)
        record(
            actor,
            Change(
                action="exported",
                entity="register",
                entity_id=choice.type,
                area_path=area_of_act(actor, Act.EXPORT, choice.area),
                data={**asked, "filter": dict(choice.filters or {})},
            ),
        )
    return count
