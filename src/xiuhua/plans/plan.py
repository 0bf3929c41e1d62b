"""An action plan as data: themes, tasks, who carries them, and the targets they are held to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.packs import Target
from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong with a plan's file."""

    file: str
    line: int
    code: str
    message: Label
    severity: str = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """A chapter of the plan."""

    id: str
    title: Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Lead:
    """A unit with its role: coordinates, leads, supports, implements."""

    name: str
    role: str
    line: int
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A target of a task; `built=False` says that its indicator is known to be missing though its pack is there."""

    target: Target
    built: bool
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A task of the plan (1 to 39), or a safeguard (S1 to S3). `text` is the plan's own words."""

    no: str
    theme: str
    pack: str
    title: Label
    text: str
    leads: tuple[Lead, ...]
    targets: tuple[Planned, ...]
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan in force, with the faults of what was left out of it."""

    id: str
    title: Label
    document: str
    issued: date
    due: date
    themes: tuple[Theme, ...]
    tasks: tuple[Task, ...]
    file: str
    faults: tuple[Fault, ...] = field(default=())

    def task(self, no: str) -> Task:
        """Return the task of that number; raises NotFound."""
        for task in self.tasks:
            if task.no == no:
                return task
        raise NotFound("plans.no_task", no=no)


_in_force: list[Plan] = []


def install(plan: Plan | None) -> None:
    """Make the plan the one in force, or none; called once at start, and by tests that need another."""
    _in_force[:] = [plan] if plan else []


def current() -> Plan:
    """Return the plan in force; raises NotFound if none could be read."""
    if not _in_force:
        raise NotFound("plans.no_plan")
    return _in_force[0]
