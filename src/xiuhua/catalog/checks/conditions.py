"""Conditions: every field exists on the thing asked, and is compared with a value of its kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.report import Report
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
from xiuhua.kernel.objects import Attribute, Value

OBJECT_COLUMNS = {
    "code": Value.TEXT, "name": Value.TEXT, "valid_from": Value.DATE, "valid_to": Value.DATE, "created_at": Value.TIME,
}  # fmt: skip
CASE_COLUMNS = {
    "state": Value.CHOICE, "kind": Value.CHOICE, "opened_at": Value.TIME, "closed_at": Value.TIME,
    "grade": Value.INTEGER,
}  # fmt: skip
ITEM_COLUMNS = {
    "passes": Value.BOOLEAN, "filled_at": Value.TIME, "outcome": Value.TEXT, "opened_at": Value.TIME,
    "due_at": Value.TIME, "closed_at": Value.TIME,
}  # fmt: skip
PARTS = {"value": Value.NUMBER, "code": Value.TEXT, "fresh": Value.BOOLEAN}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a condition may ask: the thing `subject` (a type, case type or round), and the object it stands on."""

    catalogue: Catalogue
    subject: str

    @property
    def types(self) -> tuple[str, ...]:
        """Return the full ids whose fields may be read."""
        case, one = self.catalogue.cases.get(self.subject), self.catalogue.rounds.get(self.subject)
        on = case.on if case else one.of if one else ""
        return (self.subject, on) if on else (self.subject,)

    def kind(self, field: Field) -> Value | None:
        """Return the kind of value of a field; None if there is no such field here."""
        if field.of not in self.types:
            return None
        attribute = self.attribute(field)
        if attribute is not None:
            return attribute.value
        case, one = self.catalogue.cases.get(field.of), self.catalogue.rounds.get(field.of)
        on = self.catalogue.objects.get(field.of)
        if field.root is Root.OWN:
            columns = OBJECT_COLUMNS if on else CASE_COLUMNS if case else ITEM_COLUMNS if one else {}
            return columns.get(field.name)
        if field.root is Root.STREAM and on and any(stream.id == field.name for stream in on.streams):
            return PARTS.get(field.part or "value")
        if field.root is Root.CLOCK and case:
            clocks = {clock.id for clock in case.clocks} | {state.id for state in case.states if state.limit}
            return Value.BOOLEAN if field.name in clocks else None
        return None

    def attribute(self, field: Field) -> Attribute | None:
        """Return the declared attribute, case field or form field that a field reads."""
        declared: tuple[Attribute, ...] = ()
        if field.root is Root.ATTRIBUTE and field.of in self.catalogue.objects:
            declared = self.catalogue.objects[field.of].attributes
        elif field.root is Root.ATTRIBUTE and field.of in self.catalogue.cases:
            case = self.catalogue.cases[field.of]
            declared = (*case.fields, *(one for move in case.moves for one in move.fields))
        elif field.root is Root.ITEM and field.of in self.catalogue.rounds:
            declared = self.catalogue.rounds[field.of].form
        return next((attribute for attribute in declared if attribute.id == field.name), None)


def check_condition(condition: Condition | None, scope: Scope, place: tuple[str, ...], report: Report) -> None:
    """Report fields and links of a condition that do not exist, and comparisons that cannot hold."""
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                check_condition(part, scope, place, report)
        case Not(part=part):
            check_condition(part, scope, place, report)
        case Compare():
            _check_compare(condition, scope, place, report)
        case Linked():
            _check_linked(condition, scope, place, report)
        case HasOpenCase(case_type=case_type):
            if case_type and case_type not in scope.catalogue.cases:
                report.fault("catalog.field_unknown", *place, id=case_type)


def check_at_hand(condition: Condition | None, place: tuple[str, ...], report: Report, *, form: bool = False) -> None:
    """Report what a condition asks for that is not at hand where one thing is judged by itself; with `form`, what is
    no field of the filled form.
    """
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                check_at_hand(part, place, report, form=form)
        case Not(part=part):
            check_at_hand(part, place, report, form=form)
        case Compare(field=field):
            if field.root not in ((Root.ITEM,) if form else (Root.ATTRIBUTE, Root.OWN)):
                what = f"{field.of} {field.root.value} {field.name}"
                report.fault("catalog.not_on_form" if form else "catalog.not_at_hand", *place, what=what)
        case Linked(link=link):
            report.fault("catalog.not_at_hand", *place, what=link)
        case HasOpenCase(case_type=case_type):
            report.fault("catalog.not_at_hand", *place, what=case_type or "HasOpenCase")


def check_field(field: Field, scope: Scope, place: tuple[str, ...], report: Report) -> Value | None:
    """Return the kind of a field's value; report it if there is no such field."""
    kind = scope.kind(field)
    if kind is None:
        report.fault("catalog.field_unknown", *place, id=f"{field.of}.{field.name}")
    return kind


def _check_compare(compare: Compare, scope: Scope, place: tuple[str, ...], report: Report) -> None:
    kind = check_field(compare.field, scope, place, report)
    if kind is None or compare.operator is Operator.FILLED:
        return
    attribute = scope.attribute(compare.field)
    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    for value in values:
        fits = _fits(value, kind)
        if fits and attribute is not None and attribute.value is Value.CHOICE:
            fits = any(choice.id == value for choice in attribute.choices)
        if fits and compare.field.root is Root.OWN and compare.field.name in ("state", "kind"):
            fits = value in _own_choices(compare.field, scope)
        if not fits:
            name = f"{compare.field.of}.{compare.field.name}"
            report.fault("catalog.field_compare", *place, id=name, value=value)


def _own_choices(field: Field, scope: Scope) -> set[str]:
    case = scope.catalogue.cases[field.of]
    return {"open", "done", "void"} if field.name == "kind" else {state.id for state in case.states}


def _fits(value: object, kind: Value) -> bool:
    if kind in (Value.NUMBER, Value.INTEGER):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is Value.BOOLEAN:
        return isinstance(value, bool)
    if kind is Value.DATE:
        return value is Moment.TODAY or (isinstance(value, str) and not isinstance(value, Moment))
    if kind is Value.TIME:
        return isinstance(value, str)
    return isinstance(value, str) and not isinstance(value, Moment)


def _check_linked(linked: Linked, scope: Scope, place: tuple[str, ...], report: Report) -> None:
    owner, _, link_id = linked.link.rpartition(".")
    declaring = scope.catalogue.objects.get(owner)
    link = next((one for one in declaring.links if one.id == link_id), None) if declaring else None
    subjects = [one for one in scope.types if one in scope.catalogue.objects]
    if link is None or not subjects or linked.to not in scope.catalogue.objects:
        report.fault("catalog.link_unknown", *place, id=linked.link)
        return
    if not any({owner, link.to} == {subject, linked.to} for subject in subjects):
        report.fault("catalog.link_unknown", *place, id=linked.link)
        return
    if linked.where is not None:
        check_condition(linked.where, replace(scope, subject=linked.to), place, report)
