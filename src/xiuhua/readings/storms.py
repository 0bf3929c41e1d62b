"""Storms: while more alarms come than people can take in, lower grades are stored but not pushed to screens.

Counted as ISA-18.2 counts a flood: what is announced to the operator. A member of a fold, or an alarm back again within
its flapping time, is announced as part of another and does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from xiuhua.engines.alarm_measures import BUCKET_S
from xiuhua.ledger.actions import announce
from xiuhua.people.queries import root_path
from xiuhua.readings.alarm_settings import alarm_settings
from xiuhua.readings.models import AlarmArrival, Storm

ONE_STORM = 0x73746F726D


def storm_now() -> Storm | None:
    """Return the storm that goes on."""
    return Storm.objects.filter(ended_at__isnull=True).order_by("-id").first()


CALM = 32_767


def hushed(grade: int) -> bool:
    """Return whether a storm keeps alarms of that grade off the screens; level Ⅰ never."""
    return grade > 1 and grade >= hushed_from()


def hushed_from() -> int:
    """Return from which grade on a storm keeps alarms off the screens; one that is none while it is calm."""
    storm = storm_now()
    return CALM if storm is None else max(2, storm.holds)


def watch_storm(*, now: datetime) -> Storm | None:
    """Begin or end the storm by how many alarms a desk came in the last ten minutes, a fold counted once; returns the
    one that goes on. It begins above one bound and ends at another, lower one, so that it does not flicker.
    """
    settings = alarm_settings()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_STORM])
        since = now - timedelta(seconds=BUCKET_S)
        rate = AlarmArrival.objects.filter(at__gt=since, at__lte=now, folded=False).count() / settings.operators
        storm = storm_now()
        if storm is None:
            if rate <= settings.storm_above:
                return None
            storm = Storm.objects.create(began_at=now, holds=settings.storm_holds, peak=rate)
            _announce(storm)
        elif rate <= settings.storm_below:
            storm.ended_at = now
            storm.save()
            _announce(storm)
            return None
        elif rate > storm.peak:
            storm.peak = rate
            storm.save()
        return storm


def _announce(storm: Storm) -> None:
    # The district's people hear it at once; a screen held to a town asks when it reads its list again.
    announce("alarm.storm", area_path=root_path(), id=str(storm.id))
