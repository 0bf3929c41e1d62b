"""What is known of the hours that are closed: how far, and which of them must be worked out again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

HOUR_US = 3_600_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = 7_301_003
_ROLLING = 7_301_004


@dataclass(frozen=True, kw_only=True, slots=True)
class Rolled:
    """What comes for hours before `closed_until` is marked; those before `rolled_until` have rollups."""

    closed_until: datetime
    rolled_until: datetime


def rolled() -> Rolled:
    """Return how far hours are closed and rolled up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT closed_until, rolled_until FROM readings_rolled")
        closed_until, rolled_until = cursor.fetchone()
    return Rolled(closed_until=closed_until, rolled_until=rolled_until)


def lock_rollups() -> None:
    """Keep everybody else from writing rollups until the transaction ends: a day is made of hours that stand still."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ROLLING])


def close_until(hour: datetime) -> None:
    """Close the hours before a full hour, in a transaction of its own.

    It waits for every transaction that has written readings and does not yet know: once it returns, a reading of a
    closed hour is either committed or will be marked.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("UPDATE readings_rolled SET closed_until = greatest(closed_until, %s)", [hour])


def mark_dirty(cursor: CursorWrapper, datastream_ids: NDArray[np.int32], ats: NDArray[np.int64]) -> None:
    """Mark the closed hours of readings just written, in the transaction that writes them.

    `ats` are microseconds since 1970 UTC, one for each of `datastream_ids`. Needed only where readings are written past
    the table's own triggers: by COPY straight into a partition. Marking twice changes nothing.
    """
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])
    cursor.execute("SELECT (extract(epoch FROM closed_until) * 1000000)::bigint FROM readings_rolled")
    (closed_until,) = cursor.fetchone()
    late = ats < closed_until
    if not late.any():
        return
    pairs = np.unique(np.stack([datastream_ids[late], ats[late] // HOUR_US]), axis=1)
    cursor.execute(
        """
        INSERT INTO readings_dirty (datastream_id, at)
        SELECT d, to_timestamp(h * 3600) FROM unnest(%s::int[], %s::bigint[]) AS p (d, h)
        """,
        [pairs[0].tolist(), pairs[1].tolist()],
    )
