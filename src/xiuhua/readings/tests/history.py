"""A history to test on: readings of lamps on given days, hours closed up to a moment, and an archive of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from xiuhua.objects.models import CityObject
from xiuhua.readings.models import Datastream
from xiuhua.readings.partitions import make_partitions

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
VOLTAGE, FAULT = "lights.lamp.voltage", "lights.lamp.fault"
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3600, 86_400))

Given = tuple[int, datetime, float | None, str, int]


def begin_history(at: datetime = MIDNIGHT) -> None:
    """Say that hours are closed and rolled up to a moment."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE readings_rolled SET closed_until = %s, rolled_until = %s", [at, at])
        cursor.execute("TRUNCATE readings_dirty")


def stream_of(lamp: CityObject, stream: str = VOLTAGE) -> int:
    """Return the id of a lamp's datastream."""
    return Datastream.objects.get(object_id=lamp.id, stream=stream).id


def write(readings: Iterable[Given], *, received_after: timedelta = timedelta()) -> None:
    """Store readings (datastream, at, value, code, quality); the first at a moment stands."""
    rows = list(readings)
    make_partitions(sorted({row[1].astimezone(UTC).date() for row in rows}))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO readings_reading (datastream_id, at, value, code, quality, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [
                (id, at, value, code or None, quality, at + received_after if received_after > MINUTE else None)
                for id, at, value, code, quality in rows
            ],
        )


def numbers(datastream: int, begin: datetime, values: Sequence[float], *, every: timedelta = MINUTE) -> list[Given]:
    """Return good readings of a stream of numbers, one every so often."""
    return [(datastream, begin + number * every, float(value), "", 0) for number, value in enumerate(values)]


def ask(question: str, *parameters: str | datetime | int) -> list[tuple[Any, ...]]:
    """Return the rows of a question."""
    with connection.cursor() as cursor:
        cursor.execute(question, parameters)
        return list(cursor.fetchall())


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the archive into a folder of its own."""
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, files_url=str(tmp_path / "files")))
    return tmp_path / "files" / "readings"
