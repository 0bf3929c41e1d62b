"""The working calendar in force: the library's years, and the site's own files for years it lacks or gets wrong."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from xiuhua.engines.working_time import WorkingCalendar, Year, published_calendar
from xiuhua.kernel.errors import Fault


def working_calendar() -> WorkingCalendar:
    """Return the calendar; files data/calendars/YEAR.json ({"holidays": [...], "make_up_days": [...]}) are laid over
    the library's years, read anew when they change. Raises Fault for a file that cannot be read.
    """
    folder: Path = settings.CONFIG.data / "calendars"
    files = tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.json")))
    return _calendar(files)


def missing_years(now: datetime) -> tuple[int, ...]:
    """Return the years whose holidays the site needs and does not know: faults of `check`."""
    return working_calendar().missing_years(now)


@lru_cache(maxsize=2)
def _calendar(files: tuple[tuple[Path, int], ...]) -> WorkingCalendar:
    return published_calendar({int(path.stem): _year(path) for path, _ in files if path.stem.isdecimal()})


def _year(path: Path) -> Year:
    try:
        days = json.loads(path.read_text(encoding="utf-8"))
        return Year(
            holidays=frozenset(date.fromisoformat(day) for day in days["holidays"]),
            make_up_days=frozenset(date.fromisoformat(day) for day in days["make_up_days"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Fault("catalog.calendar_wrong", file=path.name, problem=str(error)) from error
