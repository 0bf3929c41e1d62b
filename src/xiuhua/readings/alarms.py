"""Raising, repeating and clearing alarms: what the system does by itself, inside the transaction of what it saw."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from xiuhua.catalog import catalogue
from xiuhua.kernel.streams import Rule
from xiuhua.ledger.actions import Change, record_many
from xiuhua.ledger.owners import ours
from xiuhua.readings.alarm_telling import INGEST, announce_alarm, tell
from xiuhua.readings.folding import come_back, fold, hold_alarms, lead, lift
from xiuhua.readings.models import Alarm, AlarmArrival, Datastream
from xiuhua.readings.rules import HOLDING, Arrays, Judged, RuleMemory, Seen
from xiuhua.readings.silence_limits import silence_limits

REPEAT_LEAST = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


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
    grade: int = 0

    @property
    def level(self) -> int:
        """The grade it has come to; the rule's, where it has but one."""
        return self.grade or self.rule.grade


def settle(memory: RuleMemory, arrays: Arrays, *, now: datetime) -> Callable[[], None]:
    """Bring alarms in line with readings that are newer than what their streams had; called in the transaction that
    stores them. Returns what to call once that transaction is committed; if it fails, the memory stays as it was.
    """
    judged = memory.judge(arrays)
    again = _settle(judged, now=now)
    _end_silence(arrays, now=now)
    # Last: who has counted waits for no other alarm any more.
    repeat(again)
    return judged.commit


def _settle(judged: Judged, *, now: datetime) -> list[tuple[Alarm, Raise]]:
    """Raise, change and clear alarms by what was judged; returns those that hold as they did. A rule that began and
    ended within the call leaves an alarm that was raised and cleared.
    """
    last: dict[tuple[str, int], Seen] = {}
    for one in judged.turns:
        key = (one.rule, one.datastream_id)
        if one.grade and (key not in last or one.grade <= last[key].grade):
            last[key] = one
    last |= {(one.rule, one.datastream_id): one for one in judged.holding}
    over = {(one.rule, one.datastream_id) for one in judged.turns} - {
        (one.rule, one.datastream_id) for one in judged.holding
    }
    if not last and not over:
        return []
    things = dict(
        Datastream.objects.filter(id__in={one for _, one in last | dict.fromkeys(over)}).values_list("id", "object_id")
    )
    rules = catalogue.current().rules
    seen = {
        (rule_id, things[number]): Raise(
            rule=rules[rule_id], object_id=things[number], datastream_id=number, at=EPOCH + one.at_us * MICROSECOND,
            value=one.value, code=one.code, grade=one.grade,
        )
        for (rule_id, number), one in last.items()
        if number in things and rule_id in rules
    }  # fmt: skip
    ended = {(rule, things[one]) for rule, one in over if one in things}
    before = _standing(seen.keys() | ended, locked=False)
    again = {key for key, one in seen.items() if key not in ended and _as_it_was(before.get(key), one)}
    turned = (seen.keys() - again) | (ended & before.keys())
    if turned:
        _turn({key: one for key, one in seen.items() if key in turned}, ended, turned, now=now)
    return [(before[key], seen[key]) for key in sorted(again, key=lambda key: before[key].id)]


def _turn(
    seen: Mapping[tuple[str, UUID], Raise], ended: Collection[tuple[str, UUID]], keys: Collection[tuple[str, UUID]],
    *, now: datetime,
) -> None:  # fmt: skip
    hold_alarms()
    standing = _standing(keys, locked=True)
    fresh: list[Raise] = []
    for key, one in seen.items():
        alarm = standing.get(key)
        if alarm is None:
            fresh.append(one)
        elif not _as_it_was(alarm, one):
            hold_again(alarm, one)
    repeat([(alarm, seen[key]) for key, alarm in standing.items() if key in seen and _as_it_was(alarm, seen[key])])
    raise_alarms(fresh, now=now)
    raised = _standing({(one.rule.id, one.object_id) for one in fresh} & set(ended), locked=True)
    clear_alarms(
        [alarm for key, alarm in {**standing, **raised}.items() if key in ended and alarm.state in HOLDING], now=now
    )


def _as_it_was(alarm: Alarm | None, seen: Raise) -> bool:
    return alarm is not None and alarm.state in HOLDING and alarm.grade == seen.grade


def _standing(keys: Collection[tuple[str, UUID]], *, locked: bool) -> dict[tuple[str, UUID], Alarm]:
    """Return the alarms that are not closed, by rule and thing."""
    if not keys:
        return {}
    found = Alarm.objects.filter(
        closed_at__isnull=True, rule__in={rule for rule, _ in keys}, object_id__in={thing for _, thing in keys}
    ).order_by("id")
    by_key = {(alarm.rule, alarm.object_id): alarm for alarm in (found.select_for_update() if locked else found)}
    return {key: alarm for key, alarm in by_key.items() if key in keys}


def repeat(again: Sequence[tuple[Alarm, Raise]]) -> None:
    """Count, in one statement, one more time that alarms hold; what somebody else changes just now is passed over."""
    due = [(alarm, seen) for alarm, seen in again if seen.at - alarm.last_at >= REPEAT_LEAST]
    if not due:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH free AS (SELECT id FROM readings_alarm WHERE id = ANY (%s) AND state = ANY (%s)
                          ORDER BY id FOR UPDATE SKIP LOCKED)
            UPDATE readings_alarm a
            SET count = a.count + 1, last_at = greatest(a.last_at, s.at), value = s.value, code = s.code
            FROM unnest(%s::uuid[], %s::timestamptz[], %s::float8[], %s::text[]) AS s (id, at, value, code)
            JOIN free USING (id)
            WHERE a.id = s.id
            """,
            [
                [alarm.id for alarm, _ in due], list(HOLDING), [alarm.id for alarm, _ in due],
                [seen.at for _, seen in due], [seen.value for _, seen in due], [seen.code for _, seen in due],
            ],
        )  # fmt: skip


def _end_silence(arrays: Arrays, *, now: datetime) -> None:
    """Clear the silence of streams that spoke, unless what they said came too late to end it."""
    limits = silence_limits()
    if not limits or not len(arrays.at):
        return
    newest = np.flatnonzero(np.append(arrays.datastream[1:] != arrays.datastream[:-1], True))
    standing = Alarm.objects.filter(ours("alarm"), closed_at__isnull=True, state__in=HOLDING, rule__in=list(limits))
    rows = list(standing.filter(datastream_id__isnull=False).values_list("id", "rule", "datastream_id"))
    if not rows:
        return
    heard = dict(zip(arrays.datastream[newest].tolist(), arrays.heard_at[newest].tolist(), strict=True))
    ended = [
        alarm_id
        for alarm_id, rule, one in rows
        if one in heard and EPOCH + heard[one] * MICROSECOND + timedelta(seconds=limits[rule].seconds) > now
    ]
    if not ended:
        return
    hold_alarms()
    locked = Alarm.objects.select_for_update().filter(id__in=ended, state__in=HOLDING).order_by("id")
    clear_alarms(list(locked), now=now)


def raise_alarms(raises: Sequence[Raise], *, now: datetime) -> None:
    """Raise an alarm for each that has none standing, or the one that ended a moment ago again; objects that were
    removed get none. Many of one cause are folded into one, which alone is announced.
    """
    if not raises:
        return
    by_key = {(one.rule.id, one.object_id): one for one in raises}
    columns: list[list[Any]] = [
        [one.rule.id for one in raises],
        [one.level for one in raises],
        [one.object_id for one in raises],
        [one.datastream_id for one in raises],
        [one.at for one in raises],
        [one.value for one in raises],
        [one.code for one in raises],
        [one.since for one in raises],
    ]
    back = set(come_back(columns, now=now))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_alarm (rule, grade, object_id, object_type, object_code, object_name, datastream_id,
                state, raised_at, last_at, count, value, code, acknowledged_by, shelved_why, since, area_path,
                unit_code, case_done, origin, call_at)
            SELECT r.rule, r.grade, o.id, o.type, o.code, o.name, r.datastream_id, 'raised', %s, r.at, 1, r.value,
                r.code, '', '', r.since, o.area_path, o.unit_code, false, o.origin, %s
            FROM unnest(%s::text[], %s::smallint[], %s::uuid[], %s::integer[], %s::timestamptz[], %s::float8[],
                        %s::text[], %s::timestamptz[])
                 AS r (rule, grade, object_id, datastream_id, at, value, code, since)
            JOIN objects_cityobject o ON o.id = r.object_id AND o.removed_at IS NULL
            ON CONFLICT (rule, object_id) WHERE closed_at IS NULL DO NOTHING
            RETURNING id
            """,
            [now, now, *columns],
        )
        ids = back | {row[0] for row in cursor.fetchall()}
    raised = list(Alarm.objects.filter(id__in=ids).order_by("id"))
    record_many(
        INGEST,
        [
            Change(
                action="came_back" if alarm.id in back else "raised", entity="alarm", entity_id=str(alarm.id),
                area_path=alarm.area_path, data=_seen(by_key[alarm.rule, alarm.object_id]),
            )
            for alarm in raised
        ],
    )  # fmt: skip
    members = fold(raised, now=now)
    AlarmArrival.objects.bulk_create(
        [
            AlarmArrival(alarm_id=alarm.id, at=now, grade=alarm.grade, folded=alarm.id in members | back)
            for alarm in raised
        ]
    )
    for alarm in raised:
        if alarm.id not in members:
            announce_alarm("alarm.raised", alarm)


def hold_again(alarm: Alarm, seen: Raise) -> None:
    """Count one more time that a locked alarm holds; one that had cleared is raised anew, one that has become graver is
    to be acknowledged again.
    """
    anew, before = alarm.state not in HOLDING, alarm.grade
    alarm.count, alarm.grade = alarm.count + 1, seen.level
    alarm.last_at, alarm.value, alarm.code, alarm.since = max(seen.at, alarm.last_at), seen.value, seen.code, seen.since
    if anew:
        alarm.raise_again()
        alarm.cleared_at = None
        alarm.times += 1
        AlarmArrival.objects.create(alarm_id=alarm.id, at=alarm.last_at, grade=alarm.grade, folded=True)
    graver = not anew and alarm.grade < before
    if graver and alarm.state == "acknowledged":
        alarm.raise_again()
    alarm.save()
    if anew:
        tell(INGEST, "raised", alarm, topic="alarm.raised", data=_seen(seen))
    elif alarm.grade != before:
        tell(INGEST, "escalated" if graver else "eased", alarm, topic="alarm.changed", data=_seen(seen))
        lift(alarm)


def _seen(seen: Raise) -> dict[str, object]:
    return {
        "rule": seen.rule.id, "grade": seen.level, "at": seen.at.isoformat(), "value": seen.value,
        "code": seen.code,
    }  # fmt: skip


def clear_alarms(alarms: Iterable[Alarm], *, now: datetime, why: str = "") -> None:
    """Mark locked alarms as cleared; those that no open case waits for are closed at once. What was folded under them
    and still holds goes on as one alarm of its own.
    """
    alarms = list(alarms)
    for alarm in alarms:
        alarm.state, alarm.cleared_at = "cleared", now
        alarm.shelved_until = None
        closed = alarm.case_id is None or alarm.case_done
        if closed:
            alarm.state, alarm.closed_at = "closed", now
        alarm.save()
        tell(INGEST, "closed" if closed else "cleared", alarm, topic="alarm.cleared", why=why)
    lead(alarm.id for alarm in alarms if alarm.parent_id is None)
