"""Rollups say exactly what the readings say, however late those came and wherever the work was cut off."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import connection

from xiuhua.catalog.catalogue import install
from xiuhua.kernel.durations import SECONDS
from xiuhua.readings.history import rollup
from xiuhua.readings.history.marks import mark_dirty, rolled
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.tests.conftest import LAMP, LIGHTS, Lamps
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
    numbers,
    stream_of,
    write,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(table: str) -> dict[tuple[int, datetime], tuple[object, ...]]:
    """Return a rollup as stored."""
    rows = ask(f"SELECT datastream_id, at, count, usable, quality, low, high, sum, last FROM {table}")  # noqa: S608
    return {(row[0], row[1]): row[2:] for row in rows}


def worked_out(step: timedelta) -> dict[tuple[int, datetime], tuple[object, ...]]:
    """Work a rollup out in plain Python from every stored reading."""
    groups: dict[tuple[int, datetime], list[tuple[datetime, float, int]]] = defaultdict(list)
    for datastream, at, value, quality in ask(
        "SELECT datastream_id, at, value, quality FROM readings_reading WHERE value IS NOT NULL ORDER BY at"
    ):
        local = at.astimezone(SHANGHAI)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        groups[datastream, midnight + (local - midnight) // step * step].append((at, value, quality))
    expected = {}
    for key, readings in groups.items():
        good = [value for _, value, quality in readings if quality < 64]
        bits = 0
        for _, _, quality in readings:
            bits |= quality
        summary = (min(good), max(good), sum(good), good[-1]) if good else (None, None, None, None)
        expected[key] = (len(readings), len(good), bits, *summary)
    return expected


def scattered(datastreams: list[int], days: int, count: int, seed: int) -> list[Given]:
    chance = random.Random(seed)
    return [
        (
            chance.choice(datastreams), MIDNIGHT + chance.random() * days * DAY, float(chance.randrange(100)), "",
            chance.choice((0, 0, 0, 1, 6, 64, 65)),
        )
        for _ in range(count)
    ]  # fmt: skip


@pytest.fixture
def fast(lamps: Lamps) -> Iterator[None]:
    """Have lamps report their voltage every second."""
    kind = LIGHTS.objects[LAMP]
    streams = tuple(
        replace(one, cadence=SECONDS(1)) if one.id == "voltage" else one for one in kind.streams
    )  # fmt: skip
    install(replace(LIGHTS, objects={LAMP: replace(kind, streams=streams)}))
    yield
    install(LIGHTS)


def test_closed_hours_and_days_say_what_the_readings_say(lamps: Lamps) -> None:
    begin_history()
    east, west = stream_of(lamps.east), stream_of(lamps.west)
    write(scattered([east, west], 3, 3000, seed=1))
    assert roll_up(now=MIDNIGHT + 3 * DAY + 4 * MINUTE) == 71
    assert roll_up(now=MIDNIGHT + 3 * DAY + 5 * MINUTE) == 1
    assert roll_up(now=MIDNIGHT + 3 * DAY + 59 * MINUTE) == 0
    assert told("readings_hour") == worked_out(HOUR)
    # 2026-11-20 in the district began eight hours before we look; of its last day eight hours are over.
    ended = {key: value for key, value in worked_out(DAY).items() if key[1] + DAY <= MIDNIGHT + 3 * DAY}
    assert len(ended) == 6
    assert told("readings_day") == ended


def test_a_period_without_a_usable_reading_is_counted_and_has_no_value(lamps: Lamps) -> None:
    begin_history()
    write([(stream_of(lamps.east), MIDNIGHT + MINUTE, 5.0, "", 64), (stream_of(lamps.east), MIDNIGHT, 6.0, "", 68)])
    roll_up(now=MIDNIGHT + 2 * HOUR)
    assert list(told("readings_hour").values()) == [(2, 0, 68, None, None, None, None)]


def test_late_readings_bring_their_hours_and_days_up_to_date(lamps: Lamps) -> None:
    begin_history()
    east, west = stream_of(lamps.east), stream_of(lamps.west)
    readings = scattered([east, west], 3, 2000, seed=2)
    write(readings[:1500])
    roll_up(now=MIDNIGHT + 3 * DAY + HOUR)
    write(readings[1500:])
    assert ask("SELECT count(*) > 100 FROM readings_dirty") == [(True,)]
    roll_up(now=MIDNIGHT + 3 * DAY + HOUR)
    assert told("readings_hour") == worked_out(HOUR)
    assert all(value == worked_out(DAY)[key] for key, value in told("readings_day").items())
    assert ask("SELECT count(*) FROM readings_dirty") == [(0,)]


def test_what_comes_in_time_marks_nothing(lamps: Lamps) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, [1, 2, 3]))
    assert ask("SELECT count(*) FROM readings_dirty") == [(0,)]


def test_a_reading_whose_quality_changes_changes_its_rollups(lamps: Lamps) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, [1, 2, 9]))
    roll_up(now=MIDNIGHT + 30 * HOUR)
    ask("UPDATE readings_reading SET quality = 64 WHERE value = 9 RETURNING 1")
    roll_up(now=MIDNIGHT + 30 * HOUR)
    assert list(told("readings_hour").values()) == [(3, 2, 64, 1, 2, 3, 2)]
    assert list(told("readings_day").values()) == [(3, 2, 64, 1, 2, 3, 2)]


def test_a_writer_past_the_table_marks_by_hand(lamps: Lamps) -> None:
    begin_history()
    east = stream_of(lamps.east)
    write(numbers(east, MIDNIGHT, [1]))
    roll_up(now=MIDNIGHT + 5 * HOUR)
    at = MIDNIGHT + 30 * SECOND
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO readings_reading_20261120 (datastream_id, at, value) VALUES (%s, %s, 3)",
            [east, at],
        )
        assert ask("SELECT count(*) FROM readings_dirty") == [(0,)]
        micros = int(at.timestamp()) * 1_000_000
        late, open_still = micros, micros + 10 * 3_600_000_000
        mark_dirty(cursor, np.array([east, east], dtype=np.int32), np.array([late, open_still], dtype=np.int64))
    assert ask("SELECT datastream_id, at FROM readings_dirty") == [(east, MIDNIGHT)]
    roll_up(now=MIDNIGHT + 5 * HOUR)
    assert told("readings_hour") == worked_out(HOUR)


def test_minutes_are_kept_of_what_reports_several_times_in_one(lamps: Lamps, fast: None) -> None:
    begin_history()
    east = stream_of(lamps.east)
    write(numbers(east, MIDNIGHT, range(200), every=7 * SECOND))
    roll_up(now=MIDNIGHT + 2 * HOUR)
    write(numbers(east, MIDNIGHT + SECOND, [500]))
    roll_up(now=MIDNIGHT + 2 * HOUR)
    assert told("readings_minute") == worked_out(MINUTE)


def test_minutes_of_slow_streams_are_their_readings(lamps: Lamps) -> None:
    begin_history()
    write(numbers(stream_of(lamps.east), MIDNIGHT, range(30)))
    roll_up(now=MIDNIGHT + 2 * HOUR)
    assert told("readings_minute") == {}


def test_states_are_counted_by_code(lamps: Lamps) -> None:
    begin_history()
    east = stream_of(lamps.east, FAULT)
    chance = random.Random(3)
    given = [(east, MIDNIGHT + n * 10 * MINUTE, None, chance.choice(("ok", "E01", "E02")), n % 3) for n in range(300)]
    write(given[:200])
    roll_up(now=MIDNIGHT + 51 * HOUR)
    write(given[200:])
    write([(east, MIDNIGHT + SECOND, None, "E09", 0)])
    roll_up(now=MIDNIGHT + 51 * HOUR)
    rows = ask("SELECT at, code, count, last_at FROM readings_hour_code")
    expected = Counter((at.replace(minute=0, second=0), code) for _, at, _, code, _ in given)
    expected[MIDNIGHT, "E09"] = 1
    assert {(at, code): count for at, code, count, _ in rows} == expected
    assert max(row[3] for row in rows) == given[-1][1]
    days = ask("SELECT sum(count) FROM readings_day_code")
    assert days == [(sum(count for (at, _), count in expected.items() if at < MIDNIGHT + 40 * HOUR),)]


def test_work_cut_off_anywhere_is_done_once_in_the_end(lamps: Lamps, monkeypatch: pytest.MonkeyPatch) -> None:
    begin_history()
    write(scattered([stream_of(lamps.east)], 2, 500, seed=4))
    roll_up(now=MIDNIGHT + DAY)
    write(scattered([stream_of(lamps.west)], 2, 500, seed=5))
    work, left = rollup._roll, [0]

    def cut_off(*arguments: object, **more: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        work(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(rollup, "_roll", cut_off)
    cuts = 0
    for calls in range(1, 200):
        left[0] = calls
        try:
            roll_up(now=MIDNIGHT + 2 * DAY + HOUR)
            break
        except KeyboardInterrupt:
            cuts += 1
    assert cuts > 5
    assert told("readings_hour") == worked_out(HOUR)
    assert rolled().rolled_until == rolled().closed_until == MIDNIGHT + 2 * DAY
