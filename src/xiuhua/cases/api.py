"""HTTP of cases and their evidence; rounds and runs join in from `rounds_api`."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Query, Router, UploadedFile

from xiuhua.cases import actions
from xiuhua.cases.queries import cases as read
from xiuhua.cases.queries.detail import one_evidence
from xiuhua.cases.rounds_api import router as rounds
from xiuhua.cases.schemas import (
    BulkOpened,
    BulkOpening,
    CaseCounts,
    CaseDetail,
    CaseFeatures,
    CaseOpening,
    CaseRow,
    EvidenceRow,
    MoveMade,
)
from xiuhua.cases.views import case_detail, case_features, case_history, case_rows, evidence_row
from xiuhua.files.serving import answer
from xiuhua.http.errors import language_of
from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.ledger.schemas import HistoryRow
from xiuhua.people.queries.names import user_names

router = Router(tags=["cases"])
router.add_router("", rounds)

Kinds = Literal["open", "done", "void", "all"]
MOST_POINTS = 20_000


@router.get("/cases", response=Page[CaseRow])
def list_cases(
    request: HttpRequest,
    paging: Query[Paging],
    kind: Kinds = "open",
    mine: bool = False,
    type: str = "",
    state: str = "",
    area: str = "",
    unit: str = "",
    object: UUID | None = None,
    q: str = "",
    at: Literal["", "risk", "overdue"] = "",
    sort: str = "",
) -> Page[CaseRow]:
    """List cases: danger first, then by time left, paused last."""
    actor = actor_of(request)
    wanted = read.Wanted(kind=kind, mine=mine, type=type, state=state, area=area, unit=unit, object=object, q=q, at=at)
    rows = read.cases(actor, wanted, now=timezone.now(), sort=sort)
    return Page(items=case_rows(actor, rows[paging.window]), total=rows.count(), page=paging.page, size=paging.size)


@router.post("/cases", response=CaseDetail)
def open_case(request: HttpRequest, body: CaseOpening) -> CaseDetail:
    """Open a case."""
    actor = actor_of(request)
    case = actions.open_case(
        actor, body.type, object_id=body.object_id, title=body.title, description=body.description, fields=body.fields,
        lon=body.lon, lat=body.lat, unit_code=body.unit_code,
    )  # fmt: skip
    return case_detail(actor, case, now=timezone.now(), language=language_of(request))


@router.post("/cases/bulk", response=list[BulkOpened])
def open_for_rows(request: HttpRequest, body: BulkOpening) -> list[BulkOpened]:
    """Open a case for each thing that has none of the type open yet."""
    opened = actions.open_for_rows(
        actor_of(request), body.type, body.object_ids, source=body.source, description=body.description
    )
    return [
        BulkOpened(
            object_id=one.object_id,
            case_id=one.case.id if one.case else None,
            number=one.case.number if one.case else "",
            existing=one.existing,
        )
        for one in opened
    ]


@router.get("/cases/counts", response=CaseCounts)
def count_cases(request: HttpRequest, area: str = "") -> dict[str, object]:
    """Count cases by state of their clocks, by type and by town, under an area if one is named."""
    actor, now = actor_of(request), timezone.now()
    return {
        **read.totals(actor, area, now=now),
        "by_type": read.by_type(actor, area, now=now),
        "by_town": read.by_town(actor, area, now=now),
    }


@router.get("/cases.geojson", response=CaseFeatures)
def cases_on_the_map(request: HttpRequest, kind: Kinds = "open", type: str = "", area: str = "") -> CaseFeatures:
    """Return cases as points."""
    now = timezone.now()
    rows = read.cases(actor_of(request), read.Wanted(kind=kind, type=type, area=area), now=now)
    return CaseFeatures(features=case_features(rows[:MOST_POINTS], now=now))


@router.get("/cases/{case_id}", response=CaseDetail)
def read_case(request: HttpRequest, case_id: UUID) -> CaseDetail:
    """Return one case."""
    actor = actor_of(request)
    case = read.case_of(actor, case_id)
    return case_detail(actor, case, now=timezone.now(), language=language_of(request))


@router.get("/cases/{case_id}/history", response=list[HistoryRow])
def read_history(request: HttpRequest, case_id: UUID) -> list[HistoryRow]:
    """Return what happened to a case."""
    actor = actor_of(request)
    return case_history(actor, read.case_of(actor, case_id))


@router.post("/cases/{case_id}/moves/{move_id}", response=CaseDetail)
def make_move(request: HttpRequest, case_id: UUID, move_id: str, body: MoveMade) -> CaseDetail:
    """Make a move."""
    actor = actor_of(request)
    case = actions.make_move(
        actor, case_id, move_id, version=body.version, reason=body.reason, fields=body.fields, unit_code=body.unit_code
    )
    return case_detail(actor, case, now=timezone.now(), language=language_of(request))


@router.post("/cases/{case_id}/evidence", response=EvidenceRow)
def add_evidence(request: HttpRequest, case_id: UUID, file: File[UploadedFile], need: Form[str] = "") -> EvidenceRow:
    """Lay a file into a case."""
    actor = actor_of(request)
    one = actions.add_evidence(actor, case_id, file, name=file.name or "", need=need)
    return evidence_row(one, user_names({one.added_by}))


@router.get("/cases/{case_id}/evidence/{evidence_id}")
def read_evidence(request: HttpRequest, case_id: UUID, evidence_id: int) -> HttpResponse:
    """Return a file of a case."""
    one = one_evidence(read.case_of(actor_of(request), case_id), evidence_id)
    return answer(one.file_hash, name=one.name, media_type=one.media_type)
