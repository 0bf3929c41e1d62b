"""The parser and what its trees say: the standard's own examples, and no text that breaks it or takes long."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.evaluating import holds
from xiuhua.faces.sensorthings.grammar import FUNCTIONS, parse
from xiuhua.faces.sensorthings.options import KNOWN, options_in

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SAYS: dict[str, Any] = {
    "result": 7.5, "whole": 8, "name": "Lamp 东1", "phenomenonTime": datetime(2026, 11, 23, 7, 30, 15, tzinfo=UTC),
    "location": {"type": "Point", "coordinates": [121.2, 31.0]}, "nothing": None,
    "properties": {"code": "E.1"},
}  # fmt: skip


def read(names: tuple[str, ...]) -> Any:
    value: Any = SAYS
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


TRUE = (
    "result eq 7.5", "result ne 8", "result gt 7 and result lt 8", "result ge 7.5", "result le 7.5",
    "not (result gt 8)", "not startswith(name,'x')", "result gt 9 or whole eq 8", "-result lt 0",
    "result add 1 gt 8", "result sub 1 lt 7", "result mul 2 eq 15", "result div 2.5 eq 3", "whole mod 3 eq 2",
    "1 add 2 mul 3 eq 7", "(1 add 2) mul 3 eq 9", "true eq true and false or true",
    "substringof('东', name)", "contains(name,'amp')", "startswith(name,'Lamp')", "endswith(name,'1')",
    "length(name) eq 7", "indexof(name,'amp') eq 1", "substring(name,5) eq '东1'", "substring(name,0,4) eq 'Lamp'",
    "tolower(name) eq 'lamp 东1'", "toupper('a') eq 'A'", "trim(' a ') eq 'a'", "concat('it''s',' a') eq 'it''s a'",
    "year(phenomenonTime) eq 2026", "month(phenomenonTime) eq 11", "day(phenomenonTime) eq 23",
    "hour(phenomenonTime) eq 7", "minute(phenomenonTime) eq 30", "second(phenomenonTime) eq 15",
    "fractionalseconds(phenomenonTime) eq 0", "date(phenomenonTime) eq 2026-11-23",
    "totaloffsetminutes(phenomenonTime) eq 0", "time(phenomenonTime) eq time(2020-01-01T07:30:15Z)",
    "phenomenonTime lt now()", "phenomenonTime gt mindatetime() and phenomenonTime lt maxdatetime()",
    "phenomenonTime gt now() sub duration'PT1H'", "phenomenonTime eq 2026-11-23T15:30:15+08:00",
    "round(result) eq 8", "floor(result) eq 7", "ceiling(result) eq 8",
    "st_within(location, geography'POLYGON ((121 30, 122 30, 122 32, 121 32, 121 30))')",
    "st_intersects(location, geography'LINESTRING (121 31, 122 31)')",
    "geo.intersects(location, geography'POINT (121.2 31)')", "st_equals(location, geography'POINT (121.2 31)')",
    "st_disjoint(location, geography'POINT (0 0)')", "st_contains(location, location)",
    "not st_touches(location, location)", "not st_overlaps(location, location)", "not st_crosses(location, location)",
    "st_relate(location, location, 'T*****FF*')", "geo.distance(location, geography'POINT (121.2 31.1)') lt 0.2",
    "geo.length(geography'LINESTRING (0 0, 3 4)') eq 5", "properties/code eq 'E.1'", "properties/none eq null",
    "nothing eq null", "not (nothing gt 1)", "not (name gt 1)", "result div 0 eq null",
)  # fmt: skip


@pytest.mark.parametrize("text", TRUE)
def test_what_holds(text: str) -> None:
    assert holds(parse(text), read, NOW)
    assert not holds(parse(f"not ({text})"), read, NOW)


WRONG = (
    "", " ", "result eq", "eq 1", "result eq 1 1", "(result eq 1", "result eq 1)", "nosuch(result)", "length()",
    "substringof('a')", "'a", "result eq 2026-13-01", "geography'POINT (x)'", "duration'1H'", "a;b", "result == 1",
    "name eq 'a' --", "2026-99-99T00:00:00Z eq now()", "0001-01-01T00:00:00+14:00 eq now()", "(" * 50 + "1" + ")" * 50,
    "not " * 60 + "true", "-" * 60 + "1", "1 add " * 200 + "1", "a" * 5000, "length(" * 60 + "'a'" + ")" * 60,
)  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:24])
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(BadQuestion):
        parse(text)


@pytest.mark.parametrize("text", ["length(result) eq 1", "year(name) eq 1", "name add 1 eq 2", "st_within(name, name)",
                                  "result add name eq 1", "round(name) eq 1"])  # fmt: skip
def test_what_does_not_go_together(text: str) -> None:
    with pytest.raises(BadQuestion):
        holds(parse(text), read, NOW)


WORDS = st.sampled_from(
    [*FUNCTIONS, "and", "or", "not", "eq", "gt", "add", "mul", "mod", "(", ")", ",", "-", "'a'", "1", "1e300", "0",
     "name", "result", "nothing", "location", "phenomenonTime", "null", "true", "duration'P999999D'", "2026-01-01",
     "9999-12-31T23:59:59Z", "geography'POINT (1 2)'", "geography'POLYGON EMPTY'"]
)  # fmt: skip


@settings(deadline=2000)
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=60).map(" ".join)))
def test_no_text_breaks_the_parser_or_what_evaluates(text: str) -> None:
    try:
        holds(parse(text), read, NOW)
    except BadQuestion:
        return


def test_the_longest_texts_end_soon() -> None:
    began = time.monotonic()
    for text in ("(" * 4000, "not " * 1000, "'" * 3999, "1 add " * 600, "a/" * 2000, "1" * 4000, "duration'" * 400,
                 "2026-01-01T00:00:00." + "9" * 3000, "geography'" + "(" * 2900 + "'"):  # fmt: skip
        with pytest.raises(BadQuestion):
            parse(text)
    assert time.monotonic() - began < 5


@settings(deadline=2000)
@given(st.dictionaries(st.sampled_from(KNOWN), st.text("$()=;,/'abefilnoprst 0123456789", max_size=80), max_size=4))
def test_no_options_break_their_reader(given: dict[str, str]) -> None:
    try:
        options_in(given)
    except BadQuestion:
        return


def test_expand_is_read_with_its_own_options() -> None:
    asked = options_in(
        {"$expand": "Datastreams($top=2;$expand=Observations($filter=result gt 1;$top=1)),Locations/Things"}
    )
    streams = asked.expand["Datastreams"]
    assert (streams.top, streams.expand["Observations"].top) == (2, 1)
    assert list(asked.expand["Locations"].expand) == ["Things"]
