"""One sentence in both languages: why an alarm stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from xiuhua.catalog.in_force import RulesInForce
from xiuhua.catalog.limits import (
    also_words,
    amount_of,
    hours_words,
    lately_words,
    limit_words,
    silence_limit,
    stream_or_none,
)
from xiuhua.kernel.streams import Level, Rule, Stream
from xiuhua.kernel.words import Label
from xiuhua.readings.models import Alarm


def why(alarm: Alarm, in_force: RulesInForce, now: datetime) -> Label:
    """Return what was seen and the limit it broke."""
    rule, catalogue = in_force.rules.get(alarm.rule), in_force.catalogue
    if rule is None:
        return Label(zh=f"规则 {alarm.rule} 已停用", en=f"Rule {alarm.rule} is no longer in force")
    stream = stream_or_none(rule.on, catalogue)
    if stream is None:
        return rule.label
    if rule.silent:
        return _silence(rule, stream, (alarm.cleared_at or alarm.closed_at or now) - (alarm.since or alarm.raised_at))
    if rule.lately is not None:
        return _lately(alarm, rule, stream)
    level = next((one for one in rule.levels if one.grade == alarm.grade), None)
    parts = [_seen(alarm, rule, level, stream)]
    holds_for = level.holds_for if level is not None and level.holds_for is not None else rule.holds_for
    if holds_for is not None:
        held = limit_words(holds_for)
        parts.append(Label(zh=f"已持续 {held.zh}", en=f"held for {held.en}"))
    parts += [also_words(also, catalogue) for also in rule.also]
    if rule.hours is not None:
        parts.append(hours_words(rule.hours))
    return Label(zh="，".join(part.zh for part in parts), en="; ".join(part.en for part in parts))


def _silence(rule: Rule, stream: Stream, silence: timedelta) -> Label:
    after = silence_limit(rule, stream)
    limit = timedelta(seconds=after.seconds if after is not None else 0)
    return Label(
        zh=f"{stream.label.zh}静默 {_length_zh(silence)}，上限 {_length_zh(limit)}",
        en=f"No {_lower(stream.label.en)} for {_length_en(silence)}; limit {_length_en(limit)}",
    )


def _lately(alarm: Alarm, rule: Rule, stream: Stream) -> Label:
    said, value = lately_words(rule, stream), alarm.value or 0.0
    if rule.drifts is not None:
        found = amount_of(value, stream, "+.3g")
    else:
        found = f"{value * 100:.3g}%" if rule.unusable is not None else f"{value:g}"
    return Label(zh=f"{stream.label.zh}：{said.zh}，实为 {found}", en=f"{stream.label.en}: {said.en}; found {found}")


def _seen(alarm: Alarm, rule: Rule, level: Level | None, stream: Stream) -> Label:
    name = stream.label
    if rule.among:
        meaning = stream.meaning(alarm.code)
        zh, en = (f"（{meaning.zh}）", f" ({_lower(meaning.en)})") if meaning is not None else ("", "")
        return Label(
            zh=f"{name.zh}为 {alarm.code}{zh}，属告警状态",
            en=f"{name.en} is {alarm.code}{en}, one of the alarm codes",
        )
    seen = "—" if alarm.value is None else amount_of(alarm.value, stream)
    figure = level.value if level is not None else None

    def said(zh: str, en: str) -> Label:
        return Label(zh=f"{name.zh} {seen}，{zh}", en=f"{name.en} {seen}; {en}")

    if rule.above is not None:
        limit = amount_of(rule.above if figure is None else figure, stream)
        return said(f"高于上限 {limit}", f"upper limit {limit}")
    if rule.below is not None:
        limit = amount_of(rule.below if figure is None else figure, stream)
        return said(f"低于下限 {limit}", f"lower limit {limit}")
    change = rule.rises or rule.falls
    if change is not None:
        within, by = limit_words(change.within), amount_of(change.by if figure is None else figure, stream)
        zh, en = ("上升", "risen") if rule.rises is not None else ("下降", "fallen")
        return said(f"{within.zh}内{zh}超过 {by}", f"{en} by more than {by} within {within.en}")
    if rule.stuck is not None:
        lasting, within_unit = limit_words(rule.stuck.lasting), f"±{amount_of(rule.stuck.within, stream)}"
        return said(f"已有 {lasting.zh}没有变化（{within_unit}）", f"unchanged ({within_unit}) for {lasting.en}")
    usual = rule.spike or rule.band
    times = f"{(usual.times if usual is not None else 0) if figure is None else figure:g}"
    if rule.spike is not None:
        return said(f"突跳，超过近期离散度的 {times} 倍", f"more than {times} recent spreads off")
    return said(f"偏离往常同一时段，超过离散度的 {times} 倍", f"more than {times} spreads off the usual for the hour")


def _lower(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def _parts(length: timedelta) -> tuple[int, str, str]:
    seconds = max(0, int(length.total_seconds()))
    if seconds < 120:
        return seconds, "秒", "s"
    if seconds < 2 * 3600:
        return seconds // 60, "分钟", "min"
    if seconds < 48 * 3600:
        return seconds // 3600, "小时", "h"
    return seconds // 86400, "天", "days"


def _length_zh(length: timedelta) -> str:
    amount, unit, _ = _parts(length)
    return f"{amount} {unit}"


def _length_en(length: timedelta) -> str:
    amount, _, unit = _parts(length)
    return f"{amount} {unit}"
