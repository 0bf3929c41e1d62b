"""The daily look at devices: how long each was online, whether it drifts, flaps or says what cannot be used.

Everything is worked out from the rollups of hours. What a rule on devices asks for becomes an alarm as any other does,
and by the pack's table its repair case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.catalog.in_force import rules_in_force
from xiuhua.engines.drift import drift
from xiuhua.kernel.streams import Rule
from xiuhua.readings.alarms import Raise, clear_alarms, hold_again, raise_alarms, repeat
from xiuhua.readings.folding import hold_alarms
from xiuhua.readings.history.marks import rolled
from xiuhua.readings.models import Alarm, DeviceCheck
from xiuhua.readings.neighbours import placed_streams
from xiuhua.readings.quality import Quality
from xiuhua.readings.rules import HOLDING, stream_of

EVERY = timedelta(hours=24)
PERIODS = (1, 7, 30)
NEIGHBOURS = 7
LEAST_READINGS = 24
HOUR_S = 3600

# Streams report in slots of whole hours, as long as the stream may be silent; a device is online in those it used. A
# stream without a reading counts as an empty slot: an outer join took a minute on tables not yet analysed.
_ONLINE = """
    WITH kind AS (SELECT * FROM unnest(%(streams)s::text[], %(slots)s::float8[]) AS k (stream, slot)),
    used AS (
        SELECT h.datastream_id, floor(extract(epoch FROM h.at) / k.slot) AS number,
               min(h.at) AS first, max(h.at) AS last
        FROM (SELECT datastream_id, at FROM readings_hour WHERE at >= %(first)s AND at < %(end)s
              UNION ALL SELECT datastream_id, at FROM readings_hour_code WHERE at >= %(first)s AND at < %(end)s) h
        JOIN readings_datastream d ON d.id = h.datastream_id JOIN kind k ON k.stream = d.stream
        GROUP BY h.datastream_id, number
    ),
    counted AS (
        SELECT u.datastream_id, p.days, min(u.first) AS first,
               count(*) FILTER (WHERE u.last >= %(end)s - p.days * interval '1 day') AS slots
        FROM (SELECT datastream_id, first, last FROM used UNION ALL SELECT id, NULL, NULL FROM readings_datastream) u
        CROSS JOIN unnest(%(periods)s::int[]) AS p (days) GROUP BY u.datastream_id, p.days
    ),
    share AS (
        SELECT d.object_id, c.days,
               least(c.slots * k.slot
                     / greatest(ceil(extract(epoch FROM %(end)s - b.begin) / k.slot) * k.slot, k.slot), 1) AS online
        FROM counted c JOIN readings_datastream d ON d.id = c.datastream_id JOIN kind k ON k.stream = d.stream
        JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
        CROSS JOIN LATERAL (SELECT greatest(%(end)s - c.days * interval '1 day',
                                            date_trunc('hour', least(d.created_at, c.first))) AS begin) b
        WHERE b.begin < %(end)s
    )
    SELECT object_id, days, avg(online) FROM share GROUP BY object_id, days
"""
_HOURS = """
    SELECT h.datastream_id, (extract(epoch FROM h.at) / 3600)::bigint, h.count, h.usable, h.sum, h.quality
    FROM readings_hour h JOIN readings_datastream d ON d.id = h.datastream_id
    WHERE d.stream = %s AND h.at >= %s AND h.at < %s
"""
_CODES = """
    SELECT h.datastream_id, (extract(epoch FROM h.at) / 3600)::bigint, sum(h.count), sum(h.count), 0.0,
           bit_or(h.quality)
    FROM readings_hour_code h JOIN readings_datastream d ON d.id = h.datastream_id
    WHERE d.stream = %s AND h.at >= %s AND h.at < %s GROUP BY 1, 2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Rollups of one kind of stream, one entry a datastream and hour since 1970 UTC."""

    datastream: NDArray[np.int64]
    hour: NDArray[np.int64]
    count: NDArray[np.float64]
    usable: NDArray[np.float64]
    sum: NDArray[np.float64]
    quality: NDArray[np.int64]

    def after(self, begins: Mapping[int, int]) -> Hours:
        """Return what lies after each datastream's own beginning (hours since 1970)."""
        begin = np.array([begins.get(int(one), 0) for one in self.datastream], dtype=np.int64)
        chosen = self.hour >= begin
        return Hours(**{name: getattr(self, name)[chosen] for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """On which things a rule holds, and which are sound; of the others too little is known."""

    rule: Rule
    holding: list[Raise]
    sound: set[UUID]


def look_at_devices(*, now: datetime, at_once: bool = False) -> int:
    """Look at every device, once a day (or at once); return how many rules on devices hold."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7301010)")
        last = DeviceCheck.objects.order_by("-checked_at").values_list("checked_at", flat=True).first()
        if last is not None and now - last < EVERY and not at_once:
            return 0
        end = rolled().rolled_until
        checks = _online(end, now)
        found = [_judge(rule, checks, end, now) for rule in rules_in_force().rules.values() if rule.lately is not None]
        fields = [field.name for field in DeviceCheck._meta.fields if field.name != "object_id"]
        DeviceCheck.objects.bulk_create(
            checks.values(), update_conflicts=True, unique_fields=["object_id"], update_fields=fields, batch_size=5000
        )
        DeviceCheck.objects.exclude(checked_at=now).delete()
        hold_alarms()
        for one in found:
            _settle(one, now)
    return sum(len(one.holding) for one in found)


def _online(end: datetime, now: datetime) -> dict[UUID, DeviceCheck]:
    streams = {
        f"{type_id}.{stream.id}": float(max(1, ceil(stream.silent_after.seconds / HOUR_S)) * HOUR_S)
        for type_id, kind in catalogue.current().objects.items()
        for stream in kind.streams
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _ONLINE,
            {
                "streams": list(streams), "slots": list(streams.values()), "periods": list(PERIODS), "end": end,
                "first": end - timedelta(days=max(PERIODS)),
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    checks: dict[UUID, DeviceCheck] = {}
    for object_id, days, online in rows:
        check = checks.setdefault(object_id, DeviceCheck(object_id=object_id, checked_at=now))
        setattr(check, f"online_{days}", float(online))
    return checks


def _judge(rule: Rule, checks: dict[UUID, DeviceCheck], end: datetime, now: datetime) -> Judged:
    """Return what the last days show of one rule; a thing of which too little is known keeps its alarm, and what lies
    before the end of its last alarm no longer counts.
    """
    assert rule.lately is not None
    stream = stream_of(rule)
    placed = {row[0]: row for row in placed_streams(stream)}
    things = {one: UUID(row[2]) for one, row in placed.items()}
    begins = _ended(rule.id, things)
    begin = end - timedelta(seconds=rule.lately.within.seconds)
    hours = _hours(stream, begin, end, begins)
    if rule.drifts is not None:
        values, over = _drifts(rule, hours, placed)
    elif rule.unusable is not None:
        values = _unusable(hours)
        over = {one for one, value in values.items() if value > rule.lately.above}
    else:
        values = _returns(hours)
        over = {one for one, value in values.items() if value > rule.lately.above}
    for one, value in values.items():
        check = checks.get(things[one]) if one in things else None
        if check is None:
            continue
        if rule.drifts is not None and (check.drift is None or abs(value) > abs(check.drift)):
            check.drift, check.drift_stream = value, stream
        elif rule.unusable is not None:
            check.unusable = max(value, check.unusable or 0.0)
        elif rule.flaps is not None:
            check.returns = max(int(value), check.returns)
    return Judged(
        rule=rule, sound={things[one] for one in values.keys() - over if one in things},
        holding=[
            Raise(rule=rule, object_id=things[one], datastream_id=one, at=now, value=values[one])
            for one in sorted(over)
            if one in things
        ],
    )  # fmt: skip


def _settle(judged: Judged, now: datetime) -> None:
    holding, sound = judged.holding, judged.sound
    alarms = Alarm.objects.select_for_update().filter(rule=judged.rule.id, closed_at__isnull=True).order_by("id")
    standing = {alarm.object_id: alarm for alarm in alarms}
    repeat([(standing[one.object_id], one) for one in holding
            if one.object_id in standing and standing[one.object_id].state in HOLDING])  # fmt: skip
    for one in holding:
        if one.object_id in standing and standing[one.object_id].state not in HOLDING:
            hold_again(standing[one.object_id], one)
    raise_alarms([one for one in holding if one.object_id not in standing], now=now)
    clear_alarms([one for thing, one in standing.items() if thing in sound and one.state in HOLDING], now=now)


def _ended(rule_id: str, things: Mapping[int, UUID]) -> dict[int, int]:
    """Return after which hour each datastream counts anew: the end of the last alarm of that rule on its thing."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT object_id, ceil(extract(epoch FROM max(closed_at)) / 3600)::bigint FROM readings_alarm
            WHERE rule = %s AND closed_at IS NOT NULL GROUP BY 1
            """,
            [rule_id],
        )
        ended = dict(cursor.fetchall())
    return {one: ended[thing] for one, thing in things.items() if thing in ended}


def _hours(stream: str, begin: datetime, end: datetime, begins: Mapping[int, int]) -> Hours:
    with connection.cursor() as cursor:
        cursor.execute(f"{_HOURS} UNION ALL {_CODES}", [stream, begin, end] * 2)
        rows = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 6)
    hours = Hours(
        datastream=rows[:, 0].astype(np.int64), hour=rows[:, 1].astype(np.int64), count=rows[:, 2], usable=rows[:, 3],
        sum=rows[:, 4], quality=rows[:, 5].astype(np.int64),
    )  # fmt: skip
    return hours.after(begins)


def _drifts(
    rule: Rule, hours: Hours, placed: Mapping[int, tuple[int, str, str, float | None, float | None, str]]
) -> tuple[dict[int, float], set[int]]:
    """Return how far each device drifted over the hours known of it, and which did so beyond the rule's bound for sure:
    the 95 % interval has no zero in it.
    """
    assert rule.lately is not None
    ids = np.array([one for one, row in placed.items() if row[3] is not None], dtype=np.int64)
    use = (hours.usable > 0) & np.isin(hours.datastream, ids)
    if not use.any() or len(ids) < 2:
        return {}, set()
    first = int(hours.hour[use].min())
    hourly = np.full((len(ids), int(hours.hour[use].max()) - first + 1), np.nan)
    order = np.argsort(ids)
    row = order[np.searchsorted(ids[order], hours.datastream[use])]
    hourly[row, hours.hour[use] - first] = hours.sum[use] / hours.usable[use]
    x, y = (np.array([float(placed[int(one)][axis] or 0) for one in ids]) for axis in (3, 4))
    found = drift(hourly, x, y, NEIGHBOURS)
    values: dict[int, float] = {}
    over: set[int] = set()
    for number in np.flatnonzero(np.isfinite(found.slope)):
        known = np.flatnonzero(np.isfinite(hourly[number]))
        values[int(ids[number])] = change = float(found.slope[number] * (known[-1] - known[0]))
        if abs(change) > rule.lately.above and found.low[number] * found.high[number] > 0:
            over.add(int(ids[number]))
    return values, over


def _unusable(hours: Hours) -> dict[int, float]:
    ids, place = np.unique(hours.datastream, return_inverse=True)
    count, usable = np.bincount(place, hours.count, len(ids)), np.bincount(place, hours.usable, len(ids))
    return {
        int(one): float(1 - good / all_)
        for one, good, all_ in zip(ids, usable, count, strict=True)
        if all_ >= LEAST_READINGS
    }


def _returns(hours: Hours) -> dict[int, float]:
    ids, place = np.unique(hours.datastream, return_inverse=True)
    back = np.bincount(place, (hours.quality & int(Quality.AFTER_GAP)) > 0, len(ids))
    return {int(one): float(times) for one, times in zip(ids, back, strict=True)}
