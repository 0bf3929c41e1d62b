"""Raw values: what is read, and what is not guessed."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pypinyin import lazy_pinyin

from xiuhua.kernel.objects import Attribute, Value
from xiuhua.objects.checking import checker
from xiuhua.objects.guarding import guarded, unguarded
from xiuhua.objects.problems import Wrong
from xiuhua.objects.tests.conftest import named
from xiuhua.objects.words import asked, grams, sort_key


def read(kind: Value, raw: object) -> object:
    try:
        return checker(Attribute(id="a", label=named("甲"), value=kind))(raw)
    except Wrong as wrong:
        return wrong.code


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Value.DATE, "2026-01-31", "2026-01-31"), (Value.DATE, "2026/1/3", "2026-01-03"),
        (Value.DATE, "2026.1.3", "2026-01-03"), (Value.DATE, "20260131", "2026-01-31"),
        (Value.DATE, "2026年1月3日", "2026-01-03"), (Value.DATE, "２０２６-01-31", "2026-01-31"),
        (Value.DATE, 46053, "2026-01-31"), (Value.DATE, 46053.0, "2026-01-31"), (Value.DATE, "46053", "2026-01-31"),
        (Value.DATE, date(2026, 1, 31), "2026-01-31"), (Value.DATE, datetime(2026, 1, 31, 9), "2026-01-31"),  # noqa: DTZ001
        (Value.DATE, "2026-01-31 00:00:00", "2026-01-31"), (Value.DATE, "31/1/2026", "not_a_date"),
        (Value.DATE, "2026-02-30", "not_a_date"), (Value.DATE, True, "not_a_date"), (Value.DATE, "12", "not_a_date"),
        (Value.TIME, "2026-01-31T08:30:00+08:00", "2026-01-31T00:30:00Z"),
        (Value.TIME, "2026-01-31 8:30", "2026-01-31T00:30:00Z"), (Value.TIME, 46053.5, "2026-01-31T04:00:00Z"),
        (Value.TIME, "2026年1月31日 8时30分", "2026-01-31T00:30:00Z"), (Value.TIME, "8:30", "not_a_time"),
        (Value.NUMBER, "1,234.5", 1234.5), (Value.NUMBER, "１２", 12.0), (Value.NUMBER, "-3e2", -300.0),
        (Value.NUMBER, "12 m", "not_a_number"), (Value.NUMBER, "1,23", "not_a_number"),
        (Value.NUMBER, "inf", "not_a_number"), (Value.NUMBER, float("inf"), "not_a_number"),
        (Value.NUMBER, True, "not_a_number"), (Value.NUMBER, ".", "not_a_number"),
        (Value.INTEGER, "3.0", 3), (Value.INTEGER, 3.5, "not_an_integer"), (Value.INTEGER, "１", 1),
        (Value.BOOLEAN, "是", True), (Value.BOOLEAN, "FALSE", False), (Value.BOOLEAN, 1.0, True),
        (Value.BOOLEAN, "2", "not_a_boolean"), (Value.TEXT, 12.0, "12"), (Value.TEXT, "  x ", "x"),
        (Value.TEXT, "a\x00b", "not_text"), (Value.TEXT, " ", None), (Value.NUMBER, float("nan"), None),
    ],
)  # fmt: skip
def test_values_are_read_as_people_write_them(kind: Value, raw: object, value: object) -> None:
    assert read(kind, raw) == value


@pytest.mark.parametrize("name", ["重庆路", "松江区音乐厅", "佘山", "行知中学", "银行", "绿地", "九亭"])
def test_names_sort_by_their_reading_in_context(name: str) -> None:
    assert sort_key(name).split("\t")[0].split() == [syllable.replace("ü", "v") for syllable in lazy_pinyin(name)]


def test_every_piece_a_query_asks_for_is_kept_of_what_contains_it() -> None:
    kept = set(grams("mh0016\n外环路a3地铁站"))
    for query in ("外环", "路a", "a3地", "mh00", "016", "00", "外", "m", "地铁站"):
        assert all(set(pieces) <= kept for _, pieces in asked(query))


@pytest.mark.parametrize("text", ["=1", "'=1", "''+", "'x", "x", "-5", "@", "\tx", "'", ""])
def test_a_guard_is_taken_off_as_it_was_put_on(text: str) -> None:
    assert unguarded(guarded(text)) == text
