"""What nodes and people are told about nodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema


class NodeRow(Schema):
    """A node, as the centre knows it. `line`: never, up, cut, revoked; `lag_s`: how old the oldest is that waits."""

    id: UUID
    code: str
    town: str
    town_zh: str
    town_en: str
    line: str
    last_seen_at: datetime | None
    waiting: int
    lag_s: float | None
    full: bool
    copied_at: datetime | None
    copy_age_s: float | None
    clock_ahead_s: float | None
    same_catalogue: bool | None
    readings_in: int
    readings_new: int
    alarms_in: int
    cases_in: int
    history_in: int
    set_aside: int
    owned_cases: int
    made_at: datetime
    revoked_at: datetime | None
    revoked_why: str


class NodeIn(Schema):
    """The town that gets a node."""

    town: str


class NodeMade(Schema):
    """A new node and its key, shown this once."""

    code: str
    key: str


class WhyIn(Schema):
    """A reason."""

    why: str


class LineView(Schema):
    """A node's line to the centre, at the node; `edge` is false at the centre, and then the rest is empty."""

    edge: bool
    town: str = ""
    town_zh: str = ""
    town_en: str = ""
    upstream: str = ""
    state: str = ""
    problem: str = ""
    since: datetime | None = None
    answered_at: datetime | None = None
    waiting: int = 0
    waiting_readings: int = 0
    waiting_bytes: int = 0
    most_bytes: int = 0
    full: bool = False
    oldest_at: datetime | None = None
    copied_at: datetime | None = None
    copy_age_s: float | None = None
    copy_problem: str = ""
    clock_ahead_s: float | None = None
    same_catalogue: bool | None = None
    readings_out: int = 0
    alarms_out: int = 0
    cases_out: int = 0
    history_out: int = 0


class Stored(Schema):
    """How far the node has handed up, what came of the call, and the centre's time."""

    position: int
    counts: dict[str, int]
    at: datetime


class CopyView(Schema):
    """The digest of each part that the node ought to have, and of the centre's catalogue."""

    digests: dict[str, str]
    catalogue: str


class CopyPage(Schema):
    """Rows of a part, and the key to go on behind ("" at the end)."""

    rows: list[dict[str, Any]]
    next: str


class FileKept(Schema):
    """Whether the centre has the file."""

    kept: bool


class Released(Schema):
    """A case that was handed to the centre."""

    id: UUID
    number: str
