"""Verbs on alarms."""

from __future__ import annotations

from uuid import UUID

from xiuhua.readings.models import Alarm


def set_case(alarm_id: UUID, case_id: UUID) -> None:
    """Say which open case stands for the alarm; called in the transaction that opened or found it."""
    Alarm.objects.filter(id=alarm_id).update(case_id=case_id, case_done=False)
