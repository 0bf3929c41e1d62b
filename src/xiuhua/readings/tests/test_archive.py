"""Days move into files whole: nothing lost, nothing twice, whatever comes late and wherever the work is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from django.db import connection, transaction

from xiuhua.readings.history import archive as archiving
from xiuhua.readings.history.archive import archive, damaged, sweep
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.partitions import drop_empty_partitions, partition_of
from xiuhua.readings.tests.archive_process import STEPS
from xiuhua.readings.tests.conftest import Lamps
from xiuhua.readings.tests.history import (
    DAY,
    FAULT,
    HOUR,
    MIDNIGHT,
    MINUTE,
    SECOND,
    Given,
    ask,
    begin_history,
    files,
    numbers,
    stream_of,
    write,
)
from xiuhua.readings.tests.test_rollups import told
from xiuhua.readings.tests.trial import database_url

__all__ = ["files"]
NOW = MIDNIGHT + 5 * DAY + HOUR
Row = tuple[int, datetime, float | None, str | None, int]


def stored(folder: Path) -> list[Row]:
    """Return every reading of the hot table and of the files that count, sorted; one twice is there twice."""
    rows = ask("SELECT datastream_id, at, value, code, quality FROM readings_reading")
    counting = [str(folder / file) for (file,) in ask("SELECT file FROM readings_archive")]
    if counting:
        rows += (
            duckdb.connect()
            .execute(
                "SELECT datastream_id, \"at\" AT TIME ZONE 'UTC', value, code, quality FROM read_parquet($files)",
                {"files": counting},
            )
            .fetchall()
        )
    return sorted((row[0], row[1].replace(tzinfo=None), *row[2:]) for row in rows)


def as_stored(given: list[Given]) -> list[Row]:
    return sorted((d, at.replace(tzinfo=None), value, code or None, quality) for d, at, value, code, quality in given)


def mixed(lamps: Lamps, days: int, count: int, seed: int) -> list[Given]:
    """Return readings of numbers and codes over some days, no two of a stream at one moment."""
    chance = random.Random(seed)
    given: dict[tuple[int, datetime], Given] = {}
    for _ in range(count):
        lamp = chance.choice((lamps.east, lamps.west))
        at = MIDNIGHT + timedelta(microseconds=chance.randrange(days * 86_400_000_000))
        if chance.random() < 0.3:
            codes = ("ok", "E01", '说"明",\n换行')
            one: Given = (stream_of(lamp, FAULT), at, None, chance.choice(codes), 0)
        else:
            one = (stream_of(lamp), at, chance.uniform(-1e9, 1e9), "", chance.choice((0, 1, 64)))
        given[one[0], at] = one
    return list(given.values())


def test_old_days_become_sorted_files_by_date_and_kind(lamps: Lamps, files: Path) -> None:
    begin_history()
    given = mixed(lamps, 5, 2000, seed=1)
    write(given)
    roll_up(now=NOW)
    assert archive(now=NOW, hot_days=3) == 2
    assert archive(now=NOW, hot_days=3) == 0
    names = sorted(str(path.relative_to(files)) for path in files.rglob("*.parquet"))
    assert names == [
        f"date=2026-11-{day}/kind=lights.lamp.{stream}/readings-1.parquet"
        for day in (20, 21)
        for stream in ("fault", "voltage")
    ]
    assert stored(files) == as_stored(given)
    assert ask("SELECT min(at) >= '2026-11-22T00:00Z' FROM readings_reading") == [(True,)]
    assert damaged() == []
    described = duckdb.connect().execute(
        f"DESCRIBE SELECT * FROM read_parquet('{files}/*/*/*.parquet', hive_partitioning = true)"  # noqa: S608
    )
    assert [row[:2] for row in described.fetchall()] == [
        ("datastream_id", "INTEGER"), ("at", "TIMESTAMP WITH TIME ZONE"), ("value", "DOUBLE"), ("code", "VARCHAR"),
        ("quality", "SMALLINT"), ("received_at", "TIMESTAMP WITH TIME ZONE"), ("date", "DATE"), ("kind", "VARCHAR"),
    ]  # fmt: skip
    for name in names:
        rows = duckdb.connect().execute(f"SELECT datastream_id, \"at\" FROM read_parquet('{files / name}')").fetchall()  # noqa: S608
        assert rows == sorted(rows)


def test_what_counts_is_checked_against_its_sum(lamps: Lamps, files: Path) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, range(10)))
    roll_up(now=NOW)
    archive(now=NOW, hot_days=3)
    ((name, readings, size),) = ask("SELECT file, readings, bytes FROM readings_archive")
    assert (readings, size) == (10, (files / name).stat().st_size)
    with (files / name).open("r+b") as file:
        file.seek(40)
        file.write(b"?")
    assert damaged() == [name]


def test_a_day_whose_hours_are_not_rolled_up_stays(lamps: Lamps, files: Path) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, [1]))
    roll_up(now=MIDNIGHT + DAY)
    assert archive(now=NOW, hot_days=3) == 0
    roll_up(now=MIDNIGHT + DAY + 5 * MINUTE)
    assert archive(now=NOW, hot_days=3) == 1


def test_when_a_reading_was_late_it_says_when_it_came(lamps: Lamps, files: Path) -> None:
    begin_history()
    east = stream_of(lamps.east)
    write(numbers(east, MIDNIGHT, [1]), received_after=MINUTE)
    write(numbers(east, MIDNIGHT + HOUR, [2]), received_after=61 * SECOND)
    roll_up(now=NOW)
    archive(now=NOW, hot_days=3)
    rows = duckdb.connect().execute(
        f"SELECT value, epoch(received_at - \"at\") FROM read_parquet('{files}/*/*/*.parquet')"  # noqa: S608
    )
    assert rows.fetchall() == [(1.0, None), (2.0, 61.0)]


def test_late_readings_of_an_archived_day_are_merged_once(lamps: Lamps, files: Path) -> None:
    begin_history()
    east = stream_of(lamps.east)
    first = numbers(east, MIDNIGHT, range(120))
    write(first)
    roll_up(now=NOW)
    archive(now=NOW, hot_days=3)
    late = numbers(east, MIDNIGHT + 30 * SECOND, range(1000, 1060))
    write(late)
    write([(east, MIDNIGHT, 77.0, "", 0)])
    roll_up(now=NOW + 2 * HOUR)
    assert archive(now=NOW + 30 * MINUTE, hot_days=3) == 0
    assert archive(now=NOW + 2 * HOUR, hot_days=3) == 1
    assert stored(files) == as_stored(first + late)
    assert [path.name for path in files.rglob("*.parquet")] == ["readings-2.parquet"]
    hours = told("readings_hour")
    assert hours[east, MIDNIGHT][0] == 120
    assert hours[east, MIDNIGHT][4] == 1059
    assert hours[east, MIDNIGHT + HOUR] == (60, 60, 0, 60, 119, sum(range(60, 120)), 119)
    (day,) = told("readings_day").values()
    assert day[0] == 180
    assert ask("SELECT count(*) FROM readings_dirty") == [(0,)]


def test_readings_of_a_stream_that_is_gone_are_kept(lamps: Lamps, files: Path) -> None:
    begin_history()
    write([(-5, MIDNIGHT, 1.0, "", 0)])
    roll_up(now=NOW)
    archive(now=NOW, hot_days=3)
    assert ask("SELECT kind, readings FROM readings_archive") == [("unknown", 1)]


def test_empty_partitions_are_dropped_when_nothing_can_come_any_more(lamps: Lamps) -> None:
    old = MIDNIGHT - 600 * DAY
    write(numbers(stream_of(lamps.east), old, [1]))
    assert drop_empty_partitions(MIDNIGHT) == 0
    ask("DELETE FROM readings_reading RETURNING 1")
    assert drop_empty_partitions(MIDNIGHT) == 1
    assert ask("SELECT to_regclass(%s)", f"readings_reading_{old:%Y%m%d}") == [(None,)]


@pytest.fixture
def committed(lamps: Lamps) -> Iterator[None]:
    """Let other processes see what the test writes, and take it out again."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE readings_reading, readings_archive, readings_dirty, readings_hour, readings_day,"
            " readings_hour_code, readings_day_code"
        )


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_step_nothing_is_lost_or_doubled(lamps: Lamps, files: Path, committed: None) -> None:
    begin_history()
    given = mixed(lamps, 1, 800, seed=2)
    write(given)
    roll_up(now=NOW)
    moment = NOW
    for late in range(2):
        for step in STEPS:
            moment += 2 * HOUR
            done = run(step, moment, files)
            assert done == (0 if step == "" else -signal.SIGKILL), step
            assert stored(files) == as_stored(given), step
            if late and step in ("sweep:2", ""):
                assert ask("SELECT count(*) FROM readings_dirty") == [(0,)], step
        hours = told("readings_hour")
        assert sum(int(str(row[0])) for row in hours.values()) == sum(one[2] is not None for one in given)
        assert ask("SELECT count(*) FROM readings_reading") == [(0,)]
        assert len(list(files.rglob("*.parquet"))) == 2
        more = [one for one in mixed(lamps, 1, 300, seed=3) if one[:2] not in {known[:2] for known in given}]
        write(more)
        given += more


def run(step: str, now: datetime, folder: Path) -> int:
    """Let a process archive what is due, and return how it ended."""
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "xiuhua.site.settings", "XIUHUA_DATABASE_URL": database_url(),
        "XIUHUA_FILES_URL": str(folder.parent),
    }  # fmt: skip
    command = [sys.executable, "-m", "xiuhua.readings.tests.archive_process", step, now.isoformat(), "3"]
    return subprocess.run(command, env=environment, check=False).returncode


@pytest.mark.django_db(transaction=True)
def test_a_reading_that_comes_while_its_day_is_written_is_not_lost(
    lamps: Lamps, files: Path, committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_history()
    east = stream_of(lamps.east)
    given = numbers(east, MIDNIGHT, range(5))
    write(given)
    roll_up(now=NOW)
    late = numbers(east, MIDNIGHT + SECOND, [9])

    bring_back = archiving._bring_back

    def meanwhile(*_: object) -> list[object]:
        write(late)
        return []

    monkeypatch.setattr("xiuhua.readings.history.archive._bring_back", meanwhile)
    assert archive(now=NOW, hot_days=3) == 0
    monkeypatch.setattr("xiuhua.readings.history.archive._bring_back", bring_back)
    assert stored(files) == as_stored(given + late)
    roll_up(now=NOW)
    assert archive(now=NOW, hot_days=3) == 1
    assert stored(files) == as_stored(given + late)
    assert told("readings_hour")[east, MIDNIGHT][0] == 6


@pytest.mark.django_db(transaction=True)
def test_an_hour_is_not_closed_over_the_head_of_a_writer(lamps: Lamps, committed: None) -> None:
    begin_history()
    east = stream_of(lamps.east)
    write(numbers(east, MIDNIGHT, [1]))

    def close_hours() -> None:
        roll_up(now=MIDNIGHT + 2 * HOUR)
        connection.close()

    closer = threading.Thread(target=close_hours)
    with transaction.atomic():
        write(numbers(east, MIDNIGHT + MINUTE, [2]))
        closer.start()
        closer.join(0.5)
        assert closer.is_alive()
    closer.join(20)
    assert told("readings_hour")[east, MIDNIGHT][0] == 2


def test_a_file_that_nobody_names_is_swept_away(lamps: Lamps, files: Path) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, [1]))
    roll_up(now=NOW)
    archive(now=NOW, hot_days=3)
    left = files / "date=2020-01-01" / "kind=x" / "readings-1.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"left")
    assert sweep() == 1
    assert not left.parent.parent.exists()
    assert damaged() == []
    assert partition_of(date(2026, 11, 20)).as_string(None) == '"readings_reading_20261120"'
