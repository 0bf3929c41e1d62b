"""What this room does by itself: streams for new objects, silence, shelves, partitions, history, old quarantine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from xiuhua.readings.actions import end_case, forget_quarantine, take_off_the_shelf
from xiuhua.readings.checking import look_at_devices
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.duty import call_duty
from xiuhua.readings.history.archive import archive
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.partitions import drop_empty_partitions, make_coming_partitions
from xiuhua.readings.silence import sweep_silence
from xiuhua.readings.storms import watch_storm
from xiuhua.readings.trial_jobs import drop_lost_trials

QUARANTINE_KEPT = timedelta(days=30)


def follow_object(payload: Mapping[str, object]) -> None:
    """Make or move the datastreams of one object; of the whole type where many changed at once."""
    codes = None if payload.get("batch") else [str(payload["code"])]
    ensure_datastreams(str(payload["type"]), codes)


def follow_import(payload: Mapping[str, object]) -> None:
    """Make or move the datastreams of a type."""
    ensure_datastreams(str(payload["type"]))


def follow_case(payload: Mapping[str, object]) -> None:
    """Let go of the alarms of a case that is done."""
    end_case(
        UUID(str(payload["id"])), clears=bool(payload.get("clears")), why=str(payload.get("number", "")),
        now=timezone.now(),
    )  # fmt: skip


def sweep() -> None:
    """Look for streams that fell silent."""
    sweep_silence(now=timezone.now())


def unshelve() -> None:
    """Take alarms off the shelf whose time has come."""
    take_off_the_shelf(now=timezone.now())


def weather() -> None:
    """Begin or end a storm of alarms."""
    watch_storm(now=timezone.now())


def call() -> None:
    """Call who is on duty to unconfirmed alarms."""
    call_duty(now=timezone.now())


def make_days() -> None:
    """Make the partitions of the coming days; drop those of days long past."""
    make_coming_partitions(timezone.now())
    drop_empty_partitions(timezone.now())


def roll() -> None:
    """Make the rollups of hours that are over, and anew of those for which something came late."""
    roll_up(now=timezone.now())


def file_days() -> None:
    """Move days that are over into files, and delete what the rules no longer keep."""
    archive(now=timezone.now(), hot_days=settings.CONFIG.hot_days)


def check_devices() -> None:
    """Look at every device once a day."""
    look_at_devices(now=timezone.now())


def clean_quarantine() -> None:
    """Delete quarantined messages that nobody will look at any more; their counts stay."""
    forget_quarantine(before=timezone.now() - QUARANTINE_KEPT)


HANDLERS: dict[str, tuple[Callable[[Mapping[str, object]], None], ...]] = {
    "object.changed": (follow_object,),
    "objects.imported": (follow_import,),
    "case.closed": (follow_case,),
}
EVERY: tuple[tuple[float, Callable[[], None]], ...] = (
    (5.0, sweep),
    (10.0, unshelve),
    (10.0, weather),
    (5.0, call),
    (60.0, roll),
    (60.0, file_days),
    (600.0, check_devices),
    (3600.0, make_days),
    (86400.0, clean_quarantine),
    (600.0, drop_lost_trials),
)
