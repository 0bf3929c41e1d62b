"""Devices as their streams and the daily look at them show: who reports, how much of the time, what ails them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.people.policy import visible_sql
from xiuhua.people.queries import area_path
from xiuhua.readings.rules import HOLDING


class Health(StrEnum):
    """How a device does: fresh (every stream reports in time), silent (one fell silent), never (none ever reported)."""

    FRESH = "fresh"
    SILENT = "silent"
    NEVER = "never"


class Failing(StrEnum):
    """What ails a device: silent, its battery low, or what a rule on devices found; mending has an open case."""

    SILENT = "silent"
    BATTERY = "battery"
    DRIFTS = "drifts"
    UNUSABLE = "unusable"
    FLAPS = "flaps"
    MENDING = "mending"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Which devices: by how they do, what ails them, type, area, firmware, text; `days` is over which their time online
    is counted: 1, 7 or 30.
    """

    health: str = ""
    fault: str = ""
    type: str = ""
    area: str = ""
    firmware: str = ""
    q: str = ""
    days: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One device: how it does, when it was last heard, since when its first silent stream is silent, its alarms, the
    share of time it was online, its battery, firmware and drift, what ails it and the case that mends it.
    """

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
    online: float | None
    battery: float | None
    battery_stream: str
    firmware: str
    drift: float | None
    drift_stream: str
    faults: tuple[Failing, ...]
    case_id: UUID | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Devices that have a type, a town or a firmware in common: how many do how, and how much of the time they were
    online, each counting the same.
    """

    key: str
    total: int
    fresh: int
    silent: int
    never: int
    online: float | None
    faults: dict[Failing, int]


# One row a device; the placeholders are rules on devices, batteries, the reader's own sight and the area.
_DEVICES = """
    WITH ailing AS (
        SELECT a.object_id, array_agg(DISTINCT r.fault) FILTER (WHERE a.state = ANY (%(holding)s)) AS found,
               (array_agg(a.case_id ORDER BY a.raised_at) FILTER (WHERE NOT a.case_done AND a.case_id IS NOT NULL))[1]
                   AS case_id, count(*) AS alarms
        FROM readings_alarm a
        LEFT JOIN unnest(%(rules)s::text[], %(found)s::text[]) AS r (rule, fault) ON r.rule = a.rule
        WHERE a.closed_at IS NULL GROUP BY a.object_id
    ), told AS (
        SELECT d.object_id, count(*) AS streams, max(l.at) AS last_at,
               min(l.silent_at) FILTER (WHERE l.silent_at <= %(now)s) AS silent_since,
               count(*) FILTER (WHERE l.quality >= 64) AS unusable,
               CASE WHEN max(l.at) IS NULL THEN 'never' WHEN min(l.silent_at) <= %(now)s THEN 'silent'
                    ELSE 'fresh' END AS health,
               min(l.value) FILTER (WHERE b.stream IS NOT NULL AND l.quality < 64) AS battery,
               coalesce(max(b.stream), '') AS battery_stream,
               coalesce(bool_or(l.value < b.low AND l.quality < 64), false) AS low
        FROM readings_datastream d
        LEFT JOIN readings_latest l ON l.datastream_id = d.id
        LEFT JOIN unnest(%(batteries)s::text[], %(lows)s::float8[]) AS b (stream, low) ON b.stream = d.stream
        WHERE {rule} AND starts_with(d.area_path, %(area)s)
        GROUP BY d.object_id
    )
    SELECT t.object_id, o.type, o.code, o.name, o.area_path, o.unit_code, t.health, t.streams, t.last_at,
           t.silent_since, t.unusable, coalesce(a.alarms, 0) AS alarms,
           CASE %(days)s WHEN 1 THEN c.online_1 WHEN 30 THEN c.online_30 ELSE c.online_7 END AS online,
           t.battery, t.battery_stream, coalesce(f.version, '') AS firmware, c.drift,
           coalesce(c.drift_stream, '') AS drift_stream,
           array_remove(ARRAY[CASE WHEN t.health = 'silent' THEN 'silent' END, CASE WHEN t.low THEN 'battery' END,
               CASE WHEN 'drifts' = ANY (a.found) THEN 'drifts' END,
               CASE WHEN 'unusable' = ANY (a.found) THEN 'unusable' END,
               CASE WHEN 'flaps' = ANY (a.found) THEN 'flaps' END,
               CASE WHEN a.case_id IS NOT NULL THEN 'mending' END], NULL) AS faults,
           a.case_id, (o.west + o.east) / 2 AS lon, (o.south + o.north) / 2 AS lat
    FROM told t JOIN objects_cityobject o ON o.id = t.object_id AND o.removed_at IS NULL
    LEFT JOIN ailing a ON a.object_id = t.object_id
    LEFT JOIN readings_devicecheck c ON c.object_id = t.object_id
    LEFT JOIN readings_firmware f ON f.object_id = t.object_id
"""
_CHOSEN = """
    (%(health)s = '' OR health = %(health)s) AND (%(type)s = '' OR type = %(type)s)
    AND (%(fault)s = '' OR %(fault)s = ANY (faults)) AND (%(firmware)s = '' OR firmware = %(firmware)s)
    AND (%(q)s = '' OR strpos(lower(code || ' ' || name), lower(%(q)s)) > 0)
"""
_KEYS = {"type": "type", "town": "split_part(area_path, '/', 2)", "firmware": "firmware"}


def devices(actor: Actor, chosen: Chosen, *, window: slice, now: datetime) -> tuple[list[Device], int]:
    """Return one page of the devices asked for, silent ones first and the longest silent foremost, and how many."""
    inner, parameters = _inner(actor, chosen, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT device.*, count(*) OVER () FROM ({inner}) device WHERE {_CHOSEN}
            ORDER BY array_position(ARRAY['silent', 'never', 'fresh'], health), silent_since,
                     cardinality(faults) DESC, code
            LIMIT %(most)s OFFSET %(start)s
            """,  # noqa: S608
            {**parameters, "most": window.stop - window.start, "start": window.start},
        )
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    total = rows[0].pop("count") if rows else 0
    for row in rows:
        row.pop("count", None)
        row["health"], row["faults"] = Health(row["health"]), tuple(Failing(one) for one in row["faults"])
    return [Device(**row) for row in rows], total


def groups(actor: Actor, chosen: Chosen, by: str, *, now: datetime) -> list[Group]:
    """Return the devices asked for by type, town or firmware, most first."""
    inner, parameters = _inner(actor, chosen, now)
    counts = ", ".join(f"count(*) FILTER (WHERE '{one}' = ANY (faults))" for one in Failing)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {_KEYS[by]}, count(*), count(*) FILTER (WHERE health = 'fresh'),
                   count(*) FILTER (WHERE health = 'silent'), count(*) FILTER (WHERE health = 'never'), avg(online),
                   {counts}
            FROM ({inner}) device WHERE {_CHOSEN} GROUP BY 1 ORDER BY 2 DESC, 1
            """,  # noqa: S608
            parameters,
        )
        return [
            Group(
                key=row[0], total=row[1], fresh=row[2], silent=row[3], never=row[4], online=row[5],
                faults=dict(zip(Failing, row[6:], strict=True)),
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def _inner(actor: Actor, chosen: Chosen, now: datetime) -> tuple[str, dict[str, Any]]:
    rule, seen = visible_sql(actor, area="d.area_path", unit="d.unit_code")
    for number in range(len(seen)):
        rule = rule.replace("%s", f"%(seen{number})s", 1)
    known = catalogue.current()
    batteries = {
        f"{type_id}.{stream.id}": stream.battery_low
        for type_id, kind in known.objects.items()
        for stream in kind.streams
        if stream.battery_low is not None
    }
    rules = {one.id: one.conditions[0] for one in known.rules.values() if one.lately is not None}
    return _DEVICES.format(rule=rule), {
        **{f"seen{number}": one for number, one in enumerate(seen)},
        "holding": list(HOLDING), "rules": list(rules), "found": list(rules.values()), "now": now,
        "batteries": list(batteries), "lows": list(batteries.values()), "area": area_path(chosen.area),
        "days": chosen.days, "health": chosen.health, "type": chosen.type, "fault": chosen.fault,
        "firmware": chosen.firmware, "q": chosen.q,
    }  # fmt: skip
