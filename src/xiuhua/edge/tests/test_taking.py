"""What a node hands up is stored once, in order, and only within its town."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from xiuhua.edge import outgoing
from xiuhua.edge.models import Node, Outgoing
from xiuhua.edge.nodes import make_node, revoke_node
from xiuhua.edge.taking import Item, Parcel, take
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Conflict
from xiuhua.ledger.models import History, Owned
from xiuhua.ledger.owners import own, owner_of
from xiuhua.objects.models import CityObject
from xiuhua.people.actions import load_songjiang
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.directory import Directory
from xiuhua.readings.gathering import Batch, microseconds
from xiuhua.readings.models import Alarm, Position, Quarantine
from xiuhua.readings.silence import sweep_silence

pytestmark = pytest.mark.django_db
ROOT = system_actor("test")
TOWN, OTHER = "310117001", "310117102"
SIGN = "mobility.stop_sign"
NAMES = {area: f"mobility/stop_sign/Z-{area}/voltage" for area in (TOWN, OTHER)}


@pytest.fixture
def node() -> Node:
    """The node of one of two towns that have a sign each."""
    load_songjiang()
    for area in (TOWN, OTHER):
        CityObject.objects.create(
            type=SIGN,
            code=f"Z-{area}",
            name="站牌",
            area_path=f"310117/{area}/",
            unit_code=f"town-{area}",
            origin="test",
        )
    ensure_datastreams(SIGN)
    return make_node(ROOT, town=TOWN, now=timezone.now())[0]


def handed(*readings: tuple[str, datetime, float]) -> bytes:
    """Return what a node puts into its queue for readings of (town, time, value)."""
    directory = Directory()
    assert directory.learn(NAMES.values()) == {}
    count = len(readings)
    outgoing.hand_up(
        Batch(
            slot=directory.known_of([NAMES[area] for area, _, _ in readings]),
            at=np.array([microseconds(at) for _, at, _ in readings]),
            value=np.array([value for _, _, value in readings]), code=np.array([None] * count, dtype=object),
            quality=np.zeros(count, dtype=np.int16), message=np.zeros(count, dtype=np.int32),
            item=np.arange(count, dtype=np.int32), received=np.array([microseconds(at) for _, at, _ in readings]),
        ),
        directory,
    )  # fmt: skip
    return bytes(Outgoing.objects.latest("id").payload)


def parcel(*payloads: bytes, begin: int = 1, kind: str = "readings", era: str = "one") -> Parcel:
    """Return what the node sends."""
    items = [Item(position=begin + number, kind=kind, payload=payload) for number, payload in enumerate(payloads)]
    return Parcel(
        era=era, at=timezone.now() + timedelta(seconds=90), waiting=7, oldest_at=None, full=True, copied_at=None,
        catalogue="", items=items,
    )  # fmt: skip


def stored() -> list[Any]:
    """Return the readings in the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT at, value FROM readings_reading ORDER BY at")
        return list(cursor.fetchall())


def test_readings_are_stored_once_and_what_is_not_the_towns_is_set_aside(node: Node) -> None:
    now = timezone.now().replace(microsecond=0)
    minute = timedelta(minutes=1)
    first = handed((TOWN, now, 1.0), (TOWN, now - minute, 2.0), (OTHER, now, 3.0))
    second = handed((TOWN, now, 9.0), (TOWN, now + minute, 4.0), (TOWN, now - minute, 2.0))
    assert take(node, parcel(first), now=now).position == 1
    assert take(node, parcel(first, second), now=now).counts["again"] == 1
    assert stored() == [(now - minute, 2.0), (now, 1.0), (now + minute, 4.0)]
    node.refresh_from_db()
    assert (node.readings_in, node.readings_new, node.set_aside, node.position) == (6, 3, 2, 2)
    assert sorted(Quarantine.objects.values_list("reason", flat=True)) == ["conflict", "object"]
    assert (node.waiting, node.full) == (7, True)
    assert node.clock_ahead_s is not None and 80 < node.clock_ahead_s < 100


def test_a_gap_or_another_database_stores_nothing(node: Node) -> None:
    now = timezone.now()
    payload = handed((TOWN, now, 1.0))
    with pytest.raises(Conflict, match=r"edge\.gap"):
        take(node, parcel(payload, begin=2), now=now)
    take(node, parcel(payload), now=now)
    with pytest.raises(Conflict, match=r"edge\.other_era"):
        take(node, parcel(payload, begin=2, era="two"), now=now)
    node.refresh_from_db()
    assert (len(stored()), node.position) == (1, 1)


def test_what_cannot_be_read_is_set_aside_and_holds_up_nothing(node: Node) -> None:
    taken = take(node, parcel(b"{}", b"[]", b"no", kind="case"), now=timezone.now())
    assert (taken.position, taken.counts) == (3, {"set_aside": 3})
    assert Quarantine.objects.filter(consumer=node.code, whole=True).count() == 3


def test_a_full_queue_takes_nothing_and_says_so(node: Node) -> None:
    now = timezone.now()
    with override_settings(CONFIG=replace(settings.CONFIG, edge=TOWN, edge_bytes=10)):
        outgoing._looked[0] = 0.0
        handed((TOWN, now, 1.0))
        outgoing._looked[0] = 0.0
        with pytest.raises(outgoing.QueueFull, match="wait for the centre"):
            handed((TOWN, now, 2.0))
        assert outgoing.waiting().full and outgoing.waiting().readings == 1


def test_silence_in_a_nodes_town_is_the_nodes_to_judge(node: Node) -> None:
    now = timezone.now() + timedelta(hours=3)
    Position.objects.create(
        consumer="devices-0", stream_created=now, caught_up_at=now, listening_since=now - timedelta(hours=9)
    )
    sweep_silence(now=now)
    assert set(Alarm.objects.values_list("area_path", flat=True)) == {f"310117/{OTHER}/"}
    revoke_node(ROOT, node.id, why="换机", now=now)
    sweep_silence(now=now)
    assert set(Alarm.objects.values_list("area_path", flat=True)) == {f"310117/{OTHER}/", f"310117/{TOWN}/"}


def test_revoking_takes_over_what_the_node_owned(node: Node) -> None:
    own("case", ["1", "2"], node.code)
    assert owner_of("case", "1") == node.code
    revoke_node(ROOT, node.id, why="换机", now=timezone.now())
    assert not Owned.objects.filter(node=node.code).exists()
    taken = History.objects.filter(action="taken_over", entity="case").values_list("entity_id", "why")
    assert sorted(taken) == [("1", "换机"), ("2", "换机")]
