"""What a number and its rows look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Schema

from xiuhua.http.words import Label, SourceNote


class IndicatorView(Schema):
    """A number: a share is 0 to 1; no value means no data."""

    id: str
    label: Label
    meaning: Label
    unit: str
    measure: str
    version: int
    value: float | None
    numerator: float | None
    denominator: float | None
    at: datetime | None
    stale: bool
    value_id: int | None
    source: SourceNote | None
    of: str
    subject: str


class IndicatorSummary(IndicatorView):
    """A number with the last value of each of the past months, oldest first."""

    trend: list[float | None]


class TrendPoint(Schema):
    """A stored value of the past."""

    at: datetime
    value: float | None
    numerator: float | None
    denominator: float | None
    version: int
    value_id: int | None


class AreaFigure(Schema):
    """The figure of a town."""

    area_path: str
    area_name: str
    value: float | None
    numerator: float | None
    denominator: float | None


class UnitFigure(Schema):
    """The figure of a unit."""

    unit_code: str
    unit_name: str
    value: float | None
    numerator: float | None
    denominator: float | None


class RowCase(Schema):
    """A case that works on the row's thing."""

    id: UUID
    number: str
    state_label: Label
    due_at: datetime | None
    at_risk_at: datetime | None
    paused: bool


class IndicatorRow(Schema):
    """One thing counted. `reason` says which condition failed, `reason_kind` the same without the numbers and dates
    that were compared; `at` is the row's own date; for a failing row without
    one, the time since which it has been failing as far as stored values tell.
    """

    thing: str
    subject: str
    code: str
    name: str
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    at: datetime | None
    value: float | None
    weight: float | None
    passes: bool | None
    reason: Label | None
    reason_kind: Label | None
    cases: list[RowCase]
