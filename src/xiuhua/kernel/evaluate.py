"""Answers a condition about one thing whose values are at hand; unknown stays unknown, as in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone

from xiuhua.kernel.errors import Fault
from xiuhua.kernel.expressions import All, AnyOf, Compare, Condition, Field, Moment, Not, Operator, Root

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def evaluate(
    condition: Condition, values: Mapping[str, object], *, now: datetime, own: Mapping[str, object] | None = None
) -> bool | None:
    """Return whether the condition holds, None if it cannot be known.

    `values` are attributes or form fields by id, `own` stored columns by name. Raises Fault("kernel.not_evaluable") for
    what lies outside the thing: links, cases, streams, clocks.
    """
    match condition:
        case All(parts=parts):
            answers = [evaluate(part, values, now=now, own=own) for part in parts]
            if False in answers:
                return False
            return None if None in answers else True
        case AnyOf(parts=parts):
            answers = [evaluate(part, values, now=now, own=own) for part in parts]
            if True in answers:
                return True
            return None if None in answers else False
        case Not(part=part):
            answer = evaluate(part, values, now=now, own=own)
            return None if answer is None else not answer
        case Compare():
            return _compare(condition, _value(condition.field, values, own or {}), now)
    raise Fault("kernel.not_evaluable", what=type(condition).__name__)


def _value(field: Field, values: Mapping[str, object], own: Mapping[str, object]) -> object:
    if field.root in (Root.ATTRIBUTE, Root.ITEM):
        return values.get(field.name)
    if field.root is Root.OWN:
        return own.get(field.name)
    raise Fault("kernel.not_evaluable", what=f"{field.root.value} {field.name}")


def _compare(condition: Compare, value: object, now: datetime) -> bool | None:
    filled = value is not None and value != ""
    if condition.operator is Operator.FILLED:
        return filled
    if not filled:
        return None
    if condition.operator is Operator.AMONG:
        return isinstance(condition.value, tuple) and value in condition.value
    wanted: object = condition.value
    if isinstance(wanted, Moment):
        value, wanted = _moments(value, wanted, now)
    elif isinstance(value, datetime | date):
        value = value.isoformat()
    match condition.operator:
        case Operator.EQUAL:
            return value == wanted
        case Operator.NOT_EQUAL:
            return value != wanted
    order = _order(value, wanted)
    if order is None:
        return None
    match condition.operator:
        case Operator.LESS:
            return order < 0
        case Operator.AT_MOST:
            return order <= 0
        case Operator.MORE:
            return order > 0
        case _:
            return order >= 0


def _moments(value: object, wanted: Moment, now: datetime) -> tuple[object, object]:
    """Return value and moment alike: dates in Beijing for TODAY, moments for NOW; None for a value that is neither."""
    moment = _as_moment(value)
    if moment is None:
        return None, now
    if wanted is Moment.TODAY:
        return moment.astimezone(BEIJING).date(), now.astimezone(BEIJING).date()
    return moment, now


def _as_moment(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=BEIJING)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=BEIJING)


def _order(value: object, wanted: object) -> int | None:
    """Return the sign of value - wanted; None where the two cannot be ordered."""
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return (value > wanted) - (value < wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        return (value > wanted) - (value < wanted)
    if isinstance(value, datetime) and isinstance(wanted, datetime):
        return (value > wanted) - (value < wanted)
    if isinstance(value, date) and isinstance(wanted, date):
        return (value > wanted) - (value < wanted)
    return None
