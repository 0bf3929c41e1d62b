"""Takes the demonstration out again: every row of its origin, in one transaction. History keeps that it was there."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from xiuhua.cases.actions import remove_origin
from xiuhua.kernel.actor import Actor
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.actions.songjiang import DEMO, areas_changed
from xiuhua.readings.directory import change_directory
from xiuhua.readings.history.rollup import TABLES
from xiuhua.testbed.devices import DEVICES_KEY

# In an order in which nothing still points at what goes. Each statement takes the origin once.
STATEMENTS: tuple[tuple[str, str], ...] = (
    ("alarms", "DELETE FROM readings_alarm WHERE origin = %s"),
    (
        "readings",
        "DELETE FROM readings_reading WHERE datastream_id IN (SELECT id FROM readings_datastream WHERE origin = %s)",
    ),
    *(
        (
            table.removeprefix("readings_") + " rollups",
            f"DELETE FROM {table} WHERE datastream_id IN (SELECT id FROM readings_datastream WHERE origin = %s)",  # noqa: S608
        )
        for table in TABLES
    ),
    (
        "latest values",
        "DELETE FROM readings_latest WHERE datastream_id IN (SELECT id FROM readings_datastream WHERE origin = %s)",
    ),
    ("datastreams", "DELETE FROM readings_datastream WHERE origin = %s"),
    (
        "objects of keys",
        "DELETE FROM readings_keyobject WHERE key_id IN (SELECT id FROM readings_devicekey WHERE origin = %s)",
    ),
    ("keys", "DELETE FROM readings_devicekey WHERE origin = %s"),
    (
        "links",
        "DELETE FROM objects_objectlink l USING objects_cityobject o"
        " WHERE o.origin = %s AND (l.source_id = o.id OR l.target_id = o.id)",
    ),
    (
        "links by geometry",
        "DELETE FROM objects_foundlink l USING objects_cityobject o"
        " WHERE o.origin = %s AND (l.source_id = o.id OR l.target_id = o.id)",
    ),
    ("objects", "DELETE FROM objects_cityobject WHERE origin = %s"),
    ("indicator values", "DELETE FROM indicators_indicatorvalue WHERE origin = %s"),
    (
        "posts",
        "DELETE FROM people_postholding WHERE user_id IN (SELECT id FROM people_user WHERE origin = %s)",
    ),
    ("users", "DELETE FROM people_user WHERE origin = %s"),
    ("grids", "DELETE FROM people_area WHERE origin = %s"),
    ("units", "DELETE FROM people_unit WHERE origin = %s"),
)
FORGET_CELLS = "UPDATE people_area SET geometry = NULL, synthetic_geometry = false WHERE synthetic_geometry"


def clear(actor: Actor, data: Path) -> dict[str, int]:
    """Remove every demonstration row and return how many of each went."""
    gone: dict[str, int] = {}
    with transaction.atomic():
        gone["cases"] = remove_origin(DEMO)
        change_directory()
        with connection.cursor() as cursor:
            for what, statement in STATEMENTS:
                cursor.execute(statement, [DEMO])
                gone[what] = cursor.rowcount
            cursor.execute(FORGET_CELLS)
            gone["synthetic outlines"] = cursor.rowcount
        record(actor, Change(action="cleared", entity="demonstration", entity_id=DEMO, data=dict(gone)))
        areas_changed()
        announce("objects.imported", id="demo", type="", count=0)
    for name in ("demo.json", "demo-accounts.txt", f"secrets/{DEVICES_KEY}"):
        (data / name).unlink(missing_ok=True)
    return gone
