"""What this room does by itself: cases for alarms, notices of due clocks, times once a calendar has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.utils import timezone

from xiuhua.cases.actions import open_for_alarm
from xiuhua.cases.sweep import fill_missing, sweep


def open_for_raised(payload: Mapping[str, object]) -> None:
    """Open or join the case of a raised alarm, or of one that a person sent on; calling it again changes nothing."""
    open_for_alarm(UUID(str(payload["id"])))


def sweep_clocks() -> None:
    """Send the notices of clocks that have come due."""
    sweep(timezone.now())


def fill_missing_times() -> None:
    """Set the times that waited for a calendar."""
    fill_missing(timezone.now())


HANDLERS: dict[str, tuple[Callable[[Mapping[str, object]], None], ...]] = {
    "alarm.raised": (open_for_raised,),
    "alarm.to_case": (open_for_raised,),
}
EVERY: tuple[tuple[float, Callable[[], None]], ...] = ((1.0, sweep_clocks), (3600.0, fill_missing_times))
