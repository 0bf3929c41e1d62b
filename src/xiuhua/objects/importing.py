"""The work of an import, or of taking one back: one transaction, so that a killed worker leaves nothing behind."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, XiuhuaError
from xiuhua.kernel.objects import Writer
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.import_actions import GOING, tell_plan
from xiuhua.objects.import_queries import source_path
from xiuhua.objects.imports.actors import actor_from_json
from xiuhua.objects.imports.collecting import without_collections
from xiuhua.objects.imports.mapping import mapped
from xiuhua.objects.imports.planning import Plan, plan_import
from xiuhua.objects.imports.reading import read_table
from xiuhua.objects.imports.repairs import mended_by_all, repairs_from
from xiuhua.objects.imports.rows import Incoming
from xiuhua.objects.imports.writing import write
from xiuhua.objects.models import ImportJob
from xiuhua.objects.shapes import CGCS2000, Shapes
from xiuhua.objects.undoing import Tell, undo

log = logging.getLogger(__name__)
MOST_TRIES = 3
IMPORTERS = 4_119_001
TYPES = 4_119_002
BEGAN = 0.05
PLANNED = 0.5
LOCK = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
UNLOCK = "SELECT pg_advisory_unlock(%s, hashtext(%s))"
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
SET_PROGRESS = "UPDATE objects_importjob SET progress = %s WHERE id = %s"


def run_import(job_id: UUID) -> None:
    """Write an import, or take it back, as was asked of it, unless another worker is at it. Either fails as a whole;
    what failed is told by the import.
    """
    side = connection.copy()
    try:
        if not _ask(side, LOCK, IMPORTERS, str(job_id)):
            return
        job = ImportJob.objects.filter(id=job_id, state__in=GOING).first()
        if job is not None:
            _run(job, side)
    finally:
        side.close()


def resume_imports() -> list[UUID]:
    """Return the imports whose worker is gone, to be queued again; those tried too often are marked failed."""
    again = []
    for job in ImportJob.objects.filter(state__in=GOING, started_at__isnull=False):
        if not _ask(connection, LOCK, IMPORTERS, str(job.id)):
            continue
        try:
            if job.tries >= MOST_TRIES:
                _fail(job, "objects.undo_interrupted" if job.state == "undoing" else "objects.import_interrupted")
            else:
                again.append(job.id)
        finally:
            _ask(connection, UNLOCK, IMPORTERS, str(job.id))
    return again


def bring_in(
    actor: Actor,
    *,
    type_id: str,
    columns: Mapping[str, Sequence[object]],
    shapes: Shapes | None = None,
    origin: str,
    why: str = "",
    writers: frozenset[Writer] = frozenset({Writer.IMPORT}),
) -> dict[str, int]:
    """Bring in rows that come from no file, by code, all or nothing; return how many were added, changed, unchanged.

    `columns` are target (code, name, lon, lat, wkt, area, unit, valid_from, valid_to, attr.<id>, link.<id>) → cells,
    positions in CGCS2000; `writers` whose attributes may be written. Raises Invalid("objects.rows_wrong") with
    the first problems.
    """
    declared = current().object_type(type_id)
    incoming = Incoming(
        columns=columns,
        headers={target: target for target in columns},
        numbers=range(1, len(columns["code"]) + 1),
        shapes=shapes,
        crs=CGCS2000,
    )
    with without_collections(), transaction.atomic():
        _ask(connection, ONE_AT_A_TIME, TYPES, type_id)
        plan = plan_import(actor, declared, incoming, writers=writers, lock=True)
        if plan.problems.total:
            said = [problem for problem, _ in zip(plan.problems.said(), range(20), strict=False)]
            raise Invalid("objects.rows_wrong", count=plan.problems.total, problems=said)
        write(actor, plan, origin=origin, why=why, source={"origin": origin}, now=timezone.now())
        _announce(plan, type_id)
    return {"added": len(plan.added), "changed": len(plan.changed), "unchanged": len(plan.kept)}


def _run(job: ImportJob, side: BaseDatabaseWrapper) -> None:
    job.tries += 1
    job.started_at = timezone.now()
    job.save(update_fields=["tries", "started_at"])

    def tell(done: float) -> None:
        _ask(side, SET_PROGRESS, done, str(job.id))

    undoing = job.state == "undoing"
    try:
        with without_collections(), transaction.atomic():
            _ask(connection, ONE_AT_A_TIME, TYPES, job.type)
            (_take_back if undoing else _apply)(job, tell)
    except XiuhuaError as error:
        _fail(job, error.code, error.params if undoing else {})
    except Exception:
        _fail(job, "objects.undo_failed" if undoing else "objects.import_failed")
        raise
    else:
        source_path(job).unlink(missing_ok=True)


def _apply(job: ImportJob, tell: Tell) -> None:
    actor = actor_from_json(job.actor)
    declared = current().object_type(job.type)
    table = read_table(source_path(job), job.format, job.sheet)
    tell(BEGAN)
    incoming, job.repairs = mended_by_all(
        declared, mapped(declared, table, job.mapping, job.crs), repairs_from(job.repairs)
    )
    plan = plan_import(actor, declared, incoming, lock=True, tell=lambda done: tell(BEGAN + done * (PLANNED - BEGAN)))
    if plan.problems.whole or (plan.problems.total and not job.keep_good):
        raise Conflict("objects.rows_wrong", count=plan.problems.total)
    now = timezone.now()
    source = {"file": job.filename, "sha256": job.sha256, "import": str(job.id)}
    write(
        actor, plan, origin=f"import:{job.filename}", why="", source=source, now=now,
        tell=lambda done: tell(PLANNED + done * (1 - PLANNED)),
    )  # fmt: skip
    tell_plan(job, table, plan)
    job.state, job.progress, job.finished_at = "done", 1.0, now
    job.save()
    counts = {"type": job.type, "counts": job.counts, "size": job.size, "repairs": job.repairs, **source}
    record(actor, Change(action="imported", entity="import", entity_id=str(job.id), area_path=_area(plan), data=counts))
    _announce(plan, str(job.id))


def _take_back(job: ImportJob, tell: Tell) -> None:
    actor, why, now = actor_from_json(job.undo["actor"]), job.undo["why"], timezone.now()
    tell(BEGAN)
    rows = undo(actor, job, why=why, now=now, tell=lambda done: tell(BEGAN + done * (1 - BEGAN)))
    job.state, job.progress, job.undone_at = "undone", 1.0, now
    job.save(update_fields=["state", "progress", "undone_at"])
    area = _common([row.thing.area_path for row in rows])
    told = {"type": job.type, "count": len(rows), "file": job.filename}
    record(actor, Change(
        action="undone", entity="import", entity_id=str(job.id), area_path=area, why=why, data=told,
    ))  # fmt: skip
    if rows:
        announce("objects.imported", area_path=area, id=str(job.id), type=job.type, count=len(rows))


def _announce(plan: Plan, source: str) -> None:
    count = len(plan.added) + len(plan.changed)
    if count:
        announce("objects.imported", area_path=_area(plan), id=source, type=plan.declared.id, count=count)


def _area(plan: Plan) -> str:
    """Return the deepest area that holds all rows written."""
    return _common([draft.area_path for draft in [*plan.added, *plan.changed]])


def _common(area_paths: Sequence[str]) -> str:
    paths = [path.split("/") for path in area_paths]
    first, last = min(paths, default=[]), max(paths, default=[])
    common = [one for one, other in zip(first, last, strict=False) if one == other]
    return "".join(code + "/" for code in common if code)


def _fail(job: ImportJob, fault: str, params: Mapping[str, object] | None = None) -> None:
    """An import that could not be written failed; one that could not be taken back stands as before."""
    rows, told = ImportJob.objects.filter(id=job.id), {"fault": fault, "fault_params": dict(params or {})}
    if not rows.filter(state="running").update(state="failed", finished_at=timezone.now(), **told):
        rows.filter(state="undoing").update(state="done", progress=1.0, **told)


def _ask(database: Any, statement: str, *parameters: object) -> Any:
    """Return the first value of a statement, None if it gives none."""
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None
