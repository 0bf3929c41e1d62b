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
from xiuhua.readings.history.marks import close_until, rolled
from xiuhua.readings.history.periods import HOUR, day_after, day_of, hour_of
from xiuhua.readings.history.retention import expired_kinds
from xiuhua.readings.partitions import make_months

USABLE_BELOW = 64
"""Quality bits of this worth and more mean that a value is not to be used."""
LAG = timedelta(minutes=5)
FAST_S = 30
READINGS = sql.Identifier("readings_reading")
TABLES = ("readings_minute", "readings_hour", "readings_day", "readings_hour_code", "readings_day_code")

_OF_THOSE = sql.SQL("(%(ids)s::int[] IS NULL OR datastream_id = ANY (%(ids)s::int[]))")
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
    SELECT datastream_id, %(begin)s::timestamptz, coalesce(code, ''), count(*), bit_or(quality), max(at)
    FROM {source} WHERE at >= %(begin)s AND at < %(end)s AND value IS NULL AND {of_those}
    GROUP BY 1, 3
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
    state = rolled()
    hour, done = state.rolled_until, 0
    while hour < state.closed_until:
        with transaction.atomic(), connection.cursor() as cursor:
            roll_hour(hour, ids=None)
            if day_of(hour + HOUR) == hour + HOUR:
                roll_day(day_of(hour), ids=None)
            cursor.execute("UPDATE readings_rolled SET rolled_until = %s", [hour + HOUR])
        hour += HOUR
        done += 1
    return done + _roll_marked(now)


def roll_hour(hour: datetime, *, ids: Sequence[int] | None, source: sql.Identifier = READINGS) -> None:
    """Make the rollups of an hour, for those datastreams or all, from the readings in a table."""
    _roll("readings_hour", _HOUR, hour, hour + HOUR, ids, source, period="hour")
    _roll("readings_hour_code", _HOUR_CODES + _KEEP_CODES, hour, hour + HOUR, ids, source)
    if fast := fast_streams():
        _roll("readings_minute", _MINUTES, hour, hour + HOUR, ids, source, period="minute", fast=fast)


def roll_day(midnight: datetime, *, ids: Sequence[int] | None) -> None:
    """Make the rollups of one of the district's days from its hours."""
    _roll("readings_day", _DAY + _KEEP, midnight, day_after(midnight), ids, READINGS)
    _roll("readings_day_code", _DAY_CODES + _KEEP_CODES, midnight, day_after(midnight), ids, READINGS)


def roll_pairs(pairs: Iterable[tuple[int, datetime]], *, source: sql.Identifier = READINGS) -> int:
    """Work out again the hours of those datastreams, and their days as far as they are over; returns how many hours."""
    until = rolled().rolled_until
    hours = 0
    ordered = sorted({(hour, datastream) for datastream, hour in pairs})
    for midnight, of_day in groupby(ordered, lambda pair: day_of(pair[0])):
        touched: set[int] = set()
        for hour, of_hour in groupby(of_day, lambda pair: pair[0]):
            ids = [datastream for _, datastream in of_hour]
            roll_hour(hour, ids=ids, source=source)
            touched.update(ids)
            hours += 1
        if day_after(midnight) <= until:
            roll_day(midnight, ids=sorted(touched))
    return hours


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
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
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


def _kept(marked: list[tuple[int, datetime]], now: datetime) -> list[tuple[int, datetime]]:
    """Leave out what a rule no longer keeps: its rollups were made when all the day's readings were there."""
    kinds = expired_kinds(marked[0][1].astimezone(UTC).date(), now=now)
    if not kinds:
        return marked
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM readings_datastream WHERE stream = ANY (%s)", [kinds])
        gone = {row[0] for row in cursor.fetchall()}
    return [pair for pair in marked if pair[0] not in gone]


def _roll(
    table: str,
    statement: str,
    begin: datetime,
    end: datetime,
    ids: Sequence[int] | None,
    source: sql.Identifier,
    **more: str | list[str],
) -> None:
    make_months(table, begin.astimezone(UTC).date())
    parameters: dict[str, Any] = {
        "begin": begin,
        "end": end,
        "ids": None if ids is None else list(ids),
        "bad": USABLE_BELOW,
        **more,
    }
    with connection.cursor() as cursor:
        if ids is not None:
            cursor.execute(
                sql.SQL(
                    "DELETE FROM {} WHERE datastream_id = ANY (%(ids)s) AND at >= %(begin)s AND at < %(end)s"
                ).format(sql.Identifier(table)),
                parameters,
            )
        cursor.execute(
            sql.SQL(statement).format(table=sql.Identifier(table), source=source, of_those=_OF_THOSE), parameters
        )
