"""Who may make a move: the post it names, over the case's area; for handling the case's own unit; never the handler for
verifying.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from xiuhua.cases.models import Case
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, Kind, Move, State
from xiuhua.ledger.owners import ours, owner_of
from xiuhua.people.policy import holds
from xiuhua.people.posts import post_label
from xiuhua.people.queries import unit_names


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """Why a move is locked: an error code and what fills its sentence."""

    code: str
    params: dict[str, object]


def obstacle(actor: Actor, case: Case, declared: CaseType, move: Move) -> Obstacle | None:
    """Return what keeps the actor from the move, None if nothing does; needs and versions are looked at later."""
    owner = owner_of("case", case.id)
    if owner:
        return Obstacle(code="ledger.owned_elsewhere", params={"node": owner})
    state = declared.state(move.at)
    if not holds(actor, move.who, area_path=case.area_path, unit_code=case.unit_code, any_unit=not state.handling):
        post = post_label(move.who)
        params: dict[str, object] = {"post": post.zh, "post_en": post.en}
        if not state.handling:
            return Obstacle(code="cases.other_post", params=params)
        unit = unit_names().get(case.unit_code, case.unit_code)
        return Obstacle(code="cases.other_unit", params={**params, "unit": unit})
    if state.verifying and actor.code in case.handled_by_all:
        return Obstacle(code="cases.handler_may_not_verify", params={})
    return None


def is_mine(actor: Actor, case: Case, declared: CaseType | None) -> bool:
    """Return whether the case waits for this actor: it holds the post that owns the state and has not handled it."""
    state = None if declared is None else next((one for one in declared.states if one.id == case.state), None)
    if state is None or state.kind is not Kind.OPEN:
        return False
    owns = holds(actor, state.owner, area_path=case.area_path, unit_code=case.unit_code, any_unit=not state.handling)
    return owns and not (state.verifying and actor.code in case.handled_by_all) and not owner_of("case", case.id)


def mine(actor: Actor, catalogue: Catalogue) -> Q:
    """Return the filter of `is_mine` for all case types."""
    found = Q(pk__in=[])
    for type_id, declared in catalogue.cases.items():
        for state in declared.states:
            if state.kind is Kind.OPEN:
                found |= Q(type=type_id, state=state.id) & _owned(actor, state)
    return found & ours("case")


def _owned(actor: Actor, state: State) -> Q:
    owned = Q(pk__in=[])
    for grant in actor.grants:
        if grant.post == state.owner:
            rows = Q(area_path__startswith=grant.area_path)
            owned |= rows & Q(unit_code=grant.unit) if state.handling else rows
    return owned & ~Q(handled_by_all__contains=actor.code) if state.verifying else owned
