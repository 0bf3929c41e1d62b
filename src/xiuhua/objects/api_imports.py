"""HTTP of imports: a file up, a preview, its application, the rows it would not take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from xiuhua.catalog.catalogue import current
from xiuhua.http.errors import language_of, sentence
from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.http.words import Label
from xiuhua.objects import import_actions, import_queries
from xiuhua.objects.imports.offers import said_done
from xiuhua.objects.imports.repairs import repairs_from
from xiuhua.objects.models import ImportJob
from xiuhua.objects.sending import file_response

router = Router(tags=["objects"])
CHOSEN = {"zh": "人工指定", "en": "Chosen by hand"}


class ImportCounts(Schema):
    """What an import would do or did; `gone` are things of the register that the file lacks."""

    rows: int
    added: int
    changed: int
    unchanged: int
    wrong: int
    gone: int


class ImportError(Schema):
    """One thing wrong with one row."""

    row: int
    column: str
    target: str = ""
    value: str
    code: str
    problem: Label
    why: Label
    remedy: Label


class LackingRow(Schema):
    """A thing of the register that the file lacks; it is told, never removed."""

    id: UUID
    code: str
    name: str


class ErrorKind(Schema):
    """How often one kind of problem occurs."""

    code: str
    label: Label
    count: int


class RepairChoice(Schema):
    """A repair: `target` is what the column means; `value` and `to` as the preview offers them."""

    kind: str
    target: str
    value: str = ""
    to: str = ""


class RepairDone(RepairChoice):
    """A repair of this import and how many rows it changed."""

    label: Label
    rows: int


class RepairOption(Schema):
    """What a value may be replaced by."""

    id: str
    label: Label


class RepairOffer(RepairDone):
    """A repair that would change `rows` rows, of those whose problem is one of `codes`."""

    column: str
    codes: list[str]
    options: list[RepairOption]


class ColumnMapping(Schema):
    """What a column means, how sure that is, and why."""

    column: str
    to: str
    confidence: float
    ground: Label


class ImportRow(Schema):
    """One import in a list."""

    id: UUID
    type: str
    filename: str
    rows: int
    state: str
    counts: ImportCounts | None
    repaired: int
    by: str
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None


class Undoing(Schema):
    """Why an import is taken back."""

    why: Annotated[str, Field(max_length=2000)] = ""


class ImportView(Schema):
    """One import."""

    id: UUID
    type: str
    filename: str
    columns: list[str]
    sheets: list[str]
    sheet: str
    crs: str
    crs_known: bool
    rows: int
    mapping: list[ColumnMapping]
    sample: list[dict[str, str]]
    state: str
    progress: float
    counts: ImportCounts | None
    errors: list[ImportError]
    errors_total: int
    error_kinds: list[ErrorKind]
    repairs: list[RepairDone]
    offers: list[RepairOffer]
    lacking: list[LackingRow]
    sample_geojson: dict[str, Any] | None
    result_rejected: bool
    fault: str
    undone_at: datetime | None


class PreviewChoice(Schema):
    """What the columns mean, in which coordinate system the file is, and what is repaired on the way."""

    mapping: dict[str, str]
    crs: str = ""
    sheet: str = ""
    repairs: Annotated[list[RepairChoice], Field(max_length=100)] = []


class PlacementChoice(Schema):
    """What the columns mean, while it is not known in which coordinate system the file is."""

    mapping: dict[str, str]
    sheet: str = ""


class PlacementView(Schema):
    """Where the rows lie if read in `crs`: how many inside the district's outline (null while there is none), and some
    of them, lon-lat degrees.
    """

    crs: str
    inside: int | None
    points: list[tuple[float, float]]


class Placements(Schema):
    """How many rows have a position in degrees, and where they lie in each system that the file may be in."""

    placed: int
    readings: list[PlacementView]


class ApplyChoice(Schema):
    """Whether the good rows are taken where others are wrong."""

    keep_good: bool = False


@router.post("/imports", response=ImportView)
def upload_import(request: HttpRequest, file: File[UploadedFile], type: Form[str], sheet: Form[str] = "") -> ImportView:
    """Take in a file and guess what its columns mean."""
    name = file.name or ""
    job = import_actions.upload(actor_of(request), type_id=type, filename=name, chunks=file.chunks(), sheet=sheet)
    return _view(request, job)


@router.get("/imports", response=Page[ImportRow])
def list_imports(request: HttpRequest, paging: Query[Paging], type: str = "") -> Page[ImportRow]:
    """Return the imports that one brought, newest first."""
    rows = import_queries.imports_of(actor_of(request), type)
    return Page[ImportRow](
        items=[_row(job) for job in rows[paging.window]], total=rows.count(), page=paging.page, size=paging.size
    )


@router.get("/imports/{uuid:job_id}", response=ImportView)
def get_import(request: HttpRequest, job_id: UUID) -> ImportView:
    """Return how far an import is."""
    return _view(request, import_queries.one_import(actor_of(request), job_id))


@router.post("/imports/{uuid:job_id}/preview", response=ImportView)
def preview_import(request: HttpRequest, job_id: UUID, choice: PreviewChoice) -> ImportView:
    """Say what the file would do, and everything wrong with it."""
    repairs = [repair.model_dump() for repair in choice.repairs]
    job = import_actions.preview(
        actor_of(request), job_id, mapping=choice.mapping, crs=choice.crs, sheet=choice.sheet, repairs=repairs
    )
    return _view(request, job)


@router.post("/imports/{uuid:job_id}/placements", response=Placements)
def place_import(request: HttpRequest, job_id: UUID, choice: PlacementChoice) -> Placements:
    """Read the positions of a file in the coordinate systems that it may be in; nothing is kept."""
    placed, found = import_queries.placements_of(actor_of(request), job_id, mapping=choice.mapping, sheet=choice.sheet)
    readings = [PlacementView(crs=one.crs, inside=one.inside, points=one.points) for one in found]
    return Placements(placed=placed, readings=readings)


@router.post("/imports/{uuid:job_id}/apply", response=ImportView)
def apply_import(request: HttpRequest, job_id: UUID, choice: ApplyChoice) -> ImportView:
    """Queue the import; its state tells when it is done."""
    return _view(request, import_actions.apply(actor_of(request), job_id, keep_good=choice.keep_good))


@router.post("/imports/{uuid:job_id}/undo", response=ImportView)
def undo_import(request: HttpRequest, job_id: UUID, given: Undoing) -> ImportView:
    """Queue the taking back of a done import: what it added is removed, what it changed gets its former values. Its
    state tells when it is undone; a refusal leaves it done, with the fault.
    """
    return _view(request, import_actions.undo(actor_of(request), job_id, why=given.why))


@router.get("/imports/{uuid:job_id}/rejected")
def get_rejected(request: HttpRequest, job_id: UUID) -> StreamingHttpResponse:
    """Return the rows that were not taken, each with what is wrong, as CSV."""
    job, path = import_queries.rejected_file(actor_of(request), job_id)
    return file_response(request, path.open("rb"), filename=f"rejected-{job.filename}.csv")


def _view(request: HttpRequest, job: ImportJob) -> ImportView:
    mapping = [
        guess
        if job.mapping.get(guess["column"], "") == guess["to"]
        else {
            "column": guess["column"],
            "to": job.mapping.get(guess["column"], ""),
            "confidence": 1.0,
            "ground": CHOSEN,
        }
        for guess in job.guesses
    ]
    params = {"count": job.errors_total, **job.fault_params}
    if "codes" in params and actor_of(request).code != job.undo["actor"]["code"]:
        params["codes"] = "—"
    fault = sentence(job.fault, params, language_of(request)) if job.fault else ""
    return ImportView.model_validate(
        {
            "id": job.id, "type": job.type, "filename": job.filename, "columns": job.columns, "sheets": job.sheets,
            "sheet": job.sheet, "crs": job.crs, "crs_known": job.crs_known, "rows": job.rows, "mapping": mapping,
            "sample": job.sample, "state": job.state, "progress": job.progress, "counts": job.counts,
            "errors": job.errors, "errors_total": job.errors_total, "error_kinds": job.error_kinds,
            "repairs": [_done(job.type, one) for one in job.repairs],
            "offers": job.offers if job.state == "previewed" else [],
            "lacking": job.lacking, "sample_geojson": job.sample_geojson, "result_rejected": job.rejected,
            "fault": fault, "undone_at": job.undone_at,
        }
    )  # fmt: skip


def _row(job: ImportJob) -> ImportRow:
    return ImportRow(
        id=job.id, type=job.type, filename=job.filename, rows=job.rows, state=job.state,
        counts=ImportCounts(**job.counts) if job.counts else None, repaired=sum(one["rows"] for one in job.repairs),
        by=str(job.actor.get("name", "")), created_at=job.created_at, finished_at=job.finished_at,
        undone_at=job.undone_at,
    )  # fmt: skip


def _done(type_id: str, kept: dict[str, Any]) -> dict[str, Any]:
    (repair,) = repairs_from([kept])
    label = said_done(current().objects.get(type_id), repair)
    return {**kept, "label": {"zh": label.zh, "en": label.en}}
