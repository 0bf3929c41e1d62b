"""Why a row does not pass, in words made from the condition itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.conditions import Scope
from xiuhua.indicators.questions import leaves_of
from xiuhua.indicators.rows import BEIJING, Answers, Facts
from xiuhua.kernel.expressions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Field,
    HasOpenCase,
    Linked,
    Moment,
    Not,
    Operator,
    Root,
)
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.objects import Value
from xiuhua.kernel.quantities import Quantity
from xiuhua.kernel.words import Label, Privacy

OPPOSITE = {
    Operator.EQUAL: Operator.NOT_EQUAL, Operator.NOT_EQUAL: Operator.EQUAL, Operator.LESS: Operator.AT_LEAST,
    Operator.AT_MOST: Operator.MORE, Operator.MORE: Operator.AT_MOST, Operator.AT_LEAST: Operator.LESS,
}  # fmt: skip
AMOUNTS = {
    Operator.EQUAL: Label(zh="等于", en="equal to"), Operator.NOT_EQUAL: Label(zh="不等于", en="other than"),
    Operator.LESS: Label(zh="低于", en="below"), Operator.AT_MOST: Label(zh="不高于", en="at most"),
    Operator.MORE: Label(zh="高于", en="above"), Operator.AT_LEAST: Label(zh="不低于", en="at least"),
}  # fmt: skip
DAYS = {
    Operator.EQUAL: Label(zh="正是", en="on"), Operator.NOT_EQUAL: Label(zh="不是", en="not on"),
    Operator.LESS: Label(zh="早于", en="before"), Operator.AT_MOST: Label(zh="不晚于", en="no later than"),
    Operator.MORE: Label(zh="晚于", en="after"), Operator.AT_LEAST: Label(zh="不早于", en="no earlier than"),
}  # fmt: skip
ORDERED = (Value.NUMBER, Value.INTEGER, Value.DATE, Value.TIME)
PASSED, TO_COME = Label(zh="已过期", en="expired"), Label(zh="还没到", en="not yet reached")
MOMENTS = {Moment.NOW: Label(zh="现在", en="now"), Moment.TODAY: Label(zh="今天", en="today")}
OWN = {
    "code": Label(zh="编号", en="Code"), "name": Label(zh="名称", en="Name"),
    "valid_from": Label(zh="有效期起", en="Valid from"), "valid_to": Label(zh="有效期止", en="Valid to"),
    "created_at": Label(zh="登记时间", en="Recorded"), "state": Label(zh="状态", en="State"),
    "kind": Label(zh="进展", en="Progress"), "opened_at": Label(zh="立案时间", en="Opened"),
    "closed_at": Label(zh="结束时间", en="Closed"), "grade": Label(zh="等级", en="Grade"),
    "outcome": Label(zh="结论", en="Outcome"), "due_at": Label(zh="到期时间", en="Due"),
    "passes": Label(zh="检查结果", en="Finding"), "filled_at": Label(zh="填报时间", en="Filled in"),
}  # fmt: skip
KINDS = {
    "open": Label(zh="办理中", en="open"), "done": Label(zh="已办结", en="done"), "void": Label(zh="已作废", en="void"),
}  # fmt: skip
YES, NO = Label(zh="是", en="yes"), Label(zh="否", en="no")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """The answer of one question and what it was answered from, None where that is not told."""

    answer: bool | None
    fact: object


class Reasons:
    """Words the failures of one indicator's rows; equal answers and facts give the same words, made once."""

    def __init__(self, indicator: Indicator, catalogue: Catalogue) -> None:
        self._passes = indicator.passes
        self._scope = Scope(catalogue=catalogue, subject=indicator.of)
        self._questions = len(list(leaves_of(indicator.passes)))
        self._made: dict[str, Label] = {}

    def reason(self, leaves: Answers, facts: Facts) -> Label | None:
        """Return why a row with these answers and facts does not pass; None if nothing is asked of it, or if its
        answers are those of an earlier definition.
        """
        if self._passes is None or len(leaves) != self._questions:
            return None
        key = repr((leaves, facts))
        if key not in self._made:
            parts = list(_failing(self._passes, _told(self._passes, leaves, facts), self._scope, wanted=True))
            self._made[key] = _listed(parts, Label(zh="；", en="; "))
        return self._made[key]

    def kind(self, leaves: Answers, facts: Facts) -> Label | None:
        """Return the reason without the numbers and dates that were compared: what fails for one cause has one kind."""
        return self.reason(leaves, _causes(self._passes, facts, self._scope))


def _causes(passes: Condition | None, facts: Facts, scope: Scope) -> Facts:
    """Return the facts without numbers, dates and times."""
    causes: list[object] = []
    for leaf, fact in zip_longest(leaves_of(passes), facts):
        match leaf:
            case Compare(field=field) if scope.kind(field) in ORDERED:
                causes.append(None)
            case Linked(where=where) if isinstance(fact, list):
                there = replace(scope, subject=leaf.to)
                causes.append([[leaves, _causes(where, inner, there)] for leaves, inner in fact])
            case _:
                causes.append(fact)
    return causes


def readable(passes: Condition | None, facts: Facts, scope: Scope, *, rank: int) -> Facts:
    """Return the facts without values whose attribute is more private than `rank`; of linked things, which may lie
    where the reader has no such rank, only public values stay.
    """
    return [_readable(leaf, fact, scope, rank=rank) for leaf, fact in zip_longest(leaves_of(passes), facts) if leaf]


def _readable(leaf: Condition, fact: object, scope: Scope, *, rank: int) -> object:
    match leaf:
        case Compare(field=field):
            attribute = scope.attribute(field)
            return None if attribute is not None and attribute.privacy.rank > rank else fact
        case Linked(where=where) if isinstance(fact, list):
            there = replace(scope, subject=leaf.to)
            return [[leaves, readable(where, facts, there, rank=Privacy.PUBLIC.rank)] for leaves, facts in fact]
    return fact


def _told(condition: Condition | None, leaves: Answers, facts: Facts) -> dict[int, _Told]:
    """Return what is told by question; facts may be missing as a whole."""
    return {
        id(leaf): _Told(answer=answer, fact=fact)
        for leaf, answer, fact in zip_longest(leaves_of(condition), leaves, facts)
    }


def _failing(condition: Condition, told: dict[int, _Told], scope: Scope, *, wanted: bool) -> Iterator[Label]:
    """Yield the words of every single question whose answer keeps the condition from being `wanted`; what is unknown
    is left out where something known decides.
    """
    answer = _answer(condition, told)
    if answer is wanted:
        return
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                if answer is None or _answer(part, told) is answer:
                    yield from _failing(part, told, scope, wanted=wanted)
        case Not(part=part):
            yield from _failing(part, told, scope, wanted=not wanted)
        case Linked() if wanted and isinstance(told[id(condition)].fact, list):
            yield _linked_failing(condition, told[id(condition)].fact, scope)
        case _ if told[id(condition)].answer is None:
            yield _unknown(condition, scope)
        case Compare():
            yield _compared(condition, scope, opposite=wanted, fact=told[id(condition)].fact)
        case _:
            yield denied(condition, scope) if wanted else said(condition, scope)


def _linked_failing(linked: Linked, fact: object, scope: Scope) -> Label:
    """Return what the things at the far end of a link lack, each thing said once; or that there are none."""
    kind = scope.catalogue.object_type(linked.to).label
    things = fact if isinstance(fact, list) else []
    if not things or linked.where is None:
        return Label(zh=f"没有{kind.zh}", en=f"Has no {kind.en.lower()}")
    there = replace(scope, subject=linked.to)
    parts = dict.fromkeys(
        Label(zh=part.zh, en=_small(part.en))
        for leaves, facts in things
        for part in _failing(linked.where, _told(linked.where, leaves, facts), there, wanted=True)
    )
    lacks = _listed(list(parts), Label(zh="，", en=", "))
    return Label(zh=f"{kind.zh}：{lacks.zh}", en=f"{kind.en}: {lacks.en}")


def _answer(condition: Condition, told: dict[int, _Told]) -> bool | None:
    match condition:
        case All(parts=parts):
            found = [_answer(part, told) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts=parts):
            found = [_answer(part, told) for part in parts]
            return True if True in found else None if None in found else False
        case Not(part=part):
            inner = _answer(part, told)
            return None if inner is None else not inner
    return told[id(condition)].answer


def said(condition: Condition, scope: Scope) -> Label:
    """Return what a condition says."""
    match condition:
        case All(parts=parts):
            return _listed([said(part, scope) for part in parts], Label(zh=" 且 ", en=" and "))
        case AnyOf(parts=parts):
            return _listed([said(part, scope) for part in parts], Label(zh=" 或 ", en=" or "))
        case Not(part=part):
            return denied(part, scope)
        case Compare():
            return _compared(condition, scope, opposite=False)
        case Linked():
            kind, inner = _linked(condition, scope)
            return Label(zh=f"有{inner.zh}{kind.zh}", en=f"there is a {kind.en.lower()}{inner.en}")
        case HasOpenCase():
            case = _case_label(condition, scope)
            return Label(zh=f"有未结的{case.zh}", en=f"{case.en} is open")
    return Label(zh="", en="")


def denied(condition: Condition, scope: Scope) -> Label:
    """Return the opposite of what a condition says."""
    match condition:
        case All(parts=parts):
            return _listed([denied(part, scope) for part in parts], Label(zh=" 或 ", en=" or "))
        case AnyOf(parts=parts):
            return _listed([denied(part, scope) for part in parts], Label(zh=" 且 ", en=" and "))
        case Not(part=part):
            return said(part, scope)
        case Compare():
            return _compared(condition, scope, opposite=True)
        case Linked():
            kind, inner = _linked(condition, scope)
            return Label(zh=f"没有{inner.zh}{kind.zh}", en=f"there is no {kind.en.lower()}{inner.en}")
        case HasOpenCase():
            case = _case_label(condition, scope)
            return Label(zh=f"没有未结的{case.zh}", en=f"no {case.en.lower()} is open")
    return Label(zh="", en="")


def _linked(linked: Linked, scope: Scope) -> tuple[Label, Label]:
    kind = scope.catalogue.object_type(linked.to).label
    if linked.where is None:
        return kind, Label(zh="关联的", en="")
    inner = said(linked.where, replace(scope, subject=linked.to))
    return kind, Label(zh=f"满足“{inner.zh}”的", en=f" where {inner.en}")


def _case_label(condition: HasOpenCase, scope: Scope) -> Label:
    if not condition.case_type:
        return Label(zh="事项", en="Case")
    return scope.catalogue.case_type(condition.case_type).label


def _unknown(condition: Condition, scope: Scope) -> Label:
    if not isinstance(condition, Compare):
        return Label(zh="没有数据", en="no data")
    name = field_label(condition.field, scope)
    if condition.field.root in (Root.STREAM, Root.CLOCK):
        return Label(zh=f"{name.zh}没有数据", en=f"{name.en}: no data")
    return _empty(condition.field, name)


def _empty(field: Field, name: Label) -> Label:
    if field.root is Root.ITEM:
        return Label(zh=f"未填报{name.zh}", en=f"{name.en} not filled in")
    return Label(zh=f"未登记{name.zh}", en=f"{name.en} not recorded")


def _compared(compare: Compare, scope: Scope, *, opposite: bool, fact: object = None) -> Label:
    """Return what a comparison (or its opposite) says; with the value that was compared, as what that value is."""
    name = field_label(compare.field, scope)
    if compare.operator is Operator.FILLED:
        return _empty(compare.field, name) if opposite else Label(zh=f"已登记{name.zh}", en=f"{name.en} is recorded")
    truth = _truth(compare)
    if truth is not None:
        return _yes_or_no(compare.field, name, truth is not opposite)
    if scope.kind(compare.field) in ORDERED and compare.operator is not Operator.AMONG:
        return _ordered(compare, name, scope, opposite=opposite, fact=fact)
    holds = compare.operator in (Operator.EQUAL, Operator.AMONG)
    if fact is not None:
        value = _one(fact, compare.field, scope)
        return Label(zh=f"{name.zh}为“{value.zh}”", en=f'{name.en} is "{value.en}"')
    value = _value_words(compare, scope)
    if holds is not opposite:
        return Label(zh=f"{name.zh}为{value.zh}", en=f"{name.en} is {value.en}")
    return Label(zh=f"{name.zh}不是{value.zh}", en=f"{name.en} is not {value.en}")


def _ordered(compare: Compare, name: Label, scope: Scope, *, opposite: bool, fact: object) -> Label:
    """Return a comparison of numbers, dates or times."""
    operator = OPPOSITE[compare.operator] if opposite else compare.operator
    value = _one(fact, compare.field, scope) if fact is not None else Label(zh="", en="")
    comma = Label(zh="，", en=", ") if fact is not None else Label(zh="", en="")
    named = Label(zh=f"{name.zh} {value.zh}".rstrip(), en=f"{name.en} {value.en}".rstrip())
    if isinstance(compare.value, Moment) and operator in (Operator.LESS, Operator.MORE):
        end = PASSED if operator is Operator.LESS else TO_COME
        return Label(zh=f"{named.zh}{comma.zh}{end.zh}", en=f"{named.en}{comma.en or ' '}{end.en}")
    words = AMOUNTS if scope.kind(compare.field) in (Value.NUMBER, Value.INTEGER) else DAYS
    bound, relation = _one(compare.value, compare.field, scope), words[operator]
    return Label(
        zh=f"{named.zh}{comma.zh}{relation.zh} {bound.zh}", en=f"{named.en}{comma.en or ' '}{relation.en} {bound.en}"
    )


def _truth(compare: Compare) -> bool | None:
    """Return which truth value a comparison of a yes-or-no field asks for; None for any other comparison."""
    if isinstance(compare.value, bool) and compare.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return compare.value is (compare.operator is Operator.EQUAL)
    if compare.operator is Operator.AMONG and compare.value in ((True,), (False,)):
        return compare.value == (True,)
    return None


def _yes_or_no(field: Field, name: Label, holds: bool) -> Label:
    if field.root is Root.STREAM:
        if holds:
            return Label(zh=f"{name.zh}正常上报", en=f"{name.en} is reporting")
        return Label(zh=f"{name.zh}已静默", en=f"{name.en} is silent")
    if field.root is Root.CLOCK:
        if holds:
            return Label(zh=f"{name.zh}按时", en=f"{name.en} in time")
        return Label(zh=f"{name.zh}超时", en=f"{name.en} overdue")
    word = YES if holds else NO
    return Label(zh=f"{name.zh}为“{word.zh}”", en=f'{name.en} is "{word.en}"')


def _value_words(compare: Compare, scope: Scope) -> Label:
    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    quoted = [_one(value, compare.field, scope) for value in values]
    return _listed([Label(zh=f"“{one.zh}”", en=f'"{one.en}"') for one in quoted], Label(zh="或", en=" or "))


def _one(value: object, field: Field, scope: Scope) -> Label:
    if isinstance(value, Moment):
        return MOMENTS[value]
    kind, attribute = scope.kind(field), scope.attribute(field)
    if kind is Value.TIME:
        day = datetime.fromisoformat(str(value))
        return _same((day.astimezone(BEIJING) if day.tzinfo else day).strftime("%Y-%m-%d %H:%M"))
    if kind in (Value.NUMBER, Value.INTEGER) and isinstance(value, int | float):
        quantity = _quantity(field, scope)
        unit = f" {quantity.unit}" if quantity and quantity.unit != "1" else ""
        return _same(f"{value:.10g}{unit}")
    if attribute is not None:
        return next((choice.label for choice in attribute.choices if choice.id == value), _same(str(value)))
    case = scope.catalogue.cases.get(field.of)
    if field.root is Root.OWN and case is not None:
        if field.name == "kind":
            return KINDS[str(value)]
        if field.name == "state":
            return case.state(str(value)).label
    return _same(str(value))


def _quantity(field: Field, scope: Scope) -> Quantity | None:
    if field.root is Root.STREAM:
        return scope.catalogue.stream(f"{field.of}.{field.name}").quantity
    attribute = scope.attribute(field)
    return attribute.quantity if attribute is not None else None


def _same(text: str) -> Label:
    return Label(zh=text, en=text)


def _small(text: str) -> str:
    """Return an English text with a small first letter, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def field_label(field: Field, scope: Scope) -> Label:
    """Return the name of a field."""
    attribute = scope.attribute(field)
    if attribute is not None:
        return attribute.label
    if field.root is Root.STREAM:
        return scope.catalogue.stream(f"{field.of}.{field.name}").label
    if field.root is Root.CLOCK:
        case = scope.catalogue.case_type(field.of)
        clock = next((one.label for one in case.clocks if one.id == field.name), None)
        return clock or case.state(field.name).label
    return OWN.get(field.name, Label(zh=field.name, en=field.name))


def _listed(labels: Sequence[Label], between: Label) -> Label:
    return Label(zh=between.zh.join(label.zh for label in labels), en=between.en.join(label.en for label in labels))
