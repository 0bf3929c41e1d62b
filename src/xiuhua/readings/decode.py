"""What a device sends: {"at": …, "value": number} or {"at": …, "code": "…"}, or a list of such.

`at` is ISO 8601 with its offset, or milliseconds since 1970 UTC; it is kept to the millisecond, and two readings of one
stream at one millisecond are one reading.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

LONGEST_CODE = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One reading as sent: a number (in the stream's unit) or a state's code."""

    at: datetime
    value: float | None
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """A message or one reading of it that says nothing we can take: `reason` is payload, time or value."""

    reason: str
    detail: str


def reports_in(payload: bytes) -> list[Report | Unreadable]:
    """Return every reading of a message, in order, each readable or not."""
    try:
        sent = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        return [Unreadable(reason="payload", detail=str(error))]
    if isinstance(sent, list):
        return [_report(one) for one in sent] or [Unreadable(reason="payload", detail="an empty list")]
    return [_report(sent)]


def _report(sent: object) -> Report | Unreadable:
    if not isinstance(sent, dict):
        return Unreadable(reason="payload", detail="neither an object nor a list of objects")
    at = _time(sent.get("at"))
    if isinstance(at, Unreadable):
        return at
    value, code = sent.get("value"), sent.get("code")
    if (value is None) == (code is None):
        return Unreadable(reason="value", detail="exactly one of value and code is needed")
    if code is not None:
        if not isinstance(code, str) or not 0 < len(code) <= LONGEST_CODE or "\x00" in code:
            return Unreadable(reason="value", detail=f"code is no text of 1 to {LONGEST_CODE} letters")
        return Report(at=at, value=None, code=code)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return Unreadable(reason="value", detail="value is no number")
    return Report(at=at, value=float(value), code="")


def _time(sent: object) -> datetime | Unreadable:
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        return Unreadable(reason="time", detail="at is missing")
    if isinstance(sent, str):
        try:
            at = datetime.fromisoformat(sent)
        except ValueError:
            return Unreadable(reason="time", detail=f"at is no ISO 8601 time: {sent[:60]}")
        if at.tzinfo is None:
            return Unreadable(reason="time", detail="at has no offset from UTC")
        # Years at the ends of the calendar leave it once their offset is taken off.
        if not 1 < at.year < 9999:
            return Unreadable(reason="time", detail=f"at is outside the calendar: {sent[:60]}")
        return EPOCH + (at.astimezone(UTC) - EPOCH) // MILLISECOND * MILLISECOND
    try:
        return EPOCH + int(sent) * MILLISECOND
    except OverflowError:
        return Unreadable(reason="time", detail=f"at is outside the calendar: {sent}")
