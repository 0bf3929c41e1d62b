"""The partitions of readings, one a UTC day, and of their rollups, one a UTC month; made before they are needed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import OperationalError, connection, transaction
from psycopg import sql

DAYS_AHEAD = 3
KEPT_EMPTY = timedelta(days=500)
_LOCK = 7_301_001
_PREFIX = "readings_reading_"


def make_partitions(days: Iterable[date]) -> None:
    """Make the partitions of those days where they are missing, in a transaction of their own."""
    with transaction.atomic():
        for day in days:
            _make("readings_reading", f"{day:%Y%m%d}", day, day + timedelta(days=1))


def make_months(table: str, day: date) -> None:
    """Make the partition of the day's month of a rollup where it is missing."""
    first = day.replace(day=1)
    _make(table, f"{first:%Y%m}", first, (first + timedelta(days=32)).replace(day=1))


def make_coming_partitions(now: datetime) -> None:
    """Make the partitions of today and the days ahead."""
    today = now.astimezone(UTC).date()
    make_partitions(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))


def partition_of(day: date) -> sql.Identifier:
    """Return the name of a day's partition."""
    return sql.Identifier(f"{_PREFIX}{day:%Y%m%d}")


def days_with_readings(before: date) -> list[date]:
    """Return the days before one whose partitions hold readings, oldest first."""
    found = []
    with connection.cursor() as cursor:
        for day in _days(before):
            cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(partition_of(day)))
            if cursor.fetchone() == (True,):
                found.append(day)
    return found


def drop_empty_partitions(now: datetime) -> int:
    """Drop empty partitions of days so long past that no reading of theirs is taken any more; returns how many.

    An archived day's partition stays, empty, until then: a late reading finds its place, and emptying locks nothing but
    the partition itself, while dropping would hold up every reader and writer of the table.
    """
    dropped = 0
    for day in _days((now - KEPT_EMPTY).astimezone(UTC).date()):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '1s'")
                cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(partition_of(day)))
                cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(partition_of(day)))
                if cursor.fetchone() == (False,):
                    cursor.execute(sql.SQL("DROP TABLE {}").format(partition_of(day)))
                    dropped += 1
        except OperationalError:
            return dropped
    return dropped


def _days(before: date) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'readings_reading'::regclass AND c.relname ~ %s
            ORDER BY 1
            """,
            [f"^{_PREFIX}[0-9]{{8}}$"],
        )
        return [day for (day,) in cursor.fetchall() if day < before]


def _make(table: str, suffix: str, first: date, end: date) -> None:
    name = f"{table}_{suffix}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return
        cursor.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier(name), sql.Identifier(table), sql.Literal(_utc(first)), sql.Literal(_utc(end))
            )
        )


def _utc(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()
