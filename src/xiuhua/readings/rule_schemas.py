"""The shapes of rules, their versions and their trials."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import AwareDatetime, Field

from xiuhua.http.words import Label, SourceNote

Figure = Annotated[float, Field(allow_inf_nan=False)]


class LevelValuesView(Schema):
    """A graver level's values; seconds for `holds_for_s`."""

    grade: int
    value: Figure | None = None
    clears_at: Figure | None = None
    holds_for_s: Figure | None = None


class RuleValuesView(Schema):
    """All values of a rule that a user may lay others over. `value` is in the rule's `value_unit`."""

    on: bool = True
    value: Figure | None = None
    clears_at: Figure | None = None
    holds_for_s: Figure | None = None
    clears_after_s: Figure | None = None
    levels: list[LevelValuesView] = []


class RuleRow(Schema):
    """A rule as it is in force, with its newest version (0: as the pack declares it) and how many alarms stand."""

    id: str
    pack: str
    label: Label
    type: str
    stream: str
    stream_label: Label
    condition: Label
    grade: int
    opens: str
    source: SourceNote
    on: bool
    version: int
    changed: bool
    standing: int


class RuleVersionRow(Schema):
    """One version: `values` is empty where the pack's own were taken up again."""

    number: int
    values: RuleValuesView | None
    made_at: datetime
    made_by: str
    made_by_name: str
    why: str


class TrialState(StrEnum):
    """How far a trial is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TrialRow(Schema):
    """A trial of other values; `share` of the readings is judged."""

    id: int
    rule: str
    values: RuleValuesView
    begin: datetime
    end: datetime
    state: TrialState
    share: float
    asked_at: datetime
    asked_by_name: str
    done_at: datetime | None


class RulePage(Schema):
    """A rule with its values in force and declared, its versions and latest trials, newest first."""

    rule: RuleRow
    kind: str
    value_unit: Label
    unit: str
    values: RuleValuesView
    declared: RuleValuesView
    declared_condition: Label
    versions: list[RuleVersionRow]
    trials: list[TrialRow]
    may_tune: bool
    may_try: bool


class RuleLaying(Schema):
    """Values to lay over a rule, and why; `expected` is the version that was on the screen."""

    values: RuleValuesView
    why: str
    expected: int | None = None


class RuleReason(Schema):
    """Why an earlier version is taken up again."""

    why: str


class TrialAsked(Schema):
    """Values to try on the readings between two times."""

    values: RuleValuesView
    begin: AwareDatetime
    end: AwareDatetime


class TrialDay(Schema):
    """Alarms that began on a local day: by the rule in force, and by what is tried."""

    day: date
    before: int
    after: int


class TrialThing(Schema):
    """Alarms of one thing."""

    object_id: str
    type: str
    code: str
    before: int
    after: int


class TrialResult(Schema):
    """What a trial found among the things that the reader may see; things with the largest difference first."""

    trial: TrialRow
    before: int
    after: int
    days: list[TrialDay]
    things: list[TrialThing]
