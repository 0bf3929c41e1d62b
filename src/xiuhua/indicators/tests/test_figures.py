"""Every measure against a sum done by hand, and every kind of field a row may be asked by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from xiuhua.cases.models import Case, CaseClock, RoundItem, RoundRun
from xiuhua.catalog import catalogue as catalogues
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.indicators.actions import compute
from xiuhua.indicators.models import IndicatorValue
from xiuhua.indicators.tests.conftest import EAST, WEST, lamp, pole
from xiuhua.kernel.objects import Relation
from xiuhua.objects.models import CityObject, FoundLink
from xiuhua.readings.models import Datastream, Latest

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def value(indicator: str, now: datetime = NOW) -> IndicatorValue:
    return compute(f"city.{indicator}", now=now)


def figures(stored: IndicatorValue) -> tuple[float | None, float | None, float | None]:
    return stored.value, stored.numerator, stored.denominator


@pytest.fixture
def lamps(district: None) -> list[CityObject]:
    """Six lamps, one of them not valid any more."""
    return [
        lamp("A", WEST, lit=True, checked="2026-03-01", power=100, cost=10, kind="led"),
        lamp("B", WEST, lit=True, checked="2025-12-31", power=50, cost=20, kind="led"),
        lamp("C", WEST, lit=False, checked="2026-03-01", power=50, kind="sodium"),
        lamp("D", EAST, lit=True, power=200, cost=40, kind="other"),
        lamp("E", EAST, lit=True, checked="2026-11-23", kind="led"),
        lamp("Z", EAST, lit=True, checked="2026-03-01", power=999, valid_to=date(2026, 11, 22)),
    ]


def test_no_row_is_no_data_and_not_zero(district: None) -> None:
    for indicator in ("working", "leds", "power", "mean_cost", "power_p90", "cost_per_power"):
        assert figures(value(indicator)) == (None, None, None)


def test_measures_by_hand(lamps: list[CityObject]) -> None:
    assert figures(value("working")) == (2 / 5, 2, 5)
    assert figures(value("working_power")) == (100 / 400, 100, 400)
    assert figures(value("leds")) == (3, 3, 5)
    assert figures(value("power")) == (400, 400, 4)
    assert figures(value("mean_cost")) == ((10 * 100 + 20 * 50 + 40 * 200) / 350, 10_000, 350)
    assert figures(value("power_p90")) == pytest.approx((170, 170, 4))
    assert figures(value("cost_per_power")) == (70 / 400, 70, 400)


def test_figures_by_town(lamps: list[CityObject]) -> None:
    stored = value("working")
    assert stored.by_area == {
        WEST: {"value": pytest.approx(1 / 3), "numerator": 1, "denominator": 3},
        EAST: {"value": 0.5, "numerator": 1, "denominator": 2},
    }
    assert stored.by_unit == {"lamps": {"value": 0.4, "numerator": 2, "denominator": 5}}


def test_a_thing_counts_only_while_it_is_valid_and_there(lamps: list[CityObject]) -> None:
    assert value("leds", datetime(2026, 11, 21, tzinfo=UTC)).denominator == 6
    CityObject.objects.filter(code="A").update(removed_at=NOW)
    assert value("leds").denominator == 4


def test_streams_and_open_cases(district: None) -> None:
    one, two, three, four = (lamp(code, WEST) for code in "ABCD")
    for thing, silent_at, stream, volts in (
        (one, NOW + timedelta(minutes=1), "beat", None),
        (two, NOW - timedelta(minutes=1), "beat", None),
        (four, NOW + timedelta(minutes=1), "beat", None),
        (one, NOW, "volts", 220.0),
        (two, NOW, "volts", 190.0),
    ):
        datastream = Datastream.objects.create(
            object_id=thing.id, object_code=thing.code, stream=f"city.lamp.{stream}", area_path=WEST
        )
        Latest.objects.create(datastream=datastream, at=NOW, value=volts, received_at=NOW, silent_at=silent_at)
    case(four, "1", kind="open", state="sent")
    assert figures(value("reporting")) == (1 / 4, 1, 4)
    assert figures(value("powered")) == (1 / 4, 1, 4)
    assert three.code == "C"


def test_links_are_walked_either_way(district: None) -> None:
    sound, broken, bare = pole("P", WEST, sound=True), pole("Q", WEST, sound=False), pole("R", WEST, sound=True)
    lamp("A", WEST, pole=sound, lit=False)
    lamp("B", WEST, pole=broken, lit=True)
    lamp("C", WEST)
    lamp("D", WEST, pole=bare, lit=True, removed_at=timezone.now())
    assert figures(value("on_sound_poles")) == (1 / 3, 1, 3)
    assert figures(value("poles_alight")) == (1 / 3, 1, 3)


def case(on: CityObject, number: str, *, kind: str, state: str, **more: object) -> Case:
    return Case.objects.create(
        number=number, type="city.repair", state=state, kind=kind, title=f"修{number}", object_id=on.id,
        source="site", area_path=on.area_path, unit_code="lamps", opened_by="x", origin="site", **more,
    )  # fmt: skip


def test_links_found_by_geometry_are_walked_as_well(district: None, catalogue: Catalogue) -> None:
    declared = catalogue.objects["city.lamp"]
    (link,) = declared.links
    near = replace(declared, links=(replace(link, relation=Relation.NEAR, within_m=20.0),))
    catalogues.install(replace(catalogue, objects={**catalogue.objects, "city.lamp": near}))
    sound, broken = pole("P1", WEST, sound=True), pole("P2", WEST, sound=False)
    for code, on in (("L1", sound), ("L2", broken), ("L3", None)):
        one = lamp(code, WEST, lit=True)
        if on is not None:
            FoundLink.objects.create(link="city.lamp.pole", source=one, target=on)
    stored = lamp("L4", WEST, pole=sound, lit=True)
    assert figures(value("on_sound_poles")) == (1 / 4, 1, 4), "what is stored by key does not count for such a link"
    FoundLink.objects.create(link="city.lamp.pole", source=stored, target=sound)
    assert figures(value("on_sound_poles")) == (2 / 4, 2, 4)


def test_cases_their_clocks_and_the_things_they_stand_on(lamps: list[CityObject]) -> None:
    closed = [
        case(lamps[n], str(n), kind="done", state="closed", closed_at=NOW, fields={"parts": n + 1}) for n in (0, 1, 2)
    ]
    case(lamps[3], "9", kind="open", state="sent", fields={"parts": 50})
    for one, kept in ((closed[0], True), (closed[1], True), (closed[1], False), (closed[2], None)):
        CaseClock.objects.create(case=one, clock="sent", started_at=NOW, kept=kept)
    assert figures(value("in_time")) == (1 / 3, 1, 3)
    assert figures(value("parts")) == (3, 3, 2)


def test_round_items_and_rounds(lamps: list[CityObject]) -> None:
    held = [
        RoundRun.objects.create(round="city.patrol", title=title, area_path=WEST, opened_by="x", outcome=outcome)
        for title, outcome in (("一", "accepted"), ("二", "rejected"), ("三", ""))
    ]
    for one, form in zip(lamps, ({"result": "ok"}, {"result": "bad"}, {}), strict=False):
        RoundItem.objects.create(
            round_run=held[0], round="city.patrol", object_id=one.id, object_code=one.code, object_name=one.name,
            area_path=one.area_path, form=form,
        )  # fmt: skip
    assert figures(value("patrolled")) == (1 / 2, 1, 2)
    assert figures(value("accepted")) == (1, 1, 3)


def test_moments_are_those_of_the_question(district: None) -> None:
    lamp("A", WEST, checked="2026-11-24", seen="2026-11-23T03:00:00+00:00")
    lamp("B", WEST, checked="2026-11-23", seen="2026-11-23T05:00:00+00:00")
    assert figures(value("checked_lately")) == (0, 0, 2)
    # 16:30 UTC is already the next day in Beijing.
    assert figures(value("checked_lately", datetime(2026, 11, 23, 16, 30, tzinfo=UTC))) == (1, 2, 2)
    assert figures(value("checked_lately", datetime(2026, 11, 23, 4, 59, tzinfo=UTC))) == (0, 0, 2)


def test_a_value_of_the_wrong_kind_counts_as_missing(district: None) -> None:
    lamp("A", WEST, lit="yes", checked="soon", power="strong")
    assert figures(value("working")) == (0, 0, 1)
    assert figures(value("power")) == (None, None, None)
