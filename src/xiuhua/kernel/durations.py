"""Limits in calendar or working time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a duration is counted."""

    CALENDAR = "calendar"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Duration:
    """A length of time: `amount` seconds (calendar), hours (working hours) or days (working days)."""

    kind: Kind
    amount: float

    @property
    def seconds(self) -> float:
        """Return the length in calendar seconds; raises ValueError for working time, which needs a calendar."""
        if self.kind is not Kind.CALENDAR:
            raise ValueError("working time has no fixed number of seconds")
        return self.amount


def SECONDS(amount: float) -> Duration:
    """Return a calendar duration of `amount` seconds."""
    return Duration(kind=Kind.CALENDAR, amount=amount)


def MINUTES(amount: float) -> Duration:
    """Return a calendar duration of `amount` minutes."""
    return SECONDS(amount * 60)


def HOURS(amount: float) -> Duration:
    """Return a calendar duration of `amount` hours."""
    return SECONDS(amount * 3600)


def DAYS(amount: float) -> Duration:
    """Return a calendar duration of `amount` days."""
    return SECONDS(amount * 86400)


def WORKING_HOURS(amount: float) -> Duration:
    """Return a duration of `amount` working hours (工作时)."""
    return Duration(kind=Kind.WORKING_HOURS, amount=amount)


def WORKING_DAYS(amount: float) -> Duration:
    """Return a duration of `amount` working days (工作日)."""
    return Duration(kind=Kind.WORKING_DAYS, amount=amount)
