"""Limits, conditions and units as people read them."""

from __future__ import annotations

from xiuhua.kernel.durations import Duration, Kind
from xiuhua.kernel.streams import Rule, Stream
from xiuhua.kernel.words import Label

STEPS = (
    (86400, Label(zh="天", en="d")),
    (3600, Label(zh="小时", en="h")),
    (60, Label(zh="分钟", en="min")),
    (1, Label(zh="秒", en="s")),
)


def limit_words(duration: Duration) -> Label:
    """Return a duration in words: 30 分钟 / 30 min, 2 个工作时 / 2 working hours."""
    if duration.kind is Kind.WORKING_HOURS:
        return Label(zh=f"{duration.amount:g} 个工作时", en=_plural(duration.amount, "working hour"))
    if duration.kind is Kind.WORKING_DAYS:
        return Label(zh=f"{duration.amount:g} 个工作日", en=_plural(duration.amount, "working day"))
    for size, word in STEPS:
        if duration.amount >= size and duration.amount % size == 0:
            return Label(zh=f"{duration.amount / size:g} {word.zh}", en=f"{duration.amount / size:g} {word.en}")
    return Label(zh=f"{duration.amount:g} 秒", en=f"{duration.amount:g} s")


def rule_words(rule: Rule, stream: Stream | None) -> Label:
    """Return when a rule holds, in words."""
    unit = f" {stream.quantity.unit}" if stream and stream.quantity else ""
    if rule.above is not None:
        return Label(zh=f"> {rule.above:g}{unit}", en=f"> {rule.above:g}{unit}")
    if rule.below is not None:
        return Label(zh=f"< {rule.below:g}{unit}", en=f"< {rule.below:g}{unit}")
    if rule.among:
        codes = ", ".join(rule.among)
        return Label(zh=f"∈ {codes}", en=f"∈ {codes}")
    if stream is None:
        return Label(zh="静默", en="silent")
    after = limit_words(stream.silent_after)
    return Label(zh=f"静默超过 {after.zh}", en=f"silent for more than {after.en}")


def _plural(amount: float, word: str) -> str:
    return f"{amount:g} {word}" + ("" if amount == 1 else "s")
