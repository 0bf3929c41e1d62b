"""The plan with its figures over what the actor sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.catalogue import current as catalogue_in_force
from xiuhua.indicators.figures import Figure
from xiuhua.indicators.queries import Opened, by_town_of, opened_many
from xiuhua.indicators.trends import monthly
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.words import Source
from xiuhua.plans.plan import Plan, Planned, Task, current
from xiuhua.plans.scoreboard import Judged, Result, judge, of_task, relative

TREND_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetState:
    """A target with its measured figure and result. `missing_pack` is the pack its indicator waits for."""

    planned: Planned
    judged: Judged
    measured: Opened | None
    missing_pack: str | None
    trend: list[float | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskState:
    """A task with its targets and result."""

    task: Task
    pack_built: bool
    result: Result
    targets: list[TargetState]

    def count(self, result: Result) -> int:
        """Return how many targets have that result."""
        return sum(1 for target in self.targets if target.judged.result is result)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoreboard:
    """The whole plan; `gaps` are the targets that fall short, the largest part of their figure first."""

    plan: Plan
    tasks: list[TaskState]
    gaps: list[tuple[Task, TargetState]]

    def count(self, result: Result) -> int:
        """Return how many tasks have that result."""
        return sum(1 for task in self.tasks if task.result is result)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskDetail:
    """A task with what its pack brings, its figures by town and the sources they rest on."""

    plan: Plan
    state: TaskState
    case_types: list[str]
    object_types: list[str]
    indicators: list[str]
    towns: dict[str, dict[str, Figure]]
    sources: list[Source]


def scoreboard(actor: Actor, *, now: datetime) -> Scoreboard:
    """Return the plan in force, judged over what the actor sees; raises NotFound if there is none."""
    plan = current()
    tasks = _states(actor, plan.tasks, now)
    short = [(task.task, target) for task in tasks for target in task.targets if target.judged.result is Result.SHORT]
    short.sort(key=lambda one: relative(one[1].planned.target, one[1].judged), reverse=True)
    return Scoreboard(plan=plan, tasks=tasks, gaps=short)


def task(actor: Actor, no: str, *, now: datetime) -> TaskDetail:
    """Return one task, judged over what the actor sees; raises NotFound."""
    plan = current()
    (state,) = _states(actor, (plan.task(no),), now)
    catalogue = catalogue_in_force()
    # A pack of somebody's own says itself which tasks it carries.
    packs = [
        state.task.pack,
        *(one.manifest.id for one in catalogue.packs.values() if no in map(str, one.manifest.tasks)),
    ]
    own_ids = tuple(f"{one}." for one in packs)
    shown = [target.planned.target.indicator for target in state.targets if target.measured is not None]
    own = [one for one in catalogue.indicators if one.startswith(own_ids)]
    return TaskDetail(
        plan=plan,
        state=state,
        case_types=[one for one in catalogue.cases if one.startswith(own_ids)],
        object_types=[one for one in catalogue.objects if one.startswith(own_ids)],
        indicators=own,
        towns=by_town_of(actor, list(dict.fromkeys(shown))),
        sources=_sources(catalogue, own_ids, [catalogue.indicators[one] for one in dict.fromkeys((*shown, *own))]),
    )


def _states(actor: Actor, tasks: tuple[Task, ...], now: datetime) -> list[TaskState]:
    catalogue = catalogue_in_force()
    built = sorted(
        {one.target.indicator for task in tasks for one in task.targets if one.target.indicator in catalogue.indicators}
    )
    measured = opened_many(actor, built)
    trends = monthly(actor, built, months=TREND_MONTHS, now=now)
    return [_state(one, catalogue, measured, trends) for one in tasks]


def _state(
    task: Task, catalogue: Catalogue, measured: Mapping[str, Opened], trends: Mapping[str, list[float | None]]
) -> TaskState:
    targets = [_target(one, catalogue, measured, trends) for one in task.targets]
    return TaskState(
        task=task,
        pack_built=task.pack in catalogue.packs,
        result=of_task(
            (one.judged.result, one.planned.target.figure is not None and one.judged.result is not Result.NO_FIGURE)
            for one in targets
        ),
        targets=targets,
    )


def _target(
    planned: Planned, catalogue: Catalogue, measured: Mapping[str, Opened], trends: Mapping[str, list[float | None]]
) -> TargetState:
    target = planned.target
    opened = measured.get(target.indicator)
    pack = target.indicator.partition(".")[0]
    return TargetState(
        planned=planned,
        judged=judge(target, opened.figure, opened.indicator.measure, whole=opened.whole)
        if opened
        else judge(target, None, None),
        measured=opened,
        missing_pack=pack if pack not in catalogue.packs else None,
        trend=trends.get(target.indicator, []),
    )


def _sources(catalogue: Catalogue, packs: tuple[str, ...], indicators: list[Indicator]) -> list[Source]:
    """Return the sources of a task's indicators, rules, rounds and analyses, each once."""
    named = [one.source for one in indicators]
    named += [rule.source for rule in catalogue.rules.values() if rule.id.startswith(packs)]
    named += [one.source for one in catalogue.rounds.values() if one.id.startswith(packs)]
    named += [one.source for one in catalogue.analyses.values() if one.id.startswith(packs)]
    return list(dict.fromkeys(source for source in named if source is not None))
