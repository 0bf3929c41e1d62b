"""The workflow checker: a loop closes, each open state has an owner and a limit, nobody verifies own work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.cases import CaseType, Kind, Move, State
from xiuhua.kernel.objects import ObjectType, Value, Writer
from xiuhua.kernel.packs import Pack


def check_cases(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report what keeps a case type from being a closed loop."""
    for case in pack.cases:
        name = case.id.partition(".")[2]
        if not any(state.kind is Kind.DONE for state in case.states):
            report.fault("catalog.case_empty", name)
            continue
        states = {state.id: state for state in case.states}
        known = [move for move in case.moves if _states_exist(move, states, name, report)]
        if case.start.kind is not Kind.OPEN:
            report.fault("catalog.start_not_open", name, case.start.id)
        _check_states(case, known, states, name, report)
        _check_separation(case, known, states, name, report)
        for clock in case.clocks:
            for state_id in (clock.starts, *clock.stops, *clock.pauses):
                if state_id not in states:
                    report.fault("catalog.state_unknown", name, clock.id, id=state_id)
        for move in known:
            if move.clears_alarm and states[move.to].kind is Kind.OPEN:
                report.fault("catalog.clears_alarm_open", name, move.id, id=move.to)
        _check_built(case, name, report)
        for move in case.moves:
            _check_sets(move, catalogue.objects.get(case.on), name, report)


def _states_exist(move: Move, states: Mapping[str, State], name: str, report: Report) -> bool:
    missing = [state_id for state_id in (move.at, move.to) if state_id not in states]
    for state_id in missing:
        report.fault("catalog.state_unknown", name, move.id, id=state_id)
    if not missing and states[move.at].kind is not Kind.OPEN:
        report.fault("catalog.state_closed_moves", name, move.id)
    return not missing


def _check_states(
    case: CaseType, moves: Iterable[Move], states: Mapping[str, State], name: str, report: Report
) -> None:
    onward: dict[str, set[str]] = {state_id: set() for state_id in states}
    backward: dict[str, set[str]] = {state_id: set() for state_id in states}
    for move in moves:
        onward[move.at].add(move.to)
        backward[move.to].add(move.at)
    reached = _walk({case.start.id}, onward)
    closing = _walk({state.id for state in case.states if state.kind is Kind.DONE}, backward)
    for state in case.states:
        if state.id not in reached:
            report.fault("catalog.state_unreachable", name, state.id)
        if state.kind is not Kind.OPEN:
            continue
        if state.id not in closing:
            report.fault("catalog.state_no_way_out", name, state.id)
        if not state.owner:
            report.fault("catalog.state_no_owner", name, state.id)
        if state.limit is None or state.limit.amount <= 0:
            report.fault("catalog.state_no_limit", name, state.id)


def _check_separation(
    case: CaseType, moves: list[Move], states: Mapping[str, State], name: str, report: Report
) -> None:
    """Report ways in which the post that handles could verify or close what it handled."""
    for state in case.states:
        if state.handling and state.verifying:
            report.fault("catalog.handles_and_verifies", name, state.id)
    if not any(state.handling or state.verifying for state in case.states):
        report.fault("catalog.nobody_verifies", name)
    onward: dict[str, set[str]] = {state_id: set() for state_id in states}
    for move in moves:
        onward[move.at].add(move.to)
    told: set[str] = set()
    for handling in (state for state in case.states if state.handling):
        after = _walk({handling.id}, onward)
        for state_id in after - {handling.id}:
            if states[state_id].verifying and states[state_id].owner == handling.owner and state_id not in told:
                told.add(state_id)
                report.fault("catalog.handler_verifies", name, state_id, post=handling.owner)
        for move in moves:
            if move.id in told or move.at not in after or states[move.to].kind is not Kind.DONE:
                continue
            if states[move.at].handling:
                told.add(move.id)
                report.fault("catalog.handler_closes", name, move.id)
            elif move.who == handling.owner and move.at not in told:
                told.add(move.id)
                report.fault("catalog.handler_verifies", name, move.id, post=handling.owner)


def _check_built(case: CaseType, name: str, report: Report) -> None:
    """Report what the architecture names and casework does not do yet: no pack may rely on it in silence."""
    for state in case.states:
        if state.planned:
            report.fault("catalog.not_built", name, state.id, part="State.planned")
    for move in case.moves:
        for part in ("signers", "waits_for"):
            if getattr(move, part):
                report.fault("catalog.not_built", name, move.id, part=f"Move.{part}")


def _check_sets(move: Move, on: ObjectType | None, name: str, report: Report) -> None:
    attributes = {attribute.id: attribute for attribute in on.attributes} if on else {}
    for sets in move.sets:
        attribute = attributes.get(sets.attribute)
        if attribute is None:
            report.fault("catalog.sets_unknown", name, move.id, id=sets.attribute)
            continue
        if Writer.MOVE not in attribute.written_by:
            report.fault("catalog.sets_not_by_move", name, move.id, id=sets.attribute)
        if (sets.value is not None) + bool(sets.field) + sets.now != 1:
            report.fault("catalog.sets_one_value", name, move.id)
        if sets.field and all(field.id != sets.field for field in move.fields):
            report.fault("catalog.sets_field_unknown", name, move.id, id=sets.field)
        choices = {choice.id for choice in attribute.choices}
        if sets.value is not None and attribute.value is Value.CHOICE and sets.value not in choices:
            report.fault("catalog.sets_choice", name, move.id, value=sets.value, id=sets.attribute)


def _walk(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached, edge = set(start), list(start)
    while edge:
        for state_id in ways[edge.pop()] - reached:
            reached.add(state_id)
            edge.append(state_id)
    return reached
