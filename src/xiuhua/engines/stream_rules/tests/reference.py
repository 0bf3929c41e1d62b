"""The rules told one reading and one rule at a time, in plain Python: what the arrays must come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isnan, nan, pi, sqrt

import numpy as np

from xiuhua.engines.stream_rules import Also, Condition, Days, Kind, Level, Measure, Watch

HOUR = 3_600_000_000
Reading = tuple[int, int, float, int, int]
"""Slot, time, number, code, quality."""
Turn = tuple[int, int, str, int, float]
"""Time, slot, rule, grade, number."""


@dataclass
class Meter:
    """One condition on one stream."""

    condition: Condition
    gap_us: int
    parts: dict[int, float] = field(default_factory=dict)
    rest: float = nan
    moved_at: int = 0
    last_at: int | None = None
    centre: float = nan
    spread: float = 0.0
    seen: int = 0

    def read(self, at: int, value: float, code: int, band: dict[int, tuple[float, float]]) -> float:
        condition, measure = self.condition, self.condition.measure
        broken = self.last_at is not None and self.gap_us > 0 and at - self.last_at > self.gap_us
        self.last_at = at
        if measure is Measure.VALUE:
            return value * condition.sign
        if measure is Measure.CODE:
            return dict(condition.weights).get(code, 0.0)
        if measure is Measure.CHANGE:
            number, part = value * condition.sign, at // (condition.window_us // 4)
            self.parts[part] = min(number, self.parts.get(part, inf))
            return number - min(self.parts[one] for one in self.parts if part - 4 < one <= part)
        if measure is Measure.STUCK:
            if broken or not abs(value - self.rest) <= condition.tolerance:
                self.rest, self.moved_at = value, at
            return at - self.moved_at
        if measure is Measure.SPIKE:
            return self._spike(value)
        mean, spread = band.get(hour_of_week(at), (nan, nan))
        return nan if isnan(mean) else abs(value - mean) / max(spread, condition.least)

    def _spike(self, value: float) -> float:
        memory = self.condition.memory
        if self.seen == 0:
            self.centre = value
        distance, width = value - self.centre, max(self.spread, self.condition.least)
        ready = self.seen >= memory
        result = abs(distance) / width if ready else nan
        most = 3.0 * width if ready else inf
        taken = min(max(distance, -most), most)
        share = 1.0 / min(self.seen + 1, memory)
        self.centre += share * taken
        self.spread = float32(self.spread + float32(share * (sqrt(pi / 2) * abs(taken) - self.spread)))
        self.seen = min(self.seen + 1, memory)
        return result


def float32(number: float) -> float:
    return float(np.float32(number))


def hour_of_week(at: int) -> int:
    return (at // HOUR + 8 + 72) % 168


@dataclass
class Latch:
    """One level of one rule on one stream."""

    level: Level
    clears_after_us: int
    holds: bool = False
    since: int | None = None

    def see(self, figure: float, allowed: bool, at: int, broken: bool) -> None:
        if self.holds:
            turns, wait = figure <= self.level.clears_at or not allowed, self.clears_after_us
        else:
            turns, wait = figure > self.level.above and allowed, self.level.holds_us
        if not turns:
            self.since = None
            return
        if self.since is None or broken:
            self.since = at
        if at - self.since >= wait:
            self.holds, self.since = not self.holds, None


@dataclass
class OnStream:
    """A watch on one slot."""

    watch: Watch
    meter: Meter
    latches: list[Latch]
    figure: float = nan
    value: float = nan
    judged_at: int | None = None

    @property
    def grade(self) -> int:
        return min((latch.level.grade for latch in self.latches if latch.holds), default=0)


class Reference:
    """All watches on all slots; `ties[slot]` gives the other slots that its watches look at, by kind."""

    def __init__(
        self, watches: Sequence[Watch], kinds: Sequence[Kind], slots: Sequence[str], ties: dict[int, dict[str, int]],
        bands: dict[int, dict[int, tuple[float, float]]], days: Days | None,
    ) -> None:  # fmt: skip
        self.kinds = {kind.id: kind for kind in kinds}
        self.slots, self.ties, self.bands, self.days = slots, ties, bands, days
        self.at: dict[int, int] = {}
        self.watched = {watch.kind for watch in watches} | {also.kind for watch in watches for also in watch.also}
        self.rules: dict[int, list[OnStream]] = {slot: [] for slot in range(len(slots))}
        self.asked: dict[tuple[int, Also], tuple[Meter, Latch]] = {}
        for slot, kind in enumerate(slots):
            gap = self.kinds[kind].gap_us
            for watch in watches:
                if watch.kind == kind:
                    latches = [Latch(level, watch.clears_after_us) for level in watch.levels]
                    self.rules[slot].append(OnStream(watch, Meter(watch.condition, gap), latches))
                for also in watch.also:
                    if also.kind == kind:
                        level = Level(grade=1, above=also.above, clears_at=also.clears_at)
                        self.asked[slot, also] = (Meter(also.condition, gap), Latch(level, 0))

    def read(self, reading: Reading) -> list[Turn]:
        slot, at, value, code, quality = reading
        kind = self.kinds[self.slots[slot]]
        newer = at > self.at.get(slot, -(2**62))
        if quality or (kind.number and isnan(value)) or not newer or kind.id not in self.watched:
            return []
        before = self.at.get(slot)
        self.at[slot] = at
        broken = before is not None and kind.gap_us > 0 and at - before > kind.gap_us
        band = self.bands.get(slot, {})
        for (whose, _), (meter, latch) in self.asked.items():
            if whose == slot:
                latch.see(meter.read(at, value, code, band), True, at, broken)
        turns: list[Turn] = []
        for one in self.rules[slot]:
            one.figure, one.value = one.meter.read(at, value, code, band), value
            if not one.watch.also:
                turns += self._judge(slot, one, at, broken, True)
        for main, rules in self.rules.items():
            for one in rules:
                own = {self.ties.get(main, {}).get(also.kind) for also in one.watch.also if also.own}
                if one.watch.also and (main == slot or slot in own):
                    turns += self._judge_together(main, one, at)
        return turns

    def _judge_together(self, main: int, one: OnStream, at: int) -> list[Turn]:
        ties = self.ties.get(main, {})
        own = [ties[also.kind] for also in one.watch.also if also.own and also.kind in ties]
        now = max([at, *(self.at[slot] for slot in (main, *own) if slot in self.at)])
        allowed = main in self.at and self.at[main] >= now - one.watch.fresh_us
        for also in one.watch.also:
            slot = ties.get(also.kind)
            allowed = allowed and slot is not None and slot in self.at and self.asked[slot, also][1].holds
            allowed = allowed and slot is not None and self.at[slot] >= now - also.fresh_us
        gap = self.kinds[one.watch.kind].gap_us
        broken = one.judged_at is not None and gap > 0 and now - one.judged_at > gap
        one.judged_at = now
        return self._judge(main, one, now, broken, allowed)

    def _judge(self, slot: int, one: OnStream, at: int, broken: bool, allowed: bool) -> list[Turn]:
        before = one.grade
        if one.watch.hours is not None:
            allowed = allowed and self._in_hours(one.watch.hours, at)
        for latch in one.latches:
            latch.see(one.figure, allowed, at, broken)
        return [] if one.grade == before else [(at, slot, one.watch.id, one.grade, one.value)]

    def _in_hours(self, hours: tuple[str, str], at: int) -> bool:
        off, on = (row[hour_of_week(at)] == "1" for row in hours)
        place = (at // HOUR + 8) // 24 - (self.days.first if self.days else 0)
        worked = self.days.worked[place] if self.days and 0 <= place < len(self.days.worked) else 2
        return (off, on, off and on)[int(worked)]
