"""One archiver at a time, and none while a backup is made."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

from xiuhua.stack.holding import ARCHIVE_LOCK


@contextlib.contextmanager
def alone() -> Iterator[bool]:
    """Hold the archive's lock for the block; gives False where somebody else has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ARCHIVE_LOCK])
        free = cursor.fetchone() == (True,)
    try:
        yield free
    finally:
        if free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ARCHIVE_LOCK])
