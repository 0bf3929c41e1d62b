"""What a thing reports over time, and when that means something."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xiuhua.kernel.durations import Duration
from xiuhua.kernel.quantities import Quantity
from xiuhua.kernel.words import Choice, Label, Source


class Reports(StrEnum):
    """What one reading of a stream holds."""

    NUMBER = "number"
    STATE = "state"
    POSITION = "position"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """What a thing reports: numbers in the quantity's unit, or state codes. `silent_after` makes silence visible.

    A number below `least` or above `most` cannot be true; it is kept, and marked as not to be used. A stream of states
    lists its `codes`, the sound ones too: another code says nothing of the thing. Without a list any code will do.
    `battery_low` declares the stream to be its device's battery, which is low beneath that number.
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
    codes: tuple[Choice, ...] = ()
    battery_low: float | None = None

    def knows(self, code: str) -> bool:
        """Return whether the stream may report this code."""
        return not self.codes or any(one.id == code for one in self.codes)

    def meaning(self, code: str) -> Label | None:
        """Return what a declared code means."""
        return next((one.label for one in self.codes if one.id == code), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A further, graver limit of a rule. `value` is of the kind that the rule's condition gives first (the number, the
    change, the spreads); a rule on codes says `among` instead. Where `holds_for` is left out, the rule's own counts.
    """

    grade: int
    value: float | None = None
    among: tuple[str, ...] = ()
    clears_at: float | None = None
    holds_for: Duration | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A change of more than `by`, in the stream's unit, within a time (looked at over three quarters to all of it)."""

    by: float
    within: Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Stuck:
    """No change beyond `within`, in the stream's unit, for a time: a sensor that always says the same."""

    within: float
    lasting: Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Spike:
    """More than `times` the usual spread away from the usual value of the last `over` readings. A spread below `least`,
    in the stream's unit, counts as `least`.
    """

    times: float
    least: float
    over: int = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """More than `times` the usual spread away from what the stream's own last weeks show for this hour of the week. A
    spread below `least`, in the stream's unit, counts as `least`.
    """

    times: float
    least: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Lately:
    """More than `above` over the last `within` (a day to 30 days), as the daily look at devices finds it."""

    above: float
    within: Duration


@dataclass(frozen=True, kw_only=True, slots=True)
class Also:
    """What must hold on another stream as well: exactly one of above, below and among. `on` is (object type id, stream
    id): of the same thing where the type is the rule's own, else of the nearest thing of that type, as a rain gauge.
    Its last reading may be `fresh_for` old, at most the stream's `silent_after` where that is left out.
    """

    on: tuple[str, str]
    above: float | None = None
    below: float | None = None
    among: tuple[str, ...] = ()
    fresh_for: Duration | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """When a rule may hold, in local time: from one full hour to another (over midnight too), on weekdays 1 (Monday) to
    7, on working days only (True) or days off only (False).
    """

    begin: int = 0
    end: int = 24
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    working: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When what a stream reports means an alarm. Exactly one condition is given: above, below, among, silent, rises,
    falls, stuck, spike, band, drifts, unusable or flaps.

    `on` is (object type id, stream id); `grade` the level of the alarm scale, 1 the gravest; `levels` are graver ones;
    `opens` the id of the case type that an alarm opens. It begins once the condition has held for `holds_for`, and ends
    once the figure is back at `clears_at` (where left out: at the limit) for `clears_after`; these are in readings'
    time. A device `drifts` by an amount in the stream's unit against the median of its nearest neighbours, whichever
    way; a share of what it says is `unusable` (0 to 1); it `flaps`, counted in hours in which it spoke again after a
    silence. Everything in `also` must hold too, within `hours`. Silence counts from the stream's `silent_after`, or the
    rule's own. Readings that are not to be trusted neither begin nor end anything.
    """

    id: str
    label: Label
    on: tuple[str, str]
    above: float | None = None
    below: float | None = None
    among: tuple[str, ...] = ()
    silent: bool = False
    rises: Change | None = None
    falls: Change | None = None
    stuck: Stuck | None = None
    spike: Spike | None = None
    band: Band | None = None
    drifts: Lately | None = None
    unusable: Lately | None = None
    flaps: Lately | None = None
    grade: int
    levels: tuple[Level, ...] = ()
    clears_at: float | None = None
    holds_for: Duration | None = None
    clears_after: Duration | None = None
    also: tuple[Also, ...] = ()
    hours: Hours | None = None
    silent_after: Duration | None = None
    opens: str = ""
    source: Source

    @property
    def lately(self) -> Lately | None:
        """Return what the daily look at devices is to find, for a rule on the device itself."""
        return self.drifts or self.unusable or self.flaps

    @property
    def conditions(self) -> tuple[str, ...]:
        """Name the conditions that are given; a sound rule has one."""
        given = {
            "above": self.above is not None, "below": self.below is not None, "among": bool(self.among),
            "silent": self.silent, "rises": self.rises is not None, "falls": self.falls is not None,
            "stuck": self.stuck is not None, "spike": self.spike is not None, "band": self.band is not None,
            "drifts": self.drifts is not None, "unusable": self.unusable is not None, "flaps": self.flaps is not None,
        }  # fmt: skip
        return tuple(name for name, is_given in given.items() if is_given)
