"""The measures of alarms over a time, of those alarms that the actor may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines import alarm_measures as engine
from xiuhua.kernel.actor import Actor
from xiuhua.people.policy import visible
from xiuhua.people.queries import area_path
from xiuhua.readings.alarm_settings import alarm_settings
from xiuhua.readings.models import Alarm, AlarmArrival, Storm
from xiuhua.readings.storms import storm_now

WORST = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleMeasure:
    """A rule by how often its alarms came, its share of all, and how many of them chattered or stand."""

    rule: str
    count: int
    share: float
    chattering: int
    standing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """Everything over [begin, end): as it came (`raw`), after folding (`shown`), and by alarm, grade and rule."""

    begin: datetime
    end: datetime
    operators: int
    raw: engine.Rates
    shown: engine.Rates
    total: int
    chattering: int
    standing: int
    stale: int
    grades: dict[str, int]
    worst: list[RuleMeasure]
    worst_share: float


def measures(actor: Actor, *, hours: int, area: str = "", now: datetime) -> Measures:
    """Return the measures of the last hours, up to the full ten minutes that is going on."""
    step = timedelta(seconds=engine.BUCKET_S)
    whole = (now.timestamp() // engine.BUCKET_S + 1) * engine.BUCKET_S
    end = datetime.fromtimestamp(whole, tz=now.tzinfo)
    begin = end - int(hours * 3600 / engine.BUCKET_S) * step
    at, alarm, rule, grade, folded, names = _arrivals(actor, area, begin, end)
    operators = alarm_settings().operators
    first, last = begin.timestamp(), end.timestamp()
    chattering = engine.chattering(alarm, at)
    held = Alarm.objects.filter(visible(actor), area_path__startswith=area_path(area), closed_at__isnull=True)
    rows = list[tuple[Any, ...]](held.values_list("rule", "raised_at", "cleared_at", "acknowledged_at"))
    raised, over, seen = (_seconds([row[place] for row in rows]) for place in (1, 2, 3))
    stands = engine.standing(raised, over, now=now.timestamp())
    stale = engine.stale(raised, over, seen, now=now.timestamp())
    groups, counts, share = engine.shares(rule)
    noisy = np.isin(alarm, chattering)
    noisy_alarms = {(int(one), int(whose)) for one, whose in zip(rule[noisy], alarm[noisy], strict=True)}
    worst = [
        RuleMeasure(
            rule=names[group], count=int(count), share=float(part),
            chattering=sum(1 for one, _ in noisy_alarms if one == group),
            standing=sum(1 for row, held_on in zip(rows, stands, strict=True) if held_on and row[0] == names[group]),
        )
        for group, count, part in zip(groups[:WORST], counts[:WORST], share[:WORST], strict=True)
    ]  # fmt: skip
    return Measures(
        begin=begin, end=end, operators=operators, total=len(at),
        raw=engine.rates(at, begin=first, end=last, operators=operators),
        shown=engine.rates(at[~folded], begin=first, end=last, operators=operators),
        chattering=len(chattering), standing=int(stands.sum()), stale=int(stale.sum()),
        grades={str(one): int((grade == one).sum()) for one in range(1, 5)}, worst=worst,
        worst_share=float(share[:WORST].sum()),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class StormSeen:
    """A storm as the actor sees it: how many alarms it held back (folds once), how many came in the last ten minutes,
    and how many of these are shown.
    """

    storm: Storm
    held: int
    raw: int
    shown: int


def storm_seen(actor: Actor, *, now: datetime) -> StormSeen | None:
    """Return the storm that goes on."""
    storm = storm_now()
    if storm is None:
        return None
    mine = AlarmArrival.objects.filter(alarm_id__in=Alarm.objects.filter(visible(actor)).values("id"))
    lately = mine.filter(at__gt=now - timedelta(seconds=engine.BUCKET_S), at__lte=now)
    held = mine.filter(at__gte=storm.began_at, grade__gte=storm.holds, folded=False)
    return StormSeen(
        storm=storm, held=held.values("alarm_id").distinct().count(), raw=lately.count(),
        shown=lately.filter(folded=False).count(),
    )  # fmt: skip


def _seconds(times: list[datetime | None]) -> engine.Numbers:
    return np.array([np.nan if at is None else at.timestamp() for at in times], dtype=np.float64)


def _arrivals(
    actor: Actor, area: str, begin: datetime, end: datetime
) -> tuple[engine.Numbers, engine.Whole, engine.Whole, engine.Whole, NDArray[np.bool_], list[str]]:
    """Return, one entry an arrival, its time (s), alarm and rule as numbers, grade, whether folded; rules' names."""
    within = AlarmArrival.objects.filter(at__gte=begin, at__lt=end)
    seen = Alarm.objects.filter(visible(actor), area_path__startswith=area_path(area), id__in=within.values("alarm_id"))
    rules = dict(seen.values_list("id", "rule"))
    arrivals = within.filter(alarm_id__in=list(rules)).order_by("id").values_list("at", "alarm_id", "grade", "folded")
    whose = {one: place for place, one in enumerate(rules)}
    rows = [(at.timestamp(), whose[one], rules[one], grade, folded) for at, one, grade, folded in arrivals]
    names = sorted({row[2] for row in rows})
    number = {name: place for place, name in enumerate(names)}
    return (
        np.array([row[0] for row in rows], dtype=np.float64), np.array([row[1] for row in rows], dtype=np.int64),
        np.array([number[row[2]] for row in rows], dtype=np.int64), np.array([row[3] for row in rows], dtype=np.int64),
        np.array([row[4] for row in rows], dtype=np.bool_), names,
    )  # fmt: skip
