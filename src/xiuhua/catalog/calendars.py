"""The working calendar in force: the library's years, and the site's own files for years it lacks or gets wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.engines.working_time import WorkingCalendar, Year, published_calendar
from xiuhua.engines.working_time.calendar import BEIJING
from xiuhua.kernel.durations import Duration, Kind
from xiuhua.kernel.errors import Fault
from xiuhua.kernel.words import Label
from xiuhua.stack.console import words

FIELDS = ("holidays", "make_up_days")
SATURDAY = 5
WORKING_WEEK, WORKING_HOURS_A_DAY = 5, 8
NAMED = Label(zh="文件名须是年份，如 2027.json", en="the file must be named after its year, such as 2027.json")
FIELDS_WRONG = Label(
    zh="须有 holidays 和 make_up_days 两项，别无其他", en="it must have holidays and make_up_days, and nothing else"
)
NO_DATE = Label(zh="{name} 里的 {text} 不是 YYYY-MM-DD 形式的日期", en="{text} in {name} is no date YYYY-MM-DD")
OTHER_YEAR = Label(zh="{day} 不在 {year} 年", en="{day} is not in {year}")
BOTH = Label(zh="{day} 既放假又上班", en="{day} is both a holiday and a make-up day")
NO_WEEKEND = Label(zh="{day} 不是周末，不用补班", en="{day} is no weekend day, so it is worked anyway")
NO_NEW_YEAR = Label(zh="缺 {year}-01-01，元旦总要放假", en="{year}-01-01 is missing, which is always a holiday")


def working_calendar() -> WorkingCalendar:
    """Return the calendar; files data/calendars/YEAR.json ({"holidays": [...], "make_up_days": [...]}) are laid over
    the library's years, read anew when they change. Raises Fault for a file that cannot be read.
    """
    folder: Path = settings.CONFIG.data / "calendars"
    files = tuple((path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.json")))
    return _calendar(files)


def missing_years(now: datetime) -> tuple[int, ...]:
    """Return the years whose holidays the site needs, or will soon, and does not know."""
    return working_calendar().missing_years(now)


def check_names() -> None:
    """Raise Fault for a file whose name is no year, which would never be read."""
    for path in sorted((settings.CONFIG.data / "calendars").glob("*")):
        if path.suffix != ".json" or not (path.stem.isdecimal() and len(path.stem) == 4):
            raise _wrong(path, words(NAMED))


def reached_years(catalogue: Catalogue, now: datetime) -> tuple[int, ...]:
    """Return the years which a limit that starts now may end in: each must be known, or its due time cannot be."""
    start = now.astimezone(BEIJING).date()
    weeks = max((_working_days(limit) for limit in _limits(catalogue)), default=0.0) / WORKING_WEEK
    return tuple(range(start.year, (start + timedelta(weeks=weeks)).year + 1))


def _limits(catalogue: Catalogue) -> Iterator[Duration]:
    for case in catalogue.cases.values():
        yield from (state.limit for state in case.states if state.limit is not None)
        yield from (clock.limit for clock in case.clocks)
    yield from (one.limit for one in catalogue.rounds.values())


def _working_days(limit: Duration) -> float:
    if limit.kind is Kind.CALENDAR:
        return 0.0
    return limit.amount if limit.kind is Kind.WORKING_DAYS else limit.amount / WORKING_HOURS_A_DAY


@lru_cache(maxsize=2)
def _calendar(files: tuple[tuple[Path, int], ...]) -> WorkingCalendar:
    return published_calendar({int(path.stem): _year(path) for path, _ in files if path.stem.isdecimal()})


def _year(path: Path) -> Year:
    try:
        days = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _wrong(path, str(error)) from error
    if not isinstance(days, dict) or set(days) != set(FIELDS):
        raise _wrong(path, words(FIELDS_WRONG))
    holidays, make_up_days = (_days(path, name, days[name]) for name in FIELDS)
    for day in sorted(make_up_days):
        if day in holidays:
            raise _wrong(path, words(BOTH, day=day))
        if day.weekday() < SATURDAY:
            raise _wrong(path, words(NO_WEEKEND, day=day))
    if date(int(path.stem), 1, 1) not in holidays:
        raise _wrong(path, words(NO_NEW_YEAR, year=path.stem))
    return Year(holidays=holidays, make_up_days=make_up_days)


def _days(path: Path, name: str, given: object) -> frozenset[date]:
    found: set[date] = set()
    for text in given if isinstance(given, list) else [given]:
        try:
            day = date.fromisoformat(str(text))
        except ValueError:
            raise _wrong(path, words(NO_DATE, name=name, text=text)) from None
        if day.year != int(path.stem):
            raise _wrong(path, words(OTHER_YEAR, day=day, year=path.stem))
        found.add(day)
    return frozenset(found)


def _wrong(path: Path, problem: str) -> Fault:
    return Fault("catalog.calendar_wrong", file=str(path), problem=problem)
