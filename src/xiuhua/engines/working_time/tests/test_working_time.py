"""Working time proved by closed forms, by an independent minute walk, and by the published notices of 2024 to 2026."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiuhua.engines.working_time import CalendarMissing, Year, add, at_risk, between, published_calendar, resume
from xiuhua.kernel.durations import DAYS, HOURS, MINUTES, WORKING_DAYS, WORKING_HOURS, Duration, Kind

CALENDAR = published_calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shown(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2026-11-23 09:00", WORKING_HOURS(2), "2026-11-23 11:00"),
        ("2026-11-23 11:00", WORKING_HOURS(2), "2026-11-23 14:00"),
        ("2026-11-23 17:30", WORKING_HOURS(1), "2026-11-24 09:30"),
        ("2026-11-23 10:00", WORKING_HOURS(7), "2026-11-23 18:00"),
        ("2026-11-20 17:00", WORKING_HOURS(2), "2026-11-23 10:00"),
        ("2026-11-22 03:00", WORKING_HOURS(4), "2026-11-23 14:00"),
        ("2026-11-23 20:00", WORKING_HOURS(8), "2026-11-24 18:00"),
        ("2026-11-23 10:00", WORKING_DAYS(1), "2026-11-24 18:00"),
        ("2026-11-20 23:59", WORKING_DAYS(1), "2026-11-23 18:00"),
        ("2026-11-20 10:00", WORKING_DAYS(5), "2026-11-27 18:00"),
        ("2026-11-23 10:00", WORKING_DAYS(0.5), "2026-11-24 18:00"),
        ("2026-11-23 10:00", HOURS(30), "2026-11-24 16:00"),
        ("2026-11-21 10:00", DAYS(1), "2026-11-22 10:00"),
        # across the National Day week of 2026: 1 to 7 October off, 20 September and 10 October worked
        ("2026-09-30 17:00", WORKING_HOURS(2), "2026-10-08 10:00"),
        ("2026-09-30 10:00", WORKING_DAYS(3), "2026-10-10 18:00"),
        # across the Spring Festival of 2026: 15 to 23 February off, 14 and 28 February worked
        ("2026-02-13 17:00", WORKING_HOURS(2), "2026-02-14 10:00"),
        ("2026-02-14 17:00", WORKING_HOURS(2), "2026-02-24 10:00"),
    ],
)
def test_closed_forms(start: str, limit: Duration, due: str) -> None:
    assert shown(add(local(start), limit, CALENDAR)) == due


# State Council notices 国办发明电〔2023〕7号 (2024), 〔2024〕12号 (2025) and 〔2025〕7号 (2026): weekends to be worked.
MAKE_UP_DAYS = {
    2024: ("02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"),
    2025: ("01-26", "02-08", "04-27", "09-28", "10-11"),
    2026: ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
}
WEEKDAYS_OFF = {
    2024: ("01-01", "02-12", "02-16", "04-04", "04-05", "05-01", "05-03", "06-10", "09-16", "09-17", "10-01", "10-07"),
    2025: ("01-01", "01-28", "02-04", "04-04", "05-01", "05-05", "06-02", "10-01", "10-08"),
    2026: ("01-01", "01-02", "02-16", "02-23", "04-06", "05-01", "05-05", "06-19", "09-25", "10-01", "10-07"),
}


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_published_make_up_days(year: int) -> None:
    weekends = {
        day
        for day in (date(year, 1, 1) + timedelta(days=offset) for offset in range(366))
        if day.year == year and day.weekday() >= 5 and CALENDAR.is_working(day)
    }
    assert weekends == {date.fromisoformat(f"{year}-{day}") for day in MAKE_UP_DAYS[year]}
    for day in WEEKDAYS_OFF[year]:
        assert not CALENDAR.is_working(date.fromisoformat(f"{year}-{day}"))


def walked(start: datetime, end: datetime) -> int:
    """Count working minutes one by one, with the library's own answer for each day and nothing of ours."""
    minutes = 0
    at = start
    while at < end:
        here = at.astimezone(SHANGHAI)
        minutes += chinese_calendar.is_workday(here.date()) and (9 <= here.hour < 12 or 13 <= here.hour < 18)
        at += timedelta(minutes=1)
    return minutes


def test_against_a_minute_walk() -> None:
    chance = random.Random(20261123)
    for _ in range(30):
        start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(60 * 24 * 1050))
        end = start + timedelta(minutes=chance.randrange(60 * 24 * 20))
        minutes = walked(start, end)
        assert between(start, end, CALENDAR) == minutes * 60
        if minutes:
            due = add(start, WORKING_HOURS(minutes / 60), CALENDAR)
            assert due <= end
            assert walked(start, due) == minutes


moments = st.integers(0, 60 * 24 * 880).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(moments, st.floats(0.01, 200))
def test_what_is_added_lies_between(start: datetime, hours: float) -> None:
    due = add(start, WORKING_HOURS(hours), CALENDAR)
    assert between(start, due, CALENDAR) == pytest.approx(hours * 3600, abs=1e-3)
    risk = at_risk(start, due, WORKING_HOURS(hours), CALENDAR)
    assert start <= risk <= due
    left = between(risk, due, CALENDAR)
    assert left == pytest.approx(min(hours * 1800, max(hours * 720, 1800)), abs=1e-3)


@given(moments, st.integers(1, 30))
def test_a_day_limit_never_ends_before_its_hours(start: datetime, days: int) -> None:
    due = add(start, WORKING_DAYS(days), CALENDAR)
    assert between(start, due, CALENDAR) >= days * CALENDAR.day_seconds


@given(moments, st.floats(0.5, 40), st.floats(0, 1), st.integers(0, 60 * 24 * 30))
def test_a_pause_leaves_what_was_left(start: datetime, hours: float, part: float, minutes: int) -> None:
    due = add(start, WORKING_HOURS(hours), CALENDAR)
    paused = start + (due - start) * part
    resumed = paused + timedelta(minutes=minutes)
    moved = resume(due, paused, resumed, Kind.WORKING_HOURS, CALENDAR)
    if paused < due:
        assert between(resumed, moved, CALENDAR) == pytest.approx(between(paused, due, CALENDAR), abs=1e-3)
    else:
        assert moved == due


def test_a_pause_over_days() -> None:
    due = local("2026-11-26 18:00")
    moved = resume(due, local("2026-11-23 10:00"), local("2026-11-25 10:00"), Kind.WORKING_DAYS, CALENDAR)
    assert shown(moved) == "2026-11-30 18:00"
    same = resume(due, local("2026-11-23 10:00"), local("2026-11-23 16:00"), Kind.WORKING_DAYS, CALENDAR)
    assert same == due
    calendar = resume(due, local("2026-11-23 10:00"), local("2026-11-24 10:00"), Kind.CALENDAR, CALENDAR)
    assert shown(calendar) == "2026-11-27 18:00"


def test_at_risk_in_calendar_time() -> None:
    start = local("2026-11-23 10:00")
    assert shown(at_risk(start, start + timedelta(hours=10), HOURS(10), CALENDAR)) == "2026-11-23 18:00"
    assert shown(at_risk(start, start + timedelta(hours=1), HOURS(1), CALENDAR)) == "2026-11-23 10:30"
    assert shown(at_risk(start, start + timedelta(minutes=30), MINUTES(30), CALENDAR)) == "2026-11-23 10:15"
    assert shown(at_risk(start, start + timedelta(minutes=20), MINUTES(20), CALENDAR)) == "2026-11-23 10:10"
    late = start + timedelta(minutes=25)
    assert at_risk(late, start + timedelta(minutes=30), MINUTES(30), CALENDAR) == late


def test_a_year_without_its_calendar_is_a_fault() -> None:
    with pytest.raises(CalendarMissing) as caught:
        add(local("2099-01-04 10:00"), WORKING_HOURS(1), CALENDAR)
    assert caught.value.year == 2099
    assert caught.value.params == {"year": 2099}
    assert CALENDAR.missing_years(local("2026-10-31 23:00")) == ()
    assert CALENDAR.missing_years(local("2098-12-01 00:00")) == (2098, 2099)
    known = published_calendar({2099: Year(holidays=frozenset({date(2099, 1, 5)}), make_up_days=frozenset())})
    assert shown(add(local("2099-01-02 17:30"), WORKING_HOURS(1), known)) == "2099-01-06 09:30"
    assert known.missing_years(local("2099-03-01 00:00")) == ()
