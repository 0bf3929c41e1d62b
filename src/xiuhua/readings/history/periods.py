"""The periods of history: UTC hours and days as stored, days of the district as people count them, steps of a curve."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RAW = 0
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
STEPS = (MINUTE_S, 300, 900, HOUR_S, 21_600, DAY_S, 7 * DAY_S)
"""Seconds of the periods a curve may be drawn in, fine to coarse."""
RESOLUTIONS = {"raw": RAW, "minute": MINUTE_S, "hour": HOUR_S, "day": DAY_S}


def zone() -> ZoneInfo:
    """Return the district's time zone; it lies whole hours from UTC, or hours would not make up its days."""
    return ZoneInfo(settings.TIME_ZONE)


def hour_of(at: datetime) -> datetime:
    """Return the UTC hour in which a moment lies."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def day_of(at: datetime) -> datetime:
    """Return the midnight, in the district, before or at a moment."""
    return datetime.combine(at.astimezone(zone()).date(), time(), tzinfo=zone())


def day_after(midnight: datetime) -> datetime:
    """Return the district's next midnight."""
    return datetime.combine(midnight.astimezone(zone()).date() + DAY, time(), tzinfo=zone())


def stored_day(day: date) -> tuple[datetime, datetime]:
    """Return the beginning and end of a UTC day, by which readings are stored."""
    begin = datetime.combine(day, time(), tzinfo=UTC)
    return begin, begin + DAY


def stored_days(begin: datetime, end: datetime) -> Iterator[date]:
    """Give the UTC days that [begin, end) touches."""
    day = begin.astimezone(UTC).date()
    while stored_day(day)[0] < end:
        yield day
        day += DAY


def origin() -> datetime:
    """Return a Monday's midnight in the district, from which the periods of every step are counted."""
    return datetime(2001, 1, 1, tzinfo=zone())


def whole(at: datetime, step_s: int) -> datetime:
    """Return the beginning of the period in which a moment lies."""
    step = timedelta(seconds=step_s)
    start = origin().astimezone(UTC)
    return start + (at.astimezone(UTC) - start) // step * step


def step_for(span: timedelta, cadence_s: float, points: int) -> int:
    """Return the finest step in seconds, 0 for the readings themselves, that covers a span in so many points."""
    if span.total_seconds() <= cadence_s * points:
        return RAW
    return next((step for step in STEPS if span.total_seconds() <= step * points and step >= cadence_s), STEPS[-1])
