"""What the plan looks like over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from ninja import Schema

from xiuhua.http.words import Label, SourceNote
from xiuhua.plans.scoreboard import Result


class TargetView(Schema):
    """A target with its figure and result. `gap` is value less figure, in the indicator's own scale."""

    id: str
    label: Label
    indicator: str
    bound: Literal["", "≥", ">", "≤", "="]
    figure: float | None
    unit: str
    due: date
    printed: bool
    read_as: bool
    result: Result
    value: float | None
    numerator: float | None
    denominator: float | None
    gap: float | None
    gap_things: float | None
    at: datetime | None
    missing_pack: str | None
    trend: list[float | None]


class TaskRow(Schema):
    """A task with the results of its targets."""

    no: str
    theme: str
    title: Label
    pack: str
    pack_built: bool
    result: Result
    met: int
    short: int
    no_data: int
    not_built: int
    targets: list[TargetView]


class ThemeView(Schema):
    """A chapter of the plan."""

    id: str
    title: Label
    tasks: list[TaskRow]


class PlanCounts(Schema):
    """How many tasks stand where."""

    met: int
    short: int
    no_data: int
    not_built: int
    no_figure: int


class Gap(Schema):
    """A target that falls short, with its task's number."""

    task: str
    target: TargetView


class PlanView(Schema):
    """The plan in force."""

    id: str
    title: Label
    document: str
    issued: date
    themes: list[ThemeView]
    counts: PlanCounts
    gaps: list[Gap]


class LeadView(Schema):
    """A unit with its role: coordinates, leads, supports, implements."""

    name: str
    role: str


class TownValue(Schema):
    """A town's figure of one indicator."""

    value: float | None
    numerator: float | None
    denominator: float | None


class TownRow(Schema):
    """A town's figures by indicator id."""

    area_path: str
    area_name: str
    values: dict[str, TownValue]


class TaskView(TaskRow):
    """A task with the plan's own words, its units, what its pack brings and its figures by town."""

    text: str
    leads: list[LeadView]
    theme_title: Label
    case_types: list[str]
    object_types: list[str]
    indicators: list[str]
    towns: list[TownRow]
    sources: list[SourceNote]


class CockpitView(Schema):
    """What the cockpit asks of this room."""

    plan: PlanView
