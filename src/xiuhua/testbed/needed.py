"""What real rows still need of the demonstration: it stays when the rest is taken out, and is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

# A real row: one of another origin than the demonstration's, in a register, a case, a round, a datastream, a key, a
# post or the roster.
_OBJECTS = """
    WITH RECURSIVE needed (id, why) AS (
        SELECT l.target_id, s.type || ' ' || s.code FROM objects_objectlink l
            JOIN objects_cityobject s ON s.id = l.source_id WHERE s.origin <> %(demo)s
        UNION SELECT c.object_id, c.number FROM cases_case c WHERE c.origin <> %(demo)s
        UNION SELECT i.object_id, r.title FROM cases_rounditem i
            JOIN cases_roundrun r ON r.id = i.round_run_id WHERE r.origin <> %(demo)s
        UNION SELECT d.object_id, d.stream FROM readings_datastream d WHERE d.origin <> %(demo)s
        UNION SELECT s.object_id, k.name FROM readings_keyobject s
            JOIN readings_devicekey k ON k.id = s.key_id WHERE k.origin <> %(demo)s
        UNION SELECT l.target_id, s.type || ' ' || s.code FROM needed n
            JOIN objects_cityobject s ON s.id = n.id AND s.origin = %(demo)s
            JOIN objects_objectlink l ON l.source_id = s.id
    )
    SELECT o.id::text, o.type || ' ' || o.code, o.name, min(n.why), count(DISTINCT n.why)
    FROM needed n JOIN objects_cityobject o ON o.id = n.id WHERE o.origin = %(demo)s
    GROUP BY o.id ORDER BY 2
"""
_UNITS = """
    SELECT u.code, u.code, u.name, min(n.why), count(DISTINCT n.why) FROM people_unit u JOIN (
        SELECT unit_code AS code, type || ' ' || code AS why FROM objects_cityobject
            WHERE origin <> %(demo)s OR id = ANY(%(objects)s::uuid[])
        UNION SELECT unit_code, number FROM cases_case WHERE origin <> %(demo)s
        UNION SELECT unit_code, title FROM cases_roundrun WHERE origin <> %(demo)s
        UNION SELECT unit_code, id::text FROM runs_run WHERE origin <> %(demo)s
        UNION SELECT i.unit_code, r.title FROM cases_rounditem i
            JOIN cases_roundrun r ON r.id = i.round_run_id WHERE r.origin <> %(demo)s
        UNION SELECT unit_code, stream FROM readings_datastream WHERE origin <> %(demo)s
        UNION SELECT h.unit_id, p.username FROM people_postholding h
            JOIN people_user p ON p.id = h.user_id WHERE p.origin <> %(demo)s
        UNION SELECT unit_id, post FROM people_shift WHERE origin <> %(demo)s
    ) n ON n.code = u.code WHERE u.origin = %(demo)s GROUP BY u.code ORDER BY 1
"""
_GRIDS = """
    SELECT a.code, a.code, a.name, min(n.why), count(DISTINCT n.why) FROM people_area a JOIN (
        SELECT area_path AS path, type || ' ' || code AS why FROM objects_cityobject
            WHERE geometry IS NULL AND (origin <> %(demo)s OR id = ANY(%(objects)s::uuid[]))
        UNION SELECT area_path, number FROM cases_case WHERE origin <> %(demo)s
        UNION SELECT area_path, title FROM cases_roundrun WHERE origin <> %(demo)s
        UNION SELECT g.path, p.username FROM people_postholding h
            JOIN people_user p ON p.id = h.user_id JOIN people_area g ON g.code = h.area_id WHERE p.origin <> %(demo)s
        UNION SELECT g.path, s.post FROM people_shift s JOIN people_area g ON g.code = s.area_id
            WHERE s.origin <> %(demo)s
        UNION SELECT g.path, u.code FROM people_unit u JOIN people_area g ON g.code = u.area_id
            WHERE u.origin <> %(demo)s
    ) n ON n.path = a.path WHERE a.origin = %(demo)s GROUP BY a.code ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed:
    """One demonstration row that stays. kind: object, unit, grid; why: one real row that needs it, of `count`."""

    kind: str
    id: str
    code: str
    name: str
    why: str
    count: int


def needed_by_real_rows(origin: str) -> Sequence[Needed]:
    """Return the objects, units and grids of a synthetic origin that rows of another origin still name."""
    objects = _asked("object", _OBJECTS, {"demo": origin})
    words: dict[str, Any] = {"demo": origin, "objects": [one.id for one in objects]}
    return (*objects, *_asked("unit", _UNITS, words), *_asked("grid", _GRIDS, words))


def _asked(kind: str, statement: str, words: dict[str, Any]) -> list[Needed]:
    with connection.cursor() as cursor:
        cursor.execute(statement, words)
        return [
            Needed(kind=kind, id=id, code=code, name=name, why=why, count=count)
            for id, code, name, why, count in cursor.fetchall()
        ]
