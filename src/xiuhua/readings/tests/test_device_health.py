"""The daily look at devices: time online, drift, share not usable, flapping; firmware; what each list shows of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test import Client

from xiuhua.catalog.catalogue import Catalogue, current, install
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.durations import DAYS
from xiuhua.kernel.streams import Lately, Rule
from xiuhua.objects.models import CityObject
from xiuhua.people.posts import CORE_POSTS, use_posts
from xiuhua.readings.checking import look_at_devices
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.models import Alarm, Datastream, DeviceCheck, Firmware
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.quality import Quality

from .conftest import EAST, LAMP, LIGHTS, NOW, SOURCE, WEST, Lamps, Line, lamp, person

HOURS = 168


def _rule(name: str, stream: str, **lately: Lately) -> Rule:
    label = LIGHTS.rules["lights.low"].label
    return Rule(
        id=f"lights.{name}", label=label, on=(LAMP, stream), grade=4, opens="lights.repair", source=SOURCE,
        **lately,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture
def failing(lights: Catalogue) -> Iterator[None]:
    week = DAYS(7)
    rules = (
        _rule("drifts", "voltage", drifts=Lately(above=8.0, within=week)),
        _rule("unusable", "voltage", unusable=Lately(above=0.3, within=week)),
        _rule("flaps", "heartbeat", flaps=Lately(above=5, within=week)),
    )
    lamp_type = LIGHTS.objects[LAMP]
    streams = tuple(replace(one, battery_low=200.0) if one.id == "voltage" else one for one in lamp_type.streams)
    before = current()
    install(
        replace(
            LIGHTS,
            objects={LAMP: replace(lamp_type, streams=streams)},
            rules={**LIGHTS.rules, **{one.id: one for one in rules}},
        )
    )
    use_posts({one.id: one for one in CORE_POSTS})
    yield
    install(before)


@pytest.fixture
def street(lamps: Lamps, failing: None) -> list[CityObject]:
    """Ten lamps with a week of hourly readings; the first drifts, the second says what cannot be used, the third comes
    and goes, the fourth was there half of the time.
    """
    things = [lamp(f"S.{number}", EAST if number % 2 else WEST, "east") for number in range(10)]
    for number, thing in enumerate(things):
        CityObject.objects.filter(id=thing.id).update(west=121.2 + number / 1000, east=121.2 + number / 1000)
    ensure_datastreams(LAMP)
    Datastream.objects.update(created_at=NOW - timedelta(days=7))
    make_partitions([(NOW - timedelta(days=back)).date() for back in range(8)])
    random = np.random.default_rng(1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE readings_rolled SET closed_until = %s, rolled_until = %s", [NOW, NOW])
        for number, thing in enumerate(things):
            for name in ("voltage", "heartbeat"):
                one = Datastream.objects.get(object_id=thing.id, stream=f"{LAMP}.{name}").id
                for hour in range(HOURS):
                    if number == 3 and hour % 2:
                        continue
                    value = 224 + float(random.normal()) + (hour * 15 / HOURS if number == 0 else 0)
                    quality = Quality.OUT_OF_RANGE if number == 1 and hour % 2 else 0
                    back = Quality.AFTER_GAP if number == 2 and hour % 20 == 0 else 0
                    at = NOW - timedelta(hours=HOURS - hour) + timedelta(minutes=5)
                    number_said = (value, None, int(quality)) if name == "voltage" else (None, "ok", int(back))
                    cursor.execute(
                        "INSERT INTO readings_reading (datastream_id, at, value, code, quality) "
                        "VALUES (%s, %s, %s, %s, %s)",
                        [one, at, *number_said],
                    )
    roll_up(now=NOW)
    return things


def standing() -> set[tuple[str, str]]:
    return {
        (one.rule, one.object_code)
        for one in Alarm.objects.filter(closed_at__isnull=True)
        if one.rule in ("lights.drifts", "lights.unusable", "lights.flaps")
    }


FOUND = {("lights.drifts", "S.0"), ("lights.unusable", "S.1"), ("lights.flaps", "S.2")}


@pytest.mark.django_db
def test_each_failing_device_has_one_alarm_however_often_it_is_looked_at(street: list[CityObject]) -> None:
    assert look_at_devices(now=NOW) == 3
    assert standing() == FOUND
    assert look_at_devices(now=NOW + timedelta(hours=1)) == 0, "once a day is enough"
    look_at_devices(now=NOW + timedelta(hours=1), at_once=True)
    assert standing() == FOUND
    drifting = Alarm.objects.get(rule="lights.drifts")
    assert drifting.count == 2
    assert drifting.value == pytest.approx(15, abs=1.5)


@pytest.mark.django_db
def test_time_online_is_the_share_of_hours_in_which_each_stream_spoke(street: list[CityObject]) -> None:
    look_at_devices(now=NOW)
    checks = DeviceCheck.objects.in_bulk([thing.id for thing in street])
    # Three streams a lamp; nobody ever sent a fault code.
    assert checks[street[5].id].online_7 == pytest.approx(2 / 3)
    assert checks[street[3].id].online_7 == pytest.approx(1 / 3)
    assert checks[street[3].id].online_1 == pytest.approx(1 / 3)
    assert checks[street[1].id].unusable == pytest.approx(0.5)
    assert checks[street[2].id].returns == 9


@pytest.mark.django_db
def test_what_lies_before_the_end_of_an_alarm_does_not_raise_it_again(street: list[CityObject]) -> None:
    look_at_devices(now=NOW)
    Alarm.objects.filter(rule="lights.drifts").update(closed_at=NOW, state="closed")
    look_at_devices(now=NOW, at_once=True)
    assert standing() == FOUND - {("lights.drifts", "S.0")}


@pytest.mark.django_db
def test_a_device_that_is_sound_again_ends_its_alarm(street: list[CityObject]) -> None:
    look_at_devices(now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE readings_hour SET usable = count, quality = 0")
        cursor.execute("UPDATE readings_hour_code SET quality = 0")
    look_at_devices(now=NOW, at_once=True)
    assert standing() == {("lights.drifts", "S.0")}


@pytest.mark.django_db
def test_lists_show_what_ails_devices_to_those_who_may_see_them(
    street: list[CityObject], sign_in: Callable[[Actor], Client]
) -> None:
    look_at_devices(now=NOW)
    east, west = sign_in(person(EAST, "east")), sign_in(person(WEST, "west"))

    def codes(who: Client, question: str) -> set[str]:
        answer = who.get(f"/api/devices?{question}").json()
        assert "items" in answer, answer
        return {row["code"] for row in answer["items"]}

    assert codes(east, "fault=drifts") == set()
    assert codes(west, "fault=drifts") == {"S.0"}
    assert codes(east, "fault=unusable") == {"S.1"}
    (group,) = west.get("/api/devices/groups?by=town").json()
    assert (group["key"], group["total"], group["faults"]["drifts"]) == ("310117102", 6, 1)
    shown = west.get("/api/devices.geojson?fault=flaps").json()["features"]
    assert [one["properties"]["code"] for one in shown] == ["S.2"]
    answer = west.get("/api/devices?fault=drifts&days=1").json()
    assert "items" in answer, answer
    (row,) = answer["items"]
    assert row["drift"] == pytest.approx(15, abs=1.5)
    assert row["drift_unit"] == "V"


@pytest.mark.django_db
def test_a_low_battery_and_the_newest_firmware_are_shown(
    lamps: Lamps, failing: None, line: Line, sign_in: Callable[[Actor], Client]
) -> None:
    def say(minute: int, value: float, firmware: object) -> None:
        said = {"at": (NOW + timedelta(minutes=minute)).isoformat(), "value": value, "firmware": firmware}
        at = NOW + timedelta(minutes=minute)
        line.take(line.message("$MQTT.msgs.city.lights.lamp.E//1.voltage", json.dumps(said).encode(), at=at))

    say(0, 230.0, "1.0")
    say(1, 190.0, "1.1")
    say(2, 190.0, "")
    kept = Firmware.objects.get(object_id=lamps.east.id)
    assert (kept.version, kept.since) == ("1.1", NOW + timedelta(minutes=1))
    sheet = {"streams": ["lights/lamp/E.1/voltage"], "at": [int((NOW + timedelta(minutes=3)).timestamp() * 1000)],
             "value": [189.0], "firmware": ["1.2"]}  # fmt: skip
    line.take(line.message("$MQTT.msgs.own.site.json", json.dumps(sheet).encode(), at=NOW + timedelta(minutes=3)))
    assert Firmware.objects.get(object_id=lamps.east.id).version == "1.2"
    east = sign_in(person(EAST, "east"))
    (row,) = east.get("/api/devices?fault=battery&firmware=1.2").json()["items"]
    assert (row["code"], row["battery"], row["battery_low"], row["battery_unit"]) == ("E.1", 189.0, 200.0, "V")
    (group,) = east.get("/api/devices/groups?by=firmware").json()
    assert (group["key"], group["total"]) == ("1.2", 1)
