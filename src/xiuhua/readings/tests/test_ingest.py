"""Messages become rows once; what cannot be stored is kept with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection

from xiuhua.objects.models import CityObject
from xiuhua.readings.gathering import Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.models import Datastream, IngestCount, Latest, Position, Quarantine
from xiuhua.readings.tests.conftest import EAST, NOW, Lamps, Line, lamp

VOLTAGE = "$MQTT.msgs.city.lights.lamp.E//1.voltage"
FAULT = "$MQTT.msgs.city.lights.lamp.E//1.fault"


def sent(minutes: float, **said: Any) -> bytes:
    return orjson.dumps({"at": (NOW + timedelta(minutes=minutes)).isoformat(), **said})


def rows() -> list[tuple[datetime, float | None, str | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT at, value, code FROM readings_reading ORDER BY at")
        return list(cursor.fetchall())


def test_a_batch_becomes_rows_latest_values_and_a_position(line: Line, lamps: Lamps) -> None:
    fates = line.take(
        line.message(VOLTAGE, sent(-2, value=221)), line.message(VOLTAGE, sent(-1, value=222)),
        line.message(FAULT, sent(-1, code="ok")),
    )  # fmt: skip
    assert fates == {"stored": 3}
    assert {row[1:] for row in rows()} == {(221, None), (222, None), (None, "ok")}
    newest = Latest.objects.get(datastream__object_id=lamps.east.id, datastream__stream="lights.lamp.voltage")
    assert (newest.at, newest.value) == (NOW - timedelta(minutes=1), 222)
    assert newest.silent_at == NOW + timedelta(minutes=14)
    assert Position.objects.get().stream_sequence == 3


def test_what_comes_again_after_a_commit_is_passed_over(line: Line) -> None:
    good, bad = line.message(VOLTAGE, sent(-1, value=221)), line.message(VOLTAGE, b"?")
    assert line.take(good, bad) == {"stored": 1, "payload": 1}
    later = line.message(VOLTAGE, sent(0, value=222))
    assert line.take(later, good, bad) == {"stored": 1, "redelivered": 2}
    assert len(rows()) == 2
    assert Quarantine.objects.count() == 1


def test_messages_committed_out_of_order_leave_no_gap(line: Line) -> None:
    first, second = line.message(VOLTAGE, sent(-2, value=221)), line.message(VOLTAGE, sent(-1, value=222))
    assert line.take(second) == {"stored": 1}
    assert line.take(first, second) == {"stored": 1, "redelivered": 1}
    assert len(rows()) == 2


def test_a_stream_made_anew_counts_anew(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(-2, value=221)))
    fresh = Line(ingest=Ingest(), place=Place(consumer="devices-0", stream_created=NOW + timedelta(minutes=1)))
    assert fresh.take(fresh.message(VOLTAGE, sent(-1, value=222))) == {"stored": 1}
    assert Position.objects.get().stream_created == NOW + timedelta(minutes=1)


def test_a_stream_restored_from_an_older_copy_loses_nothing(line: Line) -> None:
    line.take(*(line.message(VOLTAGE, sent(-number, value=221)) for number in (3, 2)))
    line.sequence = 0
    assert line.take(line.message(VOLTAGE, sent(1, value=223), at=NOW + timedelta(minutes=1))) == {"stored": 1}


def test_the_same_reading_sent_twice_is_one_and_another_value_is_set_aside(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(-1, value=221)))
    assert line.take(line.message(VOLTAGE, sent(-1, value=221))) == {"repeated": 1}
    assert line.take(line.message(VOLTAGE, sent(-1, value=230))) == {"conflict": 1}
    assert line.take(
        line.message(VOLTAGE, sent(0, value=1)), line.message(VOLTAGE, sent(0, value=2)),
    ) == {"stored": 1, "conflict": 1}  # fmt: skip
    assert [row[1] for row in rows()] == [221, 1]
    assert Latest.objects.get().value == 1
    assert {(one.fate, one.count) for one in IngestCount.objects.all()} == {
        ("stored", 2), ("repeated", 1), ("conflict", 2),
    }  # fmt: skip


def test_a_late_reading_is_history_and_not_the_latest(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(0, value=221)))
    line.take(line.message(VOLTAGE, sent(-60 * 24, value=100)))
    assert Latest.objects.get().value == 221
    assert len(rows()) == 2


@pytest.mark.parametrize(
    ("subject", "payload", "reason"),
    [
        ("$MQTT.msgs.city.lights", sent(0, value=1), "topic"),
        ("$MQTT.msgs.city.lights.pole.E//1.voltage", sent(0, value=1), "type"),
        ("$MQTT.msgs.city.lights.lamp.E//1.colour", sent(0, value=1), "stream"),
        ("$MQTT.msgs.city.lights.lamp.E//9.voltage", sent(0, value=1), "object"),
        (VOLTAGE, b"{", "payload"),
        (VOLTAGE, b'{"value":1}', "time"),
        (VOLTAGE, sent(0, code="ok"), "value"),
        (FAULT, sent(0, value=1), "value"),
        (VOLTAGE, sent(11, value=1), "clock"),
        (VOLTAGE, sent(-401 * 24 * 60, value=1), "clock"),
    ],
)
def test_what_cannot_be_stored_is_kept_with_its_reason(line: Line, subject: str, payload: bytes, reason: str) -> None:
    good = line.message(VOLTAGE, sent(-1, value=221))
    assert line.take(line.message(subject, payload), good) == {"stored": 1, reason: 1}
    kept = Quarantine.objects.get()
    assert (kept.reason, kept.subject) == (reason, subject)
    assert bytes(kept.payload) == payload or reason in ("clock", "value")
    assert IngestCount.objects.get(fate=reason).count == 1


def test_one_bad_reading_in_a_list_leaves_the_others(line: Line) -> None:
    several = [orjson.loads(sent(-2, value=1)), {"value": 2}, orjson.loads(sent(-1, value=3))]
    assert line.take(line.message(VOLTAGE, orjson.dumps(several))) == {"stored": 2, "time": 1}
    assert Quarantine.objects.get().item == 1


def test_an_object_younger_than_its_datastreams_is_found(line: Line, lamps: Lamps) -> None:
    new = lamp("E.2", EAST, "east")
    assert line.take(line.message("$MQTT.msgs.city.lights.lamp.E//2.voltage", sent(0, value=1))) == {"stored": 1}
    assert Datastream.objects.filter(object_id=new.id).count() == 3


def test_a_removed_object_takes_no_more_readings(line: Line, lamps: Lamps) -> None:
    CityObject.objects.update(removed_at=NOW)
    assert line.take(line.message(VOLTAGE, sent(0, value=1))) == {"object": 1}
