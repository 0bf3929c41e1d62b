"""A number is a query: one row per thing counted (thing, place, unit, at, value, passes)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xiuhua.kernel.cases import CaseType, Round
from xiuhua.kernel.expressions import Condition, Field
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.words import Label, Source


class Measure(StrEnum):
    """How the rows become one number."""

    SHARE = "share"
    RATIO = "ratio"
    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    PERCENTILE = "percentile"


class Subject(StrEnum):
    """What is counted."""

    OBJECT = "object"
    CASE = "case"
    ITEM = "item"
    ROUND = "round"


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """A declared number. `where` chooses the rows, `passes` marks them, `value` is summed or averaged, `weight`
    weights a share, `at` dates a row for a period. `meaning` says in one sentence what is counted.
    """

    id: str
    label: Label
    meaning: Label
    measure: Measure
    subject: Subject
    of: str
    where: Condition | None = None
    passes: Condition | None = None
    value: Field | None = None
    weight: Field | None = None
    percent: float | None = None
    at: Field | None = None
    unit: str = ""
    version: int = 1
    source: Source | None = None


def _subject(of: ObjectType | CaseType | Round) -> Subject:
    if isinstance(of, ObjectType):
        return Subject.OBJECT
    return Subject.CASE if isinstance(of, CaseType) else Subject.ITEM


def share(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: ObjectType | CaseType | Round,
    passes: Condition,
    where: Condition | None = None,
    weight: Field | None = None,
    at: Field | None = None,
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return passing rows over all rows, weighted if `weight` is given; between 0 and 1."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.SHARE, subject=_subject(of), of=of.id, where=where,
        passes=passes, weight=weight, at=at, unit="%", version=version, source=source,
    )  # fmt: skip


def count(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: ObjectType | CaseType | Round,
    passes: Condition | None = None,
    where: Condition | None = None,
    at: Field | None = None,
    unit: str = "",
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return how many rows pass (all rows, if `passes` is not given)."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.COUNT, subject=_subject(of), of=of.id, where=where,
        passes=passes, at=at, unit=unit, version=version, source=source,
    )  # fmt: skip


def count_rounds(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: Round,
    passes: Condition | None = None,
    where: Condition | None = None,
    at: Field | None = None,
    unit: str = "",
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return how many rounds of that kind pass: one row per round that was held, not per thing looked at."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.COUNT, subject=Subject.ROUND, of=of.id, where=where,
        passes=passes, at=at, unit=unit, version=version, source=source,
    )  # fmt: skip


def total(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: ObjectType | CaseType | Round,
    value: Field,
    where: Condition | None = None,
    at: Field | None = None,
    unit: str = "",
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return the sum of `value` over the rows, in the value's unit."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.SUM, subject=_subject(of), of=of.id, where=where,
        value=value, at=at, unit=unit, version=version, source=source,
    )  # fmt: skip


def mean(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: ObjectType | CaseType | Round,
    value: Field,
    where: Condition | None = None,
    weight: Field | None = None,
    at: Field | None = None,
    unit: str = "",
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return the mean of `value` over the rows that have one, in the value's unit."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.MEAN, subject=_subject(of), of=of.id, where=where,
        value=value, weight=weight, at=at, unit=unit, version=version, source=source,
    )  # fmt: skip


def percentile(
    *,
    id: str,
    label: Label,
    meaning: Label,
    of: ObjectType | CaseType | Round,
    value: Field,
    percent: float,
    where: Condition | None = None,
    at: Field | None = None,
    unit: str = "",
    version: int = 1,
    source: Source | None = None,
) -> Indicator:
    """Return the continuous `percent` percentile (0 to 100) of `value`, in the value's unit."""
    return Indicator(
        id=id, label=label, meaning=meaning, measure=Measure.PERCENTILE, subject=_subject(of), of=of.id, where=where,
        value=value, percent=percent, at=at, unit=unit, version=version, source=source,
    )  # fmt: skip
