"""HTTP of this room. Starting a run needs the earlier rounds, so that call lives with the rounds."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema

from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.people.queries.names import user_names
from xiuhua.runs import actions, queries
from xiuhua.runs.schemas import RunView, run_view

router = Router(tags=["runs"])


class Decision(Schema):
    """Why a proposal is taken or not."""

    why: str


@router.get("/runs", response=Page[RunView])
def list_runs(request: HttpRequest, paging: Query[Paging], analysis: str = "", area: str = "") -> Page[RunView]:
    """List runs, newest first."""
    rows = queries.runs(actor_of(request), analysis=analysis, area=area)
    page = list(rows[paging.window])
    names = user_names({code for run in page for code in (run.started_by, run.decided_by)})
    return Page(items=[run_view(run, names) for run in page], total=rows.count(), page=paging.page, size=paging.size)


@router.get("/runs/{run_id}", response=RunView)
def read_run(request: HttpRequest, run_id: UUID) -> RunView:
    """Return one run."""
    run = queries.run_of(actor_of(request), run_id)
    return run_view(run, user_names({run.started_by, run.decided_by}))


@router.post("/runs/{run_id}/decline", response=RunView)
def decline_run(request: HttpRequest, run_id: UUID, body: Decision) -> RunView:
    """Decline a proposal."""
    run = actions.decline(actor_of(request), run_id, why=body.why)
    return run_view(run, user_names({run.started_by, run.decided_by}))
