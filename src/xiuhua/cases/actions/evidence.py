"""Laying a file into a case, for one of its needs."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from xiuhua.cases.models import Case, Evidence
from xiuhua.cases.needs import fits
from xiuhua.cases.rights import obstacle
from xiuhua.catalog import catalogue
from xiuhua.files.actions import Readable, store
from xiuhua.files.content import safe_name
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, Need
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.ledger.owners import require_here
from xiuhua.people.policy import may, visible


def add_evidence(actor: Actor, case_id: UUID, stream: Readable, *, name: str, need: str) -> Evidence:
    """Keep the file in the case; raises Refused for one who can make no move there, Invalid for content that does not
    fit the need, Conflict once the case is closed.
    """
    case = Case.objects.filter(visible(actor), id=case_id).first()
    if case is None:
        raise NotFound("people.not_visible")
    require_here("case", case.id)
    if case.kind != "open":
        raise Conflict("cases.closed", number=case.number)
    declared = catalogue.current().case_type(case.type)
    _require(actor, case, declared)
    wanted = _need(declared, need)

    def check(media_type: str) -> None:
        if wanted is not None and not fits(wanted, media_type):
            raise Invalid("cases.not_a_photo", name=name, need_zh=wanted.label.zh, need_en=wanted.label.en)

    kept = store(actor, stream, name, check)
    with transaction.atomic():
        evidence = Evidence.objects.create(
            case_id=case.id, need=need, file_hash=kept.hash, name=safe_name(name, kept.media_type),
            media_type=kept.media_type, size=kept.size, state=case.state, added_by=actor.code,
        )  # fmt: skip
        record(
            actor,
            Change(
                action="evidence_added", entity="case", entity_id=str(case.id), area_path=case.area_path,
                data={"need": need, "name": evidence.name, "hash": kept.hash, "evidence": evidence.id},
            ),
        )  # fmt: skip
    evidence.refresh_from_db()
    return evidence


def _require(actor: Actor, case: Case, declared: CaseType) -> None:
    moves = [move for move in declared.moves if move.at == case.state]
    obstacles = [obstacle(actor, case, declared, move) for move in moves]
    if may(actor, Act.OPEN_CASE, area_path=case.area_path, unit_code=case.unit_code) or None in obstacles:
        return
    for found in obstacles:
        if found is not None:
            raise Refused(found.code, **found.params)


def _need(declared: CaseType, need: str) -> Need | None:
    """Return the need of that id, None for a file that serves none; raises Invalid for an id no move asks for."""
    if not need:
        return None
    for move in declared.moves:
        for one in move.needs:
            if one.id == need:
                return one
    raise Invalid("cases.unknown_need", need=need)
