"""Which partitions this worker reads: each is held by one worker at a time, by a lock of its database session.

The session that holds the lock is the one that commits, so a worker that lost it can commit nothing more. A worker that
dies lets go at once; the others see it within a look or two.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db import connection

from xiuhua.stack.holding import PARTITION_LOCK
from xiuhua.stack.subjects import PARTITIONS

GONE_AFTER = timedelta(seconds=4)
LONGEST_NAME = 63


class Claims:
    """The partitions of one worker; `name` tells workers apart."""

    def __init__(self, name: str) -> None:
        # The session carries the name, and the server cuts it there.
        self._name = name[:LONGEST_NAME]
        self._session: int | None = None
        self.held: set[int] = set()

    def stand(self) -> bool:
        """Return whether the database session that took the locks is still ours; without it nothing is held."""
        connection.ensure_connection()
        if self._session != connection.connection.info.backend_pid:
            self.held.clear()
            return False
        return True

    def look(self, *, now: datetime) -> set[int]:
        """Say that we are there, take the partitions that are our share or that nobody has, give back what is over
        our share; return the partitions held.
        """
        if not self.stand():
            self._session = connection.connection.info.backend_pid
            # Whoever looks at the locks sees by this whose they are.
            _ask("SELECT set_config('application_name', %s, false) IS NOT NULL", self._name)
        share = math.ceil(PARTITIONS / self._workers(now))
        while len(self.held) > share:
            partition = max(self.held)
            _ask("SELECT pg_advisory_unlock(%s)", PARTITION_LOCK + partition)
            self.held.discard(partition)
        for partition in range(PARTITIONS):
            if len(self.held) >= share:
                break
            if partition not in self.held and _ask("SELECT pg_try_advisory_lock(%s)", PARTITION_LOCK + partition):
                self.held.add(partition)
        return set(self.held)

    def leave(self) -> None:
        """Give everything back."""
        if self.stand():
            _ask("SELECT pg_advisory_unlock_all() IS NULL")
        self.held.clear()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM readings_worker WHERE name = %s", [self._name])

    def _workers(self, now: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO readings_worker (name, seen_at) VALUES (%s, %s)
                ON CONFLICT (name) DO UPDATE SET seen_at = EXCLUDED.seen_at
                """,
                [self._name, now],
            )
            cursor.execute(
                """
                DELETE FROM readings_worker w
                WHERE seen_at < %s OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = w.name)
                """,
                [now - GONE_AFTER],
            )
            cursor.execute("SELECT count(*) FROM readings_worker")
            count: int = cursor.fetchone()[0]
        return max(1, count)


def _ask(query: str, *parameters: int | str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return bool(cursor.fetchone()[0])
