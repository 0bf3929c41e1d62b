"""HTTP of this room."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from xiuhua.http.signed_in import actor_of
from xiuhua.http.words import label, source_note
from xiuhua.people.queries import area_names
from xiuhua.plans import queries
from xiuhua.plans.queries import Scoreboard, TargetState, TaskDetail, TaskState
from xiuhua.plans.schemas import (
    CockpitView,
    Gap,
    LeadView,
    PlanCounts,
    PlanView,
    TargetView,
    TaskRow,
    TaskView,
    ThemeView,
    TownRow,
    TownValue,
)
from xiuhua.plans.scoreboard import Result

router = Router(tags=["plans"])


@router.get("/plan", response=PlanView)
def get_plan(request: HttpRequest) -> PlanView:
    """Return the plan, judged over what the caller sees."""
    return _plan(queries.scoreboard(actor_of(request), now=timezone.now()))


@router.get("/plan/tasks/{no}", response=TaskView)
def get_task(request: HttpRequest, no: str) -> TaskView:
    """Return one task (1 to 39, S1 to S3)."""
    return _task(queries.task(actor_of(request), no, now=timezone.now()))


@router.get("/cockpit", response=CockpitView)
def get_cockpit(request: HttpRequest) -> CockpitView:
    """Return what the cockpit shows of the plan."""
    return CockpitView(plan=_plan(queries.scoreboard(actor_of(request), now=timezone.now())))


def _plan(board: Scoreboard) -> PlanView:
    plan = board.plan
    return PlanView(
        id=plan.id,
        title=label(plan.title),
        document=plan.document,
        issued=plan.issued,
        themes=[
            ThemeView(
                id=theme.id,
                title=label(theme.title),
                tasks=[_row(state) for state in board.tasks if state.task.theme == theme.id],
            )
            for theme in plan.themes
        ],
        counts=PlanCounts(**{result.value: board.count(result) for result in Result}),
        gaps=[Gap(task=task.no, target=_target(target)) for task, target in board.gaps],
    )


def _row(state: TaskState) -> TaskRow:
    return TaskRow(
        no=state.task.no, theme=state.task.theme, title=label(state.task.title), pack=state.task.pack,
        pack_built=state.pack_built, result=state.result, met=state.count(Result.MET),
        short=state.count(Result.SHORT), no_data=state.count(Result.NO_DATA),
        not_built=state.count(Result.NOT_BUILT), targets=[_target(target) for target in state.targets],
    )  # fmt: skip


def _target(state: TargetState) -> TargetView:
    target, opened = state.planned.target, state.measured
    measured = opened.figure if opened else None
    return TargetView(
        id=target.id, label=label(target.label), indicator=target.indicator,
        bound=target.bound.value if target.bound else "", figure=target.figure, unit=target.unit,
        due=date.fromisoformat(target.due), printed=target.printed, read_as=target.read_as,
        result=state.judged.result, value=measured.value if measured else None,
        numerator=measured.numerator if measured else None, denominator=measured.denominator if measured else None,
        gap=state.judged.gap, gap_things=state.judged.gap_things,
        at=opened.stored.at if opened and opened.stored else None, missing_pack=state.missing_pack, trend=state.trend,
    )  # fmt: skip


def _task(detail: TaskDetail) -> TaskView:
    names = area_names()
    task = detail.state.task
    row = _row(detail.state)
    return TaskView(
        no=row.no, theme=row.theme, title=row.title, pack=row.pack, pack_built=row.pack_built, result=row.result,
        met=row.met, short=row.short, no_data=row.no_data, not_built=row.not_built, targets=row.targets,
        text=task.text,
        leads=[LeadView(name=lead.name, role=lead.role) for lead in task.leads],
        theme_title=label(next(theme.title for theme in detail.plan.themes if theme.id == task.theme)),
        case_types=detail.case_types, object_types=detail.object_types, indicators=detail.indicators,
        towns=[
            TownRow(
                area_path=path, area_name=names.get(path, path),
                values={
                    one: TownValue(value=found.value, numerator=found.numerator, denominator=found.denominator)
                    for one, found in values.items()
                },
            )
            for path, values in detail.towns.items()
        ],
        sources=[source_note(source) for source in detail.sources],
    )  # fmt: skip
