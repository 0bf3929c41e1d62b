"""Since when a row has been failing, as far as the stored rows tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import TruncDate

from xiuhua.indicators.models import IndicatorValue, RowSet
from xiuhua.indicators.rows import BEIJING, Row, failing_things

NEWEST, DAYS = 20, 20
FURTHEST = timedelta(days=400)


def failing_since(stored: IndicatorValue, rows: Collection[Row]) -> dict[str, datetime]:
    """Return for each failing row of a stored value the time of the oldest value looked at since which its thing has
    failed in every one. Looked at are that value and those before it, 20 of them, and of 20 earlier days the last one.
    """
    towns: dict[str, set[str]] = {}
    for row in rows:
        towns.setdefault(row.town, set()).add(row.thing)
    since: dict[str, datetime] = {}
    known: dict[str, str] = {}
    for value in _looked_at(stored) if towns else ():
        digests = {town: value.row_sets.get(town, "") for town in towns}
        changed = {digest for town, digest in digests.items() if digest != known.get(town)}
        failing = {
            digest: failing_things(bytes(data))
            for digest, data in RowSet.objects.filter(hash__in=changed).values_list("hash", "rows")
        }
        for town, digest in digests.items():
            if digest in changed:
                towns[town] &= failing.get(digest, set())
            since.update(dict.fromkeys(towns[town], value.at))
        known = digests
        towns = {town: things for town, things in towns.items() if things}
        if not towns:
            break
    return since


def _looked_at(stored: IndicatorValue) -> Sequence[IndicatorValue]:
    """Return the value and those before it that are looked at, newest first."""
    own = IndicatorValue.objects.filter(indicator=stored.indicator)
    before = own.filter(Q(at__lt=stored.at) | Q(at=stored.at, id__lt=stored.pk))
    newest = list(before.order_by("-at", "-id")[: NEWEST - 1])
    if len(newest) < NEWEST - 1:
        return [stored, *newest]
    oldest = newest[-1].at
    midnight = oldest.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    # Only ids are sorted: a value carries the figures of every town.
    last_of_day = (
        own.filter(at__lt=midnight, at__gte=oldest - FURTHEST)
        .annotate(day=TruncDate("at", tzinfo=BEIJING))
        .order_by("-day", "-at", "-id")
        .distinct("day")
        .values_list("id", "day")
    )
    return [stored, *newest, *own.filter(id__in=[one for one, _ in last_of_day[:DAYS]]).order_by("-at", "-id")]
