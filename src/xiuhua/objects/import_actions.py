"""Verbs of an import: upload a file, preview what it would do, apply it; the work itself is in importing.py."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import shapely
from django.db import transaction
from procrastinate.contrib.django import app

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.words import Act
from xiuhua.objects.actions import require_somewhere
from xiuhua.objects.import_queries import folder_of, one_import, rejected_path, source_path
from xiuhua.objects.imports.actors import actor_as_json
from xiuhua.objects.imports.collecting import without_collections
from xiuhua.objects.imports.files import MOST_BYTES, recognise
from xiuhua.objects.imports.guessing import AS_LAST, Guess, guess_mapping, targets
from xiuhua.objects.imports.mapping import mapped
from xiuhua.objects.imports.offers import Offer, offers, said
from xiuhua.objects.imports.planning import Plan, plan_import
from xiuhua.objects.imports.reading import read_table
from xiuhua.objects.imports.rejected import write_rejected
from xiuhua.objects.imports.repairs import mended_by_all, repairs_from
from xiuhua.objects.imports.rows import Incoming, given_text
from xiuhua.objects.imports.tables import Table
from xiuhua.objects.models import ImportJob

TASK = "xiuhua.objects.apply_import"
SHOWN_OF_A_KIND = 200
SHOWN_FEATURES = 300
SAMPLE_ROWS = 5
SOURCES = 50
OPEN = ("uploaded", "previewed")
GOING = ("running", "undoing")


def upload(actor: Actor, *, type_id: str, filename: str, chunks: Iterable[bytes], sheet: str = "") -> ImportJob:
    """Take in a file, told by its content, and guess what its columns mean; raises Invalid for one not readable."""
    declared = current().object_type(type_id)
    require_somewhere(actor, Act.IMPORT)
    job = ImportJob(id=uuid.uuid4(), type=type_id, filename=Path(filename).name, actor_code=actor.code)
    folder = folder_of(job.id)
    folder.mkdir(parents=True)
    try:
        raw = folder / "upload"
        job.sha256, job.size = _store(raw, chunks)
        job.format = recognise(raw, job.filename)
        os.replace(raw, source_path(job))
        _look_in(job, declared, read_table(source_path(job), job.format, sheet))
    except BaseException:
        shutil.rmtree(folder)
        raise
    job.actor = actor_as_json(actor)
    job.save(force_insert=True)
    return job


def preview(
    actor: Actor,
    job_id: UUID,
    *,
    mapping: Mapping[str, str],
    crs: str,
    sheet: str,
    repairs: Sequence[Mapping[str, str]] = (),
) -> ImportJob:
    """Say what the file would do with these columns in that coordinate system after these repairs, in their order:
    counts, everything wrong, and which further repairs would help. Leaving a repair out undoes it.
    """
    job = one_import(actor, job_id)
    if job.state not in OPEN:
        raise Conflict("objects.import_begun")
    declared = current().object_type(job.type)
    with without_collections():
        table = read_table(source_path(job), job.format, sheet or job.sheet)
        if table.sheet != job.sheet:
            _look_in(job, declared, table)
        incoming, job.repairs = mended_by_all(declared, mapped(declared, table, mapping, crs), repairs_from(repairs))
        plan = plan_import(actor, declared, incoming)
        job.offers = [_offered(offer, incoming) for offer in offers(declared, incoming, plan.problems)]
    job.mapping, job.crs, job.state = dict(mapping), incoming.crs, "previewed"
    tell_plan(job, table, plan)
    job.save()
    return job


def apply(actor: Actor, job_id: UUID, *, keep_good: bool) -> ImportJob:
    """Queue a previewed import; raises Conflict if rows are wrong and the good ones are not to be kept alone."""
    require_somewhere(actor, Act.IMPORT)
    with transaction.atomic():
        one_import(actor, job_id)
        job = ImportJob.objects.select_for_update().get(id=job_id)
        begin(job, actor, keep_good=keep_good)
        app.configure_task(TASK, queue="imports").defer(job_id=str(job.id))
    return job


def begin(job: ImportJob, actor: Actor, *, keep_good: bool) -> None:
    """Mark a previewed import as running; raises Conflict."""
    if job.state != "previewed" or job.counts is None:
        raise Conflict("objects.import_begun" if job.state != "uploaded" else "objects.import_not_previewed")
    if any(error["row"] == 1 for error in job.errors[:1]):
        raise Conflict("objects.column_wrong", column=job.errors[0]["column"])
    if job.counts["wrong"] and not keep_good:
        raise Conflict("objects.rows_wrong", count=job.counts["wrong"])
    job.state, job.keep_good, job.progress = "running", keep_good, 0.0
    job.actor, job.actor_code = actor_as_json(actor), actor.code
    job.save()


def undo(actor: Actor, job_id: UUID, *, why: str = "") -> ImportJob:
    """Queue the taking back of a done import; raises Conflict if there is nothing to take back or that has begun.
    Where things were changed or linked since, the import stays done and its fault names them.
    """
    require_somewhere(actor, Act.IMPORT)
    with transaction.atomic():
        one_import(actor, job_id)
        job = ImportJob.objects.select_for_update().get(id=job_id)
        begin_undo(job, actor, why=why)
        app.configure_task(TASK, queue="imports").defer(job_id=str(job.id))
    return job


def begin_undo(job: ImportJob, actor: Actor, *, why: str = "") -> None:
    """Mark a done import as being taken back; raises Conflict."""
    if job.state != "done":
        raise Conflict("objects.undo_begun" if job.state == "undoing" else "objects.not_done")
    job.state, job.progress, job.tries, job.started_at = "undoing", 0.0, 0, None
    job.undo, job.fault, job.fault_params = {"actor": actor_as_json(actor), "why": why}, "", {}
    job.save()


def forget_imports(*, now: datetime, after: timedelta) -> int:
    """Delete the files of imports that ended or were left lying longer than `after` ago; return how many."""
    old = ImportJob.objects.filter(created_at__lt=now - after).exclude(state__in=GOING)
    forgotten = 0
    for job in old:
        if folder_of(job.id).is_dir():
            shutil.rmtree(folder_of(job.id))
            forgotten += 1
    old.filter(state__in=OPEN).delete()
    return forgotten


def tell_plan(job: ImportJob, table: Table, plan: Plan) -> None:
    """Lay onto the import what its plan found: counts, problems, the file of bad rows, a sample for the map."""
    bad = plan.problems.rows
    job.counts = {
        "rows": len(table.numbers), "added": len(plan.added), "changed": len(plan.changed),
        "unchanged": len(plan.kept), "wrong": len(bad), "gone": plan.gone,
    }  # fmt: skip
    job.lacking = [{"id": str(one), "code": code, "name": name} for one, code, name in plan.lacking]
    job.errors_total, job.error_kinds = plan.problems.total, plan.problems.kinds()
    job.errors = plan.problems.first(SHOWN_OF_A_KIND)
    job.sample_geojson = _sample(plan)
    job.rejected = bool(bad)
    if bad:
        write_rejected(rejected_path(job.id), table, plan.problems)


def _store(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write the file and return its SHA-256 and size; raises Invalid beyond the limit."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as stream:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise Invalid("objects.too_large", megabytes=MOST_BYTES // 1024**2)
            digest.update(chunk)
            stream.write(chunk)
    return digest.hexdigest(), size


def _look_in(job: ImportJob, declared: ObjectType, table: Table) -> None:
    job.sheet, job.sheets, job.columns, job.rows = table.sheet, table.sheets, table.columns, len(table.numbers)
    job.crs, job.crs_known = table.crs, bool(table.crs)
    guesses = guess_mapping(declared, table.columns)
    last = _last_of_same_source(job)
    if last is not None:
        allowed = targets(declared)
        guesses = [
            Guess(column=guess.column, to=to, confidence=1.0, ground=AS_LAST)
            if (to := last.mapping.get(guess.column, "")) in allowed or not to
            else guess
            for guess in guesses
        ]
        job.crs = job.crs or last.crs
    job.guesses = [
        {
            "column": guess.column, "to": guess.to, "confidence": guess.confidence,
            "ground": {"zh": guess.ground.zh, "en": guess.ground.en},
        }
        for guess in guesses
    ]  # fmt: skip
    job.mapping = {guess.column: guess.to for guess in guesses}
    shown = range(min(SAMPLE_ROWS, job.rows))
    job.sample = [
        {name: given_text(cells[at]) for name, cells in zip(table.columns, table.cells, strict=True)} for at in shown
    ]


def _last_of_same_source(job: ImportJob) -> ImportJob | None:
    """Return the last import that its owner brought to an end into this register from a file with the same columns."""
    rows = ImportJob.objects.filter(actor_code=job.actor_code, type=job.type, state__in=("done", "undoing", "undone"))
    return next((one for one in rows.order_by("-created_at")[:SOURCES] if set(one.columns) == set(job.columns)), None)


def _offered(offer: Offer, incoming: Incoming) -> dict[str, object]:
    repair, label = offer.repair, said(offer.repair)
    return {
        "kind": repair.kind.value, "target": repair.target, "value": repair.value, "to": repair.to,
        "column": incoming.headers.get(repair.target, ""), "rows": offer.rows, "codes": sorted(offer.codes),
        "label": {"zh": label.zh, "en": label.en},
        "options": [{"id": to, "label": {"zh": name.zh, "en": name.en}} for to, name in offer.options],
    }  # fmt: skip


def _sample(plan: Plan) -> dict[str, Any] | None:
    """Return the first new and changed rows that have a new place, and the first wrong ones whose place is good."""
    rows = [("added", draft) for draft in plan.added] + [("changed", draft) for draft in plan.changed]
    numbers = plan.incoming.numbers
    features = [
        {
            "type": "Feature",
            "properties": {"code": draft.code, "name": draft.name, "status": status, "row": numbers[draft.at]},
            "geometry": orjson.loads(shapely.to_geojson(shapely.from_wkb(draft.shape.wkb))),
        }
        for some in (rows, [("wrong", draft) for draft in plan.wrong])
        for status, draft in islice((one for one in some if one[1].shape), SHOWN_FEATURES)
        if draft.shape
    ]
    return {"type": "FeatureCollection", "features": features} if features else None
