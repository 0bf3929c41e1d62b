"""The version of its software that each device last told: kept with since when, written at most once an hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from xiuhua.readings.gathering import Told

TOLD_EVERY = timedelta(hours=1)


class FirmwareMemory:
    """What one ingest worker has written down of devices, so that what they repeat costs nothing."""

    def __init__(self) -> None:
        self._written: dict[UUID, tuple[str, datetime]] = {}

    def take(self, told: Sequence[Told]) -> Callable[[], None]:
        """Write down what is new, in the caller's transaction; returns what to call once that is committed."""
        newest = {one.object_id: one for one in sorted(told, key=lambda one: one.at)}
        due = [newest[thing] for thing in sorted(newest) if self._is_new(newest[thing])]
        if due:
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    INSERT INTO readings_firmware AS f (object_id, version, since, reported_at)
                    SELECT t.object_id, t.version, t.at, t.at
                    FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS t (object_id, version, at)
                    ORDER BY t.object_id
                    ON CONFLICT (object_id) DO UPDATE SET
                        since = CASE WHEN f.version = EXCLUDED.version THEN f.since ELSE EXCLUDED.since END,
                        version = EXCLUDED.version, reported_at = EXCLUDED.reported_at
                    WHERE EXCLUDED.reported_at > f.reported_at
                    """,
                    [[one.object_id for one in due], [one.version for one in due], [one.at for one in due]],
                )

        def commit() -> None:
            self._written.update({one.object_id: (one.version, one.at) for one in due})

        return commit

    def _is_new(self, one: Told) -> bool:
        version, at = self._written.get(one.object_id, ("", one.at))
        return one.version != version or one.at - at >= TOLD_EVERY
