"""What two people of different towns get from every endpoint, and how values are kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client

from xiuhua.cases.models import Case
from xiuhua.indicators import jobs, queries
from xiuhua.indicators.actions import compute, forget, mark_stale
from xiuhua.indicators.models import IndicatorValue, RowSet, Stale
from xiuhua.indicators.tests.conftest import DISTRICT, EAST, WEST, lamp, signed_in
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.words import Act, Privacy
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.models import CityObject
from xiuhua.people.live import may_hear

pytestmark = pytest.mark.django_db
NOW = datetime(2024, 11, 22, 4, tzinfo=UTC)
WORKING = "/api/indicators/city.working"


@dataclass(frozen=True, kw_only=True)
class People:
    west: Client
    east: Client
    chief: Client
    crew: Client


@pytest.fixture
def people(district: None) -> People:
    return People(
        west=signed_in("west", "town_staff", "310117001"),
        east=signed_in("east", "town_staff", "310117002"),
        chief=signed_in("chief", "leader", "310117"),
        crew=signed_in("crew", "handler", "310117", unit="west", own_unit_only=True),
    )


@pytest.fixture
def lamps(district: None) -> Iterator[list[CityObject]]:
    """Three lamps in the west, one of them the west town's own, two in the east; the indicator computed."""
    made = [
        lamp("A", WEST, lit=True, checked="2026-03-01", cost=5),
        lamp("B", WEST, lit=False, checked="2026-03-01", cost=7),
        lamp("C", WEST, unit="west", checked="2026-03-01"),
        lamp("D", EAST, lit=True, checked="2026-03-01"),
        lamp("E", EAST, lit=True, checked="2025-03-01"),
    ]
    compute("city.working", now=NOW)
    yield made


def read(client: Client, path: str, must: int = 200, **query: str | int) -> Any:
    answer = client.get(path, query)
    assert answer.status_code == must, answer.content.decode()
    return answer.json()


def test_the_number_is_that_of_what_one_sees(people: People, lamps: list[CityObject]) -> None:
    asked = {name: read(client, WORKING) for name, client in vars(people).items()}
    shares = {name: (one["numerator"], one["denominator"]) for name, one in asked.items()}
    assert shares == {"west": (1, 3), "east": (1, 2), "chief": (2, 5), "crew": (0, 1)}
    assert asked["chief"]["value"] == pytest.approx(0.4)
    assert asked["west"]["label"] == {"zh": "亮灯率", "en": "Lit"}
    elsewhere = signed_in("other", "handler", "310117", unit="east", own_unit_only=True)
    assert read(elsewhere, WORKING)["value"] is None
    assert read(people.crew, WORKING, area=EAST)["value"] is None
    assert read(people.chief, WORKING, area=WEST)["denominator"] == 3
    assert read(people.chief, WORKING, area="310117001", unit="west")["denominator"] == 1
    assert read(people.east, WORKING, area=WEST)["value"] is None
    assert read(people.chief, WORKING, period="2024-11")["value"] is None
    assert read(people.chief, WORKING, 422, period="November")["code"] == "indicators.period"
    assert read(people.chief, "/api/indicators/city.unknown", 404)["code"] == "catalog.unknown"
    assert Client().get(WORKING).status_code == 401


def test_ranking_and_trend(people: People, lamps: list[CityObject]) -> None:
    def towns(client: Client) -> dict[str, float]:
        return {one["area_name"]: one["denominator"] for one in read(client, f"{WORKING}/by-area")}

    assert towns(people.chief) == {"西镇": 3, "东镇": 2}
    assert towns(people.west) == {"西镇": 3}
    assert towns(people.east) == {"东镇": 2}
    units = {one["unit_code"]: one["denominator"] for one in read(people.chief, f"{WORKING}/by-unit")}
    assert units == {"lamps": 4, "west": 1}
    assert {one["unit_code"] for one in read(people.crew, f"{WORKING}/by-unit")} == {"west"}

    CityObject.objects.filter(code="B").update(attributes={"lit": True, "checked": "2026-03-01"})
    compute("city.working", now=datetime.now(UTC))
    for client, last in ((people.chief, 3), (people.west, 2), (people.east, 1)):
        points = read(client, f"{WORKING}/trend", months=120)
        assert points[-1]["numerator"] == last
        assert points[-1]["value_id"]


def test_the_trend_is_that_of_the_area_and_unit(people: People, district: None) -> None:
    def points(client: Client, area: str = "", unit: str = "") -> list[tuple[float, float] | None]:
        found = read(client, f"{WORKING}/trend", months=120, area=area, unit=unit)
        return [None if one["value"] is None else (one["numerator"], one["denominator"]) for one in found]

    one = lamp("A", EAST, lit=True, checked="2026-03-01")
    compute("city.working", now=NOW - timedelta(days=2))
    lamp("B", WEST, unit="west", lit=True, checked="2026-03-01")
    # 00:30 in Beijing, still the day before in UTC: a day of its own, told apart from the next value by its date here.
    compute("city.working", now=NOW.replace(hour=16, minute=30) - timedelta(days=2))
    lamp("C", WEST, lit=False, checked="2026-03-01")
    compute("city.working", now=NOW)
    CityObject.objects.filter(id=one.id).update(removed_at=NOW)
    compute("city.working", now=NOW + timedelta(days=1))

    assert points(people.chief) == [(1, 1), (2, 2), (2, 3), (1, 2)]
    assert points(people.chief, area=WEST) == [None, (1, 1), (1, 2), (1, 2)]
    assert points(people.chief, area="310117002") == [(1, 1), (1, 1), (1, 1), None]
    assert points(people.chief, unit="west") == [None, (1, 1), (1, 1), (1, 1)]
    assert points(people.chief, area=WEST, unit="lamps") == [None, None, (0, 1), (0, 1)]
    assert points(people.east, area=WEST) == [None] * 4
    assert points(people.crew, unit="lamps") == [None] * 4
    assert (
        read(people.chief, WORKING, area=WEST)["value"]
        == read(people.chief, f"{WORKING}/trend", months=120, area=WEST)[-1]["value"]
    )


def test_rows_with_their_reasons_and_cases(people: People, lamps: list[CityObject]) -> None:
    for number, kind in (("1", "open"), ("2", "done")):
        Case.objects.create(
            number=number, type="city.repair", state="sent", kind=kind, title="修", object_id=lamps[1].id,
            source="site", area_path=WEST, unit_code="lamps", opened_by="x", origin="site", due_at=NOW,
            at_risk_at=NOW - timedelta(minutes=15), paused=True,
        )  # fmt: skip
    rows = read(people.chief, f"{WORKING}/rows", passes="false")
    assert [row["code"] for row in rows["items"]] == ["B", "C", "E"]
    reasons = {row["code"]: (row["passes"], row["reason"]["zh"], row["reason"]["en"]) for row in rows["items"]}
    assert reasons == {
        "B": (False, "亮灯为“否”", 'Lit is "no"'),
        "C": (None, "未登记亮灯", "Lit not recorded"),
        "E": (False, "检查日期 2025-03-01，早于 2026-01-01", "Checked 2025-03-01, before 2026-01-01"),
    }
    assert {row["code"]: row["reason_kind"]["zh"] for row in rows["items"]} == {
        "B": "亮灯为“否”", "C": "未登记亮灯", "E": "检查日期早于 2026-01-01",
    }  # fmt: skip
    (case,) = rows["items"][0]["cases"]
    assert (case["number"], case["state_label"]["zh"]) == ("1", "处置")
    # The clock beside the row is that of the case's own page.
    assert (case["at_risk_at"], case["paused"]) == ("2024-11-22T03:45:00Z", True)
    assert [row["code"] for row in read(people.west, f"{WORKING}/rows")["items"]] == ["A", "B", "C"]
    assert [row["code"] for row in read(people.east, f"{WORKING}/rows")["items"]] == ["D", "E"]
    assert [row["code"] for row in read(people.crew, f"{WORKING}/rows")["items"]] == ["C"]
    page = read(people.chief, f"{WORKING}/rows", page=2, size=2)
    assert (page["total"], [row["code"] for row in page["items"]]) == (5, ["C", "D"])


def test_a_value_opens_its_rows_as_they_were(people: People, lamps: list[CityObject]) -> None:
    before = read(people.chief, WORKING)["value_id"]
    CityObject.objects.filter(code="A").update(attributes={"lit": False, "checked": "2026-03-01"})
    compute("city.working", now=NOW + timedelta(minutes=1))
    assert [row["code"] for row in read(people.chief, f"{WORKING}/rows", passes="true")["items"]] == ["D"]
    then = read(people.chief, f"{WORKING}/rows", value_id=before, passes="true")
    assert [row["code"] for row in then["items"]] == ["A", "D"]
    assert read(people.east, f"{WORKING}/rows", value_id=before, passes="true")["total"] == 1
    assert read(people.chief, f"{WORKING}/rows", 404, value_id=10**9)["code"] == "indicators.no_value"


def test_export_takes_out_only_what_one_may(people: People, lamps: list[CityObject]) -> None:
    def codes(client: Client, **query: str) -> list[str]:
        answer = client.get(f"{WORKING}/export", {"format": "csv", **query})
        assert answer.status_code == 200
        return [line.split(",")[0] for line in answer.content.decode("utf-8-sig").splitlines()[1:]]

    assert codes(people.chief) == ["A", "B", "C", "D", "E"]
    assert codes(people.west, passes="false") == ["B", "C"]
    assert codes(people.east) == ["D", "E"]
    assert people.crew.get(f"{WORKING}/export").status_code == 403
    book = openpyxl.load_workbook(io.BytesIO(people.east.get(f"{WORKING}/export", {"format": "xlsx"}).content))
    assert [row[0].value for row in book.worksheets[0].iter_rows()] == ["编号", "D", "E"]
    assert History.objects.filter(entity="indicator", action="exported").count() == 4


def test_a_figure_that_one_may_not_read_stays_hidden_in_rows(lamps: list[CityObject]) -> None:
    compute("city.mean_cost", now=NOW)

    def values(sees: Privacy) -> list[float | None]:
        grant = Grant(post="guest", unit="", area_path=WEST, acts=frozenset({Act.SEE}), sees=sees)
        guest = Actor(code="guest", name="guest", grants=(grant,))
        page = queries.rows(guest, "city.mean_cost", queries.Narrowed(), passes=None, value_id=None, window=slice(0, 9))
        return [row.value for row in page.rows]

    assert values(Privacy.INTERNAL) == [5, 7, None]
    assert values(Privacy.PUBLIC) == [None, None, None]


def test_recompute_is_for_those_who_may(people: People, lamps: list[CityObject]) -> None:
    CityObject.objects.filter(code="E").update(attributes={"lit": True, "checked": "2026-03-01"})
    assert people.crew.post(f"{WORKING}/recompute").status_code == 403
    answer = people.east.post(f"{WORKING}/recompute")
    assert (answer.status_code, answer.json()["numerator"]) == (200, 2)
    assert History.objects.filter(entity="indicator", action="recomputed").count() == 1


def test_unchanged_rows_are_kept_once(lamps: list[CityObject]) -> None:
    first = compute("city.working", now=NOW)
    assert compute("city.working", now=NOW + timedelta(hours=1)).pk == first.pk
    tomorrow = compute("city.working", now=NOW + timedelta(days=1))
    assert tomorrow.pk != first.pk
    assert tomorrow.row_sets == first.row_sets
    assert RowSet.objects.count() == 2
    CityObject.objects.filter(code="D").update(attributes={})
    changed = compute("city.working", now=NOW + timedelta(days=1, hours=1))
    assert changed.row_sets[WEST] == first.row_sets[WEST]
    assert changed.row_sets[EAST] != first.row_sets[EAST]
    told = Outbox.objects.filter(topic="indicator.computed").order_by("id").values_list("area_path", flat=True)
    assert list(told) == [WEST, EAST, DISTRICT, EAST]


def test_those_who_see_part_of_a_town_are_told_of_their_own_rows(district: None) -> None:
    here, there = f"{WEST}310117001001/", f"{WEST}310117001002/"
    for code, path, unit in (("A", here, "lamps"), ("B", there, "west")):
        lamp(code, path, unit=unit, lit=True, checked="2026-03-01")
    compute("city.working", now=NOW)
    CityObject.objects.filter(code="B").update(attributes={"lit": False, "checked": "2026-03-01"})
    compute("city.working", now=NOW + timedelta(hours=1))
    CityObject.objects.filter(code="A").update(area_path=there)
    compute("city.working", now=NOW + timedelta(hours=2))
    told = Outbox.objects.filter(topic="indicator.computed").order_by("id")
    assert [event.payload["places"] for event in told] == [
        [[here, "lamps"], [there, "west"]], [[there, "west"]], [[here, "lamps"], [there, "lamps"]],
    ]  # fmt: skip
    crew = Actor(
        code="crew", name="crew",
        grants=(Grant(post="p", unit="u", area_path=here, acts=frozenset({Act.SEE}), sees=Privacy.PUBLIC),),
    )  # fmt: skip
    assert [may_hear(crew, {**event.payload, "area_path": event.area_path}) for event in told] == [True, False, True]


def test_old_values_shrink_to_the_last_of_each_day(lamps: list[CityObject]) -> None:
    for hour, lit in ((1, False), (2, True), (3, False)):
        CityObject.objects.filter(code="D").update(attributes={"lit": lit})
        compute("city.working", now=NOW + timedelta(hours=hour))
    compute("city.working", now=NOW + timedelta(days=1))
    forget(before=NOW + timedelta(days=2))
    assert [one.at for one in IndicatorValue.objects.order_by("at")] == [
        NOW + timedelta(hours=3),
        NOW + timedelta(days=1),
    ]
    kept = {digest for one in IndicatorValue.objects.all() for digest in one.row_sets.values()}
    assert set(RowSet.objects.values_list("hash", flat=True)) == kept


def test_a_change_marks_what_reads_it_and_the_sweep_computes_it(lamps: list[CityObject]) -> None:
    def marked(topic: str, **payload: object) -> set[str]:
        Stale.objects.all().delete()
        for handler in jobs.HANDLERS[topic]:
            handler(payload)
        return {one.removeprefix("city.") for one in Stale.objects.values_list("indicator", flat=True)}

    assert marked("object.changed", type="city.pole") == {"on_sound_poles", "poles_alight"}
    assert marked("case.moved", type="city.repair") == {"reporting", "in_time", "parts"}
    assert marked("round.changed", type="city.patrol") == {"patrolled", "accepted"}
    assert "working" in marked("objects.imported", type="city.lamp")
    assert marked("alarm.raised", rule="city.unknown") == set()

    mark_stale(["city.working"])
    jobs._computed_at.clear()
    jobs.compute_stale()
    assert set(IndicatorValue.objects.values_list("indicator", flat=True)) >= {"city.working", "city.accepted"}
    before = IndicatorValue.objects.filter(indicator="city.working").count()
    CityObject.objects.filter(code="A").update(attributes={})
    mark_stale(["city.working"])
    jobs.compute_stale()
    assert Stale.objects.filter(indicator="city.working").exists(), "at most one value in ten seconds"
    jobs._computed_at.clear()
    jobs.compute_stale()
    assert not Stale.objects.exists()
    assert IndicatorValue.objects.filter(indicator="city.working").count() == before + 1
