"""At the centre: the state of a node's alarms and cases as the node has it; and what its cases wrote on objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import sql

from xiuhua.cases.models import Case, CaseClock, Evidence
from xiuhua.edge.models import Node
from xiuhua.edge.nodes import actor_of_node
from xiuhua.kernel.objects import Writer
from xiuhua.ledger.actions import announce
from xiuhua.ledger.owners import own, owner_of, take_over
from xiuhua.objects.actions import set_attributes_by
from xiuhua.objects.models import CityObject
from xiuhua.readings.alarm_telling import tell
from xiuhua.readings.folding import lead
from xiuhua.readings.models import Alarm, Datastream


def take_alarm(node: Node, said: Mapping[str, Any], *, now: datetime) -> None:
    """Store an alarm of the node as it is there; one of our own that stands for the same rule and thing is closed.
    Raises ValueError for one of another town or of ours.
    """
    row = dict(said["row"])
    _require(node, "alarm", row, Alarm.objects.filter(id=row["id"]).exists())
    if not CityObject.objects.filter(id=row["object_id"], area_path__startswith=node.area_path).exists():
        raise ValueError(f"alarm on a thing of another town: {row['object_id']}")
    streams = Datastream.objects.filter(object_id=row["object_id"], stream=said["stream"])
    row["datastream_id"] = streams.values_list("id", flat=True).first()
    if row["closed_at"] is None:
        own_standing = Alarm.objects.select_for_update().filter(
            rule=row["rule"], object_id=row["object_id"], closed_at__isnull=True
        )
        for alarm in own_standing.exclude(id=row["id"]):
            alarm.state, alarm.closed_at, alarm.shelved_until = "closed", now, None
            alarm.save()
            tell(actor_of_node(node), "closed", alarm, topic="alarm.changed", why=f"{node.code}: {row['id']}")
            lead({alarm.id})
    _put("readings_alarm", [row])
    own("alarm", [row["id"]], node.code)
    announce(
        "alarm.changed", area_path=row["area_path"], unit_code=row["unit_code"], id=row["id"], rule=row["rule"],
        object_id=row["object_id"], case_id=row["case_id"],
    )  # fmt: skip


def take_case(node: Node, said: Mapping[str, Any]) -> None:
    """Store a case of the node as it is there, with clocks and evidence; one that was released is ours from now on.
    Raises ValueError for one of another town or of ours.
    """
    row = dict(said["row"])
    known = Case.objects.filter(id=row["id"]).exists()
    _require(node, "case", row, known)
    _put("cases_case", [row])
    CaseClock.objects.filter(case_id=row["id"]).delete()
    _add("cases_caseclock", said["clocks"], row["id"])
    kept = {(one.file_hash, one.need, one.added_at): one for one in Evidence.objects.filter(case_id=row["id"])}
    for one in said["evidence"]:
        found = kept.get((one["file_hash"], one["need"], datetime.fromisoformat(one["added_at"])))
        if found is None:
            _add("cases_evidence", [one], row["id"])
        elif found.used_for != one["used_for"]:
            found.used_for = one["used_for"]
            found.save(update_fields=["used_for"])
    if said["released"]:
        take_over("case", [row["id"]])
    else:
        own("case", [row["id"]], node.code)
    announce(
        "case.moved" if known else "case.opened", area_path=row["area_path"], unit_code=row["unit_code"], id=row["id"],
        type=row["type"], number=row["number"], alarm_id=row["alarm_id"],
    )  # fmt: skip


def take_object(node: Node, said: Mapping[str, Any]) -> None:
    """Write on an object what a case of the node wrote there. Raises ValueError for one of another town."""
    if not CityObject.objects.filter(id=said["id"], area_path__startswith=node.area_path).exists():
        raise ValueError(f"a thing of another town: {said['id']}")
    set_attributes_by(actor_of_node(node), UUID(said["id"]), said["values"], Writer.MOVE, why=str(said["why"]))


def _require(node: Node, entity: str, row: Mapping[str, Any], known: bool) -> None:
    if not str(row["area_path"]).startswith(node.area_path):
        raise ValueError(f"{entity} of another town: {row['area_path']}")
    if known and owner_of(entity, row["id"]) != node.code:
        raise ValueError(f"{entity} {row['id']} is not the node's")


def _put(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [name for name in _columns(table) if name in rows[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"
                " ON CONFLICT (id) DO UPDATE SET {changes}"
            ).format(
                table=sql.Identifier(table),
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                changes=sql.SQL(", ").join(
                    sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in columns if name != "id"
                ),
            ),
            [json.dumps(list(rows))],
        )


def _add(table: str, rows: Sequence[Mapping[str, Any]], case_id: str) -> None:
    if not rows:
        return
    columns = [name for name in _columns(table) if name != "id" and name in rows[0]]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s)"
            ).format(table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))),
            [json.dumps([{**row, "case_id": case_id} for row in rows])],
        )


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]
