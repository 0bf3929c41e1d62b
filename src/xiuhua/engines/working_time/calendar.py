"""Which days and hours are worked: weekends, public holidays and make-up days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import chinese_calendar

from xiuhua.kernel.errors import Fault

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one offset without summer time since 1992."""

OFFICE_HOURS = ((time(9), time(12)), (time(13), time(18)))
"""Eight working hours a day; 待核: each city sets its own."""


class CalendarMissing(Fault):
    """A year's holidays are not known; params name the year."""

    def __init__(self, year: int) -> None:
        super().__init__("working_time.calendar_missing", year=year)
        self.year = year


@dataclass(frozen=True, kw_only=True, slots=True)
class Year:
    """One year's notice: days off (weekend days may be among them) and weekend days that are worked."""

    holidays: frozenset[date]
    make_up_days: frozenset[date]


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingCalendar:
    """The years whose notices are known, and the hours of a working day in Beijing time, in order."""

    years: Mapping[int, Year]
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS

    def is_working(self, day: date) -> bool:
        """Return whether the day is worked; raises CalendarMissing."""
        year = self.years.get(day.year)
        if year is None:
            raise CalendarMissing(day.year)
        return day in year.make_up_days or (day.weekday() < 5 and day not in year.holidays)

    @property
    def day_seconds(self) -> float:
        """Return the working seconds of one working day."""
        return sum((_on(date.min, end) - _on(date.min, start)).total_seconds() for start, end in self.hours)

    def spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the day's worked spans, in order; raises CalendarMissing."""
        if not self.is_working(day):
            return ()
        return tuple((_on(day, start), _on(day, end)) for start, end in self.hours)

    def missing_years(self, now: datetime) -> tuple[int, ...]:
        """Return the years a site needs and this calendar lacks: this one and, once the State Council has had until
        November to publish it, the next.
        """
        today = now.astimezone(BEIJING)
        needed = (today.year, today.year + 1) if today.month >= 11 else (today.year,)
        return tuple(year for year in needed if year not in self.years)


def published_calendar(
    extra: Mapping[int, Year] | None = None, hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
) -> WorkingCalendar:
    """Return the calendar of all notices held by the library chinesecalendar, with `extra` years laid over them."""
    known = {day.year for day in chinese_calendar.holidays}
    years = {
        year: Year(
            holidays=frozenset(day for day in chinese_calendar.holidays if day.year == year),
            make_up_days=frozenset(day for day in chinese_calendar.workdays if day.year == year),
        )
        for year in known
    }
    return WorkingCalendar(years={**years, **(extra or {})}, hours=hours)


def _on(day: date, at: time) -> datetime:
    return datetime.combine(day, at, BEIJING)
