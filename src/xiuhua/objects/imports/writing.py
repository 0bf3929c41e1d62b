"""A plan into the register: COPY in, one history row a thing, inside the caller's one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict
from xiuhua.ledger.actions import Change, record_many
from xiuhua.objects.imports.planning import Plan
from xiuhua.objects.imports.rows import Draft
from xiuhua.objects.linking import key_links
from xiuhua.objects.shapes import Shape, geojson_of
from xiuhua.objects.words import grams, sort_key, words_of

COPY_OBJECTS = """COPY objects_cityobject (id, type, code, name, sort_key, attributes, geometry, west, south, east,
    north, valid_from, valid_to, unit_code, area_path, origin, words, grams, version, updated_at) FROM STDIN"""
MAKE_INCOMING = """CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT id, type, code, name, sort_key, attributes,
    geometry, west, south, east, north, valid_from, valid_to, unit_code, area_path, origin, words, grams, version,
    updated_at, false AS moved FROM objects_cityobject WITH NO DATA"""
COPY_INCOMING = "COPY incoming FROM STDIN"
UPDATE_OBJECTS = """UPDATE objects_cityobject old SET name = new.name, sort_key = new.sort_key,
    attributes = new.attributes, valid_from = new.valid_from, valid_to = new.valid_to, unit_code = new.unit_code,
    area_path = new.area_path, words = new.words, grams = new.grams, version = new.version,
    updated_at = new.updated_at, geometry = CASE WHEN moved THEN new.geometry ELSE old.geometry END,
    west = CASE WHEN moved THEN new.west ELSE old.west END, south = CASE WHEN moved THEN new.south ELSE old.south END,
    east = CASE WHEN moved THEN new.east ELSE old.east END, north = CASE WHEN moved THEN new.north ELSE old.north END
    FROM incoming new WHERE old.id = new.id"""
DROP_INCOMING = "DROP TABLE incoming"
LATER = "SET CONSTRAINTS never_together DEFERRED"
AT_ONCE = "SET CONSTRAINTS never_together IMMEDIATE"
FREE_LINKS = "DELETE FROM objects_objectlink WHERE link = %s AND source_id = ANY(%s)"
MOVE_PERIODS = """UPDATE objects_objectlink l SET valid_from = o.valid_from, valid_to = o.valid_to
    FROM objects_cityobject o WHERE l.source_id = o.id AND o.id = ANY(%s)"""
COPY_LINKS = "COPY objects_objectlink (link, source_id, target_id, valid_from, valid_to, exclusive) FROM STDIN"
# What waits to enter the index on grams makes the planner shun it, and so do old statistics.
SETTLE = "SELECT gin_clean_pending_list('object_grams')"
COUNT_ANEW = "ANALYZE objects_cityobject"
SETTLED_FROM = 5_000
HISTORY_AT_ONCE = 10_000
Tell = Callable[[float], None]
Row = tuple[object, ...]


def write(
    actor: Actor,
    plan: Plan,
    *,
    origin: str,
    why: str,
    source: Mapping[str, object],
    now: datetime,
    tell: Tell = lambda _: None,
) -> None:
    """Write the plan's good rows. `source` goes into every history row: file name, checksum, import."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuidv7() FROM generate_series(1, %s)", [len(plan.added)])
        ids = [row[0] for row in cursor.fetchall()]
        pairs = list(zip(ids, plan.added, strict=True))
        _copy(cursor, COPY_OBJECTS, (_row(plan, draft, new_id, origin, 1, now) for new_id, draft in pairs))
        tell(0.4)
        if plan.changed:
            write_changed(cursor, _changed_rows(plan, origin, now))
        tell(0.6)
        _write_links(cursor, plan, {draft.code: new_id for new_id, draft in pairs})
        if len(plan.added) + len(plan.changed) >= SETTLED_FROM:
            cursor.execute(SETTLE)
            cursor.execute(COUNT_ANEW)
    changes, done, total = _history(plan, pairs, why, source), 0, len(plan.added) + len(plan.changed)
    while some := list(islice(changes, HISTORY_AT_ONCE)):
        record_many(actor, some)
        done += len(some)
        tell(0.65 + 0.35 * done / total)


def write_changed(cursor: Any, rows: Iterable[Row]) -> None:
    """Bring known objects to these rows: the columns of COPY_OBJECTS in order, and whether the geometry moved."""
    cursor.execute(MAKE_INCOMING)
    _copy(cursor, COPY_INCOMING, rows)
    cursor.execute(UPDATE_OBJECTS)
    cursor.execute(DROP_INCOMING)


def _copy(cursor: Any, statement: str, rows: Iterable[Row]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _row(plan: Plan, draft: Draft, object_id: UUID, origin: str, version: int, now: datetime) -> Row:
    words = words_of(plan.declared, code=draft.code, name=draft.name, attributes=draft.attributes)
    shape = draft.shape
    place = (None,) * 5 if shape is None else (shape.wkb, shape.west, shape.south, shape.east, shape.north)
    return (
        object_id, plan.declared.id, draft.code, draft.name, sort_key(draft.name),
        orjson.dumps(draft.attributes).decode(), *place, draft.valid_from, draft.valid_to, draft.unit_code,
        draft.area_path, origin, words, array_text(grams(words)), version, now,
    )  # fmt: skip


def array_text(texts: Sequence[str]) -> str:
    """Return texts as PostgreSQL writes an array; much faster than having each list adapted."""
    if any(text.endswith(('"', "\\")) for text in texts):
        texts = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(texts) + '"}' if texts else "{}"


def _changed_rows(plan: Plan, origin: str, now: datetime) -> Iterable[Row]:
    for draft in plan.changed:
        if draft.known:
            yield (*_row(plan, draft, draft.known.id, origin, draft.known.version + 1, now), draft.moved)


def _write_links(cursor: Any, plan: Plan, new_ids: Mapping[str, UUID]) -> None:
    """Links follow their source's period; who may not overlap is judged once, when all of them stand."""
    cursor.execute(LATER)
    shifted = [draft.known.id for draft in plan.changed if draft.known and _period(draft) != _known_period(draft)]
    if shifted:
        cursor.execute(MOVE_PERIODS, [shifted])
    for link_id in plan.targets:
        relinked = [draft for draft in plan.changed if draft.links[link_id] != draft.linked[link_id]]
        full = f"{plan.declared.id}.{link_id}"
        cursor.execute(FREE_LINKS, [full, [draft.known.id for draft in relinked if draft.known]])
        own = key_links(plan.declared)[link_id].to == plan.declared.id
        ids = {**(new_ids if own else {}), **plan.targets[link_id]}
        exclusive = link_id in plan.declared.never
        rows = (
            (full, source_id, ids[code], *_period(draft), exclusive)
            for draft in [*plan.added, *relinked]
            if (source_id := draft.known.id if draft.known else new_ids[draft.code])
            for code in sorted(draft.links[link_id])
        )
        _copy(cursor, COPY_LINKS, rows)
    try:
        cursor.execute(AT_ONCE)
    except IntegrityError:
        raise Conflict("objects.overlap_meanwhile") from None


def _history(
    plan: Plan, added: Sequence[tuple[UUID, Draft]], why: str, source: Mapping[str, object]
) -> Iterator[Change]:
    for new_id, draft in added:
        yield _change(plan, new_id, draft, 1, _made(draft), why, source)
    for draft in plan.changed:
        if draft.known:
            yield _change(plan, draft.known.id, draft, draft.known.version + 1, _changed(draft), why, source)


def _change(
    plan: Plan,
    object_id: UUID,
    draft: Draft,
    version: int,
    changes: Mapping[str, object],
    why: str,
    source: Mapping[str, object],
) -> Change:
    row = plan.incoming.numbers[draft.at]
    told = {"type": plan.declared.id, "code": draft.code, "version": version, "row": row, "changes": changes}
    return Change(
        action="imported",
        entity="object",
        entity_id=str(object_id),
        area_path=draft.area_path,
        why=why,
        data={**source, **told},
    )


def _made(draft: Draft) -> dict[str, object]:
    state = _state(draft)
    if draft.shape:
        state["geometry"] = _geojson(draft.shape)
    state |= {f"link.{link_id}": sorted(codes) for link_id, codes in draft.links.items() if codes}
    return {key: [None, value] for key, value in state.items() if value not in (None, "")}


def _changed(draft: Draft) -> dict[str, object]:
    known = draft.known
    if known is None:
        return _made(draft)
    before = {
        "name": known.name,
        "unit_code": known.unit_code,
        "area_path": known.area_path,
        "valid_from": _iso(known.valid_from),
        "valid_to": _iso(known.valid_to),
        **{f"attr.{name}": value for name, value in known.attributes.items()},
    }
    after = _state(draft)
    changes: dict[str, object] = {
        key: [before.get(key), after.get(key)]
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    }
    if draft.moved and draft.shape:
        changes["geometry"] = [geojson_of(known.wkb), _geojson(draft.shape)]
    for link_id, codes in draft.links.items():
        if codes != draft.linked[link_id]:
            changes[f"link.{link_id}"] = [sorted(draft.linked[link_id]), sorted(codes)]
    return changes


def _state(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "unit_code": draft.unit_code,
        "area_path": draft.area_path,
        "valid_from": _iso(draft.valid_from),
        "valid_to": _iso(draft.valid_to),
        **{f"attr.{name}": value for name, value in draft.attributes.items()},
    }


def _geojson(shape: Shape) -> object:
    if shape.west == shape.east and shape.south == shape.north:
        return {"type": "Point", "coordinates": [shape.west, shape.south]}
    return geojson_of(shape.wkb)


def _period(draft: Draft) -> tuple[date | None, date | None]:
    return draft.valid_from, draft.valid_to


def _known_period(draft: Draft) -> tuple[date | None, date | None]:
    return (draft.known.valid_from, draft.known.valid_to) if draft.known else (None, None)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
