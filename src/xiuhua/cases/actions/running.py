"""Starting a run whose analysis may ask how earlier rounds of its area ended."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.cases.models import RoundRun
from xiuhua.kernel.actor import Actor
from xiuhua.people.queries import area_of
from xiuhua.runs import actions as runs
from xiuhua.runs.models import Run
from xiuhua.runs.queries import analysis_of


def start_run(
    actor: Actor, analysis_id: str, *, area: str, parameters: Mapping[str, object], seed: int | None = None
) -> Run:
    """Run the analysis on the area, with the outcomes of its earlier closed rounds there, newest last."""
    analysis = analysis_of(analysis_id)
    history: tuple[str, ...] = ()
    figures: tuple[Mapping[str, object], ...] = ()
    if analysis.history and analysis.round:
        rounds = RoundRun.objects.filter(
            round=analysis.round, area_path=area_of(area).path, run_id__isnull=False, closed_at__isnull=False
        ).exclude(outcome="")
        earlier = list(rounds.order_by("closed_at").values_list("outcome", "figures"))
        history = tuple(outcome for outcome, _ in earlier)
        figures = tuple(one for _, one in earlier)
    return runs.start(
        actor, analysis_id, area=area, parameters=parameters, seed=seed, history=history, history_figures=figures
    )
