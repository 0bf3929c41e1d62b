"""What people, and rooms above, do with an alarm."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from psycopg import sql

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record, record_many
from xiuhua.ledger.owners import ours, require_here
from xiuhua.people.policy import require, visible
from xiuhua.readings.alarm_telling import INGEST, tell
from xiuhua.readings.directory import change_directory
from xiuhua.readings.folding import hold_alarms, lead
from xiuhua.readings.history.rollup import TABLES
from xiuhua.readings.models import Alarm, AlarmArrival, Datastream, Quarantine
from xiuhua.readings.rules import HOLDING

LONGEST_SHELVING = timedelta(days=30)


def acknowledge(actor: Actor, alarm_id: UUID, *, now: datetime) -> None:
    """Note that a person has seen the alarm; raises Conflict unless it is raised."""
    with transaction.atomic():
        alarm = _locked(actor, alarm_id)
        if alarm.acknowledged_at is not None:
            raise Conflict("readings.already_acknowledged", by=alarm.acknowledged_by, at=alarm.acknowledged_at)
        if alarm.state != "raised":
            raise Conflict("readings.alarm_moved_on", state=alarm.state)
        alarm.state, alarm.acknowledged_at, alarm.acknowledged_by = "acknowledged", now, actor.code
        alarm.save()
        tell(actor, "acknowledged", alarm, topic="alarm.changed")
        _members(
            actor, alarm, "acknowledged", states=("raised",),
            state="acknowledged", acknowledged_at=now, acknowledged_by=actor.code,
        )  # fmt: skip


def shelve(actor: Actor, alarm_id: UUID, *, until: datetime, why: str, now: datetime) -> None:
    """Set the alarm aside until a time of at most 30 days ahead, with the reason; raises Invalid, Conflict."""
    if not why.strip():
        raise Invalid("readings.why_missing")
    if until.tzinfo is None or not now < until <= now + LONGEST_SHELVING:
        raise Invalid("readings.shelved_until_wrong", days=LONGEST_SHELVING.days)
    with transaction.atomic():
        alarm = _locked(actor, alarm_id)
        if alarm.state not in HOLDING:
            raise Conflict("readings.alarm_moved_on", state=alarm.state)
        alarm.state, alarm.shelved_until, alarm.shelved_why = "shelved", until, why.strip()
        alarm.save()
        tell(actor, "shelved", alarm, topic="alarm.changed", why=why.strip(), data={"until": until.isoformat()})
        _members(
            actor, alarm, "shelved", states=HOLDING, why=why.strip(),
            state="shelved", shelved_until=until, shelved_why=why.strip(),
        )  # fmt: skip


def close(actor: Actor, alarm_id: UUID, *, why: str, now: datetime) -> None:
    """Close the alarm with a reason. A silence closed by hand is not raised again before the next reading."""
    if not why.strip():
        raise Invalid("readings.why_missing")
    with transaction.atomic():
        alarm = _locked(actor, alarm_id)
        if alarm.closed_at is not None:
            raise Conflict("readings.alarm_moved_on", state=alarm.state)
        _members(
            actor, alarm, "closed", states=(*HOLDING, "cleared"), why=why.strip(),
            state="closed", closed_at=now, shelved_until=None,
        )  # fmt: skip
        _close(actor, alarm, why=why.strip(), now=now)


def split(actor: Actor, alarm_id: UUID, *, why: str) -> None:
    """Take a member out of its fold for good, or, of the alarm that leads one, all members: not the same cause after
    all. Raises Invalid, Conflict.
    """
    if not why.strip():
        raise Invalid("readings.why_missing")
    with transaction.atomic():
        alarm = _locked(actor, alarm_id)
        out = list(
            Alarm.objects.select_for_update()
            .filter(visible(actor, act=Act.HANDLE_ALARM), parent_id=alarm_id, closed_at__isnull=True)
            .order_by("id")
        )
        out = [alarm] if alarm.parent_id is not None else out
        if not out:
            raise Conflict("readings.not_folded")
        for one in {one.id: one for one in (*out, alarm)}.values():
            one.parent_id, one.alone = None, True
            one.save()
            tell(
                actor, "split", one, topic="alarm.raised" if one.state in HOLDING else "alarm.changed", why=why.strip()
            )


def to_case(actor: Actor, alarm_id: UUID) -> None:
    """Ask the room above to open the case that the alarm's rule names; raises Conflict if one is open already."""
    with transaction.atomic():
        alarm = _locked(actor, alarm_id)
        if alarm.closed_at is not None:
            raise Conflict("readings.alarm_moved_on", state=alarm.state)
        if alarm.case_id is not None and not alarm.case_done:
            raise Conflict("readings.has_case")
        rule = catalogue.current().rules.get(alarm.rule)
        if rule is None or not rule.opens:
            raise Invalid("readings.opens_nothing", rule=alarm.rule)
        tell(actor, "sent_to_case", alarm, topic="alarm.to_case", data={"opens": rule.opens})


def set_case(alarm_id: UUID, case_id: UUID) -> None:
    """Note the case that was opened for the alarm; the same case twice changes nothing. Raises NotFound."""
    with transaction.atomic():
        alarm = _found(alarm_id)
        if alarm.case_id == case_id:
            return
        alarm.case_id, alarm.case_done = case_id, False
        alarm.save()
        tell(INGEST, "case_opened", alarm, topic="alarm.changed", data={"case_id": str(case_id)})


def end_case(case_id: UUID, *, clears: bool, why: str, now: datetime) -> None:
    """Note that a case is done with its alarms: they are closed if the move `clears` them or they had cleared; an alarm
    that still holds stands on, without its case.
    """
    with transaction.atomic():
        hold_alarms()
        for alarm in Alarm.objects.select_for_update().filter(case_id=case_id, closed_at__isnull=True).order_by("id"):
            alarm.case_done = True
            if clears:
                _members(
                    INGEST, alarm, "closed", states=(*HOLDING, "cleared"), why=why,
                    state="closed", closed_at=now, shelved_until=None,
                )  # fmt: skip
            if clears or alarm.state == "cleared":
                _close(INGEST, alarm, why=why, now=now)
            else:
                alarm.save()


def take_off_the_shelf(*, now: datetime) -> int:
    """Raise again what was shelved until now; returns how many."""
    with transaction.atomic():
        alarms = Alarm.objects.select_for_update(skip_locked=True).filter(
            ours("alarm"), closed_at__isnull=True, state="shelved", shelved_until__lte=now
        )
        for alarm in alarms:
            alarm.raise_again()
            alarm.shelved_until = None
            alarm.save()
            tell(INGEST, "unshelved", alarm, topic="alarm.changed")
        return len(alarms)


def forget_quarantine(*, before: datetime) -> None:
    """Delete what was set aside before a time."""
    Quarantine.objects.filter(received_at__lt=before).delete()


def remove_origin(origin: str) -> int:
    """Take out the datastreams, readings and alarms of that origin; returns how many datastreams there were."""
    with transaction.atomic():
        # First of all, so that no worker stores readings of a stream that is about to go.
        change_directory()
        from_there = Datastream.objects.filter(origin=origin)
        with connection.cursor() as cursor:
            ids = list(from_there.values_list("id", flat=True))
            for table in ("readings_reading", *TABLES):
                cursor.execute(
                    sql.SQL("DELETE FROM {} WHERE datastream_id = ANY (%s)").format(sql.Identifier(table)), [ids]
                )
        gone = Alarm.objects.filter(origin=origin)
        AlarmArrival.objects.filter(alarm_id__in=gone.values("id")).delete()
        gone.delete()
        count = from_there.count()
        from_there.delete()
        record(INGEST, Change(action="removed", entity="datastreams", entity_id=origin, data={"count": count}))
        return count


def _close(actor: Actor, alarm: Alarm, *, why: str, now: datetime) -> None:
    alarm.state, alarm.closed_at, alarm.shelved_until = "closed", now, None
    alarm.save()
    tell(actor, "closed", alarm, topic="alarm.changed", why=why)
    lead({alarm.id})


def _members(
    actor: Actor, head: Alarm, action: str, *, states: Collection[str], why: str = "", **becomes: object
) -> None:
    """Do to what is folded under an alarm, as far as the actor may, what was done to the alarm."""
    found = Alarm.objects.select_for_update().filter(parent_id=head.id, state__in=states)
    if actor != INGEST:
        found = found.filter(visible(actor, act=Act.HANDLE_ALARM))
    rows = list(found.order_by("id").values_list("id", "area_path"))
    Alarm.objects.filter(id__in=[one for one, _ in rows]).update(**becomes)
    record_many(
        actor,
        [
            Change(action=action, entity="alarm", entity_id=str(one), area_path=area, why=why, data=_with(head))
            for one, area in rows
        ],
    )


def _with(head: Alarm) -> dict[str, object]:
    return {"state": head.state, "with": str(head.id)}


def _found(alarm_id: UUID) -> Alarm:
    alarm = Alarm.objects.select_for_update().filter(id=alarm_id).first()
    if alarm is None:
        raise NotFound("people.not_visible")
    return alarm


def _locked(actor: Actor, alarm_id: UUID) -> Alarm:
    hold_alarms()
    alarm = _found(alarm_id)
    require(actor, Act.HANDLE_ALARM, area_path=alarm.area_path, unit_code=alarm.unit_code)
    require_here("alarm", alarm.id)
    return alarm
