"""Streams that fell silent: judged only as far as the stream of messages has been read, and only while we listened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Min

from xiuhua.catalog import catalogue
from xiuhua.catalog.in_force import rules_in_force
from xiuhua.ledger.owners import ours
from xiuhua.readings.alarms import Raise, clear_alarms, hold_again, raise_alarms
from xiuhua.readings.folding import hold_alarms
from xiuhua.readings.models import Alarm, Position
from xiuhua.readings.rules import HOLDING
from xiuhua.readings.silence_limits import SilenceLimit, silence_limits

AT_ONCE = 1000


def sweep_silence(*, now: datetime) -> int:
    """Raise an alarm for each stream that has been silent too long, and clear those that speak again; returns how many
    were raised.

    While readings wait unread, or just after a gap in listening, a stream only seems silent: `caught_up_at` stands for
    the clock, and a limit counts from `listening_since` at the earliest. A silence that a person closed stays closed
    until the stream speaks.
    """
    limits = silence_limits()
    heard = Position.objects.aggregate(until=Min("caught_up_at"), since=Max("listening_since"))
    if heard["until"] is None:
        return 0
    declared = catalogue.current().rules
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.rule, d.id, d.object_id, coalesce(l.at, d.created_at)
            FROM unnest(%(rules)s::text[], %(streams)s::text[], %(limits)s::float8[], %(shifts)s::float8[])
                AS r (rule, stream, silent_after, shift)
            JOIN readings_datastream d ON d.stream = r.stream
            JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
            LEFT JOIN readings_latest l ON l.datastream_id = d.id
            WHERE coalesce(l.silent_at + r.shift * interval '1 second',
                           d.created_at + r.silent_after * interval '1 second') < %(until)s
              AND %(since)s + r.silent_after * interval '1 second' < %(until)s
              AND NOT EXISTS (
                  SELECT 1 FROM ledger_owned w WHERE w.entity = 'area' AND starts_with(d.area_path, w.entity_id))
              AND NOT EXISTS (
                  SELECT 1 FROM readings_alarm a WHERE a.rule = r.rule AND a.object_id = d.object_id
                  AND (a.state = ANY (%(holding)s) OR a.since = coalesce(l.at, d.created_at)))
            ORDER BY d.id LIMIT %(most)s
            """,
            {
                "rules": list(limits),
                "streams": [limit.stream for limit in limits.values()],
                "limits": [limit.seconds for limit in limits.values()],
                "shifts": [limit.shift_s for limit in limits.values()],
                "until": heard["until"],
                "since": heard["since"],
                "holding": list(HOLDING),
                "most": AT_ONCE,
            },
        )
        silent = [
            Raise(rule=declared[rule_id], object_id=object_id, datastream_id=datastream_id, at=now, since=since)
            for rule_id, datastream_id, object_id, since in cursor.fetchall()
        ]
        hold_alarms()
        cleared = Alarm.objects.select_for_update().filter(
            state="cleared", rule__in=list(limits), object_id__in=[one.object_id for one in silent]
        )
        waiting = {(alarm.rule, alarm.object_id): alarm for alarm in cleared.order_by("id")}
        for one in silent:
            if (alarm := waiting.get((one.rule.id, one.object_id))) is not None:
                hold_again(alarm, one)
        raise_alarms([one for one in silent if (one.rule.id, one.object_id) not in waiting], now=now)
        _clear_those_that_speak(limits, now)
        _clear_those_switched_off(now)
    return len(silent)


def _clear_those_that_speak(limits: Mapping[str, SilenceLimit], now: datetime) -> None:
    """Clear what a reading stored at the same moment as the alarm was raised could not clear, and removed objects."""
    speaking = Alarm.objects.raw(
        """
        SELECT a.* FROM readings_alarm a
        LEFT JOIN unnest(%s::text[], %s::float8[]) AS r (rule, shift) ON r.rule = a.rule
        LEFT JOIN readings_latest l ON l.datastream_id = a.datastream_id
        LEFT JOIN objects_cityobject o ON o.id = a.object_id AND o.removed_at IS NULL
        WHERE a.closed_at IS NULL AND a.state = ANY (%s)
          AND NOT EXISTS (SELECT 1 FROM ledger_owned w WHERE w.entity = 'alarm' AND w.entity_id = a.id::text)
          AND (o.id IS NULL OR l.silent_at + r.shift * interval '1 second' > %s)
        ORDER BY a.id FOR UPDATE OF a SKIP LOCKED
        """,
        [list(limits), [limit.shift_s for limit in limits.values()], list(HOLDING), now],
    )
    clear_alarms(list(speaking), now=now)


def _clear_those_switched_off(now: datetime) -> None:
    """Clear the alarms of rules that a user has switched off."""
    in_force = rules_in_force()
    off = sorted(in_force.catalogue.rules.keys() - in_force.rules.keys())
    if not off:
        return
    alarms = Alarm.objects.select_for_update(skip_locked=True).filter(
        ours("alarm"), closed_at__isnull=True, state__in=HOLDING, rule__in=off
    )
    clear_alarms(list(alarms.order_by("id")), now=now, why="rule switched off")
