"""The values of a rule that a user may lay others over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from xiuhua.catalog.checks.rules import limit_of
from xiuhua.kernel.durations import SECONDS, Duration
from xiuhua.kernel.streams import Level, Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelValues:
    """A graver level's values, known by its grade."""

    grade: int
    value: float | None = None
    clears_at: float | None = None
    holds_for_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """All values of a rule that may be laid over. `value` is the condition's first figure: a number or change in the
    stream's unit, spreads, or, for silence and a stuck stream, seconds; codes have none. `on` switches the rule.
    """

    on: bool = True
    value: float | None = None
    clears_at: float | None = None
    holds_for_s: float | None = None
    clears_after_s: float | None = None
    levels: tuple[LevelValues, ...] = ()


def values_of(rule: Rule, silent_after: Duration | None = None) -> Values:
    """Return the values of a rule; `silent_after` is its stream's."""
    value = limit_of(rule)
    if rule.stuck is not None:
        value = rule.stuck.lasting.seconds
    if rule.silent:
        value = _seconds(rule.silent_after or silent_after)
    return Values(
        value=value,
        clears_at=rule.clears_at,
        holds_for_s=_seconds(rule.holds_for),
        clears_after_s=_seconds(rule.clears_after),
        levels=tuple(
            LevelValues(
                grade=level.grade, value=level.value, clears_at=level.clears_at, holds_for_s=_seconds(level.holds_for)
            )
            for level in rule.levels
        ),
    )  # fmt: skip


def with_values(rule: Rule, values: Values) -> Rule:
    """Return the rule with those values; what a value is not given for, and levels it lacks, stay as declared."""
    rule = _with_limit(rule, values.value)
    given = {level.grade: level for level in values.levels}
    return replace(
        rule,
        clears_at=values.clears_at,
        holds_for=_duration(values.holds_for_s),
        clears_after=_duration(values.clears_after_s),
        levels=tuple(_level(level, given[level.grade]) if level.grade in given else level for level in rule.levels),
    )


def as_json(values: Values) -> dict[str, object]:
    """Return the values as they are kept."""
    return {
        "on": values.on, "value": values.value, "clears_at": values.clears_at, "holds_for_s": values.holds_for_s,
        "clears_after_s": values.clears_after_s,
        "levels": [
            {"grade": one.grade, "value": one.value, "clears_at": one.clears_at, "holds_for_s": one.holds_for_s}
            for one in values.levels
        ],
    }  # fmt: skip


def from_json(kept: Mapping[str, object]) -> Values:
    """Return values that were kept."""
    levels = kept.get("levels") or ()
    assert isinstance(levels, list | tuple)
    return Values(**{**kept, "levels": tuple(LevelValues(**level) for level in levels)})  # type: ignore[arg-type]


def _with_limit(rule: Rule, value: float | None) -> Rule:
    if value is None:
        return rule
    if rule.above is not None:
        return replace(rule, above=value)
    if rule.below is not None:
        return replace(rule, below=value)
    if rule.rises is not None:
        return replace(rule, rises=replace(rule.rises, by=value))
    if rule.falls is not None:
        return replace(rule, falls=replace(rule.falls, by=value))
    if rule.stuck is not None:
        return replace(rule, stuck=replace(rule.stuck, lasting=SECONDS(value)))
    if rule.spike is not None:
        return replace(rule, spike=replace(rule.spike, times=value))
    if rule.band is not None:
        return replace(rule, band=replace(rule.band, times=value))
    if rule.drifts is not None:
        return replace(rule, drifts=replace(rule.drifts, above=value))
    if rule.unusable is not None:
        return replace(rule, unusable=replace(rule.unusable, above=value))
    if rule.flaps is not None:
        return replace(rule, flaps=replace(rule.flaps, above=value))
    return replace(rule, silent_after=SECONDS(value)) if rule.silent else rule


def _level(level: Level, values: LevelValues) -> Level:
    return replace(
        level,
        value=values.value if values.value is not None else level.value,
        clears_at=values.clears_at,
        holds_for=_duration(values.holds_for_s),
    )


def _seconds(duration: Duration | None) -> float | None:
    return None if duration is None else duration.seconds


def _duration(seconds: float | None) -> Duration | None:
    return None if seconds is None else SECONDS(seconds)
