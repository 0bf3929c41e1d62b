"""At a node: what waits to go up. Readings are put here in the transaction that stores them; alarms and cases are found
in the sealed history. One sender gives all of it positions, outside those transactions.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import numpy as np
from django.conf import settings
from django.db import OperationalError, connection, transaction

from xiuhua.edge.models import Line, Outgoing
from xiuhua.readings.directory import Directory
from xiuhua.readings.gathering import Batch

HISTORY_AT_ONCE = 500
LOOKED_EVERY_S = 1.0
ENTITIES = ("alarm", "case")


class QueueFull(OperationalError):
    """As much waits to go up as may: nothing is taken until the centre has had some of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What waits: items, readings among them, bytes, and since when the oldest."""

    items: int
    readings: int
    bytes: int
    oldest_at: datetime | None

    @property
    def full(self) -> bool:
        """Return whether nothing more is taken."""
        return self.bytes >= settings.CONFIG.edge_bytes


_looked: list[float] = [0.0]


def hand_up(batch: Batch, directory: Directory) -> None:
    """Put readings that are being stored into the queue, in their transaction; raises QueueFull."""
    now = time.monotonic()
    if now - _looked[0] >= LOOKED_EVERY_S:
        if waiting().full:
            raise QueueFull(f"{settings.CONFIG.edge_bytes} bytes wait for the centre: nothing more is taken")
        _looked[0] = now
    used, slot = np.unique(batch.slot, return_inverse=True)
    slots = directory.slots
    payload = msgspec.msgpack.encode(
        {
            "streams": [[str(slots.object_id[one]), slots.stream[one]] for one in used.tolist()],
            "slot": slot.astype("<i4").tobytes(),
            "at": batch.at.astype("<i8").tobytes(),
            "value": batch.value.astype("<f8").tobytes(),
            "quality": batch.quality.astype("<i2").tobytes(),
            "received": batch.received.astype("<i8").tobytes(),
            "code": [str(one or "") for one in batch.code] if np.isnan(batch.value).any() else None,
        }
    )
    Outgoing.objects.create(kind="readings", payload=payload, size=len(payload), count=len(batch))


def line() -> Line:
    """Return the node's one line, made with the node's database; locked in a transaction."""
    fresh = {"era": str(uuid4()), "town": settings.CONFIG.edge}
    Line.objects.get_or_create(id=1, defaults=fresh)
    return Line.objects.select_for_update().get(id=1)


def waiting() -> Waiting:
    """Return what waits to go up; history that is not gathered yet is not counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), coalesce(sum(count) FILTER (WHERE kind = 'readings'), 0), coalesce(sum(size), 0),
                   min(made_at)
            FROM edge_outgoing
            """
        )
        items, readings, size, oldest_at = cursor.fetchone()
    return Waiting(items=items, readings=int(readings), bytes=int(size), oldest_at=oldest_at)


def gather() -> int:
    """Give positions to everything that was committed since the last call; returns how many items were added to the
    line. Called by one sender; a second waits for the first.
    """
    with transaction.atomic():
        own = line()
        before = own.position
        # First of all how far the history goes: whatever it tells of is committed, so its readings are seen below.
        rows = _sealed(own.gathered)
        _place_readings(own)
        changed: dict[tuple[str, UUID], None] = {}
        for row in rows:
            if row["entity"] in ENTITIES:
                changed[row["entity"], UUID(row["entity_id"])] = None
        for entity, entity_id in (*changed, *_counted_again(changed)):
            _snapshot(own, entity, entity_id)
        for row in rows:
            if row["entity"] in ENTITIES:
                _put(own, "history", row)
            elif row["entity"] == "object" and (written := _written(row)):
                _put(own, "object", written)
        if rows:
            own.gathered = rows[-1]["seq"]
        own.save(update_fields=["gathered", "position"])
        return own.position - before


def _sealed(after: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.seq, h.at, h.actor, h.actor_name, h.action, h.entity, h.entity_id, h.area_path, h.why, h.data
            FROM ledger_seal s JOIN ledger_history h ON h.id = s.history_id
            WHERE s.seq > %s ORDER BY s.seq LIMIT %s
            """,
            [after, HISTORY_AT_ONCE],
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["data"] = json.loads(row["data"]) if isinstance(row["data"], str) else row["data"]
    return rows


def _place_readings(own: Line) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE edge_outgoing o SET position = %s + n.n
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM edge_outgoing WHERE position IS NULL) n
            WHERE o.id = n.id
            """,
            [own.position],
        )
        own.position += cursor.rowcount


def _counted_again(known: Iterable[tuple[str, UUID]]) -> list[tuple[str, UUID]]:
    """Return standing alarms that changed without a history row: they are counted again while they hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.id FROM readings_alarm a LEFT JOIN edge_handed h ON h.entity = 'alarm' AND h.entity_id = a.id
            WHERE h.digest IS NOT NULL AND h.digest <> md5(a::text) AND NOT a.id = ANY (%s)
              AND (a.closed_at IS NULL OR a.closed_at > now() - interval '1 day')
            """,
            [[entity_id for _, entity_id in known]],
        )
        return [("alarm", entity_id) for (entity_id,) in cursor.fetchall()]


_STATES = {
    "alarm": """
        SELECT md5(a::text), jsonb_build_object('row', to_jsonb(a), 'stream', d.stream)
        FROM readings_alarm a LEFT JOIN readings_datastream d ON d.id = a.datastream_id WHERE a.id = %s
    """,
    "case": """
        SELECT md5(c::text || coalesce(k.said, '') || coalesce(e.said, '') || coalesce(w.node, '')),
               jsonb_build_object('row', to_jsonb(c), 'clocks', coalesce(k.rows, '[]'::jsonb),
                                  'evidence', coalesce(e.rows, '[]'::jsonb), 'released', w.node IS NOT NULL)
        FROM cases_case c
        LEFT JOIN LATERAL (SELECT string_agg(k::text, '' ORDER BY k.id) AS said,
                                  jsonb_agg(to_jsonb(k) - 'id' ORDER BY k.id) AS rows
                           FROM cases_caseclock k WHERE k.case_id = c.id) k ON true
        LEFT JOIN LATERAL (SELECT string_agg(e::text, '' ORDER BY e.id) AS said,
                                  jsonb_agg(to_jsonb(e) - 'id' ORDER BY e.id) AS rows
                           FROM cases_evidence e WHERE e.case_id = c.id) e ON true
        LEFT JOIN ledger_owned w ON w.entity = 'case' AND w.entity_id = c.id::text
        WHERE c.id = %s
    """,
}


def _snapshot(own: Line, entity: str, entity_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STATES[entity], [entity_id])
        found = cursor.fetchone()
        if found is None:
            return
        digest, state = found
        cursor.execute(
            """
            INSERT INTO edge_handed (entity, entity_id, digest) VALUES (%s, %s, %s)
            ON CONFLICT (entity, entity_id) DO UPDATE SET digest = EXCLUDED.digest
            WHERE edge_handed.digest <> EXCLUDED.digest
            """,
            [entity, entity_id, digest],
        )
        if cursor.rowcount:
            _put(own, entity, json.loads(state) if isinstance(state, str) else state)


def _written(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a case of this node wrote on an object: the registers themselves are not changed here."""
    changes = row["data"].get("changes")
    if row["action"] != "changed" or not isinstance(changes, dict):
        return {}
    values = {name[5:]: change[1] for name, change in changes.items() if name.startswith("attr.")}
    return {"id": row["entity_id"], "values": values, "why": row["why"]} if values else {}


def _put(own: Line, kind: str, said: object) -> None:
    own.position += 1
    payload = msgspec.json.encode(said)
    Outgoing.objects.create(kind=kind, payload=payload, size=len(payload), position=own.position)
