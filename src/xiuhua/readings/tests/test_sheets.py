"""Gateways' sheets: many readings in one message, in JSON and MessagePack."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from typing import Any

import msgspec
import numpy as np
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from xiuhua.kernel.actor import system_actor
from xiuhua.readings.decode import JSON, MSGPACK, Sheet, Unreadable, reports_in, sheet_in
from xiuhua.readings.key_actions import make_key
from xiuhua.readings.models import IngestCount, Latest, Quarantine
from xiuhua.readings.quality import Quality
from xiuhua.readings.tests.conftest import LAMP, NOW, Line

EAST, WEST = "lights/lamp/E.1/voltage", "lights/lamp/西%201/voltage"
NOW_MS = int(NOW.timestamp() * 1000)
GATEWAY = "gateway-1"
SUBJECT = f"$MQTT.msgs.in.3.gateway.{GATEWAY}."


@pytest.fixture
def line(line: Line) -> Line:
    """Give the gateway a key that speaks for every lamp."""
    make_key(system_actor("test"), name=GATEWAY, types=[LAMP], now=NOW)
    return line


def ago(*seconds: int) -> list[int]:
    return [NOW_MS - 1000 * one for one in seconds]


def packed(sheet: dict[str, Any]) -> bytes:
    """Return a sheet in MessagePack with its columns as arrays of numbers."""
    layouts = {"stream": "<u2", "at": "<i8", "value": "<f8"}
    return msgspec.msgpack.encode(
        {
            name: np.array([np.nan if one is None else one for one in column], dtype=layouts[name]).tobytes()
            if name in layouts
            else column
            for name, column in sheet.items()
        }
    )


def stored() -> list[tuple[str, float | None, str | None, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.object_code, r.value, r.code, r.quality
            FROM readings_reading r JOIN readings_datastream d ON d.id = r.datastream_id ORDER BY 1, r.at
            """
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize(("form", "written"), [(JSON, msgspec.json.encode), (MSGPACK, packed)])
def test_a_sheet_becomes_the_rows_of_its_streams(line: Line, form: str, written: Any) -> None:
    sheet = {"streams": [EAST, WEST], "stream": [0, 1, 0], "at": ago(2, 2, 1), "value": [220.5, 230.0, 221.5]}
    assert line.take(line.message(SUBJECT + form, written(sheet))) == {"stored": 3}
    assert stored() == [("E.1", 220.5, None, 0), ("E.1", 221.5, None, 0), ("西 1", 230.0, None, 0)]
    assert set(Latest.objects.values_list("value", flat=True)) == {221.5, 230.0}
    assert line.take(line.message(SUBJECT + form, written(sheet))) == {"repeated": 3}


def test_codes_and_numbers_come_in_one_sheet(line: Line) -> None:
    sheet = {
        "streams": [EAST, "lights/lamp/E.1/fault"],
        "at": ago(2, 1),
        "value": [220.5, None],
        "code": [None, "E01"],
    }
    assert line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet))) == {"stored": 2}
    assert {row[1:3] for row in stored()} == {(220.5, None), (None, "E01")}


def test_one_bad_reading_of_a_sheet_is_kept_alone_and_the_others_are_stored(line: Line) -> None:
    sheet = {
        "streams": [EAST, "lights/lamp/E.9/voltage", "lights/lamp/E.1/fault"],
        "stream": [0, 1, 0, 0, 2],
        "at": [*ago(3, 2), NOW_MS + 3_600_000, *ago(1, 1)],
        "value": [220.5, 220, 220, None, 1],
    }
    fates = line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet)))
    assert fates == {"stored": 1, "object": 1, "clock": 1, "value": 2}
    kept = {one.item: one for one in Quarantine.objects.all()}
    assert {item: one.reason for item, one in kept.items()} == {1: "object", 2: "clock", 3: "value", 4: "value"}
    assert kept[1].name == "lights/lamp/E.9/voltage"
    assert msgspec.json.decode(bytes(kept[1].payload)) == {"at": ago(2)[0], "value": 220.0}
    assert IngestCount.objects.get(fate="object").count == 1


def test_units_are_turned_into_the_streams_own(line: Line) -> None:
    sheet = {"streams": [EAST, WEST], "at": ago(2, 2), "value": [0.22, 1], "unit": ["kV", "°C"]}
    assert line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet))) == {"stored": 1, "unit": 1}
    single = msgspec.json.encode({"at": ago(1)[0], "value": 221000, "unit": "mV"})
    assert line.take(line.message("$MQTT.msgs.in.0.city.lights.lamp.E//1.voltage", single)) == {"stored": 1}
    assert [row[1] for row in stored()] == [pytest.approx(220), pytest.approx(221)]


def test_what_is_known_against_a_reading_is_kept_with_it(line: Line) -> None:
    sheet = {
        "streams": [EAST],
        "stream": [0, 0, 0, 0],
        "at": [*ago(7200, 90, 0), NOW_MS + 60_000],
        "value": [220, 221, 222, 223],
        "quality": [0, 0, 1, 0],
    }
    line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet)))
    assert [Quality(row[3]) for row in stored()] == [
        Quality.LATE,
        Quality.LATE | Quality.AFTER_GAP,
        Quality.DISTRUSTED,
        Quality.CLOCK_AHEAD,
    ]
    line.take(line.message(SUBJECT + JSON, msgspec.json.encode({"streams": [EAST], "at": ago(30), "value": [1]})))
    assert Quality(stored()[2][3]) == Quality.OUT_OF_ORDER


def test_a_reading_within_the_same_moment_of_a_sheet_counts_once(line: Line) -> None:
    sheet = {"streams": [EAST], "stream": [0, 0, 0], "at": ago(1, 1, 1), "value": [220, 220, 230]}
    assert line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet))) == {
        "stored": 1, "repeated": 1, "conflict": 1,
    }  # fmt: skip
    assert [row[1] for row in stored()] == [220]


@pytest.mark.parametrize(
    "sheet",
    [
        {},
        {"streams": [EAST]},
        {"streams": [EAST], "at": [], "value": []},
        {"streams": [EAST], "at": [1], "value": [1, 2]},
        {"streams": [EAST], "stream": [1], "at": [1], "value": [1]},
        {"streams": [EAST], "stream": [-1], "at": [1], "value": [1]},
        {"streams": [EAST], "at": ["noon"], "value": [1]},
        {"streams": [EAST], "at": [2**70], "value": [1]},
        {"streams": [EAST], "at": [1], "value": ["1"]},
        {"streams": [EAST], "at": [1], "value": [1], "unit": []},
        {"streams": [EAST], "at": [1], "value": [1], "code": []},
        {"streams": [EAST] * 20_001, "at": [1] * 20_001, "value": [1] * 20_001},
    ],
)
def test_a_sheet_whose_columns_do_not_fit_is_no_sheet(sheet: dict[str, Any]) -> None:
    read = sheet_in(msgspec.json.encode(sheet), JSON)
    assert isinstance(read, Unreadable) and read.reason == "payload"


def test_an_unknown_form_is_no_sheet(line: Line) -> None:
    assert line.take(line.message(SUBJECT + "xml", b"<a/>")) == {"topic": 1}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(payload: bytes) -> None:
    for form in (JSON, MSGPACK):
        read = sheet_in(payload, form)
        assert isinstance(read, Sheet | Unreadable)
    assert reports_in(payload)


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_SHEETS = st.fixed_dictionaries(
    {"streams": st.lists(st.text(max_size=5), max_size=3) | _ANYTHING, "at": st.lists(_ANYTHING, max_size=3)},
    optional={name: st.lists(_ANYTHING, max_size=3) for name in ("stream", "value", "code", "quality", "unit")},
)


@given(_SHEETS)
def test_no_sheet_breaks_the_reader(sheet: dict[str, Any]) -> None:
    encoders = [(MSGPACK, msgspec.msgpack.encode), (JSON, msgspec.json.encode)]
    for form, encode in encoders:
        try:
            payload = encode(sheet)
        except (OverflowError, ValueError, UnicodeEncodeError):
            continue
        read = sheet_in(payload, form)
        assert isinstance(read, Unreadable) or len(read.at_ms) == len(read.value) == len(read.stream)


@pytest.mark.parametrize("depth", [100, 100_000])
def test_nesting_without_end_is_refused_and_kept(line: Line, depth: int) -> None:
    for form, payload in ((JSON, b'{"streams":' + b"[" * depth), (MSGPACK, b"\x81\xa7streams" + b"\x91" * depth)):
        assert isinstance(sheet_in(payload, form), Unreadable)
        assert line.take(line.message(SUBJECT + form, payload)) == {"payload": 1}
    assert [type(one) for one in reports_in(b"[" * depth)] == [Unreadable]
    assert Quarantine.objects.filter(reason="payload").count() == IngestCount.objects.get(fate="payload").count == 2


@pytest.mark.parametrize(
    "declared",
    [
        b"\x82\xa7streams\xdd\xff\xff\xff\xff\xa2at\xc4\x00",
        b"\x82\xa7streams\xdb\xff\xff\xff\xff\xa2at\xc4\x00",
        b"\x82\xa7streams\x90\xa2at\xc6\xff\xff\xff\xff",
        b"\x82\xa7streams\x90\xa2at\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
    ],
)
def test_a_length_that_is_only_declared_takes_no_memory(declared: bytes) -> None:
    tracemalloc.start()
    try:
        assert isinstance(sheet_in(declared, MSGPACK), Unreadable)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1_000_000


def test_a_day_that_a_gateway_sends_late_is_stored_whole(line: Line) -> None:
    count = 1440
    sheet = {
        "streams": [EAST],
        "stream": [0] * count,
        "at": [NOW_MS - 60_000 * one for one in range(count)],
        "value": [220 + one / 1000 for one in range(count)],
    }
    assert line.take(line.message(SUBJECT + JSON, msgspec.json.encode(sheet))) == {"stored": count}
    newest = Latest.objects.get()
    assert (newest.at, newest.value) == (NOW, 220.0)
    assert newest.silent_at == NOW + timedelta(minutes=15)
