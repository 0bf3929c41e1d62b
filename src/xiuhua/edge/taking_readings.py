"""At the centre: a node's readings into the table, once each by (stream, time). The node has judged them already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.edge.models import Node
from xiuhua.readings.directory import hold_directory_version
from xiuhua.readings.gathering import Batch, moment
from xiuhua.readings.models import Quarantine
from xiuhua.readings.storing import insert_staged, stage

DAY_US = 86_400_000_000


class _Sheet(msgspec.Struct, frozen=True):
    streams: list[tuple[str, str]]
    slot: bytes
    at: bytes
    value: bytes
    quality: bytes
    received: bytes
    code: list[str] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A node's readings in columns; `streams` are (object id, stream id), times µs since 1970 UTC."""

    streams: list[tuple[str, str]]
    slot: NDArray[np.int32]
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.int16]
    received: NDArray[np.int64]
    code: NDArray[np.object_]


def decoded(payload: bytes) -> Sheet:
    """Return the columns; raises MsgspecError, ValueError for what is none."""
    raw = msgspec.msgpack.decode(payload, type=_Sheet)
    slot, at = np.frombuffer(raw.slot, "<i4"), np.frombuffer(raw.at, "<i8")
    value, quality = np.frombuffer(raw.value, "<f8"), np.frombuffer(raw.quality, "<i2")
    received = np.frombuffer(raw.received, "<i8")
    code = np.array([None] * len(slot) if raw.code is None else raw.code, dtype=object)
    if {len(one) for one in (at, value, quality, received, code)} != {len(slot)}:
        raise ValueError("columns of different lengths")
    if len(slot) and not (slot.min() >= 0 and slot.max() < len(raw.streams)):
        raise ValueError("a reading of no stream")
    return Sheet(streams=raw.streams, slot=slot, at=at, value=value, quality=quality, received=received, code=code)


def days_of(sheet: Sheet) -> list[date]:
    """Return the UTC days of the readings."""
    return [moment(int(day) * DAY_US).date() for day in np.unique(sheet.at // DAY_US)]


def take_readings(node: Node, position: int, sheet: Sheet, *, now: datetime) -> Counter[str]:
    """Store what is new, set aside what is of no stream of the town and what differs from what stands."""
    hold_directory_version()
    datastream = _datastreams(node, sheet.streams)[sheet.slot] if len(sheet.slot) else np.zeros(0, dtype=np.int32)
    known = np.flatnonzero(datastream >= 0)
    order = known[np.lexsort((known, sheet.at[known], datastream[known]))]
    code = sheet.code.copy()
    code[~np.isnan(sheet.value)] = None
    batch = Batch(
        slot=datastream[order], at=sheet.at[order], value=sheet.value[order], code=code[order],
        quality=sheet.quality[order].astype(np.int16), message=np.zeros(len(order), dtype=np.int32),
        item=order.astype(np.int32), received=sheet.received[order],
    )  # fmt: skip
    stored = 0
    differing: list[tuple[int, float | None, str | None]] = []
    if len(batch):
        stage(batch, batch.slot)
        stored, differing = insert_staged(len(batch))
        _bring_latest()
    aside = [
        (
            int(batch.item[number]),
            "conflict",
            f"{moment(int(batch.at[number])).isoformat()} is stored as {text if value is None else value}",
        )
        for number, value, text in differing
    ]
    aside += [
        (int(number), "object", f"{moment(int(sheet.at[number])).isoformat()} {sheet.value[number]}")
        for number in np.flatnonzero(datastream < 0).tolist()
    ]
    Quarantine.objects.bulk_create(
        [
            Quarantine(
                consumer=node.code, stream_created=node.made_at, stream_sequence=position, item=item, reason=reason,
                detail=detail, subject="edge.readings", name=sheet.streams[sheet.slot[item]][1], payload=b"",
                area_path=node.area_path, received_at=now,
            )
            for item, reason, detail in aside
        ],
        batch_size=5000,
    )  # fmt: skip
    return Counter(readings_in=len(sheet.slot), readings_new=stored, set_aside=len(aside))


def _datastreams(node: Node, streams: list[tuple[str, str]]) -> NDArray[np.int32]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(d.id, -1)
            FROM unnest(%s::uuid[], %s::text[]) WITH ORDINALITY AS s (object_id, stream, n)
            LEFT JOIN readings_datastream d ON d.object_id = s.object_id AND d.stream = s.stream
                 AND starts_with(d.area_path, %s)
            ORDER BY s.n
            """,
            [[one for one, _ in streams], [stream for _, stream in streams], node.area_path],
        )
        return np.array([found for (found,) in cursor.fetchall()], dtype=np.int32)


def _bring_latest() -> None:
    """Let the latest values follow what is staged; of two readings of one moment the first stands, as in the table."""
    silent = {
        f"{type_id}.{stream.id}": stream.silent_after.seconds
        for type_id, kind in catalogue.current().objects.items()
        for stream in kind.streams
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_latest (datastream_id, at, value, code, quality, received_at, silent_at)
            SELECT DISTINCT ON (r.datastream_id) r.datastream_id, r.at, r.value, coalesce(r.code, ''), r.quality,
                   r.received_at, least(r.at, r.received_at) + coalesce(s.seconds, 3600) * interval '1 second'
            FROM readings_staged r JOIN readings_datastream d ON d.id = r.datastream_id
            LEFT JOIN unnest(%s::text[], %s::float8[]) AS s (stream, seconds) ON s.stream = d.stream
            ORDER BY r.datastream_id, r.at DESC, r.n
            ON CONFLICT (datastream_id) DO UPDATE SET
                at = EXCLUDED.at, value = EXCLUDED.value, code = EXCLUDED.code, quality = EXCLUDED.quality,
                received_at = EXCLUDED.received_at, silent_at = EXCLUDED.silent_at
            WHERE EXCLUDED.at > readings_latest.at
            """,
            [list(silent), list(silent.values())],
        )
