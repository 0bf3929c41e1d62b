"""What cases and rounds look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from xiuhua.catalog.schemas import AttributeDef
from xiuhua.http.words import Label, SourceNote
from xiuhua.runs.schemas import Figure


class ClockView(Schema):
    """One clock: running, or kept or broken once stopped; `fault` says why it has no due time."""

    clock: str
    label: Label
    started_at: datetime
    due_at: datetime | None
    at_risk_at: datetime | None
    stopped_at: datetime | None
    paused_at: datetime | None
    kept: bool | None
    overdue: bool
    at_risk: bool
    working_time: bool
    limit: str
    source: SourceNote | None
    fault: str


class CaseRow(Schema):
    """A case as a list shows it; `mine` says that it waits for the reader."""

    id: UUID
    number: str
    type: str
    type_label: Label
    title: str
    state: str
    state_label: Label
    step: str
    kind: str
    grade: int | None
    danger: bool
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    object_id: UUID | None
    object_code: str
    lon: float | None
    lat: float | None
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    at_risk_at: datetime | None
    paused: bool
    source: str
    origin: str
    mine: bool
    version: int


class NeedState(Schema):
    """What a move asks for, and whether the case holds it."""

    id: str
    label: Label
    kind: str
    met: bool


class AllowedMove(Schema):
    """A move out of the case's state; a locked one says why."""

    id: str
    label: Label
    to: str
    to_label: Label
    allowed: bool
    reason: Label | None
    needs: list[NeedState]
    fields: list[AttributeDef]
    assigns: bool
    primary: bool


class EvidenceRow(Schema):
    """A file of the case."""

    id: int
    need: str
    name: str
    media_type: str
    size: int
    hash: str
    added_by: str
    added_at: datetime
    state: str
    url: str


class StepView(Schema):
    """One of the seven steps: done, now or ahead."""

    step: str
    label: Label
    state: str


class CaseDetail(CaseRow):
    """A case in full."""

    description: str
    fields: dict[str, object]
    alarm_id: UUID | None
    object_name: str
    object_type: str
    moves: list[AllowedMove]
    clocks: list[ClockView]
    evidence: list[EvidenceRow]
    why_here: list[Label]
    steps: list[StepView]
    handled_by: str


class TypeCount(Schema):
    """Open cases of a type, and how many of them are at risk and overdue."""

    type: str
    open: int
    at_risk: int
    overdue: int


class TownCount(Schema):
    """Open and overdue cases of a town, and a point inside it."""

    area_path: str
    open: int
    overdue: int
    lon: float | None
    lat: float | None


class CaseCounts(Schema):
    """The cases the reader may see, counted."""

    open: int
    at_risk: int
    overdue: int
    mine: int
    opened_today: int
    closed_today: int
    by_type: list[TypeCount]
    by_town: list[TownCount]


class CaseOpening(Schema):
    """What a case is opened with."""

    type: str
    object_id: UUID | None = None
    title: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=20_000)] = ""
    fields: dict[str, object] = {}
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    unit_code: str = ""


class BulkOpening(Schema):
    """Cases of one type for many things."""

    type: str
    object_ids: Annotated[list[UUID], Field(min_length=1)]
    source: Literal["indicator", "hand"] = "indicator"
    description: Annotated[str, Field(max_length=4000)] = ""


class BulkOpened(Schema):
    """What came of one thing: a new case, or the one that stood already; null and "" for another unit's, not seen."""

    object_id: UUID
    case_id: UUID | None
    number: str
    existing: bool


class MoveMade(Schema):
    """A move, made on the version the person saw."""

    version: int
    reason: Annotated[str, Field(max_length=2000)] = ""
    fields: dict[str, object] = {}
    unit_code: str = ""


class RoundStart(Schema):
    """The area that a round goes over."""

    area: str


class Acceptance(Schema):
    """Why a proposal is accepted."""

    why: str


class ItemForm(Schema):
    """What was found at one thing."""

    form: dict[str, object]


class RunStart(Schema):
    """What an analysis runs on; without a seed one is drawn and kept."""

    area: str
    parameters: dict[str, object] = {}
    seed: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class RoundView(Schema):
    """A round and how far it has come."""

    id: UUID
    round: str
    label: Label
    title: str
    area_path: str
    area_name: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str
    figures: dict[str, Figure]
    total: int
    filled: int
    defects: int
    run_id: UUID | None


class RoundItemView(Schema):
    """One thing of a round and what was found there."""

    id: UUID
    object_id: UUID
    object_code: str
    object_name: str
    form: dict[str, object]
    passes: bool | None
    filled_at: datetime | None
    filled_by: str
    case_id: UUID | None


class RoundDetail(RoundView):
    """A round with its items."""

    items: list[RoundItemView]


class PointGeometry(Schema):
    """A point, lon-lat."""

    type: str = "Point"
    coordinates: tuple[float, float]


class CaseProperties(Schema):
    """What the map shows of a case."""

    id: UUID
    number: str
    title: str
    overdue: bool


class CaseFeature(Schema):
    """A case as a point."""

    type: str = "Feature"
    geometry: PointGeometry
    properties: CaseProperties


class CaseFeatures(Schema):
    """Cases as points."""

    type: str = "FeatureCollection"
    features: list[CaseFeature]
