"""One case in full: the moves and why some are locked, clocks, evidence, steps, history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from xiuhua.cases.models import Case, CaseClock, Evidence
from xiuhua.cases.needs import held, is_met
from xiuhua.cases.rights import Obstacle, obstacle
from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, Kind, Move, Need, Step
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.words import Label
from xiuhua.ledger.models import History
from xiuhua.ledger.queries import history_of
from xiuhua.people.policy import clearance

STEP_LABELS: Mapping[Step, Label] = {
    Step.COLLECT: Label(zh="采集", en="Collect"),
    Step.FILE: Label(zh="立案", en="File"),
    Step.DISPATCH: Label(zh="派遣", en="Dispatch"),
    Step.HANDLE: Label(zh="处置", en="Handle"),
    Step.FEEDBACK: Label(zh="反馈", en="Feed back"),
    Step.VERIFY: Label(zh="核查结案", en="Verify"),
    Step.EVALUATE: Label(zh="评价", en="Evaluate"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PossibleMove:
    """A move out of the case's state: what locks it, and each need with whether it is met. `primary` is the first one
    that the actor may make.
    """

    move: Move
    locked: Obstacle | None
    needs: tuple[tuple[Need, bool], ...]
    primary: bool


def possible_moves(actor: Actor, case: Case, declared: CaseType) -> list[PossibleMove]:
    """Return every move out of the case's state, in declared order."""
    if case.kind != Kind.OPEN.value:
        return []
    evidence = held(case)
    found: list[PossibleMove] = []
    for move in declared.moves:
        if move.at != case.state:
            continue
        locked = obstacle(actor, case, declared, move)
        primary = locked is None and all(not one.primary for one in found)
        needs = tuple((need, is_met(need, move, evidence)) for need in move.needs)
        found.append(PossibleMove(move=move, locked=locked, needs=needs, primary=primary))
    return found


def clocks_of(case: Case) -> list[CaseClock]:
    """Return the case's clocks, as they were started."""
    return list(CaseClock.objects.filter(case_id=case.id).order_by("id"))


def evidence_of(case: Case) -> list[Evidence]:
    """Return the case's evidence, oldest first."""
    return list(Evidence.objects.filter(case_id=case.id).order_by("id"))


def one_evidence(case: Case, evidence_id: int) -> Evidence:
    """Return one file of the case; raises NotFound."""
    found = Evidence.objects.filter(case_id=case.id, id=evidence_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def readable_fields(actor: Actor, case: Case, declared: CaseType) -> dict[str, Any]:
    """Return the case's fields that the actor may read."""
    hidden = _hidden(actor, case, declared.fields)
    return {name: value for name, value in case.fields.items() if name not in hidden}


def steps(case: Case, declared: CaseType) -> list[tuple[Step, str]]:
    """Return the seven steps, each done, now or ahead."""
    order = list(Step)
    here = next((one.step for one in declared.states if one.id == case.state), Step.COLLECT)
    at = order.index(here)
    if case.kind == Kind.DONE.value:
        return [(step, "done") for step in order]
    marks = {True: "done", False: "ahead"}
    now = "now" if case.kind == Kind.OPEN.value else "ahead"
    return [(step, now if number == at else marks[number < at]) for number, step in enumerate(order)]


def timeline(actor: Actor, case: Case) -> QuerySet[History]:
    """Return the case's history, oldest first."""
    return history_of("case", str(case.id))


def readable(actor: Actor, case: Case, row: History) -> History:
    """Return the history row without the move's answers that the actor may not read."""
    declared = catalogue.current().cases.get(case.type)
    given = row.data.get("fields")
    if declared is None or not isinstance(given, dict):
        return row
    move = next((one for one in declared.moves if one.id == row.data.get("move")), None)
    hidden = _hidden(actor, case, move.fields) if move else set(given)
    row.data = {**row.data, "fields": {name: value for name, value in given.items() if name not in hidden}}
    return row


def history_label(case: Case, row: History) -> Label | None:
    """Return the name of the move a history row tells of; None for other rows."""
    declared = catalogue.current().cases.get(case.type)
    if declared is None or row.action != "moved":
        return None
    return next((move.label for move in declared.moves if move.id == row.data.get("move")), None)


def _hidden(actor: Actor, case: Case, fields: tuple[Attribute, ...]) -> set[str]:
    rank = clearance(actor, area_path=case.area_path, unit_code=case.unit_code).rank
    return {field.id for field in fields if field.privacy.rank > rank}
