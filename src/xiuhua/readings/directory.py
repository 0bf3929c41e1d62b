"""The ingest worker's memory of the datastreams: which one a name means, how it is checked, what it last said.

Each stream that was met has a slot, an index into arrays. The memory holds as long as the version in the database says
so: whatever deletes or renames datastreams counts it up, and a worker looks at it in every transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.rights import Speakers
from xiuhua.readings.topics import Address, address_in, name_of

NEVER = np.iinfo(np.int64).min
_FIRST_SIZE = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A datastream as the database has it; `newest_at` in µs since 1970 UTC."""

    datastream: int
    object_id: UUID
    area_path: str
    unit_code: str
    newest_at: int | None


class Slots:
    """One entry a stream: its datastream, what it may say, and the newest it said (times in µs since 1970 UTC)."""

    def __init__(self) -> None:
        self.count = 0
        self.datastream = np.zeros(_FIRST_SIZE, dtype=np.int32)
        self.number = np.zeros(_FIRST_SIZE, dtype=bool)
        self.listed = np.zeros(_FIRST_SIZE, dtype=bool)
        self.silent_us = np.zeros(_FIRST_SIZE, dtype=np.int64)
        self.least = np.zeros(_FIRST_SIZE)
        self.most = np.zeros(_FIRST_SIZE)
        self.newest_at = np.full(_FIRST_SIZE, NEVER)
        self.name: list[str] = []
        self.stream: list[str] = []
        self.object_id: list[UUID] = []
        self.area_path: list[str] = []
        self.unit_code: list[str] = []
        self.declared: list[Stream] = []

    def add(self, row: Row, *, name: str, stream: str, declared: Stream) -> int:
        """Give a stream its slot and return it."""
        if self.count == len(self.datastream):
            for column in ("datastream", "number", "listed", "silent_us", "least", "most", "newest_at"):
                held: NDArray[Any] = getattr(self, column)
                setattr(self, column, np.concatenate([held, np.zeros_like(held)]))
        slot = self.count
        self.count += 1
        self.datastream[slot] = row.datastream
        self.number[slot] = declared.reports is Reports.NUMBER
        self.listed[slot] = bool(declared.codes)
        self.silent_us[slot] = int(declared.silent_after.seconds * 1_000_000)
        self.least[slot] = -np.inf if declared.least is None else declared.least
        self.most[slot] = np.inf if declared.most is None else declared.most
        self.newest_at[slot] = NEVER if row.newest_at is None else row.newest_at
        self.name.append(name)
        self.stream.append(stream)
        self.object_id.append(row.object_id)
        self.area_path.append(row.area_path)
        self.unit_code.append(row.unit_code)
        self.declared.append(declared)
        return slot


class Directory:
    """Remembers which slot a name means; what is not known is asked of the database, many at a time."""

    def __init__(self) -> None:
        self.slots = Slots()
        self.speakers = Speakers()
        self.version: int | None = None
        self._by_name: dict[str, int] = {}
        self._by_datastream: dict[int, int] = {}

    def forget(self) -> None:
        """Ask the database again for every name."""
        self.slots = Slots()
        self.speakers.forget()
        self.version = None
        self._by_name.clear()
        self._by_datastream.clear()

    def forget_object(self, type_id: str, code: str) -> None:
        """Ask the database again for the streams of one object."""
        prefix = f"{type_id.replace('.', '/', 1)}/"
        for name in [name for name in self._by_name if name.startswith(prefix)]:
            address = address_in(name)
            if address is None or address.code == code:
                del self._by_name[name]

    def known(self, name: str) -> int:
        """Return the slot of a name, or -1 where it has not been met."""
        return self._by_name.get(name, -1)

    def known_of(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Return the slots of names, -1 where one has not been met."""
        found = self._by_name.get
        return np.array([found(name, -1) for name in names], dtype=np.int32)

    def foreign(self, gateway: str, slot_of: NDArray[np.int32]) -> NDArray[np.bool_] | None:
        """Return which of the slots a gateway's key does not speak for; None if it speaks for all of them."""
        return self.speakers.foreign(gateway, slot_of, streams=self.slots.stream, objects=self.slots.object_id)

    def learn(self, names: Iterable[str]) -> dict[str, str]:
        """Look up the names that are not known; return why for those that mean nothing: topic, type, stream, object."""
        if self.version is None:
            self.version = directory_version()
        unknown: dict[str, str] = {}
        wanted: dict[tuple[str, str], dict[str, list[str]]] = {}
        for name in names:
            if name in self._by_name:
                continue
            address = address_in(name)
            declared = "topic" if address is None else _declared(address)
            if isinstance(declared, str) or address is None:
                unknown[name] = str(declared)
            else:
                wanted.setdefault((address.type, address.stream), {}).setdefault(address.code, []).append(name)
        for (type_id, stream_id), names_by_code in wanted.items():
            found = self._ask(type_id, stream_id, list(names_by_code))
            for code, several in names_by_code.items():
                for name in several:
                    if code in found:
                        self._by_name[name] = found[code]
                    else:
                        unknown[name] = "object"
        return unknown

    def _ask(self, type_id: str, stream_id: str, codes: Sequence[str]) -> dict[str, int]:
        declared = _declared(Address(type=type_id, code="", stream=stream_id))
        if isinstance(declared, str):
            return {}
        stream = f"{type_id}.{stream_id}"
        rows = _rows(stream, codes)
        if len(rows) < len(codes):
            # The object may be younger than the event that makes its datastreams.
            ensure_datastreams(type_id, [code for code in codes if code not in rows])
            rows = _rows(stream, codes)
        found: dict[str, int] = {}
        for code, row in rows.items():
            # One stream may be sent under several spellings of its name; its memory is one.
            slot = self._by_datastream.get(row.datastream)
            if slot is None:
                name = name_of(Address(type=type_id, code=code, stream=stream_id))
                slot = self.slots.add(row, name=name, stream=stream, declared=declared)
                self._by_datastream[row.datastream] = slot
            found[code] = slot
        return found


def directory_version() -> int:
    """Return the version of all datastreams."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM readings_directory")
        version: int = cursor.fetchone()[0]
    return version


def hold_directory_version() -> int:
    """Return the version and keep it from changing until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM readings_directory FOR SHARE")
        version: int = cursor.fetchone()[0]
    return version


def change_directory() -> None:
    """Count the version up: workers look up every stream again, and store nothing until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE readings_directory SET version = version + 1")


def _declared(address: Address) -> Stream | str:
    try:
        declared: ObjectType = catalogue.current().object_type(address.type)
    except NotFound:
        return "type"
    for stream in declared.streams:
        if stream.id == address.stream:
            return stream
    return "stream"


def _rows(stream: str, codes: Sequence[str]) -> dict[str, Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.object_code, d.id, d.object_id, d.area_path, d.unit_code,
                   (extract(epoch FROM l.at) * 1000000)::bigint
            FROM readings_datastream d JOIN objects_cityobject o ON o.id = d.object_id
            LEFT JOIN readings_latest l ON l.datastream_id = d.id
            WHERE d.stream = %s AND d.object_code = ANY (%s) AND o.removed_at IS NULL
            """,
            [stream, list(codes)],
        )
        return {
            row[0]: Row(datastream=row[1], object_id=row[2], area_path=row[3], unit_code=row[4], newest_at=row[5])
            for row in cursor.fetchall()
        }
