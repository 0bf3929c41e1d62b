"""One move of a case: rights, needs and fields checked, then one guarded update with its history, clocks and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from xiuhua.cases.actions.beginning import Beginning, begin, tell
from xiuhua.cases.clocks import turn
from xiuhua.cases.models import Case, Evidence
from xiuhua.cases.needs import missing
from xiuhua.cases.rights import obstacle
from xiuhua.catalog import catalogue
from xiuhua.engines.working_time.calendar import BEIJING
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, Kind, Move, Sets, State
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.objects import Value, Writer
from xiuhua.kernel.words import Label
from xiuhua.ledger.actions import Change, record
from xiuhua.ledger.queries import history_of
from xiuhua.objects.actions import set_attributes_by
from xiuhua.objects.checking import Typed
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import visible
from xiuhua.people.queries import unit_names
from xiuhua.runs.answers import answers


def make_move(
    actor: Actor,
    case_id: UUID,
    move_id: str,
    *,
    version: int,
    reason: str = "",
    fields: Mapping[str, object] | None = None,
    unit_code: str = "",
    now: datetime | None = None,
) -> Case:
    """Make the move on a case that is still at `version`.

    Raises Conflict("cases.moved_on") where somebody was faster, Refused with the post that may, Invalid with every need
    not met or field wrong.
    """
    now = now or timezone.now()
    with transaction.atomic():
        case = Case.objects.filter(visible(actor), id=case_id).first()
        if case is None:
            raise NotFound("people.not_visible")
        declared = catalogue.current().case_type(case.type)
        move = next((one for one in declared.moves if one.id == move_id), None)
        if move is None:
            raise NotFound("catalog.unknown", kind="move", id=f"{case.type}.{move_id}")
        if case.state != move.at or case.version != version:
            raise _moved_on(case, declared)
        locked = obstacle(actor, case, declared, move)
        if locked is not None:
            raise Refused(locked.code, **locked.params)
        given = answers(move.fields, fields or {})
        wanting = missing(case, move, reason=reason)
        if wanting:
            raise Invalid(
                "cases.needs_missing",
                needs=[need.id for need in wanting],
                needs_zh="、".join(need.label.zh for need in wanting),
                needs_en=", ".join(need.label.en for need in wanting),
            )
        assigned = _assigned(move, unit_code)
        _apply(actor, case, declared, move, given, assigned, reason.strip(), now)
    return case


def _apply(
    actor: Actor,
    case: Case,
    declared: CaseType,
    move: Move,
    given: Mapping[str, Typed],
    assigned: str,
    reason: str,
    now: datetime,
) -> None:
    left, entered = declared.state(move.at), declared.state(move.to)
    changes: dict[str, object] = {"state": entered.id, "kind": entered.kind.value, "version": F("version") + 1}
    if entered.kind is not Kind.OPEN:
        changes["closed_at"] = now
    if assigned:
        changes |= {"unit_code": assigned, "why": [*case.why[:1], _assigned_why(move, assigned)]}
    if left.handling:
        handlers = [*case.handled_by_all, *([] if actor.code in case.handled_by_all else [actor.code])]
        changes |= {"handled_by": actor.code, "handled_by_all": handlers}
    if not Case.objects.filter(id=case.id, state=move.at, version=case.version).update(**changes):
        raise _moved_on(Case.objects.get(id=case.id), declared)
    case.refresh_from_db()
    turn(case, declared, left=left, entered=entered, now=now)
    case.save(update_fields=["due_at", "at_risk_at", "paused"])
    used = [need.id for need in move.needs]
    Evidence.objects.filter(case_id=case.id, need__in=used, used_for="").update(used_for=move.id)
    _write_on_object(actor, case, move, given, now)
    if move.opens:
        _open_next(actor, case, move, now)
    record(
        actor,
        Change(
            action="moved", entity="case", entity_id=str(case.id), area_path=case.area_path, why=reason,
            data={
                "move": move.id, "from": left.id, "to": entered.id, "fields": dict(given), "unit_code": case.unit_code,
                "number": case.number, "type": case.type,
            },
        ),
    )  # fmt: skip
    tell("case.moved", case, alarm_id=case.alarm_id)
    if entered.kind is not Kind.OPEN:
        tell("case.closed", case, alarm_id=case.alarm_id, clears=move.clears_alarm, move=move.id)


def _write_on_object(actor: Actor, case: Case, move: Move, given: Mapping[str, Typed], now: datetime) -> None:
    if not move.sets or case.object_id is None:
        return
    thing = CityObject.objects.get(id=case.object_id)
    declared = catalogue.current().object_type(thing.type)
    kinds = {attribute.id: attribute.value for attribute in declared.attributes}
    values = {one.attribute: _value(one, kinds.get(one.attribute), given, now) for one in move.sets}
    # The case decides who may move; the thing itself may belong to a unit the mover does not see.
    mover = replace(actor, administrator=True)
    set_attributes_by(mover, thing.id, values, Writer.MOVE, why=f"{case.number} {move.label.zh}")


def _value(one: Sets, kind: Value | None, given: Mapping[str, Typed], now: datetime) -> Typed:
    if one.now:
        here = now.astimezone(BEIJING)
        return here.date().isoformat() if kind is Value.DATE else here.isoformat()
    return given.get(one.field) if one.field else one.value


def _open_next(actor: Actor, case: Case, move: Move, now: datetime) -> None:
    things = CityObject.objects.filter(removed_at__isnull=True)
    subject = things.filter(id=case.object_id).first() if case.object_id else None
    begin(
        actor,
        Beginning(
            type=move.opens, source="move", subject=subject, area_path=case.area_path, lon=case.lon, lat=case.lat,
            why=Label(
                zh=f"由案件{case.number}的“{move.label.zh}”接续", en=f"Follows “{move.label.en}” of {case.number}"
            ),
            origin=case.origin,
        ),
        now=now,
    )  # fmt: skip


def _assigned(move: Move, unit_code: str) -> str:
    if not move.assigns:
        return ""
    if not unit_code:
        raise Invalid("cases.unit_missing")
    if unit_code not in unit_names():
        raise Invalid("cases.unknown_unit", unit=unit_code)
    return unit_code


def _assigned_why(move: Move, unit_code: str) -> dict[str, str]:
    name = unit_names()[unit_code]
    return {"zh": f"“{move.label.zh}”时指定由{name}承办", "en": f"Given to {name} by “{move.label.en}”"}


def _moved_on(case: Case, declared: CaseType) -> Conflict:
    last = history_of("case", str(case.id)).order_by("-id").first()
    state: State = declared.state(case.state)
    return Conflict(
        "cases.moved_on", by=last.actor_name if last else "", at=last.at.isoformat() if last else "",
        state=case.state, state_zh=state.label.zh, state_en=state.label.en, version=case.version,
    )  # fmt: skip
