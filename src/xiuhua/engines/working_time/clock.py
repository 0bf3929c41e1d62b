"""Adding and measuring limits in calendar time, working hours and working days."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from xiuhua.engines.working_time.calendar import BEIJING, WorkingCalendar
from xiuhua.kernel.durations import WORKING_HOURS, Duration, Kind

RISK_SHARE = 0.2
RISK_SECONDS = 1800.0
RISK_MOST = 0.5


def add(start: datetime, duration: Duration, calendar: WorkingCalendar) -> datetime:
    """Return the moment the duration ends, UTC.

    Working hours run only in the calendar's hours. Working days follow the Civil Code, articles 201 and 203 (待核 for
    each city's own rule): the day of the start does not count, and the last day ends with its working hours; a part of
    a day counts as a whole one. Raises CalendarMissing.
    """
    match duration.kind:
        case Kind.CALENDAR:
            return start.astimezone(UTC) + timedelta(seconds=duration.amount)
        case Kind.WORKING_HOURS:
            return _after_seconds(start, duration.amount * 3600, calendar)
        case Kind.WORKING_DAYS:
            return _after_days(start, math.ceil(duration.amount), calendar)


def between(start: datetime, end: datetime, calendar: WorkingCalendar) -> float:
    """Return the working seconds from start to end, 0 if the end is not later; raises CalendarMissing."""
    total = 0.0
    day = start.astimezone(BEIJING).date()
    last = end.astimezone(BEIJING).date()
    while day <= last:
        for opens, closes in calendar.spans(day):
            total += max(0.0, (min(closes, end) - max(opens, start)).total_seconds())
        day += timedelta(days=1)
    return total


def at_risk(start: datetime, due: datetime, limit: Duration, calendar: WorkingCalendar) -> datetime:
    """Return when a clock running since `start` has a fifth of its limit or 30 minutes left, whichever is longer but
    never more than half of the limit, UTC; `start` itself if less is left already. Raises CalendarMissing.
    """
    if limit.kind is Kind.CALENDAR:
        left = _risky(limit.amount)
        return max(start, due - timedelta(seconds=left)).astimezone(UTC)
    left = _risky(limit.amount * (3600.0 if limit.kind is Kind.WORKING_HOURS else calendar.day_seconds))
    free = max(0.0, between(start, due, calendar) - left)
    return add(start, WORKING_HOURS(free / 3600), calendar)


def _risky(limit_s: float) -> float:
    return min(max(RISK_SHARE * limit_s, RISK_SECONDS), RISK_MOST * limit_s)


def resume(due: datetime, paused: datetime, resumed: datetime, kind: Kind, calendar: WorkingCalendar) -> datetime:
    """Return the new end of a limit that stood still from `paused` to `resumed`, UTC: what was left at the pause is
    left now; a limit already broken stays broken. Raises CalendarMissing.
    """
    if due <= paused:
        return due
    match kind:
        case Kind.CALENDAR:
            return (due + (resumed - paused)).astimezone(UTC)
        case Kind.WORKING_HOURS:
            return _after_seconds(resumed, between(paused, due, calendar), calendar)
        case Kind.WORKING_DAYS:
            return _after_days(resumed, _days_left(paused, due, calendar), calendar)


def _after_seconds(start: datetime, seconds: float, calendar: WorkingCalendar) -> datetime:
    left = seconds
    if left <= 0:
        return start.astimezone(UTC)
    day = start.astimezone(BEIJING).date()
    while True:
        for opens, closes in calendar.spans(day):
            begins = max(opens, start)
            worked = (closes - begins).total_seconds()
            if worked <= 0:
                continue
            if left <= worked:
                return (begins + timedelta(seconds=left)).astimezone(UTC)
            left -= worked
        day += timedelta(days=1)


def _after_days(start: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    """Return the end of work on the given working day after the start's; day 0 is the start's own, worked or not."""
    day = start.astimezone(BEIJING).date()
    if days <= 0:
        return max(start, datetime.combine(day, calendar.hours[-1][1], BEIJING)).astimezone(UTC)
    while days:
        day += timedelta(days=1)
        days -= calendar.is_working(day)
    return calendar.spans(day)[-1][1].astimezone(UTC)


def _days_left(paused: datetime, due: datetime, calendar: WorkingCalendar) -> int:
    day = paused.astimezone(BEIJING).date()
    last = due.astimezone(BEIJING).date()
    days = 0
    while day < last:
        day += timedelta(days=1)
        days += calendar.is_working(day)
    return days
