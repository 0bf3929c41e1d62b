"""Odd and hostile messages: each reading is counted and kept in bounds, and none of them stops the worker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xiuhua.kernel.actor import system_actor
from xiuhua.readings.decode import JSON, LARGEST, MOST_IN_ONE, MSGPACK, Sheet, Unreadable, reports_in, sheet_in
from xiuhua.readings.gathering import Message
from xiuhua.readings.ingest import KEPT_PAYLOAD, Ingest
from xiuhua.readings.judging import Caller, Judge, caller_in
from xiuhua.readings.key_actions import make_key
from xiuhua.readings.models import Firmware, Quarantine
from xiuhua.readings.tests.conftest import LAMP, NOW, Line
from xiuhua.readings.topics import LONGEST_NAME
from xiuhua.stack.nats_server import issuer

EAST = "lights/lamp/E.1/voltage"
VOLTAGE = "$MQTT.msgs.in.0.city.lights.lamp.E//1.voltage"
GATEWAY = "$MQTT.msgs.in.3.gateway.gateway-1."
NOW_MS = int(NOW.timestamp() * 1000)
FATES = ("stored", "repeated", "redelivered")


@pytest.fixture
def line(line: Line) -> Line:
    """Give the gateway a key that speaks for every lamp."""
    make_key(system_actor("test"), name="gateway-1", types=[LAMP], now=NOW)
    return line


_NAMES = st.sampled_from([EAST, "lights/lamp/E.1/fault", "lights/lamp/E.9/voltage", "a/b/c/d", "", "a/b/\x00/d", "%00"])
_TIMES = st.integers(NOW_MS - 5, NOW_MS) | st.integers(-(2**70), 2**70) | st.sampled_from([NOW.isoformat(), "noon"])
_NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.none() | st.text(max_size=3) | st.booleans()
_CODES = st.none() | st.text(max_size=3) | st.just("x" * 201)
_ONE = st.fixed_dictionaries(
    {"at": _TIMES},
    optional={
        "value": _NUMBERS, "code": _CODES, "unit": st.sampled_from(["kV", "V", "\x00", "m"]) | _NUMBERS,
        "quality": _NUMBERS, "firmware": st.text(max_size=3) | _NUMBERS,
    },
)  # fmt: skip
_LISTS = st.lists(_ONE | st.none() | st.integers(), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_ONE | _LISTS)
def test_each_reading_of_a_stream_is_stored_known_or_set_aside(line: Line, said: Any) -> None:
    before = Quarantine.objects.count()
    fates = line.take(line.message(VOLTAGE, json.dumps(said).encode()))
    readings = len(said) if isinstance(said, list) else 1
    assert sum(fates.values()) == readings
    assert Quarantine.objects.count() - before == sum(count for fate, count in fates.items() if fate not in FATES)


@st.composite
def _sheets(draw: st.DrawFn) -> dict[str, Any]:
    streams = draw(st.lists(_NAMES, min_size=1, max_size=4))
    count = draw(st.integers(1, 6))

    def column(of: st.SearchStrategy[Any], length: int = count) -> list[Any]:
        return draw(st.lists(of, min_size=length, max_size=length))

    said: dict[str, Any] = {
        "streams": streams,
        "stream": column(st.integers(0, len(streams) - 1)),
        "at": column(st.integers(NOW_MS - 5, NOW_MS) | st.integers(-(2**63), 2**63 - 1)),
        "value": column(st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    }
    for name, of, length in (
        ("code", _CODES, count), ("quality", st.integers(0, 2), count),
        ("unit", st.sampled_from(["", "kV", "\x00", "furlong"]), len(streams)),
        ("firmware", st.text(max_size=3), len(streams)),
    ):  # fmt: skip
        if draw(st.booleans()):
            said[name] = column(of, length)
    return said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=_sheets(), form=st.sampled_from([JSON, MSGPACK]))
@example(said={"streams": [EAST], "at": [2**62], "value": [1.0], "firmware": ["9"]}, form=JSON)
def test_each_reading_of_a_sheet_is_stored_known_or_set_aside(line: Line, said: dict[str, Any], form: str) -> None:
    payload = (msgspec.json if form == JSON else msgspec.msgpack).encode(said)
    before = Quarantine.objects.count()
    fates = line.take(line.message(GATEWAY + form, payload))
    assert sum(fates.values()) == len(said["at"])
    assert Quarantine.objects.count() - before == sum(count for fate, count in fates.items() if fate not in FATES)


def test_a_version_told_with_a_time_that_cannot_be_is_not_believed(line: Line) -> None:
    said = {"streams": [EAST], "stream": [0, 0], "at": [2**62, NOW_MS], "value": [1, 220], "firmware": ["9"]}
    assert line.take(line.message(GATEWAY + JSON, msgspec.json.encode(said))) == {"time": 1, "stored": 1}
    assert Firmware.objects.get().reported_at == NOW
    said = {"streams": [EAST], "at": [-(2**62)], "value": [1], "firmware": ["10"]}
    assert line.take(line.message(GATEWAY + JSON, msgspec.json.encode(said))) == {"time": 1}
    assert Firmware.objects.get().version == "9"


@pytest.mark.parametrize("long", ["lights/lamp/" + "E" * 300_000 + "/voltage", EAST])
def test_a_long_name_or_unit_is_not_kept_once_a_reading(line: Line, long: str) -> None:
    said = {"streams": [long], "stream": [0] * 200, "at": [NOW_MS] * 200, "value": [1] * 200, "unit": ["u" * 300_000]}
    fates = line.take(line.message(GATEWAY + JSON, msgspec.json.encode(said)))
    assert fates == ({"unit": 200} if long == EAST else {"topic": 200})
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(length(name)), max(length(detail)), max(length(payload)) FROM readings_quarantine")
        name, detail, payload = cursor.fetchone()
    assert name <= LONGEST_NAME and detail < 1000 and payload < 1000
    assert Quarantine.objects.filter(whole=True).exists() == (long == EAST)


def test_a_topic_of_any_length_is_kept_short(line: Line) -> None:
    subject = "$MQTT.msgs.in.0.city.lights.lamp." + "E" * 60_000 + ".voltage"
    assert line.take(line.message(subject, b"[1, 2]")) == {"topic": 2}
    assert {(len(one.subject), len(one.name)) for one in Quarantine.objects.all()} == {(LONGEST_NAME, LONGEST_NAME)}


def test_each_of_many_numbers_beyond_64_bits_is_kept_alone(line: Line) -> None:
    assert line.take(line.message(VOLTAGE, b"[" + b",".join([b'{"at": %d}' % 10**30] * 50) + b"]")) == {"time": 50}
    assert {bytes(one.payload) for one in Quarantine.objects.all()} == {b'{"at": %d}' % 10**30}
    assert all(len(bytes(one.payload)) < KEPT_PAYLOAD for one in Quarantine.objects.all())


def test_a_text_that_the_database_does_not_take_costs_only_its_own_reading(line: Line) -> None:
    said = [{"at": NOW_MS, "value": 1, "unit": "a\x00b"}, {"at": NOW_MS, "value": 220}]
    assert line.take(line.message(VOLTAGE, json.dumps(said).encode())) == {"unit": 1, "stored": 1}
    assert line.take(line.message("feed.0.city.lights.lamp.\x00.voltage", b"1")) == {"topic": 1}


@pytest.mark.parametrize("value", [1.1 * LARGEST, -1e308])
def test_a_number_whose_sum_would_be_none_is_no_reading(line: Line, value: float) -> None:
    assert line.take(line.message(VOLTAGE, json.dumps({"at": NOW_MS, "value": value}).encode())) == {"value": 1}
    said = {"streams": [EAST], "at": [NOW_MS], "value": [value]}
    for form, encode in ((JSON, msgspec.json.encode), (MSGPACK, msgspec.msgpack.encode)):
        assert line.take(line.message(GATEWAY + form, encode(said))) == {"value": 1}


def test_more_streams_than_readings_can_be_are_no_sheet() -> None:
    said = msgspec.json.encode({"streams": [""] * (MOST_IN_ONE + 1), "at": [1], "value": [1], "stream": [0]})
    assert isinstance(sheet_in(said, JSON), Unreadable)


def test_a_message_that_nobody_thought_of_is_set_aside_and_holds_up_no_other(line: Line) -> None:
    class Stumbling(Ingest):
        def _readings(self, batch: Any, messages: Sequence[Message]) -> Any:
            if len(batch) and any(message.payload.endswith(b" ") for message in messages):
                raise ZeroDivisionError("odd")
            return super()._readings(batch, messages)

    good = json.dumps({"at": NOW_MS, "value": 220}).encode()
    messages = [line.message(VOLTAGE, good), line.message(VOLTAGE, good + b" ")]

    def now() -> datetime:
        return NOW

    fates = Stumbling().take_or_set_aside(messages, floors={}, now=now)
    assert fates == Counter(stored=1, refused=1)
    kept = Quarantine.objects.get()
    assert (kept.reason, "odd" in kept.detail, bytes(kept.payload)) == ("refused", True, good + b" ")
    assert Stumbling().take_or_set_aside(messages, floors={}, now=now) == Counter(redelivered=2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=70), secret=st.text(max_size=70))
@example(name="\x00", secret="")
def test_whoever_calls_is_answered(lamps: None, tmp_path: Path, name: str, secret: str) -> None:
    judge = Judge(issuer(tmp_path))
    caller = Caller(name=name, secret=secret, host="127.0.0.1", way="mqtt", server="S", user_nkey="U")
    ((answer, why),) = judge.answers([caller], now=NOW)
    assert answer.count(".") == 2 and why == "unknown"
    judge.write_down(now=NOW)


def test_half_a_pair_of_surrogates_is_a_name_like_any_other(lamps: None, tmp_path: Path) -> None:
    names = {"user": "\ud800", "pass": "\udfff"}
    asked = {"client_info": {"kind": "Client", "type": "mqtt"}, "connect_opts": names, "server_id": {"id": "S"}}
    caller = caller_in(issuer(tmp_path).sign({"nats": {**asked, "user_nkey": "U"}}, now=NOW).encode())
    assert caller is not None
    assert [why for _, why in Judge(issuer(tmp_path)).answers([caller], now=NOW)] == ["unknown"]


@given(st.binary(max_size=60))
def test_no_bytes_break_the_door_or_the_readers(payload: bytes) -> None:
    assert caller_in(payload) is None
    assert reports_in(payload)
    assert all(isinstance(sheet_in(payload, form), Sheet | Unreadable) for form in (JSON, MSGPACK))
