"""What a run looks like over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from ninja import Schema

from xiuhua.catalog import catalogue
from xiuhua.http.words import Label, SourceNote, label, source_note
from xiuhua.kernel.words import Label as KernelLabel
from xiuhua.kernel.words import Source
from xiuhua.people.queries import area_names
from xiuhua.runs.models import Run

Figure = int | float | bool | str


class RunView(Schema):
    """One run: its frozen input, parameters, seed, version, and what came of it."""

    id: UUID
    analysis: str
    label: Label
    version: str
    revision: str
    area_path: str
    area_name: str
    input_count: int
    input_hash: str
    parameters: dict[str, object]
    seed: int
    state: str
    figures: dict[str, Figure]
    chosen: list[str]
    reasons: dict[str, Label]
    notes: list[Label]
    error: str
    started_by: str
    started_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None
    decided_why: str
    source: SourceNote


def run_view(run: Run, names: Mapping[str, str]) -> RunView:
    """Return the run's shape; `names` are people's names by code."""
    declared = catalogue.current().analyses.get(run.analysis)
    title = declared.label if declared else KernelLabel(zh=run.analysis, en=run.analysis)
    return RunView(
        id=run.id, analysis=run.analysis, label=label(title), version=run.version, revision=run.revision,
        area_path=run.area_path, area_name=area_names().get(run.area_path, run.area_path),
        input_count=len(run.input_codes), input_hash=run.input_hash, parameters=run.parameters, seed=run.seed,
        state=run.state, figures=run.figures, chosen=run.chosen, reasons=run.reasons, notes=run.notes, error=run.error,
        started_by=names.get(run.started_by, run.started_by), started_at=run.started_at, decision=run.decision,
        decided_by=names.get(run.decided_by, run.decided_by), decided_at=run.decided_at, decided_why=run.decided_why,
        source=source_note(declared.source if declared else Source(standard=run.analysis)),
    )  # fmt: skip
