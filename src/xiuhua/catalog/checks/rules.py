"""Rules: one condition that its stream can meet, limits in order, every part of use, a grade, a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.durations import Duration, Kind
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.streams import Also, Hours, Reports, Rule, Stream
from xiuhua.kernel.words import Label

GRADES = range(1, 5)
READINGS_MOST = 65_535
DAY_S = 86_400
IDLE = {
    "silent": ("levels", "clears_at", "holds_for", "clears_after", "also", "hours"),
    "among": ("clears_at", "silent_after"),
    "stuck": ("levels", "clears_at", "silent_after"),
    **dict.fromkeys(
        ("drifts", "unusable", "flaps"),
        ("levels", "clears_at", "holds_for", "clears_after", "also", "hours", "silent_after"),
    ),
}
"""What a rule of that condition has no use for; the others only lack silence."""
FINITE = Label(zh="须是有限的数", en="must be a finite number")
POSITIVE = Label(zh="须大于零", en="must be above zero")
CALENDAR = Label(zh="须是大于零的自然时间", en="must be calendar time above zero")


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why a rule cannot stand: a code of the catalogue's messages, and what fills it."""

    code: str
    params: Mapping[str, str | Label] = field(default_factory=dict)


def check_rules(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report rules that can never hold, say nothing, or say what would be passed over."""
    for rule in pack.rules:
        name = rule.id.partition(".")[2]
        for problem in problems(rule, catalogue):
            report.fault(problem.code, name, severity="error", **problem.params)


def problems(rule: Rule, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with a rule of full ids."""
    given = rule.conditions
    if len(given) != 1:
        yield Problem(code="catalog.rule_condition")
    yield from _stream_problems(rule, catalogue)
    opened = catalogue.cases.get(rule.opens)
    if opened is not None and opened.on != rule.on[0]:
        yield Problem(code="catalog.rule_opens_other", params={"id": rule.opens, "type": rule.on[0]})
    if rule.grade not in GRADES:
        yield Problem(code="catalog.rule_grade")
    if not rule.source.standard.strip():
        yield Problem(code="catalog.source_missing")
    for condition in given[:1]:
        for part in IDLE.get(condition, ("silent_after",)):
            if getattr(rule, part):
                yield Problem(code="catalog.rule_idle", params={"part": part, "condition": condition})
        yield from _figure_problems(rule)
        yield from _level_problems(rule, condition)
    for part in ("holds_for", "clears_after", "silent_after"):
        yield from _time_problems(part, getattr(rule, part))
    for also in rule.also:
        yield from _also_problems(also, catalogue)
    if rule.hours is not None:
        yield from _hours_problems(rule.hours)


def limit_of(rule: Rule) -> float | None:
    """Return the figure of the rule's lightest limit: number, change or spreads; None for codes, silence and stuck."""
    if rule.above is not None or rule.below is not None:
        return rule.above if rule.above is not None else rule.below
    change = rule.rises or rule.falls
    if change is not None:
        return change.by
    if rule.lately is not None:
        return rule.lately.above
    usual = rule.spike or rule.band
    return usual.times if usual is not None else None


def _stream_problems(rule: Rule, catalogue: Catalogue) -> Iterator[Problem]:
    stream = _stream(rule.on, catalogue)
    if isinstance(stream, Problem):
        yield stream
    elif stream is not None:
        fits = {"silent", "flaps"} | ({"among"} if stream.reports is Reports.STATE else set())
        if stream.reports is Reports.NUMBER:
            fits |= {"above", "below", "rises", "falls", "stuck", "spike", "band", "drifts", "unusable"}
        if not fits.issuperset(rule.conditions):
            yield Problem(code="catalog.rule_kind")
        among = {*rule.among, *(code for level in rule.levels for code in level.among)}
        yield from _code_problems(rule.on, among, stream)
        if stream.codes and among.issuperset(one.id for one in stream.codes):
            yield Problem(code="catalog.rule_never_sound", params={"id": ".".join(rule.on)})


def _code_problems(on: tuple[str, str], among: Iterable[str], stream: Stream) -> Iterator[Problem]:
    """Yield the codes of a condition that its stream of states does not list; a condition on codes needs the list."""
    listed = {one.id for one in stream.codes}
    for code in sorted(set(among) - listed) if stream.reports is Reports.STATE else ():
        yield Problem(code="catalog.rule_code", params={"said": code, "id": ".".join(on)})


def _stream(on: tuple[str, str], catalogue: Catalogue) -> Stream | Problem | None:
    """Return the stream; nothing where its type is not there, which is said elsewhere."""
    if on[0] not in catalogue.objects:
        return None
    try:
        return catalogue.stream(".".join(on))
    except NotFound:
        return Problem(code="catalog.rule_stream", params={"id": ".".join(on)})


def _figure_problems(rule: Rule) -> Iterator[Problem]:
    for part, number in (("above", rule.above), ("below", rule.below), ("clears_at", rule.clears_at)):
        if number is not None and not isfinite(number):
            yield _part(part, FINITE)
    for part, change in (("rises", rule.rises), ("falls", rule.falls)):
        if change is not None:
            yield from _positive(f"{part}.by", change.by)
            yield from _time_problems(f"{part}.within", change.within)
    if rule.stuck is not None:
        if not (isfinite(rule.stuck.within) and rule.stuck.within >= 0):
            yield _part("stuck.within", Label(zh="不得小于零", en="may not be below zero"))
        yield from _time_problems("stuck.lasting", rule.stuck.lasting)
    for part, usual in (("spike", rule.spike), ("band", rule.band)):
        if usual is not None:
            yield from _positive(f"{part}.times", usual.times)
            yield from _positive(f"{part}.least", usual.least)
    for part, lately in (("drifts", rule.drifts), ("unusable", rule.unusable), ("flaps", rule.flaps)):
        if lately is not None:
            yield from _positive(f"{part}.above", lately.above)
            if lately.within.kind is not Kind.CALENDAR or not DAY_S <= lately.within.seconds <= 30 * DAY_S:
                yield _part(f"{part}.within", Label(zh="须是 1 至 30 天", en="must be 1 to 30 days"))
    if rule.unusable is not None and rule.unusable.above >= 1:
        yield _part("unusable.above", Label(zh="须小于 1", en="must be below 1"))
    if rule.spike is not None and not 2 <= rule.spike.over <= READINGS_MOST:
        yield _part("spike.over", Label(zh=f"须是 2 至 {READINGS_MOST}", en=f"must be 2 to {READINGS_MOST}"))


def _level_problems(rule: Rule, condition: str) -> Iterator[Problem]:
    """Yield levels that are not graver and farther out one after another, and dead bands on the wrong side."""
    sign = -1 if condition == "below" else 1
    limit, grade = limit_of(rule), rule.grade
    if limit is not None:
        yield from _dead_band("clears_at", rule.clears_at, limit, sign)
    for number, level in enumerate(rule.levels):
        part = f"levels[{number}]"
        yield from _time_problems(f"{part}.holds_for", level.holds_for)
        if level.grade not in GRADES or level.grade >= grade:
            yield _part(f"{part}.grade", Label(zh="须比前一级更严重", en="must be graver than the one before"))
        grade = level.grade
        if condition == "among":
            if not level.among or level.value is not None or level.clears_at is not None:
                yield _part(part, Label(zh="须写 among，且只写 among", en="must say among, and no number"))
        elif level.among or level.value is None or not isfinite(level.value):
            yield _part(part, Label(zh="须写 value，且不写 among", en="must say value, and no codes"))
        elif limit is not None:
            if (level.value - limit) * sign <= 0:
                yield _part(f"{part}.value", Label(zh="须比前一级更远", en="must lie farther out than the one before"))
            yield from _dead_band(f"{part}.clears_at", level.clears_at, level.value, sign)
            limit = level.value


def _dead_band(part: str, clears_at: float | None, limit: float, sign: int) -> Iterator[Problem]:
    if clears_at is not None and not (clears_at - limit) * sign <= 0:
        yield _part(part, Label(zh="须在阈值的正常一侧", en="must lie on the good side of the limit"))


def _also_problems(also: Also, catalogue: Catalogue) -> Iterator[Problem]:
    part = f"also {'.'.join(also.on)}"
    numbers = [one for one in (also.above, also.below) if one is not None]
    if len(numbers) + bool(also.among) != 1:
        yield _part(part, Label(zh="须恰好写明 above、below、among 中的一个", en="must say one of above, below, among"))
    if not all(isfinite(one) for one in numbers):
        yield _part(part, FINITE)
    yield from _time_problems(f"{part} fresh_for", also.fresh_for)
    stream = _stream(also.on, catalogue)
    if isinstance(stream, Problem):
        yield stream
    elif stream is not None:
        reports = Reports.STATE if also.among else Reports.NUMBER
        if stream.reports is not reports:
            yield Problem(code="catalog.rule_kind")
        yield from _code_problems(also.on, also.among, stream)


def _hours_problems(hours: Hours) -> Iterator[Problem]:
    if not (0 <= hours.begin <= 23 and 1 <= hours.end <= 24 and hours.begin != hours.end):
        yield _part("hours", Label(zh="begin 须是 0 至 23，end 须是 1 至 24，且不相等",
                                   en="begin must be 0 to 23, end 1 to 24, and they must differ"))  # fmt: skip
    if not hours.weekdays or not set(hours.weekdays) <= set(range(1, 8)):
        yield _part("hours.weekdays", Label(zh="须是 1（周一）至 7", en="must be 1 (Monday) to 7"))


def _time_problems(part: str, time: Duration | None) -> Iterator[Problem]:
    if time is not None and not (time.kind is Kind.CALENDAR and isfinite(time.amount) and time.amount > 0):
        yield _part(part, CALENDAR)


def _positive(part: str, number: float) -> Iterator[Problem]:
    if not (isfinite(number) and number > 0):
        yield _part(part, POSITIVE)


def _part(part: str, problem: Label) -> Problem:
    return Problem(code="catalog.rule_part", params={"part": part, "problem": problem})
