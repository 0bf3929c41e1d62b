"""What the catalogue looks like over HTTP."""

from __future__ import annotations

from ninja import Field, Schema

from xiuhua.http.words import Label, SourceNote


class ChoiceDef(Schema):
    """One allowed value."""

    id: str
    label: Label


class AttributeDef(Schema):
    """One thing known of an object, or one field of a form."""

    id: str
    label: Label
    value: str
    unit: str
    choices: list[ChoiceDef]
    required: bool
    written_by: list[str]
    privacy: str
    minimum: float | None
    maximum: float | None
    pattern: str
    listed: bool
    help: Label | None
    source: SourceNote | None


class LinkDef(Schema):
    """A relation to another type."""

    id: str
    label: Label
    to: str
    relation: str
    many: bool
    required: bool


class StreamDef(Schema):
    """What a thing reports over time."""

    id: str
    label: Label
    reports: str
    unit: str
    cadence_seconds: float
    silent_after_seconds: float
    codes: list[ChoiceDef]


class ObjectTypeDef(Schema):
    """A kind of city object; `schema` is the JSON Schema of its attributes."""

    id: str
    pack: str
    label: Label
    geometry: str
    icon: str
    period: bool
    attributes: list[AttributeDef]
    links: list[LinkDef]
    streams: list[StreamDef]
    attribute_schema: dict[str, object] = Field(serialization_alias="schema")


class StateDef(Schema):
    """One state of a case type."""

    id: str
    label: Label
    kind: str
    step: str
    owner: str
    limit: str | None
    source: SourceNote | None
    handling: bool
    verifying: bool


class NeedDef(Schema):
    """What must be given with a move."""

    id: str
    label: Label
    kind: str


class MoveDef(Schema):
    """A step between two states."""

    id: str
    label: Label
    at: str
    to: str
    who: str
    needs: list[NeedDef]
    fields: list[AttributeDef]
    assigns: bool


class CaseTypeDef(Schema):
    """A closed loop."""

    id: str
    pack: str
    label: Label
    on: str
    danger: bool
    states: list[StateDef]
    moves: list[MoveDef]
    fields: list[AttributeDef]


class RuleDef(Schema):
    """When a stream's reading means an alarm."""

    id: str
    pack: str
    label: Label
    type: str
    stream: str
    condition: str
    grade: int
    opens: str
    source: SourceNote


class IndicatorDef(Schema):
    """A declared number."""

    id: str
    pack: str
    label: Label
    meaning: Label
    measure: str
    subject: str
    of: str
    unit: str
    version: int
    source: SourceNote | None


class AnalysisDef(Schema):
    """An engine bound to data."""

    id: str
    pack: str
    label: Label
    of: str
    parameters: list[AttributeDef]
    round: str
    version: str
    source: SourceNote


class RoundDef(Schema):
    """A choice of things, each owing a form."""

    id: str
    pack: str
    label: Label
    of: str
    form: list[AttributeDef]
    who: str
    limit: str
    source: SourceNote | None


class PackDef(Schema):
    """A scenario in force."""

    id: str
    title: Label
    tasks: list[int]
    verified: bool


class PostDef(Schema):
    """A post and what it may do."""

    id: str
    label: Label
    acts: list[str]


class FaultRow(Schema):
    """One thing wrong with a pack; severity "off" is a row that waits for a pack."""

    pack: str
    where: str
    code: str
    message: Label
    file: str
    line: int
    severity: str


class CatalogueView(Schema):
    """Everything declared, as the pages need it to draw forms, lists, boards and menus."""

    packs: list[PackDef]
    object_types: list[ObjectTypeDef]
    case_types: list[CaseTypeDef]
    rules: list[RuleDef]
    indicators: list[IndicatorDef]
    analyses: list[AnalysisDef]
    rounds: list[RoundDef]
    posts: list[PostDef]
    faults: list[FaultRow]
