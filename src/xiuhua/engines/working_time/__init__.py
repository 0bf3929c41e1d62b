"""Working time: when a limit in working hours or days ends. Source: the State Council's yearly holiday notices, as kept
by the library chinesecalendar; Civil Code of 2020, articles 201 to 203, for limits in days (待核).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from xiuhua.engines.working_time.calendar import CalendarMissing, WorkingCalendar, Year, published_calendar
from xiuhua.engines.working_time.clock import add, at_risk, between, resume
from xiuhua.kernel.durations import WORKING_HOURS, Kind
from xiuhua.kernel.engines import Port
from xiuhua.kernel.quantities import DURATION
from xiuhua.kernel.words import Label

__all__ = [
    "INPUTS",
    "OUTPUTS",
    "CalendarMissing",
    "WorkingCalendar",
    "Year",
    "add",
    "at_risk",
    "between",
    "published_calendar",
    "resume",
]

_CALENDAR = Port(
    name="calendar",
    meaning=Label(zh="各年的放假与调休、每日工作时段", en="Days off and make-up days by year, and the hours of a day"),
    example=WorkingCalendar(years={2026: Year(holidays=frozenset(), make_up_days=frozenset())}),
)
_START = Port(
    name="start",
    meaning=Label(zh="起算时刻（带时区）", en="Moment the limit starts, with its zone"),
    example=datetime(2026, 11, 23, 2, tzinfo=UTC),
)
_DUE = Port(
    name="due",
    meaning=Label(zh="到期时刻", en="Moment the limit ends"),
    example=datetime(2026, 11, 24, 2, tzinfo=UTC),
)
_MOMENT = Port(name="result", meaning=Label(zh="时刻（协调世界时）", en="Moment, UTC"))

INPUTS: Mapping[str, tuple[Port, ...]] = {
    "add": (
        _START,
        Port(name="duration", meaning=Label(zh="时限", en="Limit"), quantity=DURATION, example=WORKING_HOURS(4)),
        _CALENDAR,
    ),
    "between": (
        _START,
        Port(
            name="end",
            meaning=Label(zh="计至时刻（带时区）", en="Moment up to which is counted, with its zone"),
            example=datetime(2026, 11, 25, 2, tzinfo=UTC),
        ),
        _CALENDAR,
    ),
    "at_risk": (
        _START,
        _DUE,
        Port(name="limit", meaning=Label(zh="时限", en="Limit"), quantity=DURATION, example=WORKING_HOURS(8)),
        _CALENDAR,
    ),
    "resume": (
        _DUE,
        Port(
            name="paused",
            meaning=Label(zh="停表时刻", en="Moment the clock was paused"),
            example=datetime(2026, 11, 23, 2, tzinfo=UTC),
        ),
        Port(
            name="resumed",
            meaning=Label(zh="复表时刻", en="Moment the clock went on"),
            example=datetime(2026, 11, 23, 8, tzinfo=UTC),
        ),
        Port(
            name="kind",
            meaning=Label(
                zh="计时方式：日历、工作时、工作日", en="Counted in calendar time, working hours or working days"
            ),
            example=Kind.WORKING_HOURS,
        ),
        _CALENDAR,
    ),
}
OUTPUTS: Mapping[str, tuple[Port, ...]] = {
    "add": (_MOMENT,),
    "between": (Port(name="result", meaning=Label(zh="工作时长", en="Working time"), quantity=DURATION),),
    "at_risk": (_MOMENT,),
    "resume": (_MOMENT,),
}
