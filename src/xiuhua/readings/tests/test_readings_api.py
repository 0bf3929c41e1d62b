"""Each endpoint shows and lets do only what belongs to the town of the one who calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.words import Act
from xiuhua.readings.models import Alarm, Datastream
from xiuhua.readings.tests.conftest import EAST, WEST, Lamps, Line, lamp, person

SignIn = Callable[[Actor], Client]
SUBJECTS = ("$MQTT.msgs.city.lights.lamp.E//1.", "$MQTT.msgs.city.lights.lamp.西%201.")


@pytest.fixture
def towns(line: Line, lamps: Lamps, sign_in: SignIn) -> tuple[Client, Client]:
    """Give each town's lamp a low voltage, and return a browser for each town's keeper."""
    now = timezone.now()
    reading = orjson.dumps({"at": now.isoformat(), "value": 190})
    line.take(*(line.message(subject + "voltage", reading, at=now) for subject in SUBJECTS), now=now)
    return sign_in(person(EAST, "east", Act.HANDLE_ALARM)), sign_in(person(WEST, "west", Act.HANDLE_ALARM))


def get(client: Client, path: str) -> Any:
    answer = client.get("/api" + path)
    assert answer.status_code == 200, answer.content
    return orjson.loads(answer.content)


def post(client: Client, path: str, body: object) -> Any:
    answer = client.post("/api" + path, orjson.dumps(body), content_type="application/json")
    return answer.status_code, orjson.loads(answer.content)


def test_each_town_sees_its_own_alarms(towns: tuple[Client, Client], lamps: Lamps) -> None:
    for client, mine, other in ((towns[0], lamps.east, lamps.west), (towns[1], lamps.west, lamps.east)):
        page = get(client, "/alarms")
        assert page["total"] == 1
        (row,) = page["items"]
        assert (row["object_code"], row["grade"], row["state"], row["lon"], row["lat"]) == (
            mine.code,
            3,
            "raised",
            121.2,
            31.0,
        )
        assert row["why"] == {
            "zh": "供电电压 190 V，低于下限 198 V", "en": "Supply voltage 190 V; lower limit 198 V",
        }  # fmt: skip
        assert row["source"]["standard"] == "GB/T 12325"
        assert get(client, "/alarms/counts") == {
            "grades": {"1": 0, "2": 0, "3": 1, "4": 0},
            "unacknowledged": 1,
            "mine": 0,
        }
        features = get(client, "/alarms.geojson")["features"]
        assert [one["properties"]["object_code"] for one in features] == [mine.code]
        assert get(client, f"/alarms/{row['id']}") == row
        assert [one["action"] for one in get(client, f"/alarms/{row['id']}/history")] == ["raised"]
        hidden = Alarm.objects.get(object_id=other.id).id
        for path in (f"/alarms/{hidden}", f"/alarms/{hidden}/history", f"/objects/{other.id}/streams"):
            assert client.get("/api" + path).status_code == 404
        for verb, body in (
            ("acknowledge", {}), ("shelve", {"until": (timezone.now() + timedelta(hours=1)).isoformat(), "why": "x"}),
            ("close", {"why": "x"}), ("to-case", {}),
        ):  # fmt: skip
            assert post(client, f"/alarms/{hidden}/{verb}", body)[0] == 404


def test_each_town_sees_its_own_streams_readings_and_devices(towns: tuple[Client, Client], lamps: Lamps) -> None:
    for client, mine, other in ((towns[0], lamps.east, lamps.west), (towns[1], lamps.west, lamps.east)):
        streams = {row["stream"]: row for row in get(client, f"/objects/{mine.id}/streams")}
        voltage = streams["lights.lamp.voltage"]
        assert (voltage["value"], voltage["unit"], voltage["fresh"]) == (190, "V", True)
        beat = streams["lights.lamp.heartbeat"]
        assert (beat["at"], beat["fresh"], beat["silent_at"]) == (None, False, None)
        assert [row["value"] for row in get(client, f"/readings?datastream={voltage['id']}")["readings"]] == [190]
        assert get(client, "/devices/health") == {"total": 1, "fresh": 1, "silent": 0, "never": 0}
        hidden = Datastream.objects.get(object_id=other.id, stream="lights.lamp.voltage").id
        assert client.get(f"/api/readings?datastream={hidden}").status_code == 404


def test_counts_are_those_of_the_area_named(towns: tuple[Client, Client], lamps: Lamps, sign_in: SignIn) -> None:
    both = sign_in(person("", "both"))
    for area, total in (("", 2), (EAST, 1), (WEST, 1), ("310117/nowhere/", 0)):
        assert sum(get(both, f"/alarms/counts?area={area}")["grades"].values()) == total
        assert get(both, f"/alarms/counts?area={area}")["unacknowledged"] == total
        assert get(both, f"/devices/health?area={area}")["total"] == total
    assert get(towns[0], f"/alarms/counts?area={WEST}")["unacknowledged"] == 0
    assert get(towns[0], f"/devices/health?area={WEST}")["total"] == 0


def test_history_is_asked_for_by_time(towns: tuple[Client, Client], lamps: Lamps) -> None:
    voltage = Datastream.objects.get(object_id=lamps.east.id, stream="lights.lamp.voltage").id
    yesterday, day_before = (timezone.now() - timedelta(days=days) for days in (1, 2))
    asked = f"/readings?datastream={voltage}&from={day_before:%Y-%m-%dT%H:%M:%SZ}&to={yesterday:%Y-%m-%dT%H:%M:%SZ}"
    assert get(towns[0], asked)["readings"] == []
    turned = (
        f"/api/readings?datastream={voltage}&from={yesterday:%Y-%m-%dT%H:%M:%SZ}&to={day_before:%Y-%m-%dT%H:%M:%SZ}"
    )
    assert towns[0].get(turned).status_code == 422


def test_an_alarm_is_handled_from_the_page(towns: tuple[Client, Client], lamps: Lamps) -> None:
    alarm = Alarm.objects.get(object_id=lamps.east.id).id
    status, row = post(towns[0], f"/alarms/{alarm}/acknowledge", {})
    assert (status, row["state"]) == (200, "acknowledged")
    assert get(towns[0], "/alarms/counts")["unacknowledged"] == 0
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    status, problem = post(towns[0], f"/alarms/{alarm}/shelve", {"until": until, "why": ""})
    assert (status, problem["code"]) == (422, "readings.why_missing")
    assert post(towns[0], f"/alarms/{alarm}/shelve", {"until": until, "why": "等配件"})[1]["state"] == "shelved"
    assert post(towns[0], f"/alarms/{alarm}/to-case", {})[0] == 200
    assert post(towns[0], f"/alarms/{alarm}/close", {"why": "已更换"})[1]["state"] == "closed"
    assert get(towns[0], "/alarms")["total"] == 0
    assert get(towns[0], "/alarms?state=closed&type=lights.lamp&q=E.1&grade=3&area=310117/")["total"] == 1
    assert post(towns[0], f"/alarms/{alarm}/close", {"why": "x"})[0] == 409


def test_who_may_only_see_handles_nothing(towns: tuple[Client, Client], lamps: Lamps, sign_in: SignIn) -> None:
    looker = sign_in(person(EAST, "looker"))
    alarm = Alarm.objects.get(object_id=lamps.east.id).id
    status, problem = post(looker, f"/alarms/{alarm}/acknowledge", {})
    assert (status, problem["code"]) == (403, "people.act_not_allowed")
    elsewhere = sign_in(person(EAST, "other-unit", own_unit_only=True))
    assert get(elsewhere, "/alarms")["total"] == 0
    assert get(elsewhere, "/devices/health")["total"] == 0
    assert Client().get("/api/alarms").status_code == 401


def test_a_list_of_many_asks_the_database_as_often_as_a_list_of_one(towns: tuple[Client, Client], line: Line) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            get(towns[0], "/alarms")
        return len(queries)

    asked()
    for_one = asked()
    now = timezone.now()
    for number in range(10):
        lamp(f"N-{number}", EAST, "east")
        reading = orjson.dumps({"at": now.isoformat(), "value": 190})
        line.take(line.message(f"$MQTT.msgs.city.lights.lamp.N-{number}.voltage", reading, at=now), now=now)
    assert get(towns[0], "/alarms")["total"] == 1
    Alarm.objects.update(parent_id=None)
    assert get(towns[0], "/alarms")["total"] == 11
    assert asked() == for_one
