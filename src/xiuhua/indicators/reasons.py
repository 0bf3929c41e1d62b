"""Why a row does not pass, in words made from the condition itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.conditions import Scope
from xiuhua.indicators.compile import leaves_of
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
from xiuhua.kernel.words import Label

OPPOSITE = {
    Operator.EQUAL: "≠", Operator.NOT_EQUAL: "=", Operator.LESS: "≥", Operator.AT_MOST: ">", Operator.MORE: "≤",
    Operator.AT_LEAST: "<", Operator.AMONG: "∉",
}  # fmt: skip
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


class Reasons:
    """Words the failures of one indicator's rows; equal answers give the same words, made once."""

    def __init__(self, indicator: Indicator, catalogue: Catalogue) -> None:
        self._passes = indicator.passes
        self._scope = Scope(catalogue=catalogue, subject=indicator.of)
        self._made: dict[tuple[bool | None, ...], Label] = {}

    def reason(self, leaves: Sequence[bool | None]) -> Label | None:
        """Return why a row with these answers does not pass; None if nothing is asked of it."""
        if self._passes is None:
            return None
        key = tuple(leaves)
        if key not in self._made:
            answers = dict(zip((id(leaf) for leaf in leaves_of(self._passes)), key, strict=True))
            parts = list(_failing(self._passes, answers, self._scope, wanted=True))
            self._made[key] = _listed(parts, Label(zh="；", en="; "))
        return self._made[key]


def _failing(condition: Condition, answers: dict[int, bool | None], scope: Scope, *, wanted: bool) -> Iterator[Label]:
    """Yield the words of every single question whose answer keeps the condition from being `wanted`."""
    if _answer(condition, answers) is wanted:
        return
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _failing(part, answers, scope, wanted=wanted)
        case Not(part=part):
            yield from _failing(part, answers, scope, wanted=not wanted)
        case _ if answers[id(condition)] is None:
            yield _unknown(condition, scope)
        case _:
            yield denied(condition, scope) if wanted else said(condition, scope)


def _answer(condition: Condition, answers: dict[int, bool | None]) -> bool | None:
    match condition:
        case All(parts=parts):
            found = [_answer(part, answers) for part in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts=parts):
            found = [_answer(part, answers) for part in parts]
            return True if True in found else None if None in found else False
        case Not(part=part):
            inner = _answer(part, answers)
            return None if inner is None else not inner
    return answers[id(condition)]


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
    if isinstance(condition, Compare):
        name = field_label(condition.field, scope)
        return Label(zh=f"{name.zh}没有数据", en=f"{name.en}: no data")
    return Label(zh="没有数据", en="no data")


def _compared(compare: Compare, scope: Scope, *, opposite: bool) -> Label:
    name = field_label(compare.field, scope)
    if compare.operator is Operator.FILLED:
        if opposite:
            return Label(zh=f"{name.zh}未填", en=f"{name.en} is empty")
        return Label(zh=f"{name.zh}已填", en=f"{name.en} is filled")
    truth = _truth(compare)
    if truth is not None:
        return _yes_or_no(compare.field, name, truth is not opposite)
    sign = OPPOSITE[compare.operator] if opposite else compare.operator.value
    value = _value_words(compare, scope)
    return Label(zh=f"{name.zh} {sign} {value.zh}", en=f"{name.en} {sign} {value.en}")


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
        return Label(zh=f"{name.zh}静默", en=f"{name.en} is silent")
    if field.root is Root.CLOCK:
        if holds:
            return Label(zh=f"{name.zh}按时", en=f"{name.en} in time")
        return Label(zh=f"{name.zh}超时", en=f"{name.en} overdue")
    word = YES if holds else NO
    return Label(zh=f"{name.zh}：{word.zh}", en=f"{name.en}: {word.en}")


def _value_words(compare: Compare, scope: Scope) -> Label:
    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    return _listed([_one(value, compare.field, scope) for value in values], Label(zh="、", en=", "))


def _one(value: object, field: Field, scope: Scope) -> Label:
    if isinstance(value, Moment):
        return MOMENTS[value]
    attribute = scope.attribute(field)
    if attribute is not None:
        found = next((choice.label for choice in attribute.choices if choice.id == value), None)
        if found is not None:
            return found
        unit = f" {attribute.quantity.unit}" if attribute.quantity and attribute.quantity.unit != "1" else ""
        return Label(zh=f"{value}{unit}", en=f"{value}{unit}")
    case = scope.catalogue.cases.get(field.of)
    if field.root is Root.OWN and case is not None:
        if field.name == "kind":
            return KINDS[str(value)]
        if field.name == "state":
            return case.state(str(value)).label
    return Label(zh=str(value), en=str(value))


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
