"""What is sent, and how it is read.

One stream: {"at": …, "value": number} or {"at": …, "code": "…"}, or a list of such; `unit` where the number is in
another unit than the stream's, `quality` (1 or "bad") where the device itself does not trust it, `firmware` where the
device tells the version of its own software. `at` is ISO 8601 with
its offset, or milliseconds since 1970 UTC; it is kept to the millisecond, and two readings of one stream at one
millisecond are one reading.

Many streams at once (a gateway), in columns: {"streams": [names], "stream": [index into streams], "at": [milliseconds],
"value": [numbers or null]}, and where they are needed "code": [texts or null], "quality": [0 or 1], "unit" and
"firmware": [one a name]. Without "stream" there is one reading a name. The same in MessagePack, where "stream" may be
little-endian uint16 or int32, "at" int64 and "value" float64 as binary.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from xiuhua.readings.topics import LONGEST_NAME

LONGEST_CODE = 200
LONGEST_UNIT = 60
# Sums and squares of what is kept stay numbers; no quantity in any of our units comes near.
LARGEST = 1e100
MOST_IN_ONE = 20_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
# Years at the ends of the calendar leave it once their offset is taken off.
FIRST_MS = int(datetime(1, 1, 2, tzinfo=UTC).timestamp() * 1000)
LAST_MS = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp() * 1000)
NAN = float("nan")

NO_NUMBER = f"value is no number of at most {LARGEST:g}"

JSON = "json"
MSGPACK = "msgpack"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One reading as sent: a number (in `unit`) or a state's code, at milliseconds since 1970 UTC."""

    at_ms: int
    value: float | None
    code: str
    unit: str = ""
    bad: bool = False
    firmware: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """A message or one reading of it that says nothing we can take: `reason` is payload, time, value or unit. `said`
    is what a reading among many said.
    """

    reason: str
    detail: str
    said: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The readings of a gateway's message, one entry each: index into `streams`, ms since 1970 UTC, number (NaN where
    there is none), code ("" where there is none), whether the device itself distrusts it; `unit` and
    `firmware` are one a stream.
    """

    streams: tuple[str, ...]
    stream: NDArray[np.int32]
    at_ms: NDArray[np.int64]
    value: NDArray[np.float64]
    code: Sequence[str] = ()
    bad: NDArray[np.bool_] | None = None
    unit: Sequence[str] = ()
    firmware: Sequence[str] = ()
    wrong: dict[int, Unreadable] = field(default_factory=dict)


class _One(msgspec.Struct, gc=False):
    at: int | float | str
    value: float | None = None
    code: str | None = None
    unit: str = ""
    quality: int | str = 0
    firmware: str = ""


class _Columns(msgspec.Struct, gc=False):
    streams: list[str]
    at: bytes | list[int]
    stream: bytes | list[int] | None = None
    value: bytes | list[float | None] | None = None
    code: list[str | None] | None = None
    quality: list[int] | None = None
    unit: list[str] | None = None
    firmware: list[str] | None = None


class _JsonColumns(msgspec.Struct, gc=False):
    streams: list[str]
    at: list[int]
    stream: list[int] | None = None
    value: list[float | None] | None = None
    code: list[str | None] | None = None
    quality: list[int] | None = None
    unit: list[str] | None = None
    firmware: list[str] | None = None


_one = msgspec.json.Decoder(_One)
_json_columns = msgspec.json.Decoder(_JsonColumns)
_msgpack_columns = msgspec.msgpack.Decoder(_Columns)


def reports_in(payload: bytes) -> list[Report | Unreadable]:
    """Return every reading of one stream's message, in order, each readable or not."""
    try:
        return [_report(_one.decode(payload))]
    except (msgspec.MsgspecError, UnicodeDecodeError):
        pass
    try:
        sent: Any = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return [Unreadable(reason="payload", detail=str(error))]
    if isinstance(sent, list):
        if len(sent) > MOST_IN_ONE:
            return [Unreadable(reason="payload", detail=f"more than {MOST_IN_ONE} readings")]
        return [_among_many(one) for one in sent] or [Unreadable(reason="payload", detail="an empty list")]
    return [_checked(sent)]


def _among_many(sent: object) -> Report | Unreadable:
    read = _checked(sent)
    if not isinstance(read, Unreadable):
        return read
    # Not msgspec's encoder: it refuses whole numbers of more than 64 bits, which it reads.
    return replace(read, said=json.dumps(sent, ensure_ascii=False).encode())


def _checked(sent: object) -> Report | Unreadable:
    """Read what the strict reader did not take, and say what is wrong with it."""
    if not isinstance(sent, dict):
        return Unreadable(reason="payload", detail="neither an object nor a list of objects")
    at, value, code, unit = sent.get("at"), sent.get("value"), sent.get("code"), sent.get("unit", "")
    if isinstance(at, bool) or not isinstance(at, int | float | str):
        return Unreadable(reason="time", detail="at is missing")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        return Unreadable(reason="value", detail="value is no number")
    if not isinstance(code, str | None):
        return Unreadable(reason="value", detail=f"code is no text of 1 to {LONGEST_CODE} letters")
    if not isinstance(unit, str):
        return Unreadable(reason="unit", detail="unit is no text")
    try:
        number = None if value is None else float(value)
    except OverflowError:
        return Unreadable(reason="value", detail="value is no number")
    quality, firmware = sent.get("quality", 0), sent.get("firmware", "")
    return _report(
        _One(
            at=at, value=number, code=code, unit=unit, quality=quality if isinstance(quality, int | str) else 1,
            firmware=firmware if isinstance(firmware, str) else "",
        )
    )  # fmt: skip


def _report(sent: _One) -> Report | Unreadable:
    at = sent.at
    at_ms = at if isinstance(at, int) else _milliseconds(at)
    if isinstance(at_ms, Unreadable):
        return at_ms
    if not FIRST_MS < at_ms < LAST_MS:
        return Unreadable(reason="time", detail=f"at is outside the calendar: {str(at)[:60]}")
    value, code = sent.value, sent.code
    if (value is None) == (code is None):
        return Unreadable(reason="value", detail="exactly one of value and code is needed")
    if code is not None:
        if not 0 < len(code) <= LONGEST_CODE or "\x00" in code:
            return Unreadable(reason="value", detail=f"code is no text of 1 to {LONGEST_CODE} letters")
        return Report(at_ms=at_ms, value=None, code=code, bad=sent.quality not in (0, "good", ""),
                      firmware=sent.firmware)  # fmt: skip
    if value is None or not abs(value) <= LARGEST:
        return Unreadable(reason="value", detail=NO_NUMBER)
    return Report(at_ms=at_ms, value=value, code="", unit=sent.unit, bad=sent.quality not in (0, "good", ""),
                  firmware=sent.firmware)  # fmt: skip


def _milliseconds(sent: float | str) -> int | Unreadable:
    if isinstance(sent, float):
        return int(sent) if math.isfinite(sent) else Unreadable(reason="time", detail=f"at is no time: {sent}")
    try:
        at = datetime.fromisoformat(sent)
    except ValueError:
        return Unreadable(reason="time", detail=f"at is no ISO 8601 time: {sent[:60]}")
    if at.tzinfo is None:
        return Unreadable(reason="time", detail="at has no offset from UTC")
    if not 1 < at.year < 9999:
        return Unreadable(reason="time", detail=f"at is outside the calendar: {sent[:60]}")
    return (at - EPOCH) // MILLISECOND


def sheet_in(payload: bytes, form: str) -> Sheet | Unreadable:
    """Return the readings of a gateway's message; a reading in it that cannot be read stands in `wrong`."""
    try:
        sent = _json_columns.decode(payload) if form == JSON else _msgpack_columns.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(reason="payload", detail=str(error))
    try:
        at = _column(sent.at, "<i8", np.int64, "at")
        count = len(at)
        if sent.stream is None:
            stream = np.arange(count, dtype=np.int32)
        else:
            narrow = isinstance(sent.stream, bytes) and len(sent.stream) == 2 * count
            stream = _column(sent.stream, "<u2" if narrow else "<i4", np.int32, "stream")
        value = np.full(count, NAN) if sent.value is None else _column(sent.value, "<f8", np.float64, "value")
    except (ValueError, OverflowError, TypeError) as error:
        return Unreadable(reason="payload", detail=str(error))
    lengths = {len(stream), len(value), *(len(one) for one in (sent.code, sent.quality) if one is not None)}
    if lengths != {count}:
        return Unreadable(reason="payload", detail=f"at has {count} entries, another column has not")
    if not 0 < count <= MOST_IN_ONE:
        return Unreadable(reason="payload", detail=f"{count} readings; 1 to {MOST_IN_ONE} can be taken")
    if len(sent.streams) > MOST_IN_ONE:
        return Unreadable(reason="payload", detail=f"more than {MOST_IN_ONE} streams")
    if stream.min() < 0 or stream.max() >= len(sent.streams):
        return Unreadable(reason="payload", detail="stream names an entry that streams has not")
    if sent.unit is not None and len(sent.unit) != len(sent.streams):
        return Unreadable(reason="payload", detail="unit is not one a stream")
    if sent.firmware is not None and len(sent.firmware) != len(sent.streams):
        return Unreadable(reason="payload", detail="firmware is not one a stream")
    code = [one or "" for one in sent.code] if sent.code is not None else []
    return Sheet(
        # What is refused is kept with its stream's name and its unit, reading by reading.
        streams=tuple(name[: LONGEST_NAME + 1] for name in sent.streams),
        stream=stream,
        at_ms=at,
        value=value,
        code=code,
        bad=np.array(sent.quality, dtype=np.int64) != 0 if sent.quality is not None else None,
        unit=tuple(symbol[:LONGEST_UNIT] for symbol in sent.unit or ()),
        firmware=tuple(sent.firmware or ()),
        wrong=unclear_in(at, value, code),
    )


def _column(sent: bytes | Sequence[Any], packed: str, wanted: type[Any], name: str) -> NDArray[Any]:
    if isinstance(sent, bytes):
        if len(sent) % np.dtype(packed).itemsize:
            raise ValueError(f"{name} is no array of {packed}")
        return np.frombuffer(sent, dtype=packed).astype(wanted)
    return np.array(sent, dtype=wanted)


def unclear_in(at: NDArray[np.int64], value: NDArray[np.float64], code: Sequence[str]) -> dict[int, Unreadable]:
    """Return the readings that say nothing: both or neither of value and code, a time or a code that cannot be."""
    wrong: dict[int, Unreadable] = {}
    numbers = np.abs(value) <= LARGEST
    for item in np.flatnonzero(~numbers & ~np.isnan(value)).tolist():
        wrong[item] = Unreadable(reason="value", detail=NO_NUMBER)
    if code:
        codes = np.fromiter((bool(one) for one in code), dtype=bool, count=len(code))
        for item in np.flatnonzero(codes).tolist():
            if len(code[item]) > LONGEST_CODE or "\x00" in code[item]:
                detail = f"code is no text of 1 to {LONGEST_CODE} letters"
                wrong[item] = Unreadable(reason="value", detail=detail)
        unclear = codes == ~np.isnan(value)
    else:
        unclear = np.isnan(value)
    for item in np.flatnonzero(unclear).tolist():
        wrong[item] = Unreadable(reason="value", detail="exactly one of value and code is needed")
    for item in np.flatnonzero((at <= FIRST_MS) | (at >= LAST_MS)).tolist():
        wrong[item] = Unreadable(reason="time", detail=f"at is outside the calendar: {at[item]}")
    return wrong
