"""Running an analysis on a frozen input, and deciding on what it proposes."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound
from xiuhua.kernel.evaluate import evaluate
from xiuhua.kernel.packs import Analysis, Finding
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import require, visible
from xiuhua.people.queries import area_of
from xiuhua.runs.answers import answers
from xiuhua.runs.models import Run
from xiuhua.runs.queries import analysis_of
from xiuhua.runs.revision import revision

log = logging.getLogger(__name__)
SEED_BITS = 48


def start(
    actor: Actor,
    analysis_id: str,
    *,
    area: str,
    parameters: Mapping[str, object] | None = None,
    seed: int | None = None,
    history: tuple[str, ...] = (),
    history_figures: tuple[Mapping[str, object], ...] = (),
    now: datetime | None = None,
) -> Run:
    """Run the analysis on the things of the area (its code) that the actor may see, and keep what came of it, failure
    included. `history` and `history_figures` are the outcomes and figures of earlier rounds, oldest first, for an
    analysis that asks for them.
    """
    now = now or timezone.now()
    analysis = analysis_of(analysis_id)
    area_path = area_of(area).path
    unit_code = unit_over(actor, Act.RUN_ANALYSIS, area_path)
    require(actor, Act.RUN_ANALYSIS, area_path=area_path, unit_code=unit_code)
    given: dict[str, object] = dict(answers(analysis.parameters, parameters or {}))
    if analysis.history:
        given |= {"history": history, "history_figures": history_figures}
    codes, origin = frozen_input(actor, analysis, area_path, now)
    chosen_seed = secrets.randbits(SEED_BITS) if seed is None else seed
    run = Run(
        analysis=analysis_id, version=analysis.version, revision=revision(), area_path=area_path, unit_code=unit_code,
        input_codes=list(codes), input_hash=hash_of(analysis.of, codes), parameters=given, seed=chosen_seed,
        started_by=actor.code, started_at=now, origin=origin,
    )  # fmt: skip
    _carry_out(run, analysis, codes, given, chosen_seed)
    with transaction.atomic():
        run.save(force_insert=True)
        record(
            actor,
            Change(
                action="ran", entity="run", entity_id=str(run.id), area_path=area_path,
                data={
                    "analysis": analysis_id, "state": run.state, "inputs": len(codes), "input_hash": run.input_hash,
                    "seed": chosen_seed,
                },
            ),
        )  # fmt: skip
        announce("run.done", area_path=area_path, id=str(run.id), analysis=analysis_id, state=run.state)
    return run


def decline(actor: Actor, run_id: UUID, *, why: str) -> Run:
    """Decline the run's proposal, once; raises Conflict("runs.decided")."""
    return decide(actor, run_id, decision="declined", why=why)


def accept(actor: Actor, run_id: UUID, *, why: str) -> Run:
    """Accept the run's proposal, once; called in the transaction that carries it out. Raises Conflict."""
    return decide(actor, run_id, decision="accepted", why=why)


def decide(actor: Actor, run_id: UUID, *, decision: str, why: str) -> Run:
    """Write down the decision on a finished run; raises Refused, Invalid without a reason, Conflict."""
    with transaction.atomic():
        run = Run.objects.filter(visible(actor), id=run_id).first()
        if run is None:
            raise NotFound("people.not_visible")
        require(actor, Act.ACCEPT_PROPOSAL, area_path=run.area_path, unit_code=run.unit_code)
        if not why.strip():
            raise Invalid("runs.reason_missing")
        if run.state != "done":
            raise Conflict("runs.failed", error=run.error)
        decided = Run.objects.filter(id=run_id, decision="").update(
            decision=decision, decided_by=actor.code, decided_at=timezone.now(), decided_why=why.strip()
        )
        run.refresh_from_db()
        if not decided:
            raise Conflict("runs.decided", decision=run.decision)
        record(
            actor,
            Change(action=decision, entity="run", entity_id=str(run.id), area_path=run.area_path, why=why.strip()),
        )
        announce("run.done", area_path=run.area_path, id=str(run.id), analysis=run.analysis, state=decision)
    return run


def frozen_input(actor: Actor, analysis: Analysis, area_path: str, now: datetime) -> tuple[tuple[str, ...], str]:
    """Return the codes of the things the analysis is about, sorted, and their origin where one is synthetic."""
    rows = CityObject.objects.filter(
        visible(actor), type=analysis.of, removed_at__isnull=True, area_path__startswith=area_path
    ).values_list("code", "attributes", "name", "valid_from", "valid_to", "created_at", "origin")
    kept = [
        (code, origin)
        for code, attributes, name, valid_from, valid_to, created_at, origin in rows.iterator()
        if analysis.where is None
        or evaluate(
            analysis.where,
            attributes,
            own={
                "code": code, "name": name, "valid_from": valid_from, "valid_to": valid_to, "created_at": created_at
            },
            now=now,
        )
        is True
    ]  # fmt: skip
    synthetic = next((origin for _, origin in kept if origin.startswith("synthetic:")), "site")
    return tuple(sorted(code for code, _ in kept)), synthetic


def hash_of(type_id: str, codes: tuple[str, ...]) -> str:
    """Return the SHA-256 of the frozen input."""
    return hashlib.sha256(json.dumps([type_id, *codes], ensure_ascii=False).encode()).hexdigest()


def unit_over(actor: Actor, act: Act, area_path: str) -> str:
    """Return the unit at which the actor holds the post that allows the act over the area; "" for none."""
    for grant in actor.grants:
        if act in grant.acts and area_path.startswith(grant.area_path):
            return grant.unit
    return ""


def _carry_out(
    run: Run, analysis: Analysis, codes: tuple[str, ...], parameters: Mapping[str, object], seed: int
) -> None:
    """Fill in what the pack's function found; whatever it raises is kept with pack and analysis named."""
    try:
        finding = analysis.run(codes, parameters, seed)
        strange = sorted(set(finding.chosen) - set(codes))
        if strange:
            raise ValueError(f"chose what was not given: {', '.join(strange[:5])}")
        _fill(run, finding)
    except Exception as error:
        pack = run.analysis.partition(".")[0]
        log.exception("analysis failed", extra={"pack": pack, "analysis": run.analysis})
        run.state = "failed"
        run.error = f"{pack} · {run.analysis}: {type(error).__name__}: {error}"


def _fill(run: Run, finding: Finding) -> None:
    run.state = "done"
    run.figures = dict(finding.figures)
    run.chosen = list(finding.chosen)
    run.reasons = {code: {"zh": said.zh, "en": said.en} for code, said in finding.reasons.items()}
    run.notes = [{"zh": said.zh, "en": said.en} for said in finding.notes]
    json.dumps([run.figures, run.chosen, run.reasons, run.notes])
