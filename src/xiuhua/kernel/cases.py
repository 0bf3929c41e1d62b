"""Closed loops: states with owners and limits, moves between them, clocks, rounds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xiuhua.kernel.durations import Duration
from xiuhua.kernel.expressions import Condition, Field, Root
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.words import Label, Source


class Kind(StrEnum):
    """What a state means to the platform: it branches on this, never on a state's id."""

    OPEN = "open"
    DONE = "done"
    VOID = "void"


class Step(StrEnum):
    """The seven steps on the case page (采集 立案 派遣 处置 反馈 核查结案 评价) that a state stands under."""

    COLLECT = "collect"
    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    FEEDBACK = "feedback"
    VERIFY = "verify"
    EVALUATE = "evaluate"


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One state of a case. An open state names the post that owns it and a limit; the case's unit holds the post."""

    id: str
    label: Label
    kind: Kind
    step: Step = Step.HANDLE
    owner: str = ""
    limit: Duration | None = None
    source: Source | None = None
    planned: bool = False
    handling: bool = False
    verifying: bool = False


class NeedKind(StrEnum):
    """What a move may ask for."""

    REASON = "reason"
    PHOTO = "photo"
    FILE = "file"


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """What must be given with a move, or lie in the case before it."""

    id: str
    label: Label
    kind: NeedKind


REASON = Need(id="reason", label=Label(zh="理由", en="Reason"), kind=NeedKind.REASON)
PHOTO_BEFORE = Need(id="photo_before", label=Label(zh="处置前照片", en="Photo before"), kind=NeedKind.PHOTO)
PHOTO_AFTER = Need(id="photo_after", label=Label(zh="处置后照片", en="Photo after"), kind=NeedKind.PHOTO)
DOCUMENT = Need(id="document", label=Label(zh="文件", en="Document"), kind=NeedKind.FILE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sets:
    """What a move writes on the case's object: attribute := constant `value`, the move's field `field`, or, with
    `now=True`, the time of the move (its date, for a DATE attribute).
    """

    attribute: str
    value: str | float | bool | None = None
    field: str = ""
    now: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A step from state `at` to state `to` by post `who`.

    `fields` are asked on the move's sheet and kept in the history; `assigns` says that the move names the unit that
    owns the case from here on; `clears_alarm` closes the alarm that opened the case.
    """

    id: str
    label: Label
    at: str
    to: str
    who: str
    needs: tuple[Need, ...] = ()
    fields: tuple[Attribute, ...] = ()
    sets: tuple[Sets, ...] = ()
    signers: tuple[str, ...] = ()
    opens: str = ""
    waits_for: str = ""
    assigns: bool = False
    clears_alarm: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A named limit over several states: starts on entering `starts`, stops on entering one of `stops`, pauses in
    `pauses`. Each open state's own limit is a clock of the state's name.
    """

    id: str
    label: Label
    starts: str
    stops: tuple[str, ...]
    pauses: tuple[str, ...] = ()
    limit: Duration
    source: Source | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseType:
    """A closed loop. The first state is where a case begins; `on` is the object type it stands on ("" for none)."""

    id: str
    label: Label
    on: str = ""
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    clocks: tuple[Clock, ...] = ()
    fields: tuple[Attribute, ...] = ()
    opened_by: tuple[str, ...] = ()
    danger: bool = False
    source: Source | None = None

    @property
    def start(self) -> State:
        """Return the state in which a case begins."""
        return self.states[0]

    def state(self, state_id: str) -> State:
        """Return the state of that id; raises KeyError."""
        for state in self.states:
            if state.id == state_id:
                return state
        raise KeyError(f"{self.id} has no state {state_id}")

    def clock(self, clock_id: str) -> Field:
        """Return whether the clock of that id (a clock, or a state's own limit) was kept."""
        names = {clock.id for clock in self.clocks} | {state.id for state in self.states if state.limit}
        if clock_id not in names:
            raise KeyError(f"{self.id} has no clock {clock_id}")
        return Field(of=self.id, root=Root.CLOCK, name=clock_id, part="kept")

    def own(self, name: str) -> Field:
        """Return a stored column: state, kind, opened_at, closed_at."""
        return Field(of=self.id, root=Root.OWN, name=name)

    def __getitem__(self, field_id: str) -> Field:
        return Field(of=self.id, root=Root.ATTRIBUTE, name=field_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """A dated choice of things (all that meet `where`, or a sample accepted from an analysis), each owing `form`.

    An item whose answers meet `fails` is a defect and opens `opens` if given.
    """

    id: str
    label: Label
    of: str
    where: Condition | None = None
    form: tuple[Attribute, ...]
    fails: Condition | None = None
    opens: str = ""
    who: str
    limit: Duration
    source: Source | None = None

    def own(self, name: str) -> Field:
        """Return a stored column of the round itself: outcome, opened_at, due_at, closed_at."""
        return Field(of=self.id, root=Root.OWN, name=name)

    def __getitem__(self, field_id: str) -> Field:
        return Field(of=self.id, root=Root.ITEM, name=field_id)
