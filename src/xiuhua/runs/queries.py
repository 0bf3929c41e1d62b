"""Runs the actor may see."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.packs import Analysis
from xiuhua.people.policy import visible
from xiuhua.people.queries import area_path
from xiuhua.runs.models import Run


def analysis_of(full_id: str) -> Analysis:
    """Return the declared analysis; raises NotFound."""
    found = catalogue.current().analyses.get(full_id)
    if found is None:
        raise NotFound("catalog.unknown", kind="analysis", id=full_id)
    return found


def runs(actor: Actor, *, analysis: str = "", area: str = "") -> QuerySet[Run]:
    """Return the runs, newest first; `area` is a path or code and takes in what lies below it."""
    rows = Run.objects.filter(visible(actor)).order_by("-started_at", "-id")
    if analysis:
        rows = rows.filter(analysis=analysis)
    return rows.filter(area_path__startswith=area_path(area))


def run_of(actor: Actor, run_id: UUID) -> Run:
    """Return the run; raises NotFound."""
    run = Run.objects.filter(visible(actor), id=run_id).first()
    if run is None:
        raise NotFound("people.not_visible")
    return run
