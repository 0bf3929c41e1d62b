"""Who is on duty gets an alarm first; who does not confirm it in time is followed by the next step of the roster."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from xiuhua.catalog.calendars import working_calendar
from xiuhua.kernel.actor import Actor
from xiuhua.people.models import Shift
from xiuhua.people.queries import shifts_at
from xiuhua.readings.alarm_telling import INGEST, tell
from xiuhua.readings.models import Alarm
from xiuhua.readings.storms import hushed_from

AT_ONCE = 500
# Of one step the one of the thing's own unit goes first, then the one nearest by.
_DUE = """
    SELECT a.id, s.number FROM readings_alarm a
    LEFT JOIN LATERAL (
        SELECT s.number FROM unnest(%(areas)s::text[], %(units)s::text[], %(own)s::bool[], %(steps)s::int[])
            WITH ORDINALITY AS s (area, unit, own, step, number)
        WHERE starts_with(a.area_path, s.area) AND (NOT s.own OR s.unit = a.unit_code) AND s.step > a.duty_step
        ORDER BY s.step, s.own DESC, length(s.area) DESC, s.number LIMIT 1
    ) s ON true
    WHERE a.state = 'raised' AND a.closed_at IS NULL AND a.parent_id IS NULL AND a.call_at <= %(now)s
      AND a.grade < %(hushed)s AND (s.number IS NOT NULL OR a.duty_step > 0)
      AND NOT EXISTS (SELECT 1 FROM ledger_owned w WHERE w.entity = 'alarm' AND w.entity_id = a.id::text)
    ORDER BY a.grade, a.call_at, a.id LIMIT %(most)s FOR UPDATE OF a SKIP LOCKED
"""


def call_duty(*, now: datetime) -> int:
    """Give unconfirmed alarms to who is on duty, and those whose time to confirm is over to the next step; returns how
    many. Where nobody is on duty, or a storm holds the grade back, an alarm waits for its first call.
    """
    shifts = shifts_at(now, working_calendar().is_working)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _DUE,
                {
                    "areas": [one.area.path for one in shifts], "units": [one.unit_id for one in shifts],
                    "own": [one.own_unit_only for one in shifts], "steps": [one.step for one in shifts],
                    "now": now, "hushed": hushed_from(), "most": AT_ONCE,
                },
            )  # fmt: skip
            due = dict(cursor.fetchall())
        alarms = Alarm.objects.in_bulk(due)
        for alarm_id, number in due.items():
            _call(alarms[alarm_id], shifts[number - 1] if number else None, now)
    return len(due)


def _call(alarm: Alarm, shift: Shift | None, now: datetime) -> None:
    if shift is None:
        alarm.call_at = None
    else:
        alarm.duty_post, alarm.duty_unit, alarm.duty_step = shift.post, shift.unit_id, shift.step
        alarm.call_at = now + timedelta(minutes=shift.within_min)
    alarm.save(update_fields=["duty_post", "duty_unit", "duty_step", "call_at"])
    data: dict[str, object] = {"post": alarm.duty_post, "unit": alarm.duty_unit, "step": alarm.duty_step}
    tell(INGEST, "unanswered" if shift is None else "called", alarm, topic="alarm.changed", data=data)


def called(actor: Actor) -> Q:
    """Return the filter that leaves the alarms which a post of the actor was called for last."""
    found = Q(pk__in=[])
    for grant in actor.grants:
        found |= Q(duty_post=grant.post, duty_unit=grant.unit, area_path__startswith=grant.area_path)
    return found
