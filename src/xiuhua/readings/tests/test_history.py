"""One question over all tiers gives what was stored, once, to those who may see it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.models import History
from xiuhua.readings.history import tiers
from xiuhua.readings.history.across import across
from xiuhua.readings.history.archive import archive
from xiuhua.readings.history.latest import latest
from xiuhua.readings.history.periods import step_for, whole
from xiuhua.readings.history.retention import policies, preview, set_policy
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.history.series import Series, series
from xiuhua.readings.models import Datastream
from xiuhua.readings.tests.conftest import EAST, LAMP, WEST, Lamps, Line, person
from xiuhua.readings.tests.history import (
    DAY,
    FAULT,
    HOUR,
    MIDNIGHT,
    MINUTE,
    SECOND,
    VOLTAGE,
    Given,
    ask,
    begin_history,
    files,
    numbers,
    stream_of,
    write,
)

__all__ = ["files"]
NOW = MIDNIGHT + 6 * DAY + 10 * HOUR + 30 * MINUTE
KEEPER = person("310117/", "keeper", Act.MANAGE_SETTINGS)
SEES_EAST, SEES_WEST, SEES_BOTH = person(EAST, "east"), person(WEST, "west"), person("", "both")
STEPS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


@pytest.fixture
def told(lamps: Lamps, files: Path) -> list[Given]:
    """Give both lamps six and a half days of readings: three in files, one merged late, some late and not merged."""
    begin_history()
    chance = random.Random(7)
    given: dict[tuple[int, datetime], Given] = {}
    for lamp in (lamps.east, lamps.west):
        at = MIDNIGHT
        while (at := at + chance.uniform(0.5, 30) * MINUTE) < NOW:
            at = at.replace(microsecond=0)
            if chance.random() < 0.8:
                one: Given = (stream_of(lamp), at, float(chance.randrange(1000)), "", chance.choice((0, 0, 1, 64)))
            else:
                one = (stream_of(lamp, FAULT), at, None, chance.choice(("ok", "E01")), 0)
            given[one[0], at] = one
    rows = list(given.values())
    chance.shuffle(rows)
    in_time, merged, late = rows[:-200], rows[-200:-100], rows[-100:]
    for part, moment in ((in_time, NOW), (merged, NOW + 2 * HOUR)):
        write(part)
        roll_up(now=NOW)
        assert archive(now=moment, hot_days=3) == 3
    write(late)
    # What is filed stands against what comes again for its moment.
    write([(row[0], row[1], -1.0, "", 0) for row in in_time if row[1] < MIDNIGHT + DAY and row[2] is not None])
    roll_up(now=NOW)
    assert ask("SELECT count(*) FROM readings_archive") == [(6,)]
    return sorted(rows, key=lambda row: row[1])


def periods(given: list[Given], step: timedelta) -> dict[datetime, list[Given]]:
    found: dict[datetime, list[Given]] = {}
    for row in given:
        found.setdefault(whole(row[1], int(step.total_seconds())), []).append(row)
    return found


def test_readings_of_all_tiers_come_once_and_in_order(told: list[Given], lamps: Lamps) -> None:
    for stream in (VOLTAGE, FAULT):
        datastream = stream_of(lamps.east, stream)
        rows = [row for row in told if row[0] == datastream]
        for begin, end in (
            (MIDNIGHT, NOW),
            (MIDNIGHT + 30 * HOUR, MIDNIGHT + 3 * DAY + 5 * HOUR),
            (MIDNIGHT, MIDNIGHT + HOUR),
        ):
            found = series(SEES_EAST, datastream, begin=begin, end=end, resolution="raw", points=50_000)
            expected = [row[1:5] for row in rows if begin <= row[1] < end]
            assert [(one.at, one.value, one.code, one.quality) for one in found.points] == expected
            assert (found.step_s, found.cut) == (0, False)
        assert series(SEES_EAST, datastream, begin=MIDNIGHT, end=NOW, resolution="raw").tiers == ("archive", "hot")
        newest = series(SEES_EAST, datastream, begin=MIDNIGHT, end=NOW, resolution="raw", points=len(rows) - 5)
        assert newest.cut
        assert [one.at for one in newest.points] == [row[1] for row in rows[5:]]


@pytest.mark.parametrize("resolution", ["minute", "hour", "day"])
def test_periods_of_numbers_say_what_the_readings_say(told: list[Given], lamps: Lamps, resolution: str) -> None:
    datastream = stream_of(lamps.west)
    archive(now=NOW + 5 * HOUR, hot_days=3)
    found = series(SEES_WEST, datastream, begin=MIDNIGHT + 3 * HOUR, end=NOW, resolution=resolution)
    assert found.step_s == STEPS[resolution].total_seconds()
    assert (found.begin, found.end) == (
        whole(MIDNIGHT + 3 * HOUR, found.step_s),
        whole(NOW + STEPS[resolution] - SECOND, found.step_s),
    )
    rows = [row for row in told if row[0] == datastream and row[1] >= found.begin]
    expected = periods(rows, STEPS[resolution])
    assert [point.at for point in found.points] == sorted(expected)
    for point in found.points:
        readings = expected[point.at]
        good = [value for _, _, value, _, quality in readings if quality < 64 and value is not None]
        assert (point.count, point.usable) == (len(readings), len(good))
        assert point.quality == int(np.bitwise_or.reduce([row[4] for row in readings]))
        if good:
            assert (point.low, point.high) == (min(good), max(good))
            assert point.value == pytest.approx(sum(good) / len(good))
        else:
            assert (point.low, point.high, point.value) == (None, None, None)


@pytest.mark.parametrize("resolution", ["minute", "hour", "day"])
def test_periods_of_states_count_codes(told: list[Given], lamps: Lamps, resolution: str) -> None:
    datastream = stream_of(lamps.west, FAULT)
    archive(now=NOW + 5 * HOUR, hot_days=3)
    found = series(SEES_WEST, datastream, begin=MIDNIGHT, end=NOW, resolution=resolution)
    expected = periods([row for row in told if row[0] == datastream], STEPS[resolution])
    assert {point.at: (point.codes, point.code) for point in found.points} == {
        at: (Counter(row[3] for row in rows), rows[-1][3]) for at, rows in expected.items()
    }


def test_the_span_chooses_the_step(told: list[Given], lamps: Lamps) -> None:
    datastream = stream_of(lamps.east)

    def asked(span: timedelta, points: int = 1500) -> Series:
        return series(SEES_EAST, datastream, begin=NOW - span, end=NOW, points=points)

    assert (asked(DAY).step_s, asked(DAY).tiers) == (0, ("hot",))
    assert (asked(6 * DAY).step_s, asked(6 * DAY).tiers) == (900, ("archive", "hot"))
    assert asked(30 * DAY).step_s == 3600
    assert (asked(365 * DAY).step_s, asked(365 * DAY).tiers) == (21_600, ("hot", "rollup"))
    assert asked(3650 * DAY).step_s == 7 * 86_400
    assert sum(point.count for point in asked(365 * DAY).points) == sum(
        point.count for point in asked(365 * DAY, points=400).points
    )
    assert step_for(DAY, 600, 10) == 21_600
    # A stream that reports far more often than it is declared to is not cut, but drawn by periods.
    write(numbers(stream_of(lamps.east), NOW - 20 * MINUTE, range(1200), every=SECOND))
    few = series(SEES_EAST, datastream, begin=NOW - HOUR, end=NOW, points=100)
    assert (few.step_s, few.cut) == (60, False)


def test_a_span_of_too_many_points_is_refused(told: list[Given], lamps: Lamps) -> None:
    with pytest.raises(Invalid, match="too_many_points"):
        series(SEES_EAST, stream_of(lamps.east), begin=NOW - 365 * DAY, end=NOW, resolution="minute")


def test_a_day_that_moves_while_it_is_read_is_read_again(
    told: list[Given], lamps: Lamps, monkeypatch: pytest.MonkeyPatch
) -> None:
    datastream = stream_of(lamps.east)
    moved: list[int] = []
    cut = tiers._cut

    def moving(*arguments: object) -> object:
        stretches = cut(*arguments)  # type: ignore[arg-type]
        if not moved:
            moved.append(archive(now=NOW + 5 * HOUR, hot_days=1))
        return stretches

    monkeypatch.setattr(tiers, "_cut", moving)
    found = series(SEES_EAST, datastream, begin=MIDNIGHT, end=NOW, resolution="raw", points=50_000)
    assert moved == [5]
    assert [one.at for one in found.points] == [row[1] for row in told if row[0] == datastream]


def test_many_streams_at_once_say_what_each_says(told: list[Given], lamps: Lamps) -> None:
    east, west = stream_of(lamps.east), stream_of(lamps.west)
    for step, span in (("hour", 6 * DAY), ("hour", 2 * DAY), ("minute", 5 * DAY), ("day", 6 * DAY)):
        archive(now=NOW + 5 * HOUR, hot_days=3)
        step_s, end = int(STEPS[step].total_seconds()), MIDNIGHT + span
        found = across(SEES_BOTH, VOLTAGE, begin=MIDNIGHT, end=end, step_s=step_s, each=True)
        expected = []
        for datastream in sorted((east, west)):
            one = series(SEES_BOTH, datastream, begin=MIDNIGHT, end=end, resolution=step)
            expected += [
                (datastream, point.at, point.count, point.usable, point.low, point.high) for point in one.points
            ]
        assert found.streams == 2
        seen = [
            (
                int(row[0]),
                row[1].astype(datetime).replace(tzinfo=UTC),
                *(None if np.isnan(x) else float(x) for x in row[2:]),
            )
            for row in zip(found.datastream_id, found.at, found.count, found.usable, found.low, found.high, strict=True)
        ]
        assert seen == expected
        together = across(SEES_BOTH, VOLTAGE, begin=MIDNIGHT, end=end, step_s=step_s, each=False)
        assert together.count.sum() == found.count.sum()
        usable = found.usable > 0
        assert np.nansum(together.mean * together.usable) == pytest.approx((found.mean * found.usable)[usable].sum())
        mine = across(SEES_EAST, VOLTAGE, begin=MIDNIGHT, end=end, step_s=step_s, each=True)
        assert (mine.streams, set(mine.datastream_id)) == (1, {east})
        with pytest.raises(Invalid, match="not_numbers"):
            across(SEES_EAST, FAULT, begin=MIDNIGHT, end=end, step_s=step_s, each=True)
        none = across(SEES_EAST, VOLTAGE, area=WEST, begin=MIDNIGHT, end=end, step_s=step_s, each=True)
        assert (none.streams, len(none.at)) == (0, 0)


def test_the_latest_of_everything_is_one_query(line: Line, lamps: Lamps) -> None:
    line.take(
        line.message(
            "$MQTT.msgs.city.lights.lamp.E//1.voltage", orjson.dumps({"at": "2026-11-23T08:00:00Z", "value": 221})
        )
    )
    with CaptureQueriesContext(connection) as queries:
        page = orjson.loads(latest(SEES_BOTH, limit=4))
    assert len(queries) == 1
    rest = orjson.loads(latest(SEES_BOTH, after=page["next"], limit=2))
    assert (len(page["id"]), len(rest["id"]), page["next"], rest["next"]) == (4, 2, page["id"][-1], None)
    assert page["id"] + rest["id"] == sorted(Datastream.objects.values_list("id", flat=True))
    known = orjson.loads(latest(SEES_BOTH, stream=VOLTAGE, limit=10))
    assert dict(zip(known["object_code"], known["value"], strict=True)) == {"E.1": 221, "西 1": None}
    assert datetime.fromisoformat(known["at"][known["value"].index(221)]) == datetime(2026, 11, 23, 8, tzinfo=UTC)
    mine = orjson.loads(latest(SEES_WEST, type=LAMP, limit=10))
    assert set(mine["object_id"]) == {str(lamps.west.id)}
    for nothing in (latest(SEES_BOTH, type="lights.lam", limit=10), latest(SEES_WEST, area=EAST, limit=10)):
        assert orjson.loads(nothing)["id"] == []


def test_a_rule_is_set_by_the_right_person_with_a_reason(lamps: Lamps) -> None:
    with pytest.raises(Refused):
        set_policy(person("310117/", "x"), VOLTAGE, version=0, raw_days=30, rollup_days=None, why="x", now=NOW)
    with pytest.raises(NotFound):
        preview(SEES_EAST, VOLTAGE, raw_days=30, rollup_days=None, now=NOW)
    for raw, rollup, why in ((3, None, "x"), (30, 20, "x"), (None, 30, "x"), (30, None, " ")):
        with pytest.raises(Invalid):
            set_policy(KEEPER, VOLTAGE, version=0, raw_days=raw, rollup_days=rollup, why=why, now=NOW)
    with pytest.raises(NotFound):
        set_policy(KEEPER, "lights.lamp.nothing", version=0, raw_days=30, rollup_days=None, why="x", now=NOW)
    set_policy(KEEPER, VOLTAGE, version=0, raw_days=30, rollup_days=None, why="规定", now=NOW)
    with pytest.raises(Conflict):
        set_policy(KEEPER, VOLTAGE, version=0, raw_days=40, rollup_days=None, why="x", now=NOW)
    set_policy(KEEPER, VOLTAGE, version=1, raw_days=40, rollup_days=400, why="延长", now=NOW)
    (policy,) = policies()
    assert (policy.version, policy.raw_days, policy.rollup_days, policy.set_by) == (2, 40, 400, KEEPER.code)
    assert list(History.objects.filter(entity="retention").values_list("action", "why")) == [
        ("retention_set", "规定"), ("retention_set", "延长"),
    ]  # fmt: skip


def test_only_a_rule_deletes_and_says_what(told: list[Given], lamps: Lamps, files: Path) -> None:
    later = NOW + 5 * HOUR
    archive(now=later, hot_days=3)
    numbers_of = {stream_of(lamps.east), stream_of(lamps.west)}
    loss = preview(KEEPER, VOLTAGE, raw_days=5, rollup_days=5, now=later)
    gone = [row for row in told if row[0] in numbers_of and row[1] < MIDNIGHT + DAY]
    assert (loss.files, loss.readings, loss.first_day) == (1, len(gone), MIDNIGHT.date())
    hours = ask("SELECT count(*) FROM readings_hour WHERE at < %s", MIDNIGHT + DAY)[0][0]
    days = ask("SELECT count(*) FROM readings_day WHERE at < %s", MIDNIGHT + DAY)[0][0]
    assert loss.rollups == hours + days > 0
    assert len(list(files.rglob("*.parquet"))) == 6
    set_policy(KEEPER, VOLTAGE, version=0, raw_days=5, rollup_days=None, why="规定", now=later)
    roll_up(now=later)
    archive(now=later, hot_days=3)
    assert len(list(files.rglob("*.parquet"))) == 5
    row = History.objects.get(action="retention_deleted")
    assert (row.why, row.data["readings"], row.data["bytes"]) == ("规定", len(gone), loss.bytes)
    assert row.data["files"] == [f"date=2026-11-20/kind={VOLTAGE}/readings-3.parquet"]
    assert ask("SELECT count(*) FROM readings_hour WHERE at < %s", MIDNIGHT + DAY) == [(hours,)]
    before = ask("SELECT * FROM readings_hour ORDER BY datastream_id, at")
    write(numbers(stream_of(lamps.east), MIDNIGHT + SECOND / 2, [5, 6]))
    roll_up(now=later)
    archive(now=later + 2 * HOUR, hot_days=3)
    assert ask("SELECT count(*) FROM readings_reading WHERE at < %s", MIDNIGHT + DAY) == [(0,)]
    assert len(list(files.rglob("*.parquet"))) == 5
    assert ask("SELECT * FROM readings_hour ORDER BY datastream_id, at") == before
    newest = History.objects.filter(action="retention_deleted").order_by("-id")[0]
    assert (newest.data["readings"], newest.data["day"]) == (2, "2026-11-20")


def test_history_over_http(told: list[Given], lamps: Lamps, sign_in: Callable[[Actor], Client]) -> None:
    client = sign_in(SEES_EAST)
    archive(now=NOW + 5 * HOUR, hot_days=3)

    def get(path: str, status: int = 200) -> dict[str, Any]:
        answer = client.get(f"/api{path}")
        assert answer.status_code == status, answer.content
        found: dict[str, Any] = orjson.loads(answer.content)
        return found

    span = f"from={MIDNIGHT:%Y-%m-%dT%H:%M:%SZ}&to={NOW:%Y-%m-%dT%H:%M:%SZ}"
    east, west = stream_of(lamps.east), stream_of(lamps.west)
    raw = get(f"/readings?datastream={east}&{span}&resolution=raw&points=5")
    assert (len(raw["readings"]), raw["periods"], raw["cut"], raw["unit"], raw["step_seconds"]) == (5, [], True, "V", 0)
    hourly = get(f"/readings?datastream={east}&{span}&resolution=hour")
    assert (hourly["readings"], hourly["tiers"], hourly["step_seconds"]) == ([], ["hot", "rollup"], 3600)
    assert set(hourly["periods"][0]) == {
        "at", "count", "usable", "mean", "low", "high", "quality", "code", "codes",
    }  # fmt: skip
    get(f"/readings?datastream={west}&{span}", status=404)
    get(f"/readings?datastream={east}&{span}&resolution=fine", status=422)
    curve = get(f"/readings/across?stream={VOLTAGE}&{span}&resolution=hour")
    assert curve["streams"] == 1
    assert [row["at"] for row in hourly["periods"]] == curve["at"]
    get("/readings/across?stream=lights.lamp.nothing", status=404)
    page = get(f"/streams/latest?type={LAMP}&limit=2")
    assert len(page["id"]) == 2
    assert page["next"] == page["id"][1]
    assert client.get("/api/readings/retention").content == b"[]"
    get(f"/readings/retention/preview?kind={VOLTAGE}&raw_days=5", status=404)
    body = orjson.dumps({"version": 0, "raw_days": 30, "rollup_days": None, "why": "规定"})
    refused = client.put(f"/api/readings/retention/{VOLTAGE}", body, content_type="application/json")
    assert refused.status_code == 404
    keeper = sign_in(KEEPER)
    set_to = keeper.put(f"/api/readings/retention/{VOLTAGE}", body, content_type="application/json")
    assert (set_to.status_code, orjson.loads(set_to.content)["version"]) == (200, 1)
