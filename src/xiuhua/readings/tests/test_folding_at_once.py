"""Two ingest processes that change the same folds at the same moment do not wait for each other for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from xiuhua.objects.models import CityObject
from xiuhua.readings import alarms
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.models import Alarm

from .conftest import EAST, LAMP, NOW, WEST, Lamps, lamp

pytestmark = pytest.mark.django_db(transaction=True)


def reports(things: Collection[CityObject], volt: float, *, minutes: int) -> list[Message]:
    """Return what a gateway of its own says of the things' voltage."""
    at = NOW + timedelta(minutes=minutes)
    gateway = Place(consumer=f"devices-{sorted(one.code for one in things)[0]}", stream_created=NOW)
    return [
        Message(
            subject=f"$MQTT.msgs.city.lights.lamp.{thing.code}.voltage", sequence=minutes * 100 + number,
            payload=json.dumps({"at": at.isoformat(), "value": volt}).encode(), stored_at=at, place=gateway,
        )
        for number, thing in enumerate(things, 1)
    ]  # fmt: skip


def test_two_ingest_processes_end_the_heads_of_each_others_folds(lamps: Lamps, monkeypatch: pytest.MonkeyPatch) -> None:
    east = [lamp(f"E{number}", EAST, "east") for number in range(6)]
    west = [lamp(f"W{number}", WEST, "west") for number in range(6)]
    ensure_datastreams(LAMP)
    Ingest().take(reports([*east, *west], 180.0, minutes=1), floors={}, now=NOW + timedelta(minutes=1))
    head = {alarm.area_path: alarm.object_id for alarm in Alarm.objects.filter(parent_id=None)}
    assert set(head) == {EAST, WEST}
    of_east, of_west = (next(one for one in row if one.id not in head.values()) for row in (east, west))
    by_id = {one.id: one for one in (*east, *west)}
    work = [[by_id[head[EAST]], of_west], [by_id[head[WEST]], of_east]]
    both = threading.Barrier(2)
    real = alarms._standing

    def meet(keys: Collection[tuple[str, UUID]], *, locked: bool) -> dict[tuple[str, UUID], Alarm]:
        found = real(keys, locked=locked)
        # Both hold their rows by now, unless one keeps the other waiting before.
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1.0)
        return found

    monkeypatch.setattr(alarms, "_standing", meet)
    problems: list[DatabaseError] = []

    def take(things: list[CityObject]) -> None:
        try:
            Ingest().take(reports(things, 220.0, minutes=2), floors={}, now=NOW + timedelta(minutes=2))
        except DatabaseError as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(things,)) for things in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert problems == []
    ended = {one.id for things in work for one in things}
    assert set(Alarm.objects.exclude(closed_at=None).values_list("object_id", flat=True)) == ended
    left = Alarm.objects.filter(closed_at=None)
    assert {alarm.area_path for alarm in left if alarm.parent_id is None} == {EAST, WEST}
    assert left.filter(parent_id=None).count() == 2
