"""From messages to columns: every reading of a batch with its stream's slot, and every one that cannot be taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from xiuhua.readings.decode import EPOCH, JSON, MSGPACK, NAN, Report, Sheet, Unreadable, reports_in, sheet_in
from xiuhua.readings.directory import Directory
from xiuhua.readings.quality import Quality
from xiuhua.readings.topics import LONGEST_NAME, topic_in
from xiuhua.stack.subjects import GATEWAY, OWN, ROOT

AHEAD_MOST = timedelta(minutes=10)
AGE_MOST = timedelta(days=400)
OLDEST_IN_FILE = timedelta(days=3660)
LATE_AFTER = timedelta(minutes=1)
READINGS_AT_ONCE = 50_000
LONGEST_VERSION = 100
MICROSECOND = timedelta(microseconds=1)
FORMS = (JSON, MSGPACK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which stream of messages is read, and as which consumer; a stream made anew counts its sequences anew."""

    consumer: str
    stream_created: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One stored message: its sequence in the stream and when the stream stored it."""

    subject: str
    payload: bytes
    sequence: int
    stored_at: datetime
    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A reading, or a whole message (`name` is empty), that cannot be taken. `payload` is what it said."""

    message: Message
    item: int
    reason: str
    detail: str
    name: str = ""
    payload: bytes = b""
    area_path: str = ""
    unit_code: str = ""


@dataclass(kw_only=True, slots=True)
class Batch:
    """Readings in columns, one entry each, in the order they came; times in µs since 1970 UTC."""

    slot: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    code: NDArray[np.object_]
    quality: NDArray[np.int16]
    message: NDArray[np.int32]
    item: NDArray[np.int32]
    received: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.slot)

    def take(self, chosen: NDArray[Any]) -> Batch:
        """Return some of the readings, by mask or index."""
        return Batch(**{name: getattr(self, name)[chosen] for name in self.__slots__})


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """The version of its own software that a device told with a stream's reading."""

    object_id: UUID
    version: str
    at: datetime


@dataclass(kw_only=True, slots=True)
class Part:
    """Messages told apart into what can be stored and what cannot."""

    messages: list[Message]
    batch: Batch
    refusals: list[Refusal]
    firmware: list[Told] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class _Reading:
    """One message as decoded: reports of one stream, or a sheet: a gateway's, or our own (`gateway` is empty)."""

    message: Message
    name: str
    reports: list[Report | Unreadable] = field(default_factory=list)
    sheet: Sheet | None = None
    gateway: str = ""

    def __len__(self) -> int:
        return len(self.reports) if self.sheet is None else len(self.sheet.at_ms)


def microseconds(at: datetime) -> int:
    """Return µs since 1970 UTC."""
    return (at - EPOCH) // MICROSECOND


def moment(at_us: int) -> datetime:
    """Return the time of µs since 1970 UTC."""
    return EPOCH + int(at_us) * MICROSECOND


def told_apart(messages: Sequence[Message], directory: Directory) -> Iterator[Part]:
    """Decode the messages and yield them in parts of a size that one transaction can hold."""
    decoded = [_decoded(message) for message in messages]
    part: list[_Reading] = []
    size = 0
    for one in decoded:
        if part and size + len(one) > READINGS_AT_ONCE:
            yield _Gathering(directory).part(part)
            part, size = [], 0
        part.append(one)
        size += len(one)
    if part:
        yield _Gathering(directory).part(part)


def _decoded(message: Message) -> _Reading:
    topic = topic_in(message.subject)
    kind, _, rest = (topic or "").partition("/")
    if kind in (GATEWAY, OWN):
        gateway, _, form = rest.partition("/")
        sheet = sheet_in(message.payload, form) if form in FORMS and gateway else None
        if isinstance(sheet, Sheet):
            return _Reading(message=message, name="", sheet=sheet, gateway=gateway if kind == GATEWAY else "")
        return _Reading(message=message, name="", reports=[sheet or Unreadable(reason="topic", detail="")])
    if kind != ROOT or not rest:
        return _Reading(message=message, name="", reports=[Unreadable(reason="topic", detail="")])
    return _Reading(message=message, name=rest[: LONGEST_NAME + 1], reports=reports_in(message.payload))


def told_in_file(sheet: Sheet, directory: Directory, *, now: datetime) -> Part:
    """Return what of a sheet from a file can be stored: as if it came now, however old it is within `OLDEST_IN_FILE`.
    A refusal's `item` is the reading's number in the sheet.
    """
    message = Message(subject="", payload=b"", sequence=0, stored_at=now, place=Place(consumer="", stream_created=now))
    return _Gathering(directory, oldest=OLDEST_IN_FILE).part([_Reading(message=message, name="", sheet=sheet)])


class _Gathering:
    """Puts one part together."""

    def __init__(self, directory: Directory, *, oldest: timedelta = AGE_MOST) -> None:
        self._directory = directory
        self._oldest = oldest
        self._refusals: list[Refusal] = []
        self._firmware: list[Told] = []

    def part(self, decoded: Sequence[_Reading]) -> Part:
        names = {one.name for one in decoded if one.name}
        names.update(name for one in decoded if one.sheet is not None for name in one.sheet.streams)
        unknown = self._directory.learn(names)
        self._directory.speakers.learn(one.gateway for one in decoded if one.gateway)
        pieces = [piece for piece in (self._singles(decoded, unknown), *self._sheets(decoded, unknown)) if len(piece)]
        batch = _joined(pieces)
        batch = self._checked(batch, [one.message for one in decoded])
        return Part(messages=[one.message for one in decoded], batch=batch, refusals=self._refusals,
                    firmware=self._firmware)  # fmt: skip

    def _singles(self, decoded: Sequence[_Reading], unknown: dict[str, str]) -> Batch:
        known, slots = self._directory.known, self._directory.slots
        columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [])
        for number, one in enumerate(decoded):
            if one.sheet is not None:
                continue
            slot = known(one.name) if one.name else -1
            for item, report in enumerate(one.reports):
                if isinstance(report, Unreadable):
                    # A stream that nobody knows says more than what is wrong with what it sent.
                    self._refuse(one, item, unknown.get(one.name, report.reason), report.detail)
                elif slot < 0:
                    self._refuse(one, item, unknown[one.name], one.name)
                else:
                    value = report.value
                    if report.unit and value is not None:
                        quantity = slots.declared[slot].quantity
                        conversion = quantity.conversion(report.unit) if quantity else None
                        if conversion is None:
                            self._refuse(one, item, "unit", report.unit[:60])
                            continue
                        value = value * conversion[0] + conversion[1]
                    if report.firmware:
                        self._tell(one, slot, report.firmware, report.at_ms)
                    row = (slot, report.at_ms * 1000, NAN if value is None else value, report.code,
                           Quality.DISTRUSTED if report.bad else 0, number, item)  # fmt: skip
                    for column, entry in zip(columns, row, strict=True):
                        column.append(entry)
        slot_, at, value_, code, quality, message, items = columns
        codes = np.empty(len(code), dtype=object)
        codes[:] = code
        return Batch(
            slot=np.array(slot_, dtype=np.int32), at=np.array(at, dtype=np.int64), value=np.array(value_, dtype=float),
            code=codes, quality=np.array(quality, dtype=np.int16), message=np.array(message, dtype=np.int32),
            item=np.array(items, dtype=np.int32), received=np.zeros(len(code), dtype=np.int64),
        )  # fmt: skip

    def _sheets(self, decoded: Sequence[_Reading], unknown: dict[str, str]) -> Iterator[Batch]:
        for number, one in enumerate(decoded):
            if one.sheet is not None:
                yield self._sheet(number, one, one.sheet, unknown)

    def _sheet(self, number: int, one: _Reading, sheet: Sheet, unknown: dict[str, str]) -> Batch:
        slots = self._directory.slots
        slot_of = self._directory.known_of(sheet.streams)
        slot = slot_of[sheet.stream]
        code = np.full(len(slot), "", dtype=object)
        if sheet.code:
            code[:] = sheet.code
        value = sheet.value
        bad_unit = np.zeros(len(slot), dtype=bool)
        if sheet.unit:
            factor, offset = np.ones(len(slot_of)), np.zeros(len(slot_of))
            for index, symbol in enumerate(sheet.unit):
                quantity = slots.declared[slot_of[index]].quantity if slot_of[index] >= 0 else None
                conversion = (1.0, 0.0) if not symbol else quantity.conversion(symbol) if quantity else None
                factor[index], offset[index] = conversion or (np.nan, 0.0)
            value = value * factor[sheet.stream] + offset[sheet.stream]
            bad_unit = np.isnan(factor[sheet.stream]) & (slot >= 0)
        wrong = np.zeros(len(slot), dtype=bool)
        wrong[list(sheet.wrong)] = True
        not_its_own = np.zeros(len(slot), dtype=bool)
        foreign = self._directory.foreign(one.gateway, slot_of) if one.gateway else None
        if foreign is not None:
            not_its_own = foreign[sheet.stream]
        for item in np.flatnonzero((slot < 0) | wrong | bad_unit | not_its_own):
            name, entry = sheet.streams[sheet.stream[item]], int(item)
            if slot[item] < 0:
                reason, detail = unknown[name], name
            elif not_its_own[item]:
                reason, detail = "right", f"the key {one.gateway} does not speak for it"
            elif wrong[item]:
                reason, detail = sheet.wrong[entry].reason, sheet.wrong[entry].detail
            else:
                reason, detail = "unit", sheet.unit[sheet.stream[item]][:60]
            self._refuse(one, entry, reason, detail)
        good = (slot >= 0) & ~wrong & ~bad_unit & ~not_its_own
        for index, version in enumerate(sheet.firmware):
            theirs = sheet.at_ms[good & (sheet.stream == index)] if version else []
            if len(theirs):
                self._tell(one, int(slot_of[index]), version, int(max(theirs)))
        quality = np.zeros(len(slot), dtype=np.int16)
        if sheet.bad is not None:
            quality[sheet.bad] = Quality.DISTRUSTED
        whole = Batch(
            slot=slot, at=sheet.at_ms * 1000, value=value, code=code, quality=quality,
            message=np.full(len(slot), number, dtype=np.int32), item=np.arange(len(slot), dtype=np.int32),
            received=np.zeros(len(slot), dtype=np.int64),
        )  # fmt: skip
        return whole if good.all() else whole.take(good)

    def _tell(self, one: _Reading, slot: int, version: str, at_ms: int) -> None:
        """Note a version; a clock ahead of ours, or one that cannot be right, may not outlast what comes later."""
        at = min(moment(max(at_ms * 1000, 0)), one.message.stored_at)
        told = version.replace("\x00", "").strip()[:LONGEST_VERSION]
        if told:
            self._firmware.append(Told(object_id=self._directory.slots.object_id[slot], version=told, at=at))

    def _checked(self, batch: Batch, messages: Sequence[Message]) -> Batch:
        """Refuse what the stream cannot have said, and mark what is known against the rest."""
        if not len(batch):
            return batch
        slots = self._directory.slots
        received = np.fromiter((microseconds(one.stored_at) for one in messages), np.int64, count=len(messages))
        batch.received = received[batch.message]
        kind_wrong = slots.number[batch.slot] == np.isnan(batch.value)
        early = batch.at < batch.received - self._oldest // MICROSECOND
        clock_wrong = early | (batch.at > batch.received + AHEAD_MOST // MICROSECOND)
        code_wrong = ~kind_wrong & slots.listed[batch.slot] & ~slots.number[batch.slot]
        for index in np.flatnonzero(code_wrong):
            code_wrong[index] = not slots.declared[batch.slot[index]].knows(batch.code[index])
        refused = kind_wrong | clock_wrong | code_wrong
        for index in np.flatnonzero(refused):
            message = messages[batch.message[index]]
            if kind_wrong[index]:
                reports = slots.declared[batch.slot[index]].reports
                reason, detail = "value", f"the stream reports a {reports}"
            elif clock_wrong[index]:
                reason, detail = "clock", moment(batch.at[index]).isoformat()
            else:
                reason, detail = "code", str(batch.code[index])[:60]
            self._refusals.append(self._said(message, batch, int(index), reason, detail))
        if refused.any():
            batch = batch.take(~refused)
        lag = batch.received - batch.at
        batch.quality[lag > LATE_AFTER // MICROSECOND] |= Quality.LATE
        batch.quality[lag < 0] |= Quality.CLOCK_AHEAD
        outside = (batch.value < slots.least[batch.slot]) | (batch.value > slots.most[batch.slot])
        batch.quality[outside] |= Quality.OUT_OF_RANGE
        return batch

    def _refuse(self, one: _Reading, item: int, reason: str, detail: str) -> None:
        sheet = one.sheet
        if sheet is None:
            said, name = _said_among(one.reports, item), one.name
        else:
            code = sheet.code[item] if sheet.code else ""
            value = float(sheet.value[item])
            unit = sheet.unit[sheet.stream[item]] if sheet.unit else ""
            said, name = _one_said(int(sheet.at_ms[item]), value, code, unit), sheet.streams[sheet.stream[item]]
        slot, slots = self._directory.known(name), self._directory.slots
        self._refusals.append(
            Refusal(
                message=one.message, item=item, reason=reason, detail=detail, name=name, payload=said,
                area_path=slots.area_path[slot] if slot >= 0 else "",
                unit_code=slots.unit_code[slot] if slot >= 0 else "",
            )
        )  # fmt: skip

    def _said(self, message: Message, batch: Batch, index: int, reason: str, detail: str) -> Refusal:
        return refusal_of(message, batch, index, reason=reason, detail=detail, directory=self._directory)


def no_readings() -> Batch:
    """Return a batch of none."""
    none = np.zeros(0, dtype=np.int64)
    return Batch(
        slot=none.astype(np.int32), at=none, value=none.astype(float), code=none.astype(object),
        quality=none.astype(np.int16), message=none.astype(np.int32), item=none.astype(np.int32), received=none,
    )  # fmt: skip


def refusal_of(
    message: Message, batch: Batch, index: int, *, reason: str, detail: str, directory: Directory
) -> Refusal:
    """Return the refusal of a reading that had been read, written out on its own."""
    slot, slots = int(batch.slot[index]), directory.slots
    return Refusal(
        message=message, item=int(batch.item[index]), reason=reason, detail=detail, name=slots.name[slot],
        payload=_one_said(int(batch.at[index]) // 1000, float(batch.value[index]), batch.code[index], ""),
        area_path=slots.area_path[slot], unit_code=slots.unit_code[slot],
    )  # fmt: skip


def _said_among(reports: Sequence[Report | Unreadable], item: int) -> bytes:
    """Return what one of several readings said; nothing where the message says it alone."""
    if len(reports) == 1:
        return b""
    report = reports[item]
    if isinstance(report, Unreadable):
        return report.said
    return _one_said(report.at_ms, NAN if report.value is None else report.value, report.code, report.unit)


def _one_said(at_ms: int, value: float, code: str, unit: str) -> bytes:
    said: dict[str, object] = {"at": at_ms}
    if value == value:
        said["value"] = value
    if code:
        said["code"] = code
    if unit:
        said["unit"] = unit
    return msgspec.json.encode(said)


def _joined(pieces: Sequence[Batch]) -> Batch:
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return no_readings()
    return Batch(**{name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in Batch.__slots__})
