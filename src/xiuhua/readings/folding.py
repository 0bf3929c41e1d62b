"""Many alarms of one cause as one: members under the gravest of them, which alone is pushed and opens a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from xiuhua.ledger.actions import Change, announce, record_many
from xiuhua.ledger.owners import ours
from xiuhua.readings.alarm_settings import AlarmSettings, alarm_settings
from xiuhua.readings.alarm_telling import INGEST, tell
from xiuhua.readings.models import Alarm
from xiuhua.readings.rules import HOLDING
from xiuhua.readings.storms import hushed

GRAVEST = 1
_LOCK = 7_301_005
COME_BACK = """
    UPDATE readings_alarm a
    SET state = 'raised', closed_at = NULL, cleared_at = NULL, acknowledged_at = NULL, acknowledged_by = '',
        duty_post = '', duty_unit = '', duty_step = 0, call_at = a.raised_at,
        parent_id = NULL, times = a.times + 1, count = a.count + 1, grade = r.grade, datastream_id = r.datastream_id,
        last_at = greatest(a.last_at, r.at), value = r.value, code = r.code, since = r.since
    FROM unnest(%s::text[], %s::smallint[], %s::uuid[], %s::integer[], %s::timestamptz[], %s::float8[],
                %s::text[], %s::timestamptz[])
         AS r (rule, grade, object_id, datastream_id, at, value, code, since)
    JOIN objects_cityobject o ON o.id = r.object_id AND o.removed_at IS NULL
    WHERE a.id = (SELECT x.id FROM readings_alarm x WHERE x.rule = r.rule AND x.object_id = r.object_id
                  ORDER BY x.closed_at DESC NULLS FIRST LIMIT 1)
      AND a.closed_at >= %s AND a.closed_at = a.cleared_at
      AND NOT EXISTS (SELECT 1 FROM ledger_owned w WHERE w.entity = 'alarm' AND w.entity_id = a.id::text)
    RETURNING a.id
"""


def hold_alarms() -> None:
    """Wait until nobody else is about to raise, end or fold alarms, and keep them off to the end of the transaction.

    Called before the first alarm is locked by whoever changes more than one: a fold is led by one of many alarms that
    several processes change, and no order of locking them one after another would be known beforehand.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def come_back(columns: Sequence[list[Any]], *, now: datetime) -> list[UUID]:
    """Raise anew those alarms that ended by themselves a moment ago, whose rule holds again; returns which. One that a
    person or a case has closed stays closed: what comes then is a new alarm.
    """
    since = now - timedelta(seconds=alarm_settings().flap_within_s)
    with connection.cursor() as cursor:
        cursor.execute(COME_BACK, [*columns, since])
        return [row[0] for row in cursor.fetchall()]


def fold(fresh: Collection[Alarm], *, now: datetime) -> set[UUID]:
    """Put alarms that came just now under one another where many of a rule come in an area; returns those that are
    members now. Level Ⅰ is never a member, nor what a person has acknowledged, shelved or split out.
    """
    settings = alarm_settings()
    groups: dict[tuple[str, str, str], list[Alarm]] = defaultdict(list)
    for alarm in fresh:
        codes = alarm.area_path.split("/")[:-1]
        if alarm.grade > GRAVEST and alarm.rule not in settings.alone and len(codes) >= settings.flood_depth:
            groups[alarm.rule, "/".join(codes[: settings.flood_depth]) + "/", alarm.origin].append(alarm)
    members: set[UUID] = set()
    for (rule, area, origin), came in sorted(groups.items()):
        members |= _fold_one(rule, area, origin, came, settings, now)
    return members


def _fold_one(
    rule: str, area: str, origin: str, fresh: Sequence[Alarm], settings: AlarmSettings, now: datetime
) -> set[UUID]:
    mine = {alarm.id for alarm in fresh}
    recent = Q(raised_at__gte=now - timedelta(seconds=settings.flood_longest_s)) | Q(id__in=mine)
    # What another transaction holds just now is left out: it is folded later, or stands on its own.
    standing = Alarm.objects.select_for_update(skip_locked=True).filter(
        recent, ours("alarm"), rule=rule, area_path__startswith=area, origin=origin, closed_at__isnull=True,
        alone=False, grade__gt=GRAVEST, state__in=("raised", "acknowledged"),
    )  # fmt: skip
    chain: list[Alarm] = []
    last = now
    for alarm in sorted(standing, key=lambda one: now if one.id in mine else one.raised_at, reverse=True):
        came = now if alarm.id in mine else alarm.raised_at
        if (last - came).total_seconds() > settings.flood_within_s:
            break
        chain.append(alarm)
        last = min(last, came)
    if len(chain) < settings.flood_least:
        return set()
    under = {alarm.parent_id for alarm in chain if alarm.parent_id is not None}
    heads = [alarm for alarm in chain if alarm.id in under]
    head = min(heads or chain, key=lambda one: (one.grade, one.raised_at, one.id))
    joining = [
        alarm for alarm in chain
        if alarm.id != head.id and alarm.id not in under and alarm.parent_id is None and alarm.state == "raised"
    ]  # fmt: skip
    Alarm.objects.filter(id__in=[alarm.id for alarm in joining]).update(parent_id=head.id)
    record_many(
        INGEST,
        [
            Change(
                action="folded", entity="alarm", entity_id=str(alarm.id), area_path=alarm.area_path,
                data={"under": str(head.id)},
            )
            for alarm in joining
        ],
    )  # fmt: skip
    if joining:
        places = sorted({(alarm.area_path, alarm.unit_code) for alarm in joining})
        announce(
            "alarm.changed", area_path=head.area_path, unit_code=head.unit_code, id=str(head.id), rule=rule,
            object_id=str(head.object_id), places=[list(place) for place in places], quiet=hushed(head.grade),
        )  # fmt: skip
    lead({head.id})
    return set(Alarm.objects.filter(id__in=mine, parent_id__isnull=False).values_list("id", flat=True))


def lead(heads: Iterable[UUID]) -> None:
    """Let the gravest lead each fold, and another one where the head no longer holds: what is left when the cause has
    gone comes back as an alarm of its own, to be acknowledged, in the case that is open already.
    """
    for head_id in sorted(set(heads)):
        members = list(
            Alarm.objects.select_for_update()
            .filter(parent_id=head_id, state__in=HOLDING)
            .order_by("grade", "raised_at", "id")
        )
        head = Alarm.objects.filter(id=head_id).first()
        if head is None or not members:
            continue
        holds, first = head.state in HOLDING, members[0]
        if holds and head.grade <= first.grade:
            continue
        first.parent_id = None
        if first.case_id is None and head.case_id is not None and not head.case_done:
            first.case_id = head.case_id
        first.raise_again()
        first.save()
        rest = [one.id for one in members[1:]] + ([head_id] if holds else [])
        Alarm.objects.filter(id__in=rest).update(parent_id=first.id)
        tell(INGEST, "leads", first, topic="alarm.raised")


def lift(alarm: Alarm) -> None:
    """Bring a member that has become graver to the top; level Ⅰ leaves its fold."""
    if alarm.parent_id is None:
        lead({alarm.id})
    elif alarm.grade == GRAVEST:
        alarm.parent_id = None
        alarm.save()
        tell(INGEST, "split", alarm, topic="alarm.raised")
    else:
        lead({alarm.parent_id})
