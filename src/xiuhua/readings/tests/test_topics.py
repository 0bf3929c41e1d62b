"""Topics and payloads: what devices may send, and what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiuhua.readings.decode import Report, Unreadable, reports_in
from xiuhua.readings.topics import Address, address_in, name_of, topic_in, topic_of


def stored(topic: str) -> str:
    """Return the subject under which the server stores a topic (mqtt.go, mqttToNATSSubjectConversion)."""
    out = ""
    for index, letter in enumerate(topic):
        if letter == ".":
            out += "//"
        elif letter != "/":
            out += letter
        elif not out or out.endswith(".") or index == len(topic) - 1 or topic[index + 1] == "/":
            out += "/." if not out or out.endswith(".") else "."
        else:
            out += "."
    return "$MQTT.msgs." + out


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("city.mobility.stop_sign.ZP-1.voltage", "ZP-1"),
        ("city.mobility.stop_sign.SJ//1.voltage", "SJ.1"),
        ("city.mobility.stop_sign.九亭//1.voltage", "九亭.1"),
        ("city.mobility.stop_sign.a.b.voltage", "a/b"),
        ("city.mobility.stop_sign.a./.b.voltage", "a//b"),
        ("city.mobility.stop_sign.//x//.voltage", ".x."),
        ("city.mobility.stop_sign.x////.voltage", "x.."),
        ("city.mobility.stop_sign.a%20b%2Fc.voltage", "a b/c"),
    ],
)
def test_a_stored_subject_names_its_stream(subject: str, code: str) -> None:
    for place in ("$MQTT.msgs.", "$MQTT.msgs.in.3.", "feed.7."):
        topic = topic_in(place + subject)
        assert topic is not None and topic.startswith("city/")
        assert address_in(topic.removeprefix("city/")) == Address(
            type="mobility.stop_sign", code=code, stream="voltage"
        )


@pytest.mark.parametrize(
    "rest", ["", "mobility", "mobility.stop_sign.voltage", "a.b.%00.c", "mobility.stop_sign./.voltage"]
)
def test_anything_else_names_none(rest: str) -> None:
    assert address_in((topic_in("$MQTT.msgs.city." + rest) or "").removeprefix("city/")) is None
    assert topic_in("live.object.changed") is None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_every_code_has_a_topic_that_leads_back_to_it(code: str) -> None:
    address = Address(type="mobility.stop_sign", code=code, stream="voltage")
    topic = topic_of(address)
    assert not set(topic.removeprefix("city/")) & set(" +#*>\t")
    assert topic_in(stored(topic)) == topic
    assert address_in(name_of(address)) == address


def test_readings_come_alone_or_in_a_list() -> None:
    noon = 1795406400000
    one = Report(at_ms=noon, value=220.5, code="")
    assert reports_in(b'{"at":"2026-11-23T12:00:00+08:00","value":220.5}') == [one]
    assert reports_in(b'{"at":1795406400000,"value":220.5}') == [one]
    assert reports_in(b'[{"at":"2026-11-23T04:00:00.0009Z","value":220.5},{"at":1795406400000,"code":"ok"}]') == [
        one,
        Report(at_ms=noon, value=None, code="ok"),
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "payload"),
        (b"[]", "payload"),
        (b"3", "payload"),
        (b"\xff", "payload"),
        (b'{"value":1}', "time"),
        (b'{"at":"2026-11-23T12:00:00","value":1}', "time"),
        (b'{"at":"noon","value":1}', "time"),
        (b'{"at":1e300,"value":1}', "time"),
        (b'{"at":"0001-01-01T00:00:00+14:00","value":1}', "time"),
        (b'{"at":0}', "value"),
        (b'{"at":0,"value":1,"code":"x"}', "value"),
        (b'{"at":0,"value":"1"}', "value"),
        (b'{"at":0,"value":true}', "value"),
        (b'{"at":0,"value":1e999}', "payload"),
        (b'{"at":0,"code":""}', "value"),
        (b'{"at":0,"code":"a\\u0000"}', "value"),
    ],
)
def test_what_cannot_be_read_says_why(payload: bytes, reason: str) -> None:
    (report,) = reports_in(payload)
    assert isinstance(report, Unreadable)
    assert report.reason == reason
