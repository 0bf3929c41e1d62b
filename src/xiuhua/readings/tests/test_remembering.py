"""What a worker remembers between batches does no harm when it is behind: after kills, deletions, other workers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, connections

from xiuhua.readings.actions import remove_origin
from xiuhua.readings.claims import GONE_AFTER, Claims
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.latest import find_latest_again
from xiuhua.readings.models import Datastream, Latest, Position
from xiuhua.readings.tests.conftest import LAMP, NOW, PLACE, Lamps, Line, lamp
from xiuhua.readings.tests.test_ingest import VOLTAGE, rows, sent
from xiuhua.stack.subjects import PARTITIONS


def test_latest_values_that_a_killed_worker_had_not_written_are_found_again(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(-5, value=220)))
    # Stored, and killed before the latest values were written down.
    line.ingest.take([line.message(VOLTAGE, sent(-1, value=221)), line.message(VOLTAGE, sent(-2, value=222))],
                     floors={}, now=NOW)  # fmt: skip
    Latest.objects.update(at=NOW - timedelta(minutes=5), value=220)
    assert Position.objects.get().newest_from is not None
    find_latest_again([PLACE])
    newest = Latest.objects.get()
    assert (newest.at, newest.value) == (NOW - timedelta(minutes=1), 221)
    assert Position.objects.get().newest_from is None


def test_another_workers_rows_are_met_without_harm(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(-5, value=220)))
    other = Line(ingest=Ingest(), sequence=10)
    other.take(other.message(VOLTAGE, sent(-1, value=221)))
    # The first worker has not seen that, takes both for new, and is told otherwise by the table.
    fates = line.take(line.message(VOLTAGE, sent(-1, value=221)), line.message(VOLTAGE, sent(0, value=222)))
    assert fates == {"stored": 1, "repeated": 1}
    assert len(rows()) == 3
    assert Latest.objects.get().value == 222


def test_a_stream_that_was_taken_out_is_looked_up_again(line: Line, lamps: Lamps) -> None:
    line.take(line.message(VOLTAGE, sent(-5, value=220)))
    (before,) = Latest.objects.values_list("datastream_id", flat=True)
    remove_origin("test")
    ensure_datastreams(LAMP)
    assert line.take(line.message(VOLTAGE, sent(-1, value=221))) == {"stored": 1}
    (after,) = Latest.objects.values_list("datastream_id", flat=True)
    assert after != before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM readings_reading WHERE datastream_id = %s", [before])
        assert cursor.fetchone() == (0,)


def test_a_code_given_to_another_object_is_not_mixed_up(line: Line, lamps: Lamps) -> None:
    line.take(line.message(VOLTAGE, sent(-5, value=220)))
    lamps.east.code = "E.1-old"
    lamps.east.save()
    ensure_datastreams(LAMP)
    fresh = lamp("E.1", "310117/310117001/", "east")
    assert line.take(line.message(VOLTAGE, sent(-1, value=221))) == {"stored": 1}
    stream = Datastream.objects.get(object_id=fresh.id, stream="lights.lamp.voltage")
    assert Latest.objects.get(datastream=stream).value == 221


@pytest.mark.django_db(transaction=True)
def test_partitions_are_shared_and_taken_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM readings_worker")
    try:
        first = Claims("first")
        assert first.look(now=NOW) == set(range(PARTITIONS))
        other = connections.create_connection("default")
        mine = connections["default"]
        second = Claims("second")

        def as_second(later: timedelta) -> set[int]:
            connections["default"] = other
            try:
                return second.look(now=NOW + later)
            finally:
                connections["default"] = mine

        assert as_second(timedelta()) == set()
        half = first.look(now=NOW)
        assert len(half) == PARTITIONS // 2
        assert as_second(timedelta()) == set(range(PARTITIONS)) - half
        # The first dies: its session ends, and it is seen no more.
        mine.close()
        assert as_second(GONE_AFTER * 2) == set(range(PARTITIONS))
        assert not first.stand()
        other.close()
    finally:
        connection.close()
