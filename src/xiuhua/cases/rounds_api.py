"""HTTP of rounds, and of the runs that need to know how earlier rounds ended."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router

from xiuhua.cases import actions
from xiuhua.cases.models import RoundRun
from xiuhua.cases.queries import rounds as read
from xiuhua.cases.schemas import (
    Acceptance,
    ItemForm,
    RoundDetail,
    RoundItemView,
    RoundStart,
    RoundView,
    RunStart,
)
from xiuhua.cases.views import item_view, round_detail, round_view
from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.kernel.actor import Actor
from xiuhua.people.queries.names import user_names
from xiuhua.runs.schemas import RunView, run_view

router = Router(tags=["cases"])


@router.post("/analyses/{analysis_id}/runs", response=RunView)
def start_run(request: HttpRequest, analysis_id: str, body: RunStart) -> RunView:
    """Run an analysis on an area."""
    run = actions.start_run(actor_of(request), analysis_id, area=body.area, parameters=body.parameters, seed=body.seed)
    return run_view(run, user_names({run.started_by}))


@router.get("/rounds", response=Page[RoundView])
def list_rounds(
    request: HttpRequest, paging: Query[Paging], round: str = "", area: str = "", open: bool | None = None
) -> Page[RoundView]:
    """List rounds, newest first."""
    actor = actor_of(request)
    rows = read.rounds(actor, round=round, area=area, open=open)
    page = list(rows[paging.window])
    come = read.coverage(actor, page)
    shown = [round_view(one, come.get(one.id, read.Coverage())) for one in page]
    return Page(items=shown, total=rows.count(), page=paging.page, size=paging.size)


@router.post("/rounds/from-run/{run_id}", response=RoundDetail)
def round_from_run(request: HttpRequest, run_id: UUID, body: Acceptance) -> RoundDetail:
    """Accept a run's proposal and make its round."""
    actor = actor_of(request)
    return _detail(actor, actions.round_from_run(actor, run_id, why=body.why))


@router.post("/rounds/{round_id}/start", response=RoundDetail)
def start_round(request: HttpRequest, round_id: str, body: RoundStart) -> RoundDetail:
    """Start a round over all things of an area."""
    actor = actor_of(request)
    return _detail(actor, actions.start_round(actor, round_id, area=body.area))


@router.get("/rounds/{round_id}", response=RoundDetail)
def read_round(request: HttpRequest, round_id: UUID) -> RoundDetail:
    """Return a round with its items."""
    actor = actor_of(request)
    return _detail(actor, read.round_of(actor, round_id))


@router.post("/rounds/{round_id}/items/{item_id}", response=RoundItemView)
def fill_item(request: HttpRequest, round_id: UUID, item_id: UUID, body: ItemForm) -> RoundItemView:
    """Write down what was found at one thing."""
    actor = actor_of(request)
    item = actions.fill_item(actor, round_id, item_id, form=body.form)
    return item_view(actor, item, user_names({item.filled_by}))


@router.post("/rounds/{round_id}/close", response=RoundDetail)
def close_round(request: HttpRequest, round_id: UUID) -> RoundDetail:
    """Close a round and give its outcome."""
    actor = actor_of(request)
    return _detail(actor, actions.close_round(actor, round_id))


def _detail(actor: Actor, running: RoundRun) -> RoundDetail:
    return round_detail(actor, running, list(read.items_of(actor, running)))
