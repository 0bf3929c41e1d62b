"""Limits, conditions and units as people read them."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.durations import Duration, Kind
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.quantities import RATIO
from xiuhua.kernel.streams import Also, Hours, Level, Rule, Stream
from xiuhua.kernel.words import Label

STEPS = (
    (86400, Label(zh="天", en="d")),
    (3600, Label(zh="小时", en="h")),
    (60, Label(zh="分钟", en="min")),
    (1, Label(zh="秒", en="s")),
)
WEEKDAYS = Label(zh="一二三四五六日", en="Mon,Tue,Wed,Thu,Fri,Sat,Sun")


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


def rule_words(rule: Rule, catalogue: Catalogue) -> Label:
    """Return when a rule holds, in words: its condition with every level, waits, dead band, other streams, hours."""
    stream = stream_or_none(rule.on, catalogue)
    parts = [condition_words(rule, stream)]
    parts += [_level(rule, level, stream) for level in rule.levels]
    if rule.holds_for is not None:
        held = limit_words(rule.holds_for)
        parts.append(Label(zh=f"持续 {held.zh}", en=f"for {held.en}"))
    parts += [also_words(also, catalogue) for also in rule.also]
    if rule.hours is not None:
        parts.append(hours_words(rule.hours))
    if rule.clears_at is not None:
        figure = figure_words(rule, rule.clears_at, stream)
        parts.append(Label(zh=f"回到 {figure.zh} 解除", en=f"clears at {figure.en}"))
    if rule.clears_after is not None:
        after = limit_words(rule.clears_after)
        parts.append(Label(zh=f"恢复 {after.zh}后解除", en=f"clears after {after.en}"))
    return Label(zh="；".join(part.zh for part in parts), en="; ".join(part.en for part in parts))


def condition_words(rule: Rule, stream: Stream | None, level: Level | None = None) -> Label:
    """Return the condition of a rule, or of one of its levels, in words."""
    value = level.value if level is not None else None
    if rule.above is not None or rule.below is not None:
        sign, limit = (">", rule.above) if rule.above is not None else ("<", rule.below)
        text = f"{sign} {amount_of((limit or 0.0) if value is None else value, stream)}"
        return Label(zh=text, en=text)
    if rule.among:
        codes = ", ".join(level.among if level is not None else rule.among)
        return Label(zh=f"∈ {codes}", en=f"∈ {codes}")
    change = rule.rises or rule.falls
    if change is not None:
        within, by = limit_words(change.within), amount_of(change.by if value is None else value, stream)
        zh, en = ("上升", "rises") if rule.rises is not None else ("下降", "falls")
        return Label(zh=f"{within.zh}内{zh}超过 {by}", en=f"{en} by more than {by} within {within.en}")
    if rule.stuck is not None:
        lasting, range_ = limit_words(rule.stuck.lasting), amount_of(rule.stuck.within, stream)
        return Label(zh=f"{lasting.zh}不变（±{range_}）", en=f"unchanged (±{range_}) for {lasting.en}")
    if rule.spike is not None:
        times = f"{rule.spike.times if value is None else value:g}"
        return Label(zh=f"突跳，超过近期离散度的 {times} 倍", en=f"jumps by more than {times} recent spreads")
    if rule.band is not None:
        times = f"{rule.band.times if value is None else value:g}"
        return Label(zh=f"偏离往常同一时段，超过离散度的 {times} 倍",
                     en=f"more than {times} spreads off the usual for the hour")  # fmt: skip
    if rule.lately is not None:
        return lately_words(rule, stream)
    after = silence_limit(rule, stream)
    if after is None:
        return Label(zh="静默", en="silent")
    words = limit_words(after)
    return Label(zh=f"静默超过 {words.zh}", en=f"silent for more than {words.en}")


def lately_words(rule: Rule, stream: Stream | None) -> Label:
    """Return what the daily look at devices must find, in words."""
    assert rule.lately is not None
    within, above = limit_words(rule.lately.within), f"{rule.lately.above:g}"
    if rule.drifts is not None:
        by = amount_of(rule.lately.above, stream)
        return Label(zh=f"{within.zh}内相对邻近设备漂移超过 {by}",
                     en=f"drifts by more than {by} from its neighbours in {within.en}")  # fmt: skip
    if rule.unusable is not None:
        share = f"{rule.unusable.above * 100:g}%"
        return Label(zh=f"{within.zh}内不可用读数超过 {share}", en=f"more than {share} not usable in {within.en}")
    return Label(zh=f"{within.zh}内时断时续超过 {above} 次", en=f"back from silence over {above} times in {within.en}")


def figure_words(rule: Rule, figure: float, stream: Stream | None) -> Label:
    """Return a figure of the rule's condition with its unit."""
    if rule.spike is not None or rule.band is not None:
        return Label(zh=f"{figure:g} 倍", en=f"{figure:g} spreads")
    return Label(zh=amount_of(figure, stream), en=amount_of(figure, stream))


def also_words(also: Also, catalogue: Catalogue) -> Label:
    """Return what another stream must say as well, in words."""
    stream = stream_or_none(also.on, catalogue)
    name = stream.label if stream is not None else Label(zh=".".join(also.on), en=".".join(also.on))
    if also.among:
        text = "∈ " + ", ".join(also.among)
    else:
        sign, limit = (">", also.above) if also.above is not None else ("<", also.below)
        text = f"{sign} {amount_of(limit or 0.0, stream)}"
    return Label(zh=f"且{name.zh} {text}", en=f"and {name.en} {text}")


def hours_words(hours: Hours) -> Label:
    """Return a schedule in words."""
    zh, en = [], []
    if hours.working is not None:
        zh.append("工作日" if hours.working else "休息日")
        en.append("on working days" if hours.working else "on days off")
    if len(set(hours.weekdays)) < 7:
        days = sorted(set(hours.weekdays))
        zh.append("周" + "、".join(WEEKDAYS.zh[day - 1] for day in days))
        en.append("on " + ", ".join(WEEKDAYS.en.split(",")[day - 1] for day in days))
    if (hours.begin, hours.end) != (0, 24):
        zh.append(f"{hours.begin} 时至 {hours.end} 时")
        en.append(f"{hours.begin:02d}:00 to {hours.end:02d}:00")
    return Label(zh="、".join(zh) or "全天", en=", ".join(en) or "at all hours")


def silence_limit(rule: Rule, stream: Stream | None) -> Duration | None:
    """Return after how long a stream counts as silent for a rule."""
    return rule.silent_after or (stream.silent_after if stream is not None else None)


def stream_or_none(on: tuple[str, str], catalogue: Catalogue) -> Stream | None:
    """Return the stream of (type, stream), None where its pack is gone."""
    try:
        return catalogue.stream(".".join(on))
    except NotFound:
        return None


def amount_of(value: float, stream: Stream | None, form: str = "g") -> str:
    """Return a number of the stream with its unit: a ratio as a percentage, a pure number alone."""
    quantity = stream.quantity if stream is not None else None
    if quantity == RATIO:
        return f"{value * 100:{form}}%"
    return f"{value:{form}} {quantity.unit}" if quantity is not None and quantity.unit != "1" else f"{value:{form}}"


def _level(rule: Rule, level: Level, stream: Stream | None) -> Label:
    words = condition_words(rule, stream, level)
    held = limit_words(level.holds_for) if level.holds_for is not None else None
    return Label(
        zh=f"{level.grade} 级 {words.zh}" + (f" 持续 {held.zh}" if held else ""),
        en=f"level {level.grade} {words.en}" + (f" for {held.en}" if held else ""),
    )


def _plural(amount: float, word: str) -> str:
    return f"{amount:g} {word}" + ("" if amount == 1 else "s")
