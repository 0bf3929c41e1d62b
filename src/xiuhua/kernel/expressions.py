"""What may be asked of a thing: field references and conditions, plain data that a room compiles to SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Scalar = str | int | float | bool


class Moment(StrEnum):
    """A time that is known only when the question is asked."""

    NOW = "now"
    TODAY = "today"


class Operator(StrEnum):
    """How two values are compared."""

    EQUAL = "="
    NOT_EQUAL = "≠"
    LESS = "<"
    AT_MOST = "≤"
    MORE = ">"
    AT_LEAST = "≥"
    AMONG = "∈"
    FILLED = "filled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A yes-or-no question about one thing; combine with & | ~."""

    def __and__(self, other: Condition) -> Condition:
        return All(parts=(self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf(parts=(self, other))

    def __invert__(self) -> Condition:
        return Not(part=self)


@dataclass(frozen=True, kw_only=True, slots=True)
class All(Condition):
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Not(Condition):
    """The part does not hold; unknown stays unknown and counts as not passing."""

    part: Condition


class Root(StrEnum):
    """What a field belongs to."""

    ATTRIBUTE = "attribute"
    OWN = "own"
    STREAM = "stream"
    CLOCK = "clock"
    ITEM = "item"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Field:
    """A value of a thing. `root` says where it lives: ATTRIBUTE (name = attribute id), OWN (a stored column:
    state, kind, opened_at, closed_at, valid_from, valid_to), STREAM (name = stream id, part = value | code | fresh),
    CLOCK (name = clock id, part = kept), ITEM (a round item's form field).
    """

    of: str
    root: Root
    name: str
    part: str = ""

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        return Compare(field=self, operator=Operator.EQUAL, value=_value(other))

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return Compare(field=self, operator=Operator.NOT_EQUAL, value=_value(other))

    def __lt__(self, other: Scalar | Moment) -> Condition:
        return Compare(field=self, operator=Operator.LESS, value=_value(other))

    def __le__(self, other: Scalar | Moment) -> Condition:
        return Compare(field=self, operator=Operator.AT_MOST, value=_value(other))

    def __gt__(self, other: Scalar | Moment) -> Condition:
        return Compare(field=self, operator=Operator.MORE, value=_value(other))

    def __ge__(self, other: Scalar | Moment) -> Condition:
        return Compare(field=self, operator=Operator.AT_LEAST, value=_value(other))

    def __hash__(self) -> int:
        return hash((self.of, self.root, self.name, self.part))

    def among(self, *values: Scalar) -> Condition:
        """Return the condition that the value is one of `values`."""
        return Compare(field=self, operator=Operator.AMONG, value=values)

    @property
    def filled(self) -> Condition:
        """Return the condition that there is a value at all."""
        return Compare(field=self, operator=Operator.FILLED, value=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Compare(Condition):
    """A field against a constant or a moment."""

    field: Field
    operator: Operator
    value: Scalar | Moment | tuple[Scalar, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked(Condition):
    """At least one thing at the other end of `link` (a declared link id, walked either way) meets `where`."""

    link: str
    to: str
    where: Condition | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HasOpenCase(Condition):
    """An open case of `case_type` (any type if empty) stands on the thing."""

    case_type: str = ""


def _value(other: object) -> Scalar | Moment:
    if not isinstance(other, str | int | float | bool):
        raise TypeError(f"a field is compared with a constant or a moment, not {type(other).__name__}")
    return other
