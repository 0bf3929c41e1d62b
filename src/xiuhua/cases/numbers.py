"""Case numbers: SJ-YYYYMMDD-NNNN, counted by day in Beijing time."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from xiuhua.engines.working_time.calendar import BEIJING


def next_number(now: datetime) -> str:
    """Return the day's next number; it is taken with the transaction of the case."""
    day = now.astimezone(BEIJING).date()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_numberofday (day, last) VALUES (%s, 1) "
            "ON CONFLICT (day) DO UPDATE SET last = cases_numberofday.last + 1 RETURNING last",
            [day],
        )
        row = cursor.fetchone()
    return f"SJ-{day:%Y%m%d}-{row[0]:04d}"
