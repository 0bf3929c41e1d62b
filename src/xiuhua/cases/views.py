"""From rows to what an answer carries: labels, names, locked moves with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from xiuhua.cases.clocks import clock_of
from xiuhua.cases.models import Case, CaseClock, Evidence, RoundItem, RoundRun
from xiuhua.cases.queries.detail import (
    STEP_LABELS,
    PossibleMove,
    clocks_of,
    evidence_of,
    history_label,
    possible_moves,
    readable,
    readable_fields,
    steps,
    timeline,
)
from xiuhua.cases.queries.rounds import Coverage, readable_form
from xiuhua.cases.rights import Obstacle, is_mine
from xiuhua.cases.schemas import (
    AllowedMove,
    CaseDetail,
    CaseFeature,
    CaseProperties,
    CaseRow,
    ClockView,
    EvidenceRow,
    NeedState,
    PointGeometry,
    RoundDetail,
    RoundItemView,
    RoundView,
    StepView,
)
from xiuhua.catalog import catalogue
from xiuhua.catalog.limits import limit_words
from xiuhua.catalog.queries import attribute_def
from xiuhua.http.sentences import sentence
from xiuhua.http.words import Label, label, source_note_or_none
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import CaseType, Kind, Need, State
from xiuhua.kernel.durations import Kind as Counted
from xiuhua.kernel.words import Label as KernelLabel
from xiuhua.ledger.schemas import HistoryRow, history_row
from xiuhua.objects.models import CityObject
from xiuhua.people.queries import area_names, unit_names
from xiuhua.people.queries.names import user_names


def case_rows(actor: Actor, cases: Iterable[Case]) -> list[CaseRow]:
    """Return the cases as a list shows them."""
    areas, units = area_names(), unit_names()
    return [_row(actor, case, areas, units) for case in cases]


def case_detail(actor: Actor, case: Case, *, now: datetime, language: str) -> CaseDetail:
    """Return the case in full; limits in words of that language."""
    declared = catalogue.current().cases.get(case.type)
    thing = CityObject.objects.filter(id=case.object_id).values("name", "type").first() if case.object_id else None
    evidence = evidence_of(case)
    names = user_names({case.handled_by, *(one.added_by for one in evidence)})
    return CaseDetail(
        **_row(actor, case, area_names(), unit_names()).dict(),
        description=case.description,
        fields=readable_fields(actor, case, declared) if declared else {},
        alarm_id=case.alarm_id,
        object_name=thing["name"] if thing else "",
        object_type=thing["type"] if thing else "",
        moves=[_move(one, declared) for one in possible_moves(actor, case, declared)] if declared else [],
        clocks=[_clock(one, declared, now, language) for one in clocks_of(case)],
        evidence=[evidence_row(one, names) for one in evidence],
        why_here=[Label(zh=why["zh"], en=why["en"]) for why in case.why],
        steps=[
            StepView(step=step.value, label=label(STEP_LABELS[step]), state=state)
            for step, state in (steps(case, declared) if declared else [])
        ],
        handled_by=names.get(case.handled_by, case.handled_by),
    )


def case_features(cases: Iterable[Case], *, now: datetime) -> list[CaseFeature]:
    """Return the cases that have a place, as points."""
    return [
        CaseFeature(
            geometry=PointGeometry(coordinates=(case.lon, case.lat)),
            properties=CaseProperties(
                id=case.id, number=case.number, title=case.title,
                overdue=case.kind == Kind.OPEN.value and case.due_at is not None and case.due_at < now,
            ),
        )
        for case in cases
        if case.lon is not None and case.lat is not None
    ]  # fmt: skip


def case_history(actor: Actor, case: Case) -> list[HistoryRow]:
    """Return what happened to the case, oldest first; a move under its own name."""
    rows = []
    for row in timeline(actor, case):
        shown = history_row(readable(actor, case, row))
        named = history_label(case, row)
        rows.append(shown.model_copy(update={"action_label": label(named)}) if named else shown)
    return rows


def evidence_row(one: Evidence, names: Mapping[str, str]) -> EvidenceRow:
    """Return the file's row and address."""
    return EvidenceRow(
        id=one.id, need=one.need, name=one.name, media_type=one.media_type, size=one.size, hash=one.file_hash,
        added_by=names.get(one.added_by, one.added_by), added_at=one.added_at, state=one.state,
        url=f"/api/cases/{one.case_id}/evidence/{one.id}",
    )  # fmt: skip


def round_view(running: RoundRun, come: Coverage) -> RoundView:
    """Return the round and how far it has come."""
    declared = catalogue.current().rounds.get(running.round)
    return RoundView(
        id=running.id,
        round=running.round,
        label=label(declared.label) if declared else _plain(running.round),
        title=running.title,
        area_path=running.area_path,
        area_name=area_names().get(running.area_path, running.area_path),
        opened_at=running.opened_at,
        due_at=running.due_at,
        closed_at=running.closed_at,
        outcome=running.outcome,
        figures=running.figures,
        run_id=running.run_id,
        total=come.total,
        filled=come.filled,
        defects=come.defects,
    )


def round_detail(actor: Actor, running: RoundRun, items: list[RoundItem]) -> RoundDetail:
    """Return the round with its items; the counts are of the items shown."""
    names = user_names({item.filled_by for item in items})
    come = Coverage(
        total=len(items),
        filled=sum(item.filled_at is not None for item in items),
        defects=sum(item.passes is False for item in items),
    )
    return RoundDetail(**round_view(running, come).dict(), items=[item_view(actor, item, names) for item in items])


def item_view(actor: Actor, item: RoundItem, names: Mapping[str, str]) -> RoundItemView:
    """Return what was found at one thing."""
    return RoundItemView(
        id=item.id, object_id=item.object_id, object_code=item.object_code, object_name=item.object_name,
        form=readable_form(actor, item), passes=item.passes, filled_at=item.filled_at,
        filled_by=names.get(item.filled_by, item.filled_by), case_id=item.case_id,
    )  # fmt: skip


def reason_of(locked: Obstacle) -> Label:
    """Return why a move is locked, in both languages."""
    return Label(zh=sentence(locked.code, locked.params, "zh"), en=sentence(locked.code, locked.params, "en"))


def _row(actor: Actor, case: Case, areas: Mapping[str, str], units: Mapping[str, str]) -> CaseRow:
    declared = catalogue.current().cases.get(case.type)
    state = _state(declared, case.state)
    return CaseRow(
        id=case.id,
        number=case.number,
        type=case.type,
        type_label=label(declared.label) if declared else _plain(case.type),
        title=case.title,
        state=case.state,
        state_label=label(state.label) if state else _plain(case.state),
        step=state.step.value if state else "",
        kind=case.kind,
        grade=case.grade,
        danger=declared.danger if declared else False,
        area_path=case.area_path,
        area_name=areas.get(case.area_path, case.area_path),
        unit_code=case.unit_code,
        unit_name=units.get(case.unit_code, case.unit_code),
        object_id=case.object_id,
        object_code=case.object_code,
        lon=case.lon,
        lat=case.lat,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        due_at=case.due_at,
        at_risk_at=case.at_risk_at,
        paused=case.paused,
        source=case.source,
        origin=case.origin,
        mine=is_mine(actor, case, declared),
        version=case.version,
    )


def _move(one: PossibleMove, declared: CaseType) -> AllowedMove:
    move = one.move
    return AllowedMove(
        id=move.id, label=label(move.label), to=move.to, to_label=label(declared.state(move.to).label),
        allowed=one.locked is None, reason=reason_of(one.locked) if one.locked else None,
        needs=[_need(need, met) for need, met in one.needs],
        fields=[attribute_def(field) for field in move.fields], assigns=move.assigns, primary=one.primary,
    )  # fmt: skip


def _need(need: Need, met: bool) -> NeedState:
    return NeedState(id=need.id, label=label(need.label), kind=need.kind.value, met=met)


def _clock(row: CaseClock, declared: CaseType | None, now: datetime, language: str) -> ClockView:
    clock = clock_of(declared, row.clock) if declared else None
    limit = clock.limit if clock else None
    running = row.stopped_at is None and row.paused_at is None
    overdue = row.kept is False or (running and row.due_at is not None and row.due_at < now)
    at_risk = running and not overdue and row.at_risk_at is not None and row.at_risk_at <= now
    return ClockView(
        clock=row.clock, label=label(clock.label) if clock else _plain(row.clock), started_at=row.started_at,
        due_at=row.due_at, at_risk_at=row.at_risk_at, stopped_at=row.stopped_at, paused_at=row.paused_at, kept=row.kept,
        overdue=overdue, at_risk=at_risk, working_time=limit is not None and limit.kind is not Counted.CALENDAR,
        limit=limit_words(limit).in_language(language) if limit else "",
        source=source_note_or_none(clock.source if clock else None), fault=_fault(row, language),
    )  # fmt: skip


def _fault(row: CaseClock, language: str) -> str:
    code, _, year = row.fault.partition(":")
    return sentence(code, {"year": year}, language) if code else ""


def _state(declared: CaseType | None, state_id: str) -> State | None:
    return next((state for state in declared.states if state.id == state_id), None) if declared else None


def _plain(text: str) -> Label:
    return label(KernelLabel(zh=text, en=text))
