"""Takes the demonstration out again, in one transaction: every row of its origin that no real row still needs.

History keeps that it was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from xiuhua.cases.actions import remove_origin
from xiuhua.kernel.actor import Actor
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.actions.songjiang import DEMO, areas_changed
from xiuhua.readings.directory import change_directory
from xiuhua.readings.history.rollup import TABLES
from xiuhua.testbed.devices import DEVICES_KEY
from xiuhua.testbed.needed import Needed, needed_by_real_rows

# In an order in which nothing still points at what goes. `kept` are the codes and ids that real rows need.
STATEMENTS: tuple[tuple[str, str], ...] = (
    (
        "arrivals",
        "DELETE FROM readings_alarmarrival WHERE alarm_id IN (SELECT id FROM readings_alarm WHERE origin = %(origin)s)",
    ),
    ("alarms", "DELETE FROM readings_alarm WHERE origin = %(origin)s"),
    (
        "readings",
        "DELETE FROM readings_reading WHERE datastream_id IN"
        " (SELECT id FROM readings_datastream WHERE origin = %(origin)s)",
    ),
    *(
        (
            table.removeprefix("readings_") + " rollups",
            f"DELETE FROM {table} WHERE datastream_id IN"  # noqa: S608
            " (SELECT id FROM readings_datastream WHERE origin = %(origin)s)",
        )
        for table in TABLES
    ),
    (
        "latest values",
        "DELETE FROM readings_latest WHERE datastream_id IN"
        " (SELECT id FROM readings_datastream WHERE origin = %(origin)s)",
    ),
    *(
        (
            what,
            f"DELETE FROM {table} WHERE object_id IN"  # noqa: S608
            " (SELECT object_id FROM readings_datastream WHERE origin = %(origin)s)",
        )
        for what, table in (("looks at devices", "readings_devicecheck"), ("firmware", "readings_firmware"))
    ),
    ("datastreams", "DELETE FROM readings_datastream WHERE origin = %(origin)s"),
    (
        "objects of keys",
        "DELETE FROM readings_keyobject WHERE key_id IN (SELECT id FROM readings_devicekey WHERE origin = %(origin)s)",
    ),
    ("keys", "DELETE FROM readings_devicekey WHERE origin = %(origin)s"),
    (
        "links",
        "DELETE FROM objects_objectlink l USING objects_cityobject o"
        " WHERE o.origin = %(origin)s AND NOT o.id::text = ANY(%(kept)s)"
        " AND (l.source_id = o.id OR l.target_id = o.id)",
    ),
    (
        "links by geometry",
        "DELETE FROM objects_foundlink l USING objects_cityobject o"
        " WHERE o.origin = %(origin)s AND NOT o.id::text = ANY(%(kept)s)"
        " AND (l.source_id = o.id OR l.target_id = o.id)",
    ),
    ("objects", "DELETE FROM objects_cityobject WHERE origin = %(origin)s AND NOT id::text = ANY(%(kept)s)"),
    ("indicator values", "DELETE FROM indicators_indicatorvalue WHERE origin = %(origin)s"),
    (
        "posts",
        "DELETE FROM people_postholding WHERE user_id IN (SELECT id FROM people_user WHERE origin = %(origin)s)",
    ),
    ("roster", "DELETE FROM people_shift WHERE origin = %(origin)s"),
    ("users", "DELETE FROM people_user WHERE origin = %(origin)s"),
    ("grids", "DELETE FROM people_area WHERE origin = %(origin)s AND NOT code = ANY(%(kept)s)"),
    ("units", "DELETE FROM people_unit WHERE origin = %(origin)s AND NOT code = ANY(%(kept)s)"),
)
FORGET_CELLS = "UPDATE people_area SET geometry = NULL, synthetic_geometry = false WHERE synthetic_geometry"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleared:
    """How many rows of each kind went, and what stayed because real rows need it."""

    gone: Mapping[str, int]
    kept: Sequence[Needed]


def clear(actor: Actor, data: Path) -> Cleared:
    """Remove the demonstration's rows, but for those that real rows still need."""
    gone: dict[str, int] = {}
    with transaction.atomic():
        kept = needed_by_real_rows(DEMO)
        words: dict[str, Any] = {"origin": DEMO, "kept": [one.id for one in kept]}
        gone["cases"] = remove_origin(DEMO)
        change_directory()
        with connection.cursor() as cursor:
            for what, statement in STATEMENTS:
                cursor.execute(statement, words)
                gone[what] = cursor.rowcount
            cursor.execute(FORGET_CELLS)
            gone["synthetic outlines"] = cursor.rowcount
        record(
            actor, Change(action="cleared", entity="demonstration", entity_id=DEMO, data={**gone, "kept": len(kept)})
        )
        areas_changed()
        announce("objects.imported", id="demo", type="", count=0)
    for name in ("demo.json", "demo-accounts.txt", f"secrets/{DEVICES_KEY}"):
        (data / name).unlink(missing_ok=True)
    return Cleared(gone=gone, kept=kept)
