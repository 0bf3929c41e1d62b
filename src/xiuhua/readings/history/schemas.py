"""The shapes of questions and answers about history."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from xiuhua.readings.history.latest import MOST_LATEST
from xiuhua.readings.history.series import MOST_POINTS

Begin = Annotated[AwareDatetime | None, Field(alias="from")]
End = Annotated[AwareDatetime | None, Field(alias="to")]


class Resolution(StrEnum):
    """How finely readings are given; auto chooses by the span."""

    AUTO = "auto"
    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class Step(StrEnum):
    """The length of a period."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


class SeriesQuestion(Schema):
    """Which readings of a datastream: in [from, to), the last day if not said; at most about so many points."""

    datastream: int
    begin: Begin = None
    end: End = None
    resolution: Resolution = Resolution.AUTO
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)] = 1500


class ReadingRow(Schema):
    """One reading, in the unit of its stream."""

    at: datetime
    value: float | None
    code: str
    quality: int


class PeriodRow(Schema):
    """The readings of one period: how many came and how many are usable, mean, low and high of the usable ones, every
    quality bit that occurred; of states the last code and how often each came.
    """

    at: datetime
    count: int
    usable: int
    mean: float | None
    low: float | None
    high: float | None
    quality: int
    code: str
    codes: dict[str, int]


class SeriesView(Schema):
    """A stream over a span, oldest first: `readings` where `step_seconds` is 0, else `periods` of that length that
    cover the span whole. tiers: where they were read (hot, archive, rollup). cut: older readings were left out.
    """

    datastream: int
    stream: str
    unit: str
    begin: datetime
    end: datetime
    step_seconds: int
    tiers: list[str]
    cut: bool
    readings: list[ReadingRow]
    periods: list[PeriodRow]


class AcrossQuestion(Schema):
    """One curve over all streams of a kind (full id) that one sees, under an area if one is named."""

    stream: str
    area: str = ""
    begin: Begin = None
    end: End = None
    resolution: Step = Step.HOUR


class AcrossView(Schema):
    """Periods over many streams, as columns: readings, usable ones, and mean, low and high of the usable ones."""

    stream: str
    unit: str
    streams: int
    step_seconds: int
    at: list[datetime]
    count: list[int]
    usable: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


class LatestQuestion(Schema):
    """Which streams: of an object type, a kind of stream (full id), an area; `limit` of them after the id `after`."""

    type: str = ""
    stream: str = ""
    area: str = ""
    after: int = 0
    limit: Annotated[int, Field(ge=1, le=MOST_LATEST)] = 10_000


class LatestView(Schema):
    """What each stream reported last, as columns in order of id; `next` is the `after` of the following page."""

    id: list[int]
    stream: list[str]
    object_id: list[UUID]
    object_code: list[str]
    at: list[datetime | None]
    value: list[float | None]
    code: list[str | None]
    quality: list[int | None]
    silent_at: list[datetime | None]
    next: int | None


class RetentionRow(Schema):
    """How long a kind of stream is kept, in days (null: for ever), and who said so."""

    kind: str
    version: int
    raw_days: int | None
    rollup_days: int | None
    set_at: datetime
    set_by: str
    set_by_name: str
    why: str


class RetentionWish(Schema):
    """A rule to be put in force after the one of that version; 0 if there is none."""

    version: int
    raw_days: int | None
    rollup_days: int | None
    why: str


class RetentionQuestion(Schema):
    """A rule that is only thought of."""

    kind: str
    raw_days: int | None = None
    rollup_days: int | None = None


class LossView(Schema):
    """What a rule would delete now."""

    files: int
    readings: int
    bytes: int
    rollups: int
    first_day: date | None
    last_day: date | None
