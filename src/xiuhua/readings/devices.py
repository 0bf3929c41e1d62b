"""Devices as their streams show them: who reports, who fell silent, who never said anything, by type and one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection

from xiuhua.kernel.actor import Actor
from xiuhua.people.policy import visible_sql
from xiuhua.people.queries import area_path


class Health(StrEnum):
    """How a device does: fresh (every stream reports in time), silent (one fell silent), never (none ever reported)."""

    FRESH = "fresh"
    SILENT = "silent"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One device: how it does, when it was last heard, since when its first silent stream is silent, its alarms."""

    object_id: UUID
    type: str
    code: str
    name: str
    area_path: str
    unit_code: str
    health: Health
    streams: int
    last_at: datetime | None
    silent_since: datetime | None
    unusable: int
    alarms: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceKind:
    """Devices of one type by how they do."""

    type: str
    total: int
    fresh: int
    silent: int
    never: int


# One row a device; the placeholders are the reader's own sight and the area.
_DEVICES = """
    SELECT d.object_id, o.type, o.code, o.name, o.area_path, o.unit_code, count(*) AS streams, max(l.at) AS last_at,
           min(l.silent_at) FILTER (WHERE l.silent_at <= %s) AS silent_since,
           count(*) FILTER (WHERE l.quality >= 64) AS unusable,
           CASE WHEN max(l.at) IS NULL THEN 'never' WHEN min(l.silent_at) <= %s THEN 'silent' ELSE 'fresh' END AS health
    FROM readings_datastream d
    JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
    LEFT JOIN readings_latest l ON l.datastream_id = d.id
    WHERE {rule} AND starts_with(d.area_path, %s)
    GROUP BY d.object_id, o.type, o.code, o.name, o.area_path, o.unit_code
"""


def devices(
    actor: Actor, *, health: str, type: str, area: str, q: str, window: slice, now: datetime
) -> tuple[list[Device], int]:
    """Return one page of the devices asked for, silent ones first and the longest silent foremost, and how many."""
    inner, parameters = _inner(actor, area, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH device AS ({inner}), chosen AS (
                SELECT * FROM device
                WHERE (%s = '' OR health = %s) AND (%s = '' OR type = %s)
                  AND (%s = '' OR strpos(lower(code || ' ' || name), lower(%s)) > 0)
            )
            SELECT c.object_id, c.type, c.code, c.name, c.area_path, c.unit_code, c.health, c.streams, c.last_at,
                   c.silent_since, c.unusable,
                   (SELECT count(*) FROM readings_alarm a WHERE a.object_id = c.object_id AND a.closed_at IS NULL),
                   count(*) OVER ()
            FROM chosen c
            ORDER BY array_position(ARRAY['silent', 'never', 'fresh'], c.health), c.silent_since, c.code
            LIMIT %s OFFSET %s
            """,  # noqa: S608
            [*parameters, health, health, type, type, q, q, window.stop - window.start, window.start],
        )
        rows = cursor.fetchall()
    found = [
        Device(
            object_id=row[0], type=row[1], code=row[2], name=row[3], area_path=row[4], unit_code=row[5],
            health=Health(row[6]), streams=row[7], last_at=row[8], silent_since=row[9], unusable=row[10],
            alarms=row[11],
        )
        for row in rows
    ]  # fmt: skip
    return found, rows[0][12] if rows else 0


def device_kinds(actor: Actor, *, area: str, now: datetime) -> list[DeviceKind]:
    """Return the devices under an area by type, most first."""
    inner, parameters = _inner(actor, area, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT type, count(*), count(*) FILTER (WHERE health = 'fresh'), count(*) FILTER (WHERE health = 'silent'),
                   count(*) FILTER (WHERE health = 'never')
            FROM ({inner}) device GROUP BY type ORDER BY 2 DESC, type
            """,  # noqa: S608
            parameters,
        )
        return [
            DeviceKind(type=row[0], total=row[1], fresh=row[2], silent=row[3], never=row[4])
            for row in cursor.fetchall()
        ]


def _inner(actor: Actor, area: str, now: datetime) -> tuple[str, list[datetime | str]]:
    rule, seen = visible_sql(actor, area="d.area_path", unit="d.unit_code")
    return _DEVICES.format(rule=rule), [now, now, *seen, area_path(area)]
