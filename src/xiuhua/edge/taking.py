"""At the centre: storing what a node hands up, with its position, in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import DatabaseError, transaction

from xiuhua.edge.models import Node
from xiuhua.edge.nodes import actor_of_node
from xiuhua.edge.states import take_alarm, take_case, take_object
from xiuhua.edge.taking_readings import days_of, decoded, take_readings
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, XiuhuaError
from xiuhua.ledger.actions import Change, record
from xiuhua.readings.folding import hold_alarms
from xiuhua.readings.models import Quarantine
from xiuhua.readings.partitions import make_partitions

KEPT_PAYLOAD = 4096
ENTITIES = ("alarm", "case")


class Item(msgspec.Struct, frozen=True):
    """One thing handed up: its position, what it is, and what it says."""

    position: int
    kind: str
    payload: bytes


class Parcel(msgspec.Struct, frozen=True):
    """One call of a node: which database it speaks for, what it tells of itself, and items in order."""

    era: str
    at: datetime
    waiting: int
    oldest_at: datetime | None
    full: bool
    copied_at: datetime | None
    catalogue: str
    items: list[Item]


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How far the node has handed up now, and what came of this call."""

    position: int
    counts: Counter[str]


def parcel_in(body: bytes) -> Parcel:
    """Return what a node sent; raises Invalid."""
    try:
        return msgspec.msgpack.decode(body, type=Parcel)
    except msgspec.MsgspecError as error:
        raise Invalid("edge.item_unreadable", position=0, problem=str(error)) from error


def take(node: Node, parcel: Parcel, *, now: datetime) -> Taken:
    """Store the items that are new, in order, and how far the node has come: all or nothing.

    Raises Conflict where items are missing or the node's database is another one, Invalid for an item that cannot be
    read. An item that says something of another town is set aside, not stored.
    """
    for item in parcel.items:
        if item.kind == "readings":
            make_partitions(days_of(_readable(item)))
    with transaction.atomic():
        node = Node.objects.select_for_update().get(id=node.id)
        if node.era and node.era != parcel.era:
            raise Conflict("edge.other_era")
        if any(item.kind == "alarm" for item in parcel.items):
            hold_alarms()
        counts: Counter[str] = Counter()
        for item in parcel.items:
            if item.position <= node.position:
                counts["again"] += 1
                continue
            if item.position != node.position + 1:
                raise Conflict("edge.gap", expected=node.position + 1, got=item.position)
            counts += _take(node, item, now)
            node.position = item.position
        node.era = parcel.era
        node.last_seen_at, node.clock_ahead_s = now, (parcel.at - now).total_seconds()
        node.waiting, node.oldest_waiting_at, node.full = parcel.waiting, parcel.oldest_at, parcel.full
        node.copied_at, node.catalogue = parcel.copied_at, parcel.catalogue[:64]
        for name in ("readings_in", "readings_new", "alarms_in", "cases_in", "history_in", "set_aside"):
            setattr(node, name, getattr(node, name) + counts[name])
        node.save()
    return Taken(position=node.position, counts=counts)


def _take(node: Node, item: Item, now: datetime) -> Counter[str]:
    """Store one item; where the database refuses what it says, set it aside: it must not hold up all that follow."""
    try:
        with transaction.atomic():
            return _store(node, item, now)
    except (DatabaseError, XiuhuaError, KeyError, ValueError, TypeError, msgspec.MsgspecError) as error:
        _set_aside(node, item, now, reason="refused", problem=f"{type(error).__name__}: {error}")
        return Counter({"set_aside": 1})


def _store(node: Node, item: Item, now: datetime) -> Counter[str]:
    if item.kind == "readings":
        return take_readings(node, item.position, _readable(item), now=now)
    said = msgspec.json.decode(item.payload)
    if item.kind == "alarm":
        take_alarm(node, said, now=now)
        return Counter(alarms_in=1)
    if item.kind == "case":
        take_case(node, said)
        return Counter(cases_in=1)
    if item.kind == "object":
        take_object(node, said)
        return Counter()
    if item.kind == "history":
        _take_history(node, said)
        return Counter(history_in=1)
    raise ValueError(item.kind)


def _take_history(node: Node, said: dict[str, Any]) -> None:
    if said["entity"] not in ENTITIES or not str(said["area_path"]).startswith(node.area_path):
        raise ValueError(f"{said['entity']} {said['area_path']}")
    UUID(said["entity_id"])
    actor = Actor(code=str(said["actor"]), name=str(said["actor_name"]), grants=())
    record(
        actor,
        Change(
            action=str(said["action"]), entity=said["entity"], entity_id=said["entity_id"],
            area_path=said["area_path"], why=str(said["why"]), data={**said["data"], "node": node.code},
            at=datetime.fromisoformat(said["at"]),
        ),
    )  # fmt: skip
    if said["action"] == "released":
        record(
            actor_of_node(node),
            Change(action="taken_over", entity=said["entity"], entity_id=said["entity_id"],
                   area_path=said["area_path"], why=str(said["why"]), data={"node": node.code}),
        )  # fmt: skip


def _readable(item: Item) -> Any:
    try:
        return decoded(item.payload)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Invalid("edge.item_unreadable", position=item.position, problem=str(error)) from error


def _set_aside(node: Node, item: Item, now: datetime, *, reason: str, problem: str) -> None:
    Quarantine.objects.create(
        consumer=node.code, stream_created=node.made_at, stream_sequence=item.position, item=0, reason=reason,
        detail=problem[:2000], subject=f"edge.{item.kind}", payload=item.payload[:KEPT_PAYLOAD],
        whole=len(item.payload) <= KEPT_PAYLOAD, area_path=node.area_path, received_at=now,
    )  # fmt: skip
