"""A plan against the catalogue: every target points to an indicator that is there, or says that it is not."""

from __future__ import annotations

from collections.abc import Iterator

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.indicators import Measure
from xiuhua.kernel.words import Label
from xiuhua.plans.plan import Fault, Plan, Planned, Task
from xiuhua.plans.sentences import FAULTS


def check(plan: Plan, catalogue: Catalogue) -> tuple[Fault, ...]:
    """Return the faults of targets whose loaded pack lacks the indicator, or whose figure no share can reach."""
    return tuple(fault for task in plan.tasks for one in task.targets for fault in _of(plan, task, one, catalogue))


def _of(plan: Plan, task: Task, one: Planned, catalogue: Catalogue) -> Iterator[Fault]:
    full_id = one.target.indicator
    where = f"tasks.{task.no}.{one.target.id}"
    declared = catalogue.indicators.get(full_id)
    if declared is None:
        if one.built and full_id.partition(".")[0] in catalogue.packs and full_id not in catalogue.off:
            yield _fault(plan, one, "plans.indicator_unknown", where=where, id=full_id)
        return
    if not one.built:
        yield _fault(plan, one, "plans.indicator_built", where=where, id=full_id)
    figure = one.target.figure
    if figure is not None and declared.measure is Measure.SHARE and not 0 <= figure <= 1:
        yield _fault(plan, one, "plans.not_a_share", where=where, figure=figure)


def _fault(plan: Plan, one: Planned, code: str, **words: object) -> Fault:
    message = FAULTS[code]
    return Fault(
        file=plan.file, line=one.line, code=code,
        message=Label(zh=message.zh.format(**words), en=message.en.format(**words)),
    )  # fmt: skip
