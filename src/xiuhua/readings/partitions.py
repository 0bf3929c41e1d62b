"""The partitions of the readings table, one a UTC day, made before they are needed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from psycopg import sql

DAYS_AHEAD = 3
_LOCK = 7_301_001


def make_partitions(days: Iterable[date]) -> None:
    """Make the partitions of those days where they are missing, in a transaction of their own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for day in days:
            cursor.execute("SELECT to_regclass(%s)", [f"readings_reading_{day:%Y%m%d}"])
            if cursor.fetchone() != (None,):
                continue
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            cursor.execute(
                sql.SQL("CREATE TABLE {} PARTITION OF readings_reading FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(f"readings_reading_{day:%Y%m%d}"),
                    sql.Literal(start.isoformat()),
                    sql.Literal((start + timedelta(days=1)).isoformat()),
                )
            )


def make_coming_partitions(now: datetime) -> None:
    """Make the partitions of today and the days ahead."""
    today = now.astimezone(UTC).date()
    make_partitions(today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
