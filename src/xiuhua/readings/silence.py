"""Streams that fell silent: judged only as far as the stream of messages has been read, and only while we listened."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Min

from xiuhua.catalog import catalogue
from xiuhua.readings.alarms import HOLDING, Raise, clear_alarms, hold_again, raise_alarms
from xiuhua.readings.models import Alarm, Position
from xiuhua.readings.rules import stream_of

AT_ONCE = 1000


def sweep_silence(*, now: datetime) -> int:
    """Raise an alarm for each stream that has been silent too long, and clear those that speak again; returns how many
    were raised.

    While readings wait unread, or just after a gap in listening, a stream only seems silent: `caught_up_at` stands for
    the clock, and a limit counts from `listening_since` at the earliest. A silence that a person closed stays closed
    until the stream speaks.
    """
    rules = {rule.id: rule for rule in catalogue.current().rules.values() if rule.silent}
    heard = Position.objects.aggregate(until=Min("caught_up_at"), since=Max("listening_since"))
    if not rules or heard["until"] is None:
        return 0
    limits = {
        rule_id: catalogue.current().stream(stream_of(rule)).silent_after.seconds for rule_id, rule in rules.items()
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.rule, d.id, d.object_id, coalesce(l.at, d.created_at)
            FROM unnest(%(rules)s::text[], %(streams)s::text[], %(limits)s::float8[]) AS r (rule, stream, silent_after)
            JOIN readings_datastream d ON d.stream = r.stream
            JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
            LEFT JOIN readings_latest l ON l.datastream_id = d.id
            WHERE coalesce(l.silent_at, d.created_at + r.silent_after * interval '1 second') < %(until)s
              AND %(since)s + r.silent_after * interval '1 second' < %(until)s
              AND NOT EXISTS (
                  SELECT 1 FROM readings_alarm a WHERE a.rule = r.rule AND a.object_id = d.object_id
                  AND (a.state = ANY (%(holding)s) OR a.since = coalesce(l.at, d.created_at)))
            ORDER BY d.id LIMIT %(most)s
            """,
            {
                "rules": list(rules),
                "streams": [stream_of(rule) for rule in rules.values()],
                "limits": [limits[rule_id] for rule_id in rules],
                "until": heard["until"],
                "since": heard["since"],
                "holding": list(HOLDING),
                "most": AT_ONCE,
            },
        )
        silent = [
            Raise(rule=rules[rule_id], object_id=object_id, datastream_id=datastream_id, at=now, since=since)
            for rule_id, datastream_id, object_id, since in cursor.fetchall()
        ]
        cleared = Alarm.objects.select_for_update().filter(
            state="cleared", rule__in=rules, object_id__in=[one.object_id for one in silent]
        )
        waiting = {(alarm.rule, alarm.object_id): alarm for alarm in cleared.order_by("id")}
        for one in silent:
            if (alarm := waiting.get((one.rule.id, one.object_id))) is not None:
                hold_again(alarm, one)
        raise_alarms([one for one in silent if (one.rule.id, one.object_id) not in waiting], now=now)
        _clear_those_that_speak(list(rules), now)
    return len(silent)


def _clear_those_that_speak(rules: list[str], now: datetime) -> None:
    """Clear what a reading stored at the same moment as the alarm was raised could not clear, and removed objects."""
    speaking = Alarm.objects.raw(
        """
        SELECT a.* FROM readings_alarm a
        LEFT JOIN readings_latest l ON l.datastream_id = a.datastream_id
        LEFT JOIN objects_cityobject o ON o.id = a.object_id AND o.removed_at IS NULL
        WHERE a.closed_at IS NULL AND a.state = ANY (%s) AND (o.id IS NULL OR a.rule = ANY (%s) AND l.silent_at > %s)
        ORDER BY a.id FOR UPDATE OF a SKIP LOCKED
        """,
        [list(HOLDING), rules, now],
    )
    clear_alarms(list(speaking), now=now)
