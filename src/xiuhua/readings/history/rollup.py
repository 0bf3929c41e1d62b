"""Rollups of closed hours, and of the district's days: made once when an hour closes, again when a reading comes late.

Numbers keep count, usable count, low, high, sum and last (of usable readings) and every quality bit that occurred;
states keep, for each code of the period, how often and when last. Minutes are kept only for streams declared to report
so often that a minute holds several readings; for all others a minute rollup would be a second copy of the readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from xiuhua.catalog import catalogue
from xiuhua.kernel.streams import Reports
from xiuhua.readings.history.marks import close_until, lock_rollups, rolled
from xiuhua.readings.history.periods import HOUR, day_after, day_of, hour_of
from xiuhua.readings.history.retention import expired_kinds
from xiuhua.readings.partitions import make_months
from xiuhua.readings.quality import UNUSABLE

LAG = timedelta(minutes=5)
HOURS_AT_ONCE, DAYS_AT_ONCE = 1000, 31
"""How much one call does at most, so that the process can be stopped between two."""
FAST_S = 30
READINGS = sql.Identifier("readings_reading")
TABLES = ("readings_minute", "readings_hour", "readings_day", "readings_hour_code", "readings_day_code")

_OF_THOSE = sql.SQL(
    """
    (%(ids)s::int[] IS NULL OR datastream_id = ANY (%(ids)s::int[]))
    AND (%(hours)s::timestamptz[] IS NULL OR (datastream_id, date_trunc('hour', at)) IN (
        SELECT d, h FROM unnest(%(of)s::int[], %(hours)s::timestamptz[]) AS p (d, h)
    ))
    """
)
_KEEP = """
    ON CONFLICT (datastream_id, at) DO UPDATE SET
        count = EXCLUDED.count, usable = EXCLUDED.usable, quality = EXCLUDED.quality, low = EXCLUDED.low,
        high = EXCLUDED.high, sum = EXCLUDED.sum, last = EXCLUDED.last
"""
_KEEP_CODES = """
    ON CONFLICT (datastream_id, at, code) DO UPDATE SET
        count = EXCLUDED.count, quality = EXCLUDED.quality, last_at = EXCLUDED.last_at
"""
_NUMBERS = """
    INSERT INTO {table} (datastream_id, at, count, usable, quality, low, high, sum, last)
    SELECT datastream_id, date_trunc(%(period)s, at), count(*), count(*) FILTER (WHERE quality < %(bad)s),
           bit_or(quality),
           min(value) FILTER (WHERE quality < %(bad)s), max(value) FILTER (WHERE quality < %(bad)s),
           sum(value) FILTER (WHERE quality < %(bad)s),
           (array_agg(value ORDER BY at DESC) FILTER (WHERE quality < %(bad)s))[1]
    FROM {source} WHERE at >= %(begin)s AND at < %(end)s AND value IS NOT NULL AND {of_those}
"""
_HOUR = _NUMBERS + "GROUP BY 1, 2" + _KEEP
_MINUTES = (
    _NUMBERS  # noqa: S608
    + "AND datastream_id IN (SELECT id FROM readings_datastream WHERE stream = ANY (%(fast)s)) GROUP BY 1, 2"
    + _KEEP
)
_HOUR_CODES = """
    INSERT INTO {table} (datastream_id, at, code, count, quality, last_at)
    SELECT datastream_id, date_trunc('hour', at), coalesce(code, ''), count(*), bit_or(quality), max(at)
    FROM {source} WHERE at >= %(begin)s AND at < %(end)s AND value IS NULL AND {of_those}
    GROUP BY 1, 2, 3
"""
_DAY = """
    INSERT INTO {table} (datastream_id, at, count, usable, quality, low, high, sum, last)
    SELECT datastream_id, %(begin)s::timestamptz, sum(count), sum(usable), bit_or(quality), min(low), max(high),
           sum(sum), (array_agg(last ORDER BY at DESC) FILTER (WHERE usable > 0))[1]
    FROM readings_hour WHERE at >= %(begin)s AND at < %(end)s AND {of_those}
    GROUP BY 1
"""
_DAY_CODES = """
    INSERT INTO {table} (datastream_id, at, code, count, quality, last_at)
    SELECT datastream_id, %(begin)s::timestamptz, code, sum(count), bit_or(quality), max(last_at)
    FROM readings_hour_code WHERE at >= %(begin)s AND at < %(end)s AND {of_those}
    GROUP BY 1, 3
"""


def roll_up(*, now: datetime) -> int:
    """Close the hours that are over, roll them up, and work out again those marked since; returns how many hours.

    Each hour, and each day with marks, is a transaction; killed anywhere, the next call goes on from there.
    """
    close_until(hour_of(now - LAG))
    done = 0
    while done < HOURS_AT_ONCE and _roll_next():
        done += 1
    return done + _roll_marked(now)


def _roll_next() -> bool:
    """Roll up the oldest closed hour that is not yet, and the day that ends with it; returns False if there is none."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_rollups()
        state = rolled()
        hour = state.rolled_until
        if hour >= state.closed_until:
            return False
        _roll_hours(hour, hour + HOUR, READINGS)
        if day_of(hour + HOUR) == hour + HOUR:
            _roll_day(day_of(hour))
        cursor.execute("UPDATE readings_rolled SET rolled_until = %s", [hour + HOUR])
    return True


def roll_pairs(pairs: Iterable[tuple[int, datetime]], *, source: sql.Identifier = READINGS) -> int:
    """Work out again those hours of those datastreams, and their days as far as they are over; returns how many hours.
    The transaction must hold the rollups.
    """
    until = rolled().rolled_until
    ordered = sorted({(hour.astimezone(UTC), datastream) for datastream, hour in pairs})
    days: dict[datetime, set[int]] = {}
    for _, group in groupby(ordered, lambda pair: pair[0].date()):
        of_day = list(group)
        _roll_hours(of_day[0][0], of_day[-1][0] + HOUR, source, of_day)
        for hour, datastream in of_day:
            days.setdefault(day_of(hour), set()).add(datastream)
    for midnight, datastreams in days.items():
        if day_after(midnight) <= until:
            _roll_day(midnight, sorted(datastreams))
    return len(ordered)


def roll_anew(begin: datetime, end: datetime) -> None:
    """Work out all closed hours of a time again at once, and its whole days, where much was written into them."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock_rollups()
        end = min(end, rolled().rolled_until)
        _roll_hours(begin, end, READINGS)
        midnight = day_of(begin)
        while day_after(midnight) <= end:
            _roll_day(midnight)
            midnight = day_after(midnight)
        cursor.execute("DELETE FROM readings_dirty WHERE at >= %s AND at < %s", [begin, end])


def fast_streams() -> list[str]:
    """Return the full ids of the streams of numbers that are declared to report several times a minute."""
    return [
        f"{type_id}.{stream.id}"
        for type_id, kind in catalogue.current().objects.items()
        for stream in kind.streams
        if stream.reports is Reports.NUMBER and stream.cadence.seconds < FAST_S
    ]


def _roll_marked(now: datetime) -> int:
    """Work out again what was marked, a UTC day at a time; marks of archived days wait for the archive's own merge."""
    hours = 0
    for _ in range(DAYS_AT_ONCE):
        with transaction.atomic(), connection.cursor() as cursor:
            lock_rollups()
            cursor.execute(
                """
                DELETE FROM readings_dirty WHERE (at AT TIME ZONE 'UTC')::date = (
                    SELECT min((d.at AT TIME ZONE 'UTC')::date) FROM readings_dirty d
                    WHERE NOT EXISTS (SELECT FROM readings_archive a WHERE a.day = (d.at AT TIME ZONE 'UTC')::date)
                ) RETURNING datastream_id, at
                """
            )
            marked = cursor.fetchall()
            if not marked:
                return hours
            hours += roll_pairs(_kept(marked, now))
    return hours


def _kept(marked: list[tuple[int, datetime]], now: datetime) -> list[tuple[int, datetime]]:
    """Leave out what a rule no longer keeps: its rollups were made when all the day's readings were there."""
    kinds = expired_kinds(marked[0][1].astimezone(UTC).date(), now=now)
    if not kinds:
        return marked
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM readings_datastream WHERE stream = ANY (%s)", [kinds])
        gone = {row[0] for row in cursor.fetchall()}
    return [pair for pair in marked if pair[0] not in gone]


def _roll_hours(
    begin: datetime, end: datetime, source: sql.Identifier, pairs: Sequence[tuple[datetime, int]] | None = None
) -> None:
    """Make the rollups of the hours in [begin, end), all or only those of the pairs, from the readings in a table."""
    some: dict[str, Any] = {}
    if pairs is not None:
        of = [datastream for _, datastream in pairs]
        some = {"ids": sorted(set(of)), "of": of, "hours": [hour for hour, _ in pairs]}
    _roll("readings_hour", _HOUR, begin, end, source, period="hour", **some)
    _roll("readings_hour_code", _HOUR_CODES + _KEEP_CODES, begin, end, source, **some)
    if fast := fast_streams():
        _roll("readings_minute", _MINUTES, begin, end, source, period="minute", fast=fast, **some)


def _roll_day(midnight: datetime, ids: Sequence[int] | None = None) -> None:
    """Make the rollups of one of the district's days from its hours."""
    _roll("readings_day", _DAY + _KEEP, midnight, day_after(midnight), READINGS, ids=ids)
    _roll("readings_day_code", _DAY_CODES + _KEEP_CODES, midnight, day_after(midnight), READINGS, ids=ids)


def _roll(table: str, statement: str, begin: datetime, end: datetime, source: sql.Identifier, **some: Any) -> None:
    make_months(table, begin.astimezone(UTC).date())
    parameters: dict[str, Any] = {
        "begin": begin,
        "end": end,
        "bad": UNUSABLE,
        "ids": None,
        "of": None,
        "hours": None,
    }
    parameters |= some
    names = {"table": sql.Identifier(table), "source": source, "of_those": _OF_THOSE}
    with connection.cursor() as cursor:
        if parameters["ids"] is not None:
            old = "DELETE FROM {table} WHERE at >= %(begin)s AND at < %(end)s AND {of_those}"
            cursor.execute(sql.SQL(old).format(**names), parameters)
        cursor.execute(sql.SQL(statement).format(**names), parameters)
