"""Rounds: chosen from a run's proposal or from all things of an area, filled item by item, closed with an outcome."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from xiuhua.cases.actions.beginning import Beginning, begin, origin_of
from xiuhua.cases.models import RoundItem, RoundRun
from xiuhua.cases.queries.rounds import round_declared
from xiuhua.catalog.calendars import working_calendar
from xiuhua.engines.working_time import CalendarMissing, add
from xiuhua.engines.working_time.calendar import BEIJING
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import Round
from xiuhua.kernel.errors import Conflict, Fault, Invalid, NotFound, Refused
from xiuhua.kernel.evaluate import evaluate
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import holds, may, require, visible
from xiuhua.people.posts import post_label
from xiuhua.people.queries import area_names, area_of
from xiuhua.runs.actions import accept, unit_over
from xiuhua.runs.answers import answers
from xiuhua.runs.models import Run
from xiuhua.runs.queries import analysis_of

log = logging.getLogger(__name__)
OUTCOMES = ("accepted", "rejected")


def round_from_run(actor: Actor, run_id: UUID, *, why: str, now: datetime | None = None) -> RoundRun:
    """Accept a run's proposal and make its round, in one transaction and once; raises as `runs.actions.accept`."""
    with transaction.atomic():
        run = accept(actor, run_id, why=why)
        analysis = analysis_of(run.analysis)
        if not analysis.round:
            raise Invalid("cases.no_round", analysis=run.analysis)
        things = CityObject.objects.filter(type=analysis.of, code__in=run.chosen, removed_at__isnull=True)
        return _make(actor, analysis.round, run.area_path, list(things), run, why, now or timezone.now())


def start_round(actor: Actor, round_id: str, *, area: str, now: datetime | None = None) -> RoundRun:
    """Start a round over all things of the area that the actor may see and that meet the round's condition."""
    now = now or timezone.now()
    declared = round_declared(round_id)
    area_path = area_of(area).path
    require(actor, Act.ACCEPT_PROPOSAL, area_path=area_path, unit_code=unit_over(actor, Act.ACCEPT_PROPOSAL, area_path))
    rows = CityObject.objects.filter(
        visible(actor), type=declared.of, removed_at__isnull=True, area_path__startswith=area_path
    )
    things = [one for one in rows.iterator() if declared.where is None or _meets(one, declared, now)]
    with transaction.atomic():
        return _make(actor, round_id, area_path, things, None, "", now)


def fill_item(
    actor: Actor, round_id: UUID, item_id: UUID, *, form: Mapping[str, object], now: datetime | None = None
) -> RoundItem:
    """Write down what was found at one thing; a defect opens the case that the round declares. Once per item."""
    now = now or timezone.now()
    with transaction.atomic():
        running = _seen(actor, round_id)
        declared = round_declared(running.round)
        item = RoundItem.objects.select_for_update().filter(visible(actor), round_run=running, id=item_id).first()
        if item is None:
            raise NotFound("people.not_visible")
        _require_post(actor, declared, item.area_path)
        if running.closed_at is not None:
            raise Conflict("cases.round_closed", title=running.title)
        if item.filled_at is not None:
            raise Conflict("cases.item_filled", thing=item.object_code)
        item.form = answers(declared.form, form)
        item.passes = _passes(declared, item.form, now)
        item.filled_by, item.filled_at = actor.code, now
        if not item.passes and declared.opens:
            item.case_id = _open_for_defect(actor, running, declared, item, now)
        item.save()
        record(
            actor,
            Change(
                action="filled", entity="round_item", entity_id=str(item.id), area_path=item.area_path,
                data={
                    "round": running.round, "round_id": str(running.id), "code": item.object_code, "form": item.form,
                    "passes": item.passes, "case": str(item.case_id) if item.case_id else None,
                },
            ),
        )  # fmt: skip
        _announce(running)
    return item


def close_round(actor: Actor, round_id: UUID, *, now: datetime | None = None) -> RoundRun:
    """Close the round. One from a run is judged by its analysis and needs every item filled; another is accepted if
    every item was filled, and closes without an outcome, its coverage shown, if not.
    """
    now = now or timezone.now()
    with transaction.atomic():
        running = RoundRun.objects.select_for_update().get(id=_seen(actor, round_id).id)
        declared = round_declared(running.round)
        if not may(actor, Act.ACCEPT_PROPOSAL, area_path=running.area_path, unit_code=running.unit_code):
            _require_post(actor, declared, running.area_path)
        if running.closed_at is not None:
            raise Conflict("cases.round_closed", title=running.title)
        total = running.items.count()
        filled = running.items.filter(filled_at__isnull=False).count()
        defects = running.items.filter(passes=False).count()
        if running.run_id is not None and filled < total:
            raise Conflict("cases.round_unfinished", left=total - filled, total=total)
        running.outcome = _outcome(running, defects, whole=filled == total)
        running.figures = {
            **running.figures, "items": total, "filled": filled, "defects": defects,
            "coverage": filled / total if total else 1.0,
        }  # fmt: skip
        running.closed_at = now
        running.save()
        record(
            actor,
            Change(
                action="closed", entity="round", entity_id=str(running.id), area_path=running.area_path,
                data={"outcome": running.outcome, "items": total, "filled": filled, "defects": defects},
            ),
        )  # fmt: skip
        _announce(running)
    return running


def _make(
    actor: Actor,
    round_id: str,
    area_path: str,
    things: Sequence[CityObject],
    run: Run | None,
    why: str,
    now: datetime,
) -> RoundRun:
    declared = round_declared(round_id)
    if not things:
        raise Invalid("cases.round_empty")
    name = area_names().get(area_path, area_path)
    running = RoundRun.objects.create(
        round=round_id, title=f"{declared.label.zh} {name} {now.astimezone(BEIJING):%Y-%m-%d}",
        run_id=run.id if run else None, area_path=area_path, unit_code=unit_over(actor, Act.ACCEPT_PROPOSAL, area_path),
        opened_by=actor.code, opened_at=now, due_at=_due(declared, now), figures=run.figures if run else {},
        origin=origin_of(things[0], "site"),
    )  # fmt: skip
    RoundItem.objects.bulk_create(
        [
            RoundItem(
                round_run=running, round=round_id, object_id=one.id, object_code=one.code, object_name=one.name,
                area_path=one.area_path, unit_code=one.unit_code,
            )
            for one in sorted(things, key=lambda one: one.code)
        ],
        batch_size=2000,
    )  # fmt: skip
    record(
        actor,
        Change(
            action="opened", entity="round", entity_id=str(running.id), area_path=area_path, why=why,
            data={"round": round_id, "items": len(things), "run": str(run.id) if run else None},
        ),
    )  # fmt: skip
    _announce(running)
    return running


def _due(declared: Round, now: datetime) -> datetime | None:
    try:
        return add(now, declared.limit, working_calendar())
    except CalendarMissing as missing:
        log.error("round without a due time", extra={"year": missing.year, "round": declared.id})
        return None


def _meets(thing: CityObject, declared: Round, now: datetime) -> bool:
    own = {
        "code": thing.code, "name": thing.name, "valid_from": thing.valid_from, "valid_to": thing.valid_to,
        "created_at": thing.created_at,
    }  # fmt: skip
    return declared.where is None or evaluate(declared.where, thing.attributes, own=own, now=now) is True


def _passes(declared: Round, form: Mapping[str, object], now: datetime) -> bool:
    if declared.fails is None:
        return True
    fails = evaluate(declared.fails, form, now=now)
    if fails is None:
        raise Invalid("cases.form_undecided")
    return not fails


def _open_for_defect(actor: Actor, running: RoundRun, declared: Round, item: RoundItem, now: datetime) -> UUID:
    case = begin(
        actor,
        Beginning(
            type=declared.opens, source="round", subject=CityObject.objects.get(id=item.object_id),
            why=Label(zh=f"{running.title}检出不合格", en=f"Found defective by: {declared.label.en}"),
            origin=running.origin,
        ),
        now=now,
    )  # fmt: skip
    return case.id


def _outcome(running: RoundRun, defects: int, *, whole: bool) -> str:
    run = None if running.run_id is None else Run.objects.get(id=running.run_id)
    judge = analysis_of(run.analysis).judge if run else None
    if run is None or judge is None:
        return "accepted" if whole else ""
    try:
        outcome = judge(run.figures, defects)
    except Exception as error:
        log.exception("judging failed", extra={"analysis": run.analysis})
        raise Fault("cases.judge_failed", analysis=run.analysis, problem=f"{type(error).__name__}: {error}") from error
    if outcome not in OUTCOMES:
        raise Fault("cases.judge_failed", analysis=run.analysis, problem=outcome)
    return outcome


def _seen(actor: Actor, round_id: UUID) -> RoundRun:
    running = RoundRun.objects.filter(visible(actor), id=round_id).first()
    if running is None:
        raise NotFound("people.not_visible")
    return running


def _require_post(actor: Actor, declared: Round, area_path: str) -> None:
    if not holds(actor, declared.who, area_path=area_path, unit_code="", any_unit=True):
        post = post_label(declared.who)
        raise Refused("cases.other_post", post=post.zh, post_en=post.en)


def _announce(running: RoundRun) -> None:
    announce("round.changed", area_path=running.area_path, id=str(running.id), type=running.round)
