"""The roster: who answers alarms, and who does at a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from xiuhua.engines.working_time.calendar import BEIJING
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Fault
from xiuhua.people.models import Shift
from xiuhua.people.policy import visible

log = logging.getLogger(__name__)
DAY = timedelta(days=1)


def roster(actor: Actor) -> QuerySet[Shift]:
    """Return the shifts of areas and units that the actor sees, by area, step and time."""
    rows = Shift.objects.filter(visible(actor, area="area__path", unit="unit_id")).select_related("area", "unit")
    return rows.order_by("area__path", "step", "begins", "id")


def shifts_at(moment: datetime, working: Callable[[date], bool]) -> list[Shift]:
    """Return the shifts that go on at a moment; `working` tells working days and raises Fault where nobody knows. A
    shift that asks for what nobody knows is left out, which the log says: the others must not wait for it.
    """
    found = []
    for shift in Shift.objects.select_related("area").order_by("step", "id"):
        try:
            if goes_on(shift, moment, working):
                found.append(shift)
        except Fault as fault:
            log.error("shift left out", extra={"shift": shift.id, "problem": f"{fault.code} {fault.params}"})
    return found


def goes_on(shift: Shift, moment: datetime, working: Callable[[date], bool]) -> bool:
    """Return whether the shift goes on at a moment; one over midnight belongs to the day on which it begins."""
    local = moment.astimezone(BEIJING)
    for day in (local.date(), local.date() - DAY):
        begins = datetime.combine(day, shift.begins, BEIJING)
        ends = datetime.combine(day, shift.ends, BEIJING) + (DAY if shift.ends <= shift.begins else timedelta())
        dated = (shift.first_day is None or shift.first_day <= day) and (
            shift.last_day is None or day <= shift.last_day
        )
        if begins <= local < ends and dated and (shift.days == "every" or working(day) is (shift.days == "working")):
            return True
    return False
