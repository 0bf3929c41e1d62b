"""Raising, repeating and clearing alarms: what the system does by itself, inside the transaction of what it saw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.streams import Rule
from xiuhua.ledger.actions import Change, announce, record_many
from xiuhua.readings.models import Alarm
from xiuhua.readings.rules import Newest, judge, rules_by_stream

INGEST = system_actor("ingest")
REPEAT_LEAST = timedelta(seconds=1)
HOLDING = ("raised", "acknowledged", "shelved")


@dataclass(frozen=True, kw_only=True, slots=True)
class Raise:
    """A rule that begins to hold for an object; `since` is when its silence began, for silence."""

    rule: Rule
    object_id: UUID
    datastream_id: int
    at: datetime
    value: float | None = None
    code: str = ""
    since: datetime | None = None


def settle(newest: Sequence[Newest], *, now: datetime) -> None:
    """Bring alarms in line with the newest readings; called in the transaction that stores them."""
    judged = judge(newest, rules_by_stream(catalogue.current().rules.values()), now)
    if not judged:
        return
    standing = {
        (alarm.rule, alarm.object_id): alarm
        for alarm in Alarm.objects.select_for_update()
        .filter(
            closed_at__isnull=True,
            rule__in={rule.id for rule, _, _ in judged},
            object_id__in={one.object_id for _, one, _ in judged},
        )
        .order_by("id")
    }
    fresh: list[Raise] = []
    over: list[Alarm] = []
    for rule, one, held in judged:
        alarm = standing.get((rule.id, one.object_id))
        if held:
            seen = Raise(
                rule=rule, object_id=one.object_id, datastream_id=one.datastream_id, at=one.at, value=one.value,
                code=one.code,
            )  # fmt: skip
            if alarm is None:
                fresh.append(seen)
            else:
                hold_again(alarm, seen)
        elif alarm is not None and alarm.state in HOLDING:
            over.append(alarm)
    raise_alarms(fresh, now=now)
    clear_alarms(over, now=now)


def raise_alarms(raises: Sequence[Raise], *, now: datetime) -> None:
    """Raise an alarm for each that has none standing; objects that were removed get none."""
    if not raises:
        return
    by_key = {(one.rule.id, one.object_id): one for one in raises}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_alarm (rule, grade, object_id, object_type, object_code, object_name, datastream_id,
                state, raised_at, last_at, count, value, code, acknowledged_by, shelved_why, since, area_path,
                unit_code, case_done, origin)
            SELECT r.rule, r.grade, o.id, o.type, o.code, o.name, r.datastream_id, 'raised', %s, r.at, 1, r.value,
                r.code, '', '', r.since, o.area_path, o.unit_code, false, o.origin
            FROM unnest(%s::text[], %s::smallint[], %s::uuid[], %s::integer[], %s::timestamptz[], %s::float8[],
                        %s::text[], %s::timestamptz[])
                 AS r (rule, grade, object_id, datastream_id, at, value, code, since)
            JOIN objects_cityobject o ON o.id = r.object_id AND o.removed_at IS NULL
            ON CONFLICT (rule, object_id) WHERE closed_at IS NULL DO NOTHING
            RETURNING id, rule, object_id, area_path, unit_code
            """,
            [
                now,
                [one.rule.id for one in raises],
                [one.rule.grade for one in raises],
                [one.object_id for one in raises],
                [one.datastream_id for one in raises],
                [one.at for one in raises],
                [one.value for one in raises],
                [one.code for one in raises],
                [one.since for one in raises],
            ],
        )
        raised = cursor.fetchall()
    changes: list[Change] = []
    for alarm_id, rule_id, object_id, area_path, unit_code in raised:
        one = by_key[rule_id, object_id]
        changes.append(
            Change(action="raised", entity="alarm", entity_id=str(alarm_id), area_path=area_path, data=_seen(one))
        )
        announce(
            "alarm.raised", area_path=area_path, unit_code=unit_code, id=str(alarm_id), opens=one.rule.opens,
            rule=rule_id, object_id=str(object_id), case_id=None,
        )  # fmt: skip
    record_many(INGEST, changes)


def hold_again(alarm: Alarm, seen: Raise) -> None:
    """Count one more time that a locked alarm holds; one that had cleared is raised anew."""
    if alarm.state in HOLDING and seen.at - alarm.last_at < REPEAT_LEAST:
        return
    anew = alarm.state not in HOLDING
    alarm.count += 1
    alarm.last_at, alarm.value, alarm.code, alarm.since = max(seen.at, alarm.last_at), seen.value, seen.code, seen.since
    if anew:
        alarm.state, alarm.cleared_at = "raised", None
        alarm.acknowledged_at, alarm.acknowledged_by = None, ""
    alarm.save()
    if anew:
        tell(INGEST, "raised", alarm, topic="alarm.raised", data=_seen(seen))


def _seen(seen: Raise) -> dict[str, object]:
    return {
        "rule": seen.rule.id, "grade": seen.rule.grade, "at": seen.at.isoformat(), "value": seen.value,
        "code": seen.code,
    }  # fmt: skip


def clear_alarms(alarms: Iterable[Alarm], *, now: datetime, why: str = "") -> None:
    """Mark locked alarms as cleared; those that no open case waits for are closed at once."""
    for alarm in alarms:
        alarm.state, alarm.cleared_at = "cleared", now
        alarm.shelved_until = None
        closed = alarm.case_id is None or alarm.case_done
        if closed:
            alarm.state, alarm.closed_at = "closed", now
        alarm.save()
        tell(INGEST, "closed" if closed else "cleared", alarm, topic="alarm.cleared", why=why)


def tell(
    actor: Actor, action: str, alarm: Alarm, *, topic: str, why: str = "", data: dict[str, object] | None = None
) -> None:
    """Write an alarm's change into the history and announce it."""
    record_many(
        actor,
        [
            Change(
                action=action, entity="alarm", entity_id=str(alarm.id), area_path=alarm.area_path, why=why,
                data={"state": alarm.state, **(data or {})},
            )
        ],
    )  # fmt: skip
    rule = catalogue.current().rules.get(alarm.rule)
    announce(
        topic, area_path=alarm.area_path, unit_code=alarm.unit_code, id=str(alarm.id),
        opens=rule.opens if rule else "", rule=alarm.rule,
        object_id=str(alarm.object_id), case_id=str(alarm.case_id) if alarm.case_id else None,
    )  # fmt: skip
