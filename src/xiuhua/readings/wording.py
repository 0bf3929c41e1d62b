"""One sentence in both languages: why an alarm stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.streams import Rule, Stream
from xiuhua.kernel.words import Label
from xiuhua.readings.models import Alarm
from xiuhua.readings.rules import stream_of


def why(alarm: Alarm, catalogue: Catalogue, now: datetime) -> Label:
    """Return what was seen and the limit it broke."""
    rule = catalogue.rules.get(alarm.rule)
    if rule is None:
        return Label(zh=f"规则 {alarm.rule} 已停用", en=f"Rule {alarm.rule} is no longer in force")
    try:
        stream = catalogue.stream(stream_of(rule))
    except NotFound:
        return rule.label
    if rule.silent:
        return _silence(stream, (alarm.cleared_at or alarm.closed_at or now) - (alarm.since or alarm.raised_at))
    return _seen(alarm, rule, stream)


def _silence(stream: Stream, silence: timedelta) -> Label:
    limit = timedelta(seconds=stream.silent_after.seconds)
    return Label(
        zh=f"{stream.label.zh}静默 {_length_zh(silence)}，上限 {_length_zh(limit)}",
        en=f"No {_lower(stream.label.en)} for {_length_en(silence)}; limit {_length_en(limit)}",
    )


def _seen(alarm: Alarm, rule: Rule, stream: Stream) -> Label:
    if rule.among:
        return Label(
            zh=f"{stream.label.zh}为 {alarm.code}，属告警状态",
            en=f"{stream.label.en} is {alarm.code}, one of the alarm codes",
        )
    unit = f" {stream.quantity.unit}" if stream.quantity and stream.quantity.unit != "1" else ""
    value = "—" if alarm.value is None else f"{alarm.value:g}"
    if rule.above is not None:
        return Label(
            zh=f"{stream.label.zh} {value}{unit}，高于上限 {rule.above:g}{unit}",
            en=f"{stream.label.en} {value}{unit}; upper limit {rule.above:g}{unit}",
        )
    return Label(
        zh=f"{stream.label.zh} {value}{unit}，低于下限 {rule.below:g}{unit}",
        en=f"{stream.label.en} {value}{unit}; lower limit {rule.below:g}{unit}",
    )


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
