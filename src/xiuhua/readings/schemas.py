"""The shapes of this room's answers and questions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from xiuhua.http.paging import Paging
from xiuhua.http.words import Label, SourceNote
from xiuhua.readings.devices import Failing, Health
from xiuhua.readings.keys import KeyState


class DeviceQuestion(Paging):
    """Which devices: by how they do or what ails them, of a type, a firmware, under an area, whose code or name holds
    a text; `days` is the time over which they were online or not: 1, 7 or 30.
    """

    health: Health | None = None
    fault: Failing | None = None
    firmware: Annotated[str, Field(max_length=100)] = ""
    days: Literal["1", "7", "30"] = "7"
    type: Annotated[str, Field(max_length=100)] = ""
    area: Annotated[str, Field(max_length=100)] = ""
    q: Annotated[str, Field(max_length=100)] = ""


class DeviceRow(Schema):
    """One device: how it does, when it was last heard, since when it is silent, streams whose latest is not usable,
    standing alarms, share of time online, battery with its lower limit, firmware, how far it drifted against its
    neighbours, what ails it and the case that mends it.
    """

    object_id: UUID
    type: str
    code: str
    name: str
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    health: Health
    streams: int
    last_at: datetime | None
    silent_since: datetime | None
    unusable: int
    alarms: int
    online: float | None
    battery: float | None
    battery_low: float | None
    battery_unit: str
    firmware: str
    drift: float | None
    drift_unit: str
    faults: list[Failing]
    case_id: UUID | None


class DeviceGroupQuestion(DeviceQuestion):
    """Which devices, and what they are counted by."""

    by: Literal["type", "town", "firmware"] = "type"


class DeviceGroup(Schema):
    """Devices that have a type, a town (its code) or a firmware in common: by how they do and by what ails them, and
    the mean share of time they were online.
    """

    key: str
    total: int
    fresh: int
    silent: int
    never: int
    online: float | None
    faults: dict[Failing, int]


class KeyQuestion(Paging):
    """Which keys: that stand so, whose name or holder holds a text."""

    state: KeyState | None = None
    q: Annotated[str, Field(max_length=100)] = ""


class SpokenFor(Schema):
    """An object that a key speaks for; `topic` is where its streams are published, each under its own name."""

    object_id: UUID
    type: str
    code: str
    name: str
    area_name: str
    topic: str


class KeyRow(Schema):
    """A key: the whole types it speaks for, of its objects the first ones that the reader sees and how many, and what
    happened with it. `refused_why` is secret, expired, revoked or hurried.
    """

    id: UUID
    name: str
    holder: str
    state: KeyState
    types: list[str]
    objects: list[SpokenFor]
    objects_total: int
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_seen_at: datetime | None
    refused_at: datetime | None
    refused_why: str
    may_revoke: bool
    origin: str


class NewKey(Schema):
    """A key to make: its name, and the objects and whole types it speaks for."""

    name: Annotated[str, Field(max_length=100)]
    objects: Annotated[list[UUID], Field(max_length=10_000)] = []
    types: Annotated[list[str], Field(max_length=100)] = []
    holder: Annotated[str, Field(max_length=200)] = ""
    expires_at: AwareDatetime | None = None


class MadeKey(Schema):
    """A new key with its secret, which is shown this once, and where a device calls."""

    key: KeyRow
    secret: str
    address: str


class TurnedAway(Schema):
    """How many were turned away at the door for one reason since the site began: unknown, secret, expired, revoked,
    hurried (too many failures in a minute), topic (a message outside of what the key speaks for).
    """

    why: str
    count: int
    last_at: datetime


class QuarantineQuestion(Paging):
    """Which quarantined readings: of a reason, of streams whose name holds a text."""

    reason: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=200)] = ""


class QuarantineRow(Schema):
    """A reading that could not be taken. `name` is the stream's as sent, `said` what it said, `again` whether it can be
    sent again.
    """

    id: int
    reason: str
    detail: str
    name: str
    said: str
    again: bool
    received_at: datetime
    area_path: str
    unit_code: str


class QuarantineKind(Schema):
    """How many lie in quarantine for one reason, how many of them can be sent again, the newest."""

    reason: str
    count: int
    again: int
    last_at: datetime


class SendAgain(Schema):
    """Which quarantined readings to send again: of a reason, of streams whose name holds a text; all if empty."""

    reason: Annotated[str, Field(max_length=40)] = ""
    name: Annotated[str, Field(max_length=200)] = ""


class SentAgain(Schema):
    """How many were sent again."""

    count: int


class Received(Schema):
    """How many readings were taken: they are safe, and stored in a moment."""

    count: int


class Fate(Schema):
    """How many readings met one fate since the site began: stored, repeated, redelivered, or a reason of refusal."""

    fate: str
    count: int


class AlarmState(StrEnum):
    """How an alarm stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    CLEARED = "cleared"
    CLOSED = "closed"


class DutyView(Schema):
    """Which post at which unit was called last, as which step of the roster, and until when it is to confirm; null once
    it is confirmed or nobody is left to call.
    """

    post: str
    post_label: Label
    unit: str
    unit_name: str
    step: int
    until: datetime | None


class AlarmRow(Schema):
    """One alarm with the thing it stands on, and in one sentence why. `times` is how often it was raised, `members` how
    many the reader sees folded under it, `parent_id` what it is folded under itself.
    """

    id: UUID
    rule: str
    rule_label: Label
    grade: int
    object_id: UUID
    object_type: str
    object_code: str
    object_name: str
    state: AlarmState
    raised_at: datetime
    last_at: datetime
    count: int
    value: float | None
    code: str
    why: Label
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    lon: float | None
    lat: float | None
    case_id: UUID | None
    case_number: str | None
    shelved_until: datetime | None
    source: SourceNote
    origin: str
    times: int
    members: int
    parent_id: UUID | None
    duty: DutyView | None


class AlarmQuestion(Paging):
    """Which alarms: `state` is one of the five, or standing for all but closed; `area` a path or code; `q` in code or
    name; `mine` those for which a post of the reader is called.
    """

    state: str = "standing"
    grade: int | None = None
    area: str = ""
    type: str = ""
    object: UUID | None = None
    q: str = ""
    mine: bool = False


class AlarmCounts(Schema):
    """Standing alarms by grade, how many nobody has acknowledged, and for how many of these a post of the reader is
    called.
    """

    grades: dict[str, int]
    unacknowledged: int
    mine: int


class Shelving(Schema):
    """Until when an alarm is set aside, and why."""

    until: AwareDatetime
    why: str


class Reason(Schema):
    """Why something is done."""

    why: str


class StreamRow(Schema):
    """A stream of an object with its latest reading."""

    id: int
    stream: str
    label: Label
    unit: str
    object_id: UUID
    at: datetime | None
    value: float | None
    code: str
    quality: int
    fresh: bool
    silent_at: datetime | None


class DeviceHealth(Schema):
    """Objects with streams: those that never reported, those with a silent stream, and the rest."""

    total: int
    fresh: int
    silent: int
    never: int
