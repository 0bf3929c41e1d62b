"""Repairs in the preview: one click changes all rows of a kind, its count said before; recorded, and undone at will."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from xiuhua.ledger.models import History
from xiuhua.objects.imports.other_formats import date_in_order, moment_in_order, number_in_words, tidied
from xiuhua.objects.models import CityObject, ImportJob
from xiuhua.objects.tests.conftest import Town, send
from xiuhua.objects.tests.importing_files import HEADER, applied, brought, table, uploaded


def looked(client: Client, job: dict[str, Any], *repairs: dict[str, str], crs: str = "CGCS2000") -> dict[str, Any]:
    """Preview with these repairs."""
    mapping = {one["column"]: one["to"] for one in job["mapping"]}
    answer = send(client, "POST", f"/imports/{job['id']}/preview", {"mapping": mapping, "crs": crs, "repairs": repairs})
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def offer(job: dict[str, Any], kind: str, target: str = "", **more: str) -> dict[str, Any]:
    """Return the one offer of that kind."""
    wanted = {"kind": kind, **({"target": target} if target else {}), **more}
    (found,) = [one for one in job["offers"] if wanted.items() <= one.items()]
    assert found["label"]["zh"] and found["label"]["en"] and "{" not in found["label"]["zh"]
    return dict(found)


def taken(found: dict[str, Any], to: str | None = None) -> dict[str, str]:
    """Return the repair of an offer as a page sends it."""
    return {name: found[name] for name in ("kind", "target", "value")} | {"to": found["to"] if to is None else to}


def cells(job: dict[str, Any]) -> tuple[int, int]:
    return job["counts"]["added"], job["counts"]["wrong"]


@pytest.mark.django_db
def test_codes_that_repeat_or_lack_are_made_by_two_clicks_and_the_file_comes_in_whole(town: Town) -> None:
    line = '"LINESTRING (121.1 31, 121.11 31)"'
    rows = [("P1", "一"), ("P1", "二"), ("P1-2", "三"), ("P1", "四"), ("", "五"), ("", "五"), ("", ""), ("P9", "")]
    text = "code,name,wkt\n" + "".join(f"{code},{name},{line}\n" for code, name in rows)
    first = uploaded(town.chief, text, type_id="test.pipe").json()
    seen = looked(town.chief, first)
    assert cells(seen) == (2, 6)
    numbered, filled = offer(seen, "number_repeated"), offer(seen, "codes_from_names")
    assert (numbered["rows"], filled["rows"], numbered["column"]) == (2, 4, "code")
    assert offer(seen, "codes_from_rows")["rows"] == 4 and offer(seen, "names_from_codes")["rows"] == 1
    whole = looked(town.chief, seen, taken(numbered), taken(filled))
    assert cells(whole) == (8, 0) and whole["offers"] == []
    assert [(one["kind"], one["rows"]) for one in whole["repairs"]] == [("number_repeated", 2), ("codes_from_names", 4)]
    undone = looked(town.chief, whole, taken(filled))
    assert cells(undone) == (6, 2) and [one["kind"] for one in undone["repairs"]] == ["codes_from_names"]
    assert applied(town.chief, undone).json()["code"] == "objects.rows_wrong"
    done = applied(town.chief, looked(town.chief, undone, taken(numbered), taken(filled))).json()
    assert (done["state"], len(done["repairs"]), done["offers"]) == ("done", 2, [])
    named = dict(CityObject.objects.values_list("code", "name"))
    assert named == {
        "P1": "一", "P1-3": "二", "P1-2": "三", "P1-4": "四", "五": "五", "五-2": "五", "R8": "R8", "P9": "P9",
    }  # fmt: skip
    (row,) = History.objects.filter(entity="import")
    assert [one["rows"] for one in row.data["repairs"]] == [2, 4]
    again = looked(town.chief, uploaded(town.chief, text, type_id="test.pipe").json(), taken(numbered), taken(filled))
    assert again["counts"]["unchanged"] == 8


@pytest.mark.django_db
def test_a_repair_that_the_type_forbids_is_not_offered(town: Town) -> None:
    seen = looked(town.chief, uploaded(town.chief, table("A1,一,121.1,31,路,,", "A1,二,121.1,31,路,,")).json())
    assert seen["offers"] == []
    seen = looked(town.chief, uploaded(town.chief, table(",某站,121.1,31,路,,")).json())
    made = offer(seen, "codes_from_rows")
    assert cells(looked(town.chief, seen, taken(made))) == (1, 0)
    for bad in ({"kind": "melt", "target": "code"}, {"kind": "replace", "target": "attr.road", "value": "x", "to": ""}):
        mapping = {one["column"]: one["to"] for one in seen["mapping"]}
        body = {"mapping": mapping, "crs": "CGCS2000", "repairs": [bad]}
        assert send(town.chief, "POST", f"/imports/{seen['id']}/preview", body).json()["code"] == "objects.no_repair"
    assert len(ImportJob.objects.get(id=seen["id"]).repairs) == 1


@pytest.mark.django_db
def test_values_of_one_kind_are_changed_together(town: Town) -> None:
    header = HEADER + ",高度,有照明,建成日期,巡查时间,单位"
    rows = [
        "A1,一,121.1,31,路,亭,3 座,2.5m,装了,31/1/2024,31/1/2024 8:05,公 交公司",
        "A2,二,121.1,31,路,亭,十二,\"2,5\",装了,1/2/2024,,",
        "A3,三,121.1,31,路,港湾 式,不详,250cm,是,2024-01-31,,",
        "Ａ４,四,31,121.1,路,,,,,,,",
        "A 5,五,31.05,121.1,路,,,,,,,",
    ]  # fmt: skip
    job = uploaded(town.chief, table(*rows, header=header)).json()
    seen = looked(town.chief, job)
    repairs = []
    for kind, target, count, more, to in (
        ("tidy", "code", 2, {}, None),
        ("tidy", "unit", 1, {}, None),
        ("tidy", "attr.kind", 1, {}, None),
        ("swap_axes", "lon", 2, {}, None),
        ("read_dates", "attr.built", 2, {"to": "dmy"}, None),
        ("read_dates", "attr.checked", 1, {"to": "dmy"}, None),
        ("read_numbers", "attr.seats", 2, {}, None),
        ("read_numbers", "attr.height", 2, {}, None),
        ("replace", "attr.kind", 2, {"value": "亭"}, "kerb"),
        ("replace", "attr.seats", 1, {"value": "不详"}, ""),
        ("replace", "attr.lit", 2, {"value": "装了"}, "true"),
        ("replace", "attr.height", 1, {"value": "250cm"}, ""),
    ):
        found = offer(seen, kind, target, **more)
        assert found["rows"] == count, (kind, target)
        repairs.append(taken(found, to))
    assert {one["to"] for one in seen["offers"] if one["target"] == "attr.built"} >= {"dmy", "mdy"}
    assert [one["id"] for one in offer(seen, "replace", "attr.kind", value="亭")["options"]] == ["bay", "kerb", ""]
    whole = looked(town.chief, seen, *repairs)
    assert (cells(whole), whole["errors"], whole["offers"]) == ((5, 0), [], [])
    assert [one["rows"] for one in whole["repairs"]] == [2, 1, 1, 2, 2, 1, 2, 2, 2, 1, 2, 1]
    assert whole["repairs"][8]["label"]["zh"] == "所有“亭”改为“直线式”"
    assert whole["repairs"][9]["label"]["en"] == "All that read “不详” become “empty”"
    applied(town.chief, whole)
    things = {thing.code: thing for thing in CityObject.objects.all()}
    assert things["A1"].attributes == {
        "road": "路", "kind": "kerb", "seats": 3, "height": 2.5, "lit": True, "built": "2024-01-31",
        "checked": "2024-01-31T00:05:00Z",
    }  # fmt: skip
    assert things["A2"].attributes["built"] == "2024-02-01" and things["A2"].attributes["height"] == 2.5
    assert things["A2"].attributes["seats"] == 12 and things["A3"].attributes["kind"] == "bay"
    assert (things["A4"].west, things["A5"].south, things["A1"].unit_code) == (121.1, 31.05, "bus")


@pytest.mark.django_db
def test_swapped_axes_are_mended_in_shapes_too(town: Town) -> None:
    text = 'code,name,wkt\nP1,一,"LINESTRING (31 121.1, 31 121.11)"\nP2,二,"LINESTRING (11 12, 12 13)"\n'
    seen = looked(town.chief, uploaded(town.chief, text, type_id="test.pipe").json())
    whole = looked(town.chief, seen, taken(offer(seen, "swap_axes")))
    assert (cells(whole), whole["repairs"][0]["rows"]) == ((1, 1), 1)
    feature = (
        '{"type":"Feature","properties":{"code":"%s","name":"x"},"geometry":{"type":"LineString","coordinates":%s}}'
    )
    features = ",".join(
        [feature % ("Q1", "[[31,121.1],[31.01,121.1]]"), feature % ("Q2", "[[121.1,31],[121.1,31.01]]")]
    )
    text = f'{{"type":"FeatureCollection","features":[{features}]}}'
    job = uploaded(town.chief, text, name="管线.geojson", type_id="test.pipe").json()
    seen = looked(town.chief, job)
    applied(town.chief, looked(town.chief, seen, taken(offer(seen, "swap_axes"))))
    assert sorted(CityObject.objects.values_list("code", "west", "north")) == [
        ("Q1", 121.1, 31.01), ("Q2", 121.1, 31.01),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_first_200_of_each_kind_are_shown_and_all_are_counted(town: Town) -> None:
    rows = [f"A{n},站,121.1,31,路,圆,x" for n in range(1, 251)] + ["B1,,121.1,31,路,,"]
    seen = looked(town.chief, uploaded(town.chief, table(*rows)).json())
    shown = [one["code"] for one in seen["errors"]]
    assert {code: shown.count(code) for code in set(shown)} == {
        "not_a_choice": 200,
        "not_an_integer": 200,
        "required": 1,
    }
    assert {one["code"]: one["count"] for one in seen["error_kinds"]} == {
        "not_a_choice": 250, "not_an_integer": 250, "required": 1,
    }  # fmt: skip
    assert seen["errors_total"] == 501
    assert [one["row"] for one in seen["errors"]] == sorted(one["row"] for one in seen["errors"])


@pytest.mark.django_db
def test_a_file_without_faults_has_nothing_offered(town: Town) -> None:
    assert brought(town.chief, table("A1,一,121.1,31,路,,"))["repairs"] == []


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("31/1/2024", "dmy", "2024-01-31"), ("31/1/2024", "mdy", None), ("1/31/24", "mdy", "2024-01-31"),
        ("24.3.5", "ymd", "2024-03-05"), ("5 Mar 2024", "dmy", "2024-03-05"), ("5-September-1999", "dmy", "1999-09-05"),
        ("March 5, 2024", "mdy", "2024-03-05"), ("二〇二四年三月十五日", "ymd", "2024-03-15"),
        ("98年3月5日", "ymd", "1998-03-05"),
        ("2024-02-30", "ymd", None), ("5 Foo 2024", "dmy", None), ("2024/1/31", "dmy", None), ("1/2/3", "ymd", None),
        ("去年", "ymd", None),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_order_said(text: str, order: str, day: str | None) -> None:
    found = date_in_order(text, order)
    assert (found and found.isoformat()) == day
    if day:
        assert moment_in_order(f"{text} 8:05", order) == f"{day} 8:05"


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("12 个", "1", 12), ("2.5m", "m", 2.5), ("2.5 米", "m", 2.5), ("30㎡", "m²", 30), ("250cm", "m", None),
        ("1.2万", "1", 12000), ("3,5", "m", 3.5), ("1.234,56", "m", 1234.56), ("1,234.5 m", "m", 1234.5),
        ("三十五", "1", 35), ("一百零二座", "1", 102), ("十", "1", 10), ("二〇二四", "1", 2024), ("-3,5", "m", -3.5),
        ("约3", "1", None), ("1,23,4", "1", None), ("不详", "1", None), ("12 34", "1", 1234),
    ],
)  # fmt: skip
def test_numbers_are_read_with_units_and_numerals(text: str, unit: str, number: float | None) -> None:
    assert number_in_words(text, unit) == number


def test_tidying_narrows_and_drops_what_is_not_seen() -> None:
    assert tidied("　Ａ１\u200b  b　") == "A1 b"
    assert tidied("港湾　式") == "港湾式"
