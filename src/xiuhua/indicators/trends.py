"""Reads of numbers over time, each only of what the actor may see."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from itertools import pairwise

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.figures import Figure
from xiuhua.indicators.models import IndicatorValue
from xiuhua.indicators.queries import EVERYTHING, Narrowed, Opened, figure_of, last_values, opened_many, row_sets_of
from xiuhua.indicators.rows import BEIJING
from xiuhua.kernel.actor import Actor


def trend(
    actor: Actor, indicator_id: str, narrowed: Narrowed, *, months: int, now: datetime
) -> list[tuple[IndicatorValue, Figure]]:
    """Return the stored values of the last months, oldest first, over the narrowed rows that the actor sees; of each
    day (Beijing) the last. A day without such rows has no data.
    """
    indicator = current().indicator(indicator_id)
    last_of_day: dict[date, IndicatorValue] = {}
    since = now - timedelta(days=31 * months)
    for stored in IndicatorValue.objects.filter(indicator=indicator_id, at__gte=since).order_by("at", "id"):
        last_of_day[stored.at.astimezone(BEIJING).date()] = stored
    # Most days have the rows of the day before: a set of rows is opened once.
    known: dict[tuple[int, tuple[tuple[str, str], ...]], Figure] = {}
    points = []
    for stored in last_of_day.values():
        behind = stored.version, tuple(sorted(row_sets_of(stored, narrowed).items()))
        if behind not in known:
            known[behind] = figure_of(actor, indicator, stored, narrowed)
        points.append((stored, known[behind]))
    return points


def monthly(
    actor: Actor, indicator_ids: Collection[str], narrowed: Narrowed = EVERYTHING, *, months: int, now: datetime
) -> dict[str, list[float | None]]:
    """Return for each declared indicator the last value of each of the past months, oldest first, the present one last;
    None for a month without a value.
    """
    declared = current().indicators
    here = now.astimezone(BEIJING)
    firsts = [
        datetime(year, month + 1, 1, tzinfo=BEIJING)
        for year, month in (divmod(here.year * 12 + here.month - back, 12) for back in reversed(range(months + 1)))
    ]
    wanted = [first.strftime("%Y-%m") for first in firsts[:-1]]
    last = last_values([one for one in indicator_ids if one in declared], list(pairwise(firsts)))
    found = {
        (stored.indicator, stored.at.astimezone(BEIJING).strftime("%Y-%m")): figure_of(
            actor, declared[stored.indicator], stored, narrowed
        ).value
        for stored in last
    }
    return {one: [found.get((one, month)) for month in wanted] for one in indicator_ids}


def listed(
    actor: Actor, narrowed: Narrowed, *, of: str, months: int, now: datetime
) -> list[tuple[Opened, list[float | None]]]:
    """Return every declared indicator (of one type of thing, if named) as the packs order them, with its newest value
    and the last value of each of the past months, over the narrowed rows that the actor sees.
    """
    wanted = [one.id for one in current().indicators.values() if not of or one.of == of]
    trends = monthly(actor, wanted, narrowed, months=months, now=now)
    return [(one, trends[indicator_id]) for indicator_id, one in opened_many(actor, wanted, narrowed).items()]
