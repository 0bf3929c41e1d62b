"""A plan against the catalogue: every target points to an indicator that is there, or says that it is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.manifests import line_of_field
from xiuhua.kernel.indicators import Measure
from xiuhua.kernel.words import Label
from xiuhua.plans.loading import DEFAULT
from xiuhua.plans.plan import Fault, Plan, Planned, Task
from xiuhua.plans.sentences import FAULTS


def check(plan: Plan, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Return the faults of targets whose loaded pack lacks the indicator, or whose figure no share can reach."""
    return tuple(fault for task in plan.tasks for one in task.targets for fault in _of(plan, task, one, catalogue))


def check_units(plan: Plan, known: Collection[str]) -> tuple[Fault, ...]:
    """Return a fault for each unit of a task that is not among the codes known."""
    return tuple(
        _fault(plan, lead.line, "plans.unit_unknown", no=task.no, unit=lead.unit)
        for task in plan.tasks
        for lead in task.leads
        if lead.unit and lead.unit not in known
    )


def check_packs(plan: Plan, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Return a fault for each task that a pack says it carries and the plan does not have; only a notice where the
    plan is not the one that the packs were written for.
    """
    numbers = {task.no for task in plan.tasks}
    return tuple(
        replace(
            _fault(plan, line_of_field(loaded.manifest.folder, "tasks"), "plans.task_unknown", pack=pack_id, no=no),
            file=str(loaded.manifest.folder / "manifest.toml"),
            severity="error" if plan.file == str(DEFAULT) else "off",
        )
        for pack_id, loaded in catalogue.packs.items()
        for no in loaded.manifest.tasks
        if str(no) not in numbers
    )


def _of(plan: Plan, task: Task, one: Planned, catalogue: Catalogue) -> Iterator[Fault]:
    full_id = one.target.indicator
    where = f"tasks.{task.no}.{one.target.id}"
    declared = catalogue.indicators.get(full_id)
    if declared is None:
        if one.built and full_id.partition(".")[0] in catalogue.packs and full_id not in catalogue.off:
            yield _fault(plan, one.line, "plans.indicator_unknown", where=where, id=full_id)
        return
    if not one.built:
        yield _fault(plan, one.line, "plans.indicator_built", where=where, id=full_id)
    figure = one.target.figure
    if figure is not None and declared.measure is Measure.SHARE and not 0 <= figure <= 1:
        yield _fault(plan, one.line, "plans.not_a_share", where=where, figure=figure)


def _fault(plan: Plan, line: int, code: str, **words: object) -> Fault:
    message = FAULTS[code]
    return Fault(
        file=plan.file, line=line, code=code,
        message=Label(zh=message.zh.format(**words), en=message.en.format(**words)),
    )  # fmt: skip
