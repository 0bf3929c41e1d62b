"""What a thing reports over time, and when that means something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xiuhua.kernel.durations import Duration
from xiuhua.kernel.quantities import Quantity
from xiuhua.kernel.words import Label, Source


class Reports(StrEnum):
    """What one reading of a stream holds."""

    NUMBER = "number"
    STATE = "state"
    POSITION = "position"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """What a thing reports: numbers in the quantity's unit, or state codes. `silent_after` makes silence visible.

    A number below `least` or above `most` cannot be true; it is kept, and marked as not to be used.
    """

    id: str
    label: Label
    reports: Reports = Reports.NUMBER
    quantity: Quantity | None = None
    cadence: Duration
    silent_after: Duration
    forecast: bool = False
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When a stream's latest reading means an alarm. Exactly one of above, below, among and silent is given.

    `on` is (object type id, stream id); `grade` the level of the alarm scale, 1 the gravest; `opens` the id of the
    case type that an alarm opens. Silence counts from the stream's `silent_after`.
    """

    id: str
    label: Label
    on: tuple[str, str]
    above: float | None = None
    below: float | None = None
    among: tuple[str, ...] = ()
    silent: bool = False
    grade: int
    opens: str = ""
    source: Source
