"""At a node: giving a case to the centre."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from xiuhua.cases.models import Case
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.ledger.owners import own, owner_of
from xiuhua.people.policy import require, visible

CENTRE = "centre"


def release(actor: Actor, case_id: UUID, *, why: str) -> Case:
    """Hand the case to the centre, for good and with the reason: from now on nobody moves it here. Needs the right to
    look after alarms there; raises NotFound at a site that is no node, Invalid, Conflict.
    """
    if not settings.CONFIG.edge:
        raise NotFound("edge.no_edge")
    if not why.strip():
        raise Invalid("edge.why_missing")
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(visible(actor), id=case_id).first()
        if case is None:
            raise NotFound("people.not_visible")
        require(actor, Act.HANDLE_ALARM, area_path=case.area_path, unit_code=case.unit_code)
        if owner_of("case", case.id):
            raise Conflict("edge.released_before")
        own("case", [case.id], CENTRE)
        record(
            actor,
            Change(
                action="released", entity="case", entity_id=str(case.id), area_path=case.area_path, why=why.strip(),
                data={"to": CENTRE, "number": case.number},
            ),
        )  # fmt: skip
        announce(
            "case.moved", area_path=case.area_path, unit_code=case.unit_code, id=str(case.id), type=case.type,
            number=case.number,
        )  # fmt: skip
    return case
