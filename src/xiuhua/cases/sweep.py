"""Clocks that have come due: each notice goes out once, whoever sweeps and whoever is killed while sweeping."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from xiuhua.cases.clocks import clock_of, limit_of, set_times, show_first
from xiuhua.cases.models import Case, CaseClock
from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.actions import Change, announce_many, record_many

BATCH = 500
CLOCKS = system_actor("clocks")

_FIRE = """
WITH ripe AS (
    SELECT id FROM cases_caseclock
    WHERE stopped_at IS NULL AND paused_at IS NULL AND {ripe}
      AND NOT EXISTS (SELECT 1 FROM ledger_owned w WHERE w.entity = 'case' AND w.entity_id = case_id::text)
    ORDER BY {by} LIMIT %(batch)s
    FOR UPDATE SKIP LOCKED
), fired AS (
    UPDATE cases_caseclock k SET {fired}
    FROM ripe WHERE k.id = ripe.id
    RETURNING k.case_id, k.clock, k.due_at
)
SELECT fired.case_id, fired.clock, fired.due_at, c.number, c.type, c.area_path, c.unit_code
FROM fired JOIN cases_case c ON c.id = fired.case_id
"""
OVERDUE = _FIRE.format(
    ripe="overdue_fired_at IS NULL AND due_at <= %(now)s",
    by="due_at",
    fired="overdue_fired_at = %(now)s, at_risk_fired_at = COALESCE(at_risk_fired_at, %(now)s)",
)
AT_RISK = _FIRE.format(
    ripe="at_risk_fired_at IS NULL AND at_risk_at <= %(now)s AND due_at > %(now)s",
    by="at_risk_at",
    fired="at_risk_fired_at = %(now)s",
)


def sweep(now: datetime) -> int:
    """Send the notice of every clock that is overdue, then at risk; return how many. A clock found overdue before it
    was seen at risk gets the one notice that still matters.
    """
    return sum(_fire_all(statement, action, now) for statement, action in ((OVERDUE, "overdue"), (AT_RISK, "at_risk")))


def fill_missing(now: datetime) -> int:
    """Set the times of clocks whose calendar was missing and has come; return how many were set."""
    waiting = CaseClock.objects.filter(stopped_at=None, due_at=None).exclude(fault="").values_list("case_id", flat=True)
    filled = 0
    for case_id in set(waiting):
        with transaction.atomic():
            case = Case.objects.select_for_update().get(id=case_id)
            declared = catalogue.current().cases.get(case.type)
            rows = list(CaseClock.objects.filter(case_id=case_id, stopped_at=None))
            for row in rows:
                limit = None if declared is None else limit_of(clock_of(declared, row.clock))
                if row.due_at is None and limit is not None:
                    set_times(row, limit)
                    row.save(update_fields=["due_at", "at_risk_at", "fault"])
                    filled += row.due_at is not None
            show_first(case, rows)
            case.save(update_fields=["due_at", "at_risk_at", "paused"])
    return filled


def _fire_all(statement: str, action: str, now: datetime) -> int:
    total = 0
    while True:
        with transaction.atomic():
            fired = _fire(statement, now)
            _tell(action, fired)
        total += len(fired)
        if len(fired) < BATCH:
            return total


def _fire(statement: str, now: datetime) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"now": now, "batch": BATCH})
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _tell(action: str, fired: Sequence[tuple[Any, ...]]) -> None:
    record_many(
        CLOCKS,
        [
            Change(
                action=action, entity="case", entity_id=str(case_id), area_path=area_path,
                data={"clock": clock, "due_at": due_at.isoformat(), "number": number},
            )
            for case_id, clock, due_at, number, _, area_path, _ in fired
        ],
    )  # fmt: skip
    announce_many(
        f"case.{action}",
        [
            (area_path, {"id": str(case_id), "type": type_id, "number": number, "clock": clock, "unit_code": unit_code})
            for case_id, clock, _, number, type_id, area_path, unit_code in fired
        ],
    )
