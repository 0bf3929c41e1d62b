"""Keeps values fresh: marks what a change touches, computes what is marked, and all of it every hour."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.indicators.actions import compute, forget, mark_stale
from xiuhua.indicators.dependencies import Touched
from xiuhua.indicators.models import IndicatorValue, Stale

log = logging.getLogger(__name__)

AT_MOST_EVERY_S = 10.0
KEPT_WHOLE = timedelta(days=7)

_touched: list[Touched] = []
_computed_at: dict[str, float] = {}


def touched() -> Touched:
    """Return the index of the catalogue in force."""
    catalogue = current()
    if not _touched or _touched[0].catalogue is not catalogue:
        _touched[:] = [Touched(catalogue)]
    return _touched[0]


def object_changed(payload: Mapping[str, object]) -> None:
    """Mark the indicators that read objects of the type."""
    mark_stale(touched().by_object(str(payload.get("type", ""))))


def case_changed(payload: Mapping[str, object]) -> None:
    """Mark the indicators that read cases of the type."""
    mark_stale(touched().by_case(str(payload.get("type", ""))))


def round_changed(payload: Mapping[str, object]) -> None:
    """Mark the indicators that read rounds of that kind."""
    mark_stale(touched().by_round(str(payload.get("type", ""))))


def alarm_changed(payload: Mapping[str, object]) -> None:
    """Mark the indicators that read the streams on which the rule stands: silence shows first as an alarm."""
    rule = current().rules.get(str(payload.get("rule", "")))
    if rule is not None:
        mark_stale(touched().by_stream(rule.on[0]))


def areas_changed(payload: Mapping[str, object]) -> None:
    """Mark all indicators: their rows have another place."""
    mark_stale(current().indicators)


def compute_stale() -> None:
    """Compute what is marked, and what has no value yet."""
    declared = current().indicators
    missing = set(declared) - set(IndicatorValue.objects.values_list("indicator", flat=True).distinct())
    marked = set(Stale.objects.values_list("indicator", flat=True))
    _compute_all(sorted((missing | marked) & set(declared)))


def compute_streams() -> None:
    """Compute what reads streams: a device falls silent without any event."""
    _compute_all(sorted(touched().by_stream()))


def compute_everything() -> None:
    """Compute every indicator."""
    _compute_all(sorted(current().indicators))


def thin() -> None:
    """Keep, of what is older than a week, each day's last value."""
    forget(before=timezone.now() - KEPT_WHOLE)


def _compute_all(indicators: Iterable[str]) -> None:
    for indicator in indicators:
        began = time.monotonic()
        if began - _computed_at.get(indicator, -AT_MOST_EVERY_S) < AT_MOST_EVERY_S:
            continue
        _computed_at[indicator] = began
        try:
            compute(indicator, now=timezone.now())
        except Exception:
            log.exception("indicator %s was not computed; its last value stays", indicator)


HANDLERS: dict[str, tuple[Callable[[Mapping[str, object]], None], ...]] = {
    "object.changed": (object_changed,),
    "objects.imported": (object_changed,),
    "objects.linked": (object_changed,),
    "case.opened": (case_changed,),
    "case.moved": (case_changed,),
    "case.closed": (case_changed,),
    "round.changed": (round_changed,),
    "alarm.raised": (alarm_changed,),
    "alarm.changed": (alarm_changed,),
    "alarm.cleared": (alarm_changed,),
    "areas.changed": (areas_changed,),
}
EVERY: tuple[tuple[float, Callable[[], None]], ...] = (
    (5.0, compute_stale),
    (60.0, compute_streams),
    (3600.0, compute_everything),
    (24 * 3600.0, thin),
)
