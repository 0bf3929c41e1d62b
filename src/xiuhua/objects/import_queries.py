"""Reads of imports: an import belongs to who brought the file; where its files lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.db.models import QuerySet

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, NotFound
from xiuhua.objects.imports.collecting import without_collections
from xiuhua.objects.imports.files import ENDINGS
from xiuhua.objects.imports.reading import read_table
from xiuhua.objects.imports.systems import Placement, placements
from xiuhua.objects.models import ImportJob
from xiuhua.stack.config import read_config


def one_import(actor: Actor, job_id: UUID) -> ImportJob:
    """Return the import; raises NotFound for another person's."""
    rows = ImportJob.objects.filter(id=job_id)
    job = (rows if actor.administrator else rows.filter(actor_code=actor.code)).first()
    if job is None:
        raise NotFound("people.not_visible")
    return job


def placements_of(actor: Actor, job_id: UUID, *, mapping: Mapping[str, str], sheet: str) -> tuple[int, list[Placement]]:
    """Return how many rows of an open import have a position, and where they lie in each system that it may be in."""
    job = one_import(actor, job_id)
    if not source_path(job).is_file():
        raise Conflict("objects.import_begun")
    with without_collections():
        table = read_table(source_path(job), job.format, sheet or job.sheet)
        return placements(current().object_type(job.type), table, mapping)


def imports_of(actor: Actor, type_id: str) -> QuerySet[ImportJob]:
    """Return the actor's imports into a type ("" for all), newest first; an administrator sees everybody's."""
    rows = ImportJob.objects.all() if actor.administrator else ImportJob.objects.filter(actor_code=actor.code)
    return (rows.filter(type=type_id) if type_id else rows).order_by("-created_at", "id")


def folder_of(job_id: UUID) -> Path:
    """Return the folder in which an import's files lie."""
    return read_config().data / "imports" / str(job_id)


def source_path(job: ImportJob) -> Path:
    """Return where the uploaded file lies until it is applied."""
    return folder_of(job.id) / f"source{ENDINGS[job.format][0]}"


def rejected_path(job_id: UUID) -> Path:
    """Return where the bad rows of an import lie."""
    return folder_of(job_id) / "rejected.csv"


def rejected_file(actor: Actor, job_id: UUID) -> tuple[ImportJob, Path]:
    """Return the file of bad rows; raises NotFound if there is none."""
    job = one_import(actor, job_id)
    path = rejected_path(job.id)
    if not job.rejected or not path.is_file():
        raise NotFound("objects.no_rejected")
    return job, path
