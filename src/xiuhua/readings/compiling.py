"""From the rules in force to the engine's table."""

from __future__ import annotations

from collections.abc import Iterable

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.in_force import rules_in_force
from xiuhua.catalog.limits import stream_or_none
from xiuhua.engines import stream_rules as engine
from xiuhua.kernel.durations import Duration
from xiuhua.kernel.streams import Also, Hours, Level, Reports, Rule, Stream
from xiuhua.readings.quality import UNUSABLE

LOCAL_OFFSET_H = 8
"""China has one offset without summer time."""
US = 1_000_000
NOTHING = ""
"""The kind of streams that nobody declares any more."""

_made: list[tuple[object, engine.Table]] = []


def table_in_force() -> engine.Table:
    """Return the table of the rules in force; made anew only when they changed."""
    now = rules_in_force()
    if not _made or _made[0][0] is not now:
        _made[:] = [(now, table_of(now.rules.values(), now.catalogue))]
    return _made[0][1]


def table_of(rules: Iterable[Rule], catalogue: Catalogue) -> engine.Table:
    """Return the table of rules on readings (silence is found by a sweep, what ails devices once a day); its
    kinds are all declared streams.
    """
    judged = [
        rule
        for rule in rules
        if not rule.silent and rule.lately is None and stream_or_none(rule.on, catalogue) is not None
    ]
    codes = sorted({code for rule in judged for code in _codes(rule)})
    place = {code: number for number, code in enumerate(codes)}
    streams = {
        f"{type_id}.{stream.id}": stream for type_id, kind in catalogue.objects.items() for stream in kind.streams
    }
    kinds = [
        engine.Kind(id=name, number=one.reports is Reports.NUMBER, gap_us=_us(one.silent_after))
        for name, one in streams.items()
    ]
    return engine.compile_table(
        [_watch(rule, streams, place) for rule in judged], [*kinds, engine.Kind(id=NOTHING)], codes,
        offset_h=LOCAL_OFFSET_H, unusable_from=UNUSABLE,
    )  # fmt: skip


def _watch(rule: Rule, streams: dict[str, Stream], place: dict[str, int]) -> engine.Watch:
    condition, levels = _condition(rule, place)
    return engine.Watch(
        id=rule.id,
        kind=".".join(rule.on),
        condition=condition,
        levels=levels,
        clears_after_us=_us(rule.clears_after),
        hours=None if rule.hours is None else _hours(rule.hours),
        also=tuple(_also(also, rule.on[0], streams, place) for also in rule.also),
        fresh_us=_us(streams[".".join(rule.on)].silent_after),
    )


def _condition(rule: Rule, place: dict[str, int]) -> tuple[engine.Condition, tuple[engine.Level, ...]]:
    """Return what the engine measures, and the rule's levels on it."""
    if rule.among:
        sets = (
            (rule.grade, rule.among, rule.holds_for),
            *((one.grade, one.among, one.holds_for) for one in rule.levels),
        )
        weights = {place[code]: float(number) for number, (_, codes, _) in enumerate(sets, 1) for code in codes}
        levels = tuple(
            engine.Level(grade=grade, above=number - 0.5, clears_at=number - 0.5, holds_us=_us(held or rule.holds_for))
            for number, (grade, _, held) in enumerate(sets, 1)
        )
        return engine.Condition(measure=engine.Measure.CODE, weights=tuple(sorted(weights.items()))), levels
    if rule.stuck is not None:
        lasting = _us(rule.stuck.lasting) - 0.5
        level = engine.Level(grade=rule.grade, above=lasting, clears_at=lasting, holds_us=_us(rule.holds_for))
        return engine.Condition(measure=engine.Measure.STUCK, tolerance=rule.stuck.within), (level,)
    condition, limit, sign = _measured(rule)
    first = Level(grade=rule.grade, value=limit, clears_at=rule.clears_at, holds_for=rule.holds_for)
    return condition, tuple(_level(level, rule, sign) for level in (first, *rule.levels))


def _measured(rule: Rule) -> tuple[engine.Condition, float, int]:
    """Return the measure, the first limit and the sign in which limits are given."""
    if rule.above is not None:
        return engine.Condition(), rule.above, 1
    if rule.below is not None:
        return engine.Condition(sign=-1), rule.below, -1
    if rule.rises is not None:
        return engine.Condition(measure=engine.Measure.CHANGE, window_us=_us(rule.rises.within)), rule.rises.by, 1
    if rule.falls is not None:
        window = _us(rule.falls.within)
        return engine.Condition(measure=engine.Measure.CHANGE, sign=-1, window_us=window), rule.falls.by, 1
    if rule.spike is not None:
        spike = engine.Condition(measure=engine.Measure.SPIKE, least=rule.spike.least, memory=rule.spike.over)
        return spike, rule.spike.times, 1
    assert rule.band is not None
    return engine.Condition(measure=engine.Measure.BAND, least=rule.band.least), rule.band.times, 1


def _level(level: Level, rule: Rule, sign: int) -> engine.Level:
    assert level.value is not None
    clears_at = level.value if level.clears_at is None else level.clears_at
    return engine.Level(
        grade=level.grade, above=level.value * sign, clears_at=clears_at * sign,
        holds_us=_us(level.holds_for or rule.holds_for),
    )  # fmt: skip


def _also(also: Also, type_id: str, streams: dict[str, Stream], place: dict[str, int]) -> engine.Also:
    if also.among:
        weights = tuple(sorted((place[code], 1.0) for code in also.among))
        condition, above = engine.Condition(measure=engine.Measure.CODE, weights=weights), 0.5
    elif also.above is not None:
        condition, above = engine.Condition(), also.above
    else:
        assert also.below is not None
        condition, above = engine.Condition(sign=-1), -also.below
    kind = ".".join(also.on)
    return engine.Also(
        kind=kind, condition=condition, above=above, clears_at=above,
        fresh_us=_us(also.fresh_for or streams[kind].silent_after), own=also.on[0] == type_id,
    )  # fmt: skip


def _hours(hours: Hours) -> tuple[str, str]:
    def row(working: bool) -> str:
        if hours.working is not None and hours.working is not working:
            return "0" * engine.HOURS_OF_WEEK
        return "".join("1" if _inside(hours, hour) else "0" for hour in range(engine.HOURS_OF_WEEK))

    return row(False), row(True)


def _inside(hours: Hours, hour_of_week: int) -> bool:
    """Return whether an hour counts; the hours after midnight belong to the day on which the span began."""
    day, hour = divmod(hour_of_week, 24)
    if hours.begin < hours.end:
        return day + 1 in hours.weekdays and hours.begin <= hour < hours.end
    if hour >= hours.begin:
        return day + 1 in hours.weekdays
    return hour < hours.end and (day - 1) % 7 + 1 in hours.weekdays


def _codes(rule: Rule) -> Iterable[str]:
    yield from rule.among
    for level in rule.levels:
        yield from level.among
    for also in rule.also:
        yield from also.among


def _us(duration: Duration | None) -> int:
    return 0 if duration is None else round(duration.seconds * US)
