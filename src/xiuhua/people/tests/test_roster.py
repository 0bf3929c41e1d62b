"""Who is on duty when: times of day, working days, over midnight, dates; and who may write the roster."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, datetime, time

import pytest

from xiuhua.engines.working_time.calendar import BEIJING, CalendarMissing
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.errors import Invalid, NotFound, Refused
from xiuhua.kernel.words import Act, Privacy
from xiuhua.ledger.models import History
from xiuhua.people.actions import ShiftWanted, add_shift, remove_shift
from xiuhua.people.models import Shift
from xiuhua.people.queries import roster, shifts_at

from .conftest import ROOT, SIJING, YUEYANG, Browser, person

pytestmark = pytest.mark.django_db
DAYTIME = ShiftWanted(
    post="town_staff", unit=f"town-{YUEYANG}", area=YUEYANG, step=1, within_min=5, days="working", begins=time(8, 30),
    ends=time(17, 30),
)  # fmt: skip
NIGHT = replace(DAYTIME, days="every", begins=time(17, 30), ends=time(8, 30), step=2)


def working(day: date) -> bool:
    if day.year != 2026:
        raise CalendarMissing(day.year)
    return day.weekday() < 5


def chief(area: str, unit: str, *, own_unit_only: bool = False) -> Actor:
    grant = Grant(
        post="duty_chief", unit=unit, area_path=area, acts=frozenset({Act.SEE, Act.TUNE_RULES}),
        sees=Privacy.INTERNAL, own_unit_only=own_unit_only,
    )  # fmt: skip
    return Actor(code="chief", name="值班长", grants=(grant,))


def on(day: int, hour: int, minute: int = 0, *, year: int = 2026) -> list[int]:
    """Return the steps on duty at a moment of November."""
    return [shift.step for shift in shifts_at(datetime(year, 11, day, hour, minute, tzinfo=BEIJING), working)]


def test_the_day_the_night_and_the_days_off(district: None) -> None:
    add_shift(ROOT, DAYTIME)
    add_shift(ROOT, NIGHT)
    add_shift(ROOT, replace(DAYTIME, step=3, days="other"))
    thursday, saturday = 26, 28
    assert [on(thursday, hour, 30) for hour in (7, 8, 16, 17, 23)] == [[2], [1], [1], [2], [2]]
    assert [on(saturday, hour, 30) for hour in (7, 8, 17)] == [[2], [3], [2]]


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on(district: None) -> None:
    add_shift(ROOT, replace(NIGHT, days="working"))
    assert on(28, 3) == [2], "Friday's night"
    assert on(30, 3) == [], "Sunday's"
    add_shift(ROOT, replace(NIGHT, step=4, first_day=date(2026, 11, 28), last_day=date(2026, 11, 28)))
    assert [on(day, 3) for day in (28, 29, 30)] == [[2], [4], []]


def test_a_year_without_its_calendar_leaves_out_what_asks_for_it_alone(
    district: None, caplog: pytest.LogCaptureFixture
) -> None:
    add_shift(ROOT, DAYTIME)
    add_shift(ROOT, replace(DAYTIME, step=2, days="every"))
    assert on(2, 9, year=2031) == [2]
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == ["shift left out"]


def test_a_line_is_written_by_who_tunes_rules_there_and_history_says_so(district: None) -> None:
    town = chief(f"310117/{YUEYANG}/", f"town-{YUEYANG}")
    kept = add_shift(town, DAYTIME)
    with pytest.raises(NotFound):
        add_shift(town, replace(DAYTIME, area=SIJING))
    with pytest.raises(Refused):
        add_shift(replace(town, grants=(replace(town.grants[0], acts=frozenset({Act.SEE})),)), DAYTIME)
    own = chief(f"310117/{YUEYANG}/", f"town-{YUEYANG}", own_unit_only=True)
    with pytest.raises(NotFound):
        add_shift(own, DAYTIME)
    add_shift(own, replace(DAYTIME, own_unit_only=True))
    assert roster(town).count() == 2
    assert not roster(chief(f"310117/{SIJING}/", f"town-{SIJING}")).exists()
    with pytest.raises(NotFound):
        remove_shift(chief(f"310117/{SIJING}/", f"town-{SIJING}"), kept.id)
    with pytest.raises(NotFound):
        remove_shift(own, kept.id)
    remove_shift(town, kept.id)
    told = History.objects.filter(entity="shift", entity_id=str(kept.id)).order_by("id")
    assert list(told.values_list("action", "actor")) == [("put_on_duty", "chief"), ("taken_off_duty", "chief")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"post": "handler"}, "post_handles_no_alarm"), ({"post": "nobody"}, "no_post"), ({"unit": "x"}, "no_unit"),
        ({"area": "x"}, "no_area"), ({"days": "monday"}, "shift_days"), ({"step": 0}, "shift_numbers"),
        ({"within_min": 0}, "shift_numbers"),
        ({"first_day": date(2026, 2, 2), "last_day": date(2026, 2, 1)}, "shift_dates"),
        ({"begins": time(8, tzinfo=BEIJING)}, "shift_times"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_refused(district: None, wrong: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        add_shift(ROOT, ShiftWanted(**{**asdict(DAYTIME), **wrong}))
    assert not Shift.objects.exists()


def test_the_roster_over_http(district: None) -> None:
    person("zhiban", "duty_chief", YUEYANG)
    browser = Browser()
    browser.sign_in("zhiban")
    line = {"post": "duty_chief", "unit": f"town-{YUEYANG}", "area": YUEYANG, "begins": "17:30", "ends": "08:30"}
    answer = browser.call("POST", "/roster", line)
    assert answer.status_code == 201, answer.content
    (shown,) = browser.get("/roster")
    assert (shown["begins"], shown["ends"], shown["within_min"], shown["days"]) == ("17:30:00", "08:30:00", 5, "every")
    assert json.loads(browser.call("POST", "/roster", {**line, "step": 12}).content)["code"] == "people.shift_numbers"
    assert browser.call("DELETE", f"/roster/{shown['id']}").status_code == 204
    assert browser.get("/roster") == []
