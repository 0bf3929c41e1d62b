"""Clocks of one case: which run, stop and pause when it enters a state, and which is due first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from xiuhua.cases.models import Case, CaseClock
from xiuhua.catalog.calendars import working_calendar
from xiuhua.engines.working_time import CalendarMissing, add, at_risk, resume
from xiuhua.kernel.cases import CaseType, Clock, Kind, State
from xiuhua.kernel.durations import Duration


def clock_of(declared: CaseType, clock_id: str) -> Clock | State | None:
    """Return what declares the clock: a named one, or the state whose own limit it is; None where it no longer is."""
    for clock in declared.clocks:
        if clock.id == clock_id:
            return clock
    return next((state for state in declared.states if state.id == clock_id and state.limit), None)


def turn(case: Case, declared: CaseType, *, left: State | None, entered: State, now: datetime) -> None:
    """Stop, pause, resume and start the case's clocks as it enters a state, and set which is due first on the case.

    Called inside the transaction of the move; the case itself is saved by the caller.
    """
    running = list(CaseClock.objects.filter(case_id=case.id, stopped_at=None).order_by("id"))
    for row in running:
        clock = clock_of(declared, row.clock)
        if _stops(clock, left, entered):
            _stop(row, entered, now)
        elif isinstance(clock, Clock):
            _pause_or_resume(row, clock, entered, now)
    if running:
        CaseClock.objects.bulk_update(
            running, ["stopped_at", "kept", "paused_at", "pauses", "due_at", "at_risk_at", "fault"]
        )
    going = {row.clock for row in running if row.stopped_at is None}
    fresh = [
        _started(case, clock_id, limit, now) for clock_id, limit in _starts(declared, entered) if clock_id not in going
    ]
    CaseClock.objects.bulk_create(fresh)
    show_first(case, [row for row in (*running, *fresh) if row.stopped_at is None])


def show_first(case: Case, running: Sequence[CaseClock]) -> None:
    """Set the case's due time, risk time and pause from its running clocks."""
    due = [(row.due_at, row.at_risk_at) for row in running if row.due_at is not None and row.paused_at is None]
    case.due_at, case.at_risk_at = min(due, key=lambda times: times[0], default=(None, None))
    case.paused = any(row.paused_at is not None for row in running)


def set_times(row: CaseClock, limit: Duration) -> None:
    """Set when the clock is due and at risk, from its start and its pauses; the fault names a missing calendar."""
    try:
        calendar = working_calendar()
        since = row.started_at
        due = add(since, limit, calendar)
        for paused, resumed in row.pauses:
            since = datetime.fromisoformat(resumed)
            due = resume(due, datetime.fromisoformat(paused), since, limit.kind, calendar)
        row.due_at, row.at_risk_at, row.fault = due, at_risk(since, due, limit, calendar), ""
    except CalendarMissing as missing:
        row.due_at, row.at_risk_at, row.fault = None, None, f"{missing.code}:{missing.year}"


def limit_of(clock: Clock | State | None) -> Duration | None:
    """Return the limit; None where there is none."""
    return None if clock is None else clock.limit


def _stops(clock: Clock | State | None, left: State | None, entered: State) -> bool:
    if entered.kind is not Kind.OPEN or clock is None:
        return True
    if isinstance(clock, Clock):
        return entered.id in clock.stops
    return left is not None and left.id == clock.id and entered.id != clock.id


def _stop(row: CaseClock, entered: State, now: datetime) -> None:
    row.stopped_at = now
    if entered.kind is not Kind.VOID and row.due_at is not None:
        row.kept = (row.paused_at or now) <= row.due_at
    row.paused_at = None


def _pause_or_resume(row: CaseClock, clock: Clock, entered: State, now: datetime) -> None:
    if entered.id in clock.pauses:
        row.paused_at = row.paused_at or now
    elif row.paused_at is not None:
        row.pauses = [*row.pauses, [_utc(row.paused_at), _utc(now)]]
        row.paused_at = None
        set_times(row, clock.limit)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _starts(declared: CaseType, entered: State) -> list[tuple[str, Duration]]:
    if entered.kind is not Kind.OPEN:
        return []
    named = [(clock.id, clock.limit) for clock in declared.clocks if clock.starts == entered.id]
    return [*named, (entered.id, entered.limit)] if entered.limit else named


def _started(case: Case, clock_id: str, limit: Duration, now: datetime) -> CaseClock:
    row = CaseClock(case_id=case.id, clock=clock_id, started_at=now)
    set_times(row, limit)
    return row
