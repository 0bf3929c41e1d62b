"""An import undone as one change: what it added goes, what it changed gets its former values back; all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record_many
from xiuhua.ledger.models import History
from xiuhua.objects.forms import set_shape
from xiuhua.objects.imports.writing import LATER, MOVE_PERIODS, array_text, write_changed
from xiuhua.objects.linking import key_links
from xiuhua.objects.models import CityObject, ImportJob, ObjectLink
from xiuhua.objects.shapes import read_geojson, stored_one
from xiuhua.objects.words import grams, sort_key, words_of
from xiuhua.people.policy import may, sees

LIGHT = ("id", "type", "code", "version", "removed_at", "area_path", "unit_code")
NAMED = 20
AT_ONCE = 10_000
# What the import wrote, once for all statements: a list of 100,000 ids would be sent and parsed by each of them.
MAKE_WRITTEN = """CREATE TEMP TABLE written ON COMMIT DROP AS
    SELECT entity_id::uuid AS id, (data ->> 'version')::int AS version FROM ledger_history
    WHERE transaction = %s AND id < %s AND entity = 'object' AND data ->> 'import' = %s"""
COUNT_WRITTEN = "ANALYZE written"
DROP_WRITTEN = "DROP TABLE written"
ADDED = RawSQL("SELECT id FROM written WHERE version = 1", ())
CHANGED = RawSQL("SELECT id FROM written WHERE version > 1", ())
MOVED = RawSQL("SELECT id::text FROM written w JOIN objects_cityobject o USING (id) WHERE o.version <> w.version", ())
REMOVE = """UPDATE objects_cityobject SET removed_at = %s, updated_at = %s, version = version + 1
    WHERE id IN (SELECT id FROM written WHERE version = 1)"""
Pair = tuple[Any, Any]
Tell = Callable[[float], None]


@dataclass(kw_only=True, slots=True)
class Undone:
    """One thing on its way back: as it stands, and what the import changed of it as key → (before, after)."""

    thing: CityObject
    version: int
    changes: Mapping[str, Pair]

    @property
    def added(self) -> bool:
        return self.version == 1


def undo(actor: Actor, job: ImportJob, *, why: str, now: datetime, tell: Tell = lambda _: None) -> list[Undone]:
    """Take an import back; raises Conflict naming what was changed since, what others link to, or what no longer fits.
    Called inside a transaction that holds the type. `tell` hears the share done.
    """
    declared = current().object_type(job.type)
    rows = _written(job)
    tell(0.25)
    _require_untouched(actor, rows)
    added = [row for row in rows if row.added]
    changed = [row for row in rows if not row.added]
    _require_unlinked(actor)
    tell(0.35)
    with connection.cursor() as cursor:
        cursor.execute(LATER)
        if added:
            ObjectLink.objects.filter(source_id__in=ADDED).delete()
            cursor.execute(REMOVE, [now, now])
        tell(0.5)
        for row in changed:
            _lay_back(row, declared)
        if changed:
            write_changed(cursor, (_row(row.thing, now) for row in changed))
            cursor.execute(MOVE_PERIODS, [[row.thing.id for row in changed if row.changes.keys() & PERIOD]])
        _link_back(actor, declared, changed)
        try:
            cursor.execute("SET CONSTRAINTS never_together IMMEDIATE")
        except IntegrityError:
            raise Conflict("objects.undo_overlap") from None
        cursor.execute(DROP_WRITTEN)
    tell(0.75)
    told, done = _history(rows, why, job), 0
    while some := list(islice(told, AT_ONCE)):
        record_many(actor, some)
        done += len(some)
        tell(0.75 + 0.25 * done / len(rows))
    return rows


PERIOD = {"valid_from", "valid_to"}


def _written(job: ImportJob) -> list[Undone]:
    """Return what the import wrote: the history rows of its one transaction, with the things as they stand, locked."""
    last = History.objects.filter(entity="import", entity_id=str(job.id), action="imported").latest("id")
    rows = History.objects.filter(
        transaction=last.transaction, id__lt=last.id, entity="object", data__import=str(job.id)
    ).order_by("id")
    told = {UUID(entity_id): data for entity_id, data in rows.values_list("entity_id", "data").iterator()}
    with connection.cursor() as cursor:
        cursor.execute(MAKE_WRITTEN, [last.transaction, last.id, str(job.id)])
        cursor.execute(COUNT_WRITTEN)
    locked = CityObject.objects.select_for_update().order_by("id")
    things = [*locked.filter(id__in=ADDED).only(*LIGHT), *locked.filter(id__in=CHANGED)]
    return [
        Undone(
            thing=thing,
            version=told[thing.id]["version"],
            changes={key: (pair[0], pair[1]) for key, pair in told[thing.id]["changes"].items()},
        )
        for thing in things
    ]


def _require_untouched(actor: Actor, rows: Sequence[Undone]) -> None:
    touched, foreign = [], []
    back = _moved_and_back([row for row in rows if row.thing.version != row.version])
    places = {(row.thing.area_path, row.thing.unit_code) for row in rows}
    own = {(area, unit) for area, unit in places if may(actor, Act.IMPORT, area_path=area, unit_code=unit)}
    for row in rows:
        thing = row.thing
        if thing.removed_at is not None or (thing.version != row.version and thing.id not in back):
            touched.append(thing)
        elif (thing.area_path, thing.unit_code) not in own:
            foreign.append(thing)
    if foreign:
        raise Conflict("objects.undo_elsewhere", count=len(foreign), codes=_named(actor, foreign))
    if touched:
        raise Conflict("objects.undo_changed", count=len(touched), codes=_named(actor, touched))


def _moved_and_back(rows: Sequence[Undone]) -> set[UUID]:
    """Return the things that only later imports changed, each of which was undone: they are what this import wrote."""
    if not rows:
        return set()
    versions = {str(row.thing.id): row.version for row in rows}
    open_imports: dict[str, set[str]] = {entity_id: set() for entity_id in versions}
    later = History.objects.filter(entity="object", entity_id__in=MOVED).order_by("id")
    for entity_id, action, data in later.values_list("entity_id", "action", "data"):
        if data["version"] <= versions[entity_id]:
            continue
        if action == "undone":
            open_imports[entity_id].discard(data["import"])
        else:
            open_imports[entity_id].add(data.get("import", ""))
    return {UUID(entity_id) for entity_id, left in open_imports.items() if not left}


def _require_unlinked(actor: Actor) -> None:
    links = ObjectLink.objects.filter(target_id__in=ADDED).exclude(source_id__in=ADDED).select_related("target")
    held = {link.target_id: link.target for link in links}
    if held:
        raise Conflict("objects.undo_linked", count=len(held), codes=_named(actor, held.values()))


def _named(actor: Actor, things: Iterable[CityObject]) -> str:
    """Return the codes of the first things, as far as the actor sees them."""
    codes = sorted(one.code for one in things if sees(actor, area_path=one.area_path, unit_code=one.unit_code))
    return ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "") if codes else "—"


def _lay_back(row: Undone, declared: ObjectType) -> None:
    """Give a thing its former values."""
    thing = row.thing
    attributes = dict(thing.attributes)
    for key, (before, _) in row.changes.items():
        if key.startswith("attr."):
            attributes[key.removeprefix("attr.")] = before
        elif key in PERIOD:
            setattr(thing, key, before and date.fromisoformat(before))
        elif key in ("name", "unit_code", "area_path"):
            setattr(thing, key, before or "")
        elif key == "geometry":
            set_shape(thing, before and stored_one(read_geojson(before)))
    thing.attributes = {name: value for name, value in attributes.items() if value is not None}
    thing.words = words_of(declared, code=thing.code, name=thing.name, attributes=thing.attributes)


def _row(thing: CityObject, now: datetime) -> tuple[object, ...]:
    """Return a changed thing as `write_changed` takes it."""
    return (
        thing.id, thing.type, thing.code, thing.name, sort_key(thing.name), orjson.dumps(thing.attributes).decode(),
        thing.geometry, thing.west, thing.south, thing.east, thing.north, thing.valid_from, thing.valid_to,
        thing.unit_code, thing.area_path, thing.origin, thing.words, array_text(grams(thing.words)), thing.version + 1,
        now, True,
    )  # fmt: skip


def _link_back(actor: Actor, declared: ObjectType, changed: Iterable[Undone]) -> None:
    """Make the links of the things what they were; raises Conflict if one led to what is there no more."""
    for link in key_links(declared).values():
        key, full = f"link.{link.id}", f"{declared.id}.{link.id}"
        relinked = [row for row in changed if key in row.changes]
        if not relinked:
            continue
        codes = {code for row in relinked for code in row.changes[key][0] or ()}
        ids = dict(
            CityObject.objects.filter(type=link.to, code__in=codes, removed_at__isnull=True).values_list("code", "id")
        )
        lost = [row.thing for row in relinked if set(row.changes[key][0] or ()) - ids.keys()]
        if lost:
            raise Conflict("objects.undo_lost_end", count=len(lost), codes=_named(actor, lost))
        ObjectLink.objects.filter(Q(link=full), source_id__in=[row.thing.id for row in relinked]).delete()
        ObjectLink.objects.bulk_create(
            [
                ObjectLink(
                    link=full, source=row.thing, target_id=ids[code], valid_from=row.thing.valid_from,
                    valid_to=row.thing.valid_to, exclusive=link.id in declared.never,
                )
                for row in relinked
                for code in row.changes[key][0] or ()
            ],
            batch_size=AT_ONCE,
        )  # fmt: skip


def _history(rows: Iterable[Undone], why: str, job: ImportJob) -> Iterator[Change]:
    for row in rows:
        thing = row.thing
        changes: dict[str, object] = {key: [after, before] for key, (before, after) in row.changes.items()}
        if row.added:
            links = {key: [pair[1], []] for key, pair in row.changes.items() if key.startswith("link.")}
            changes = {"removed": [False, True], **links}
        yield Change(
            action="undone", entity="object", entity_id=str(thing.id), area_path=thing.area_path, why=why,
            data={
                "type": thing.type, "code": thing.code, "version": thing.version + 1, "changes": changes,
                "import": str(job.id), "file": job.filename,
            },
        )  # fmt: skip
