"""Where the readings of a kind lie over a time: which days in which files, and what came late for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import duckdb
from django.db import connection

from xiuhua.kernel.errors import Unavailable
from xiuhua.readings.history.parquet import paths
from xiuhua.readings.history.periods import stored_day, stored_days

TRIES = 5
FILES_AT_ONCE = 31
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A part [begin, end) of the time asked for: in the hot table, or, if `files` are named, in those of its days."""

    begin: datetime
    end: datetime
    files: tuple[str, ...] = ()

    @property
    def tier(self) -> str:
        """Return the tier's name."""
        return "archive" if self.files else "hot"


def steadily(kind: str, begin: datetime, end: datetime, read: Callable[[Sequence[Stretch]], T]) -> T:
    """Return what `read` makes of the stretches of [begin, end), read anew if a file came or was replaced meanwhile.

    A reading is always in the hot table or in a file that counts; so an answer during which no file changed has each
    reading once. Raises Unavailable after five tries.
    """
    seen = _files(kind, begin, end)
    for _ in range(TRIES):
        try:
            answer = read(_cut(seen, begin, end))
        except duckdb.IOException:
            now = _files(kind, begin, end)
            if now == seen:
                raise
            seen = now
            continue
        now = _files(kind, begin, end)
        if now == seen:
            return answer
        seen = now
    raise Unavailable("readings.history_moving")


def _files(kind: str, begin: datetime, end: datetime) -> list[tuple[date, str]]:
    days = list(stored_days(begin, end))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, file FROM readings_archive WHERE kind = %s AND day BETWEEN %s AND %s ORDER BY day",
            [kind, days[0], days[-1]],
        )
        return list(cursor.fetchall())


def _cut(files: Sequence[tuple[date, str]], begin: datetime, end: datetime) -> list[Stretch]:
    """Return the stretches of [begin, end) in order of time; one in files has no more than a month of them."""
    stretches: list[Stretch] = []
    run: list[str] = []
    since = at = begin
    for day, file in files:
        first, after = stored_day(day)
        if run and (first > at or len(run) == FILES_AT_ONCE):
            stretches.append(Stretch(begin=since, end=at, files=tuple(paths(run))))
            run, since = [], at
        if first > at:
            stretches.append(Stretch(begin=at, end=first))
            since = first
        run.append(file)
        at = min(after, end)
    if run:
        stretches.append(Stretch(begin=since, end=at, files=tuple(paths(run))))
    if at < end:
        stretches.append(Stretch(begin=at, end=end))
    return stretches
