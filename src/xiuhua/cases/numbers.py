"""Case numbers: SJ-YYYYMMDD-NNNN, counted by day in Beijing time; at a town's node SJ-YYYYMMDD-TOWN-NNNN."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
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
    # Two sites that do not see each other must give no number twice: the town's three digits stand for the node.
    town = f"{settings.CONFIG.edge[6:]}-" if settings.CONFIG.edge else ""
    return f"SJ-{day:%Y%m%d}-{town}{row[0]:04d}"
