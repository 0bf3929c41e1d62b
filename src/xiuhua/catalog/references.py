"""What a declaration names: other types, case types and rounds, by full id."""

from __future__ import annotations

from collections.abc import Iterator

from xiuhua.kernel.cases import CaseType, Round
from xiuhua.kernel.expressions import All, AnyOf, Compare, Condition, Field, HasOpenCase, Linked, Not
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.packs import Analysis
from xiuhua.kernel.streams import Rule

Row = CaseType | Rule | Round | Analysis | Indicator


def needed(row: Row) -> Iterator[str]:
    """Yield the full ids without which the row means nothing."""
    match row:
        case CaseType():
            yield row.on
        case Rule():
            yield row.on[0]
            for one in row.also:
                yield one.on[0]
        case Round():
            yield row.of
            yield from in_condition(row.where)
        case Analysis():
            yield row.of
            yield row.round
            yield from in_condition(row.where)
        case Indicator():
            yield row.of
            for condition in (row.where, row.passes):
                yield from in_condition(condition)
            for field in (row.value, row.weight, row.at):
                if field is not None:
                    yield field.of


def in_condition(condition: Condition | None) -> Iterator[str]:
    """Yield the full ids of types that a condition names."""
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from in_condition(part)
        case Not(part=part):
            yield from in_condition(part)
        case Compare():
            yield condition.field.of
        case Linked():
            yield condition.to
            yield condition.link.rpartition(".")[0]
            yield from in_condition(condition.where)
        case HasOpenCase():
            yield condition.case_type


def fields_in(condition: Condition | None) -> Iterator[Field]:
    """Yield every field that a condition reads."""
    for compare in compares_in(condition):
        yield compare.field


def compares_in(condition: Condition | None) -> Iterator[Compare]:
    """Yield every comparison of a condition, at whatever depth."""
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from compares_in(part)
        case Not(part=part):
            yield from compares_in(part)
        case Linked(where=where):
            yield from compares_in(where)
        case Compare():
            yield condition
