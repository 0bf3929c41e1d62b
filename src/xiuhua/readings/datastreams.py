"""Which datastream a reading belongs to: rows made as objects appear, and the ingest worker's memory of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from xiuhua.catalog import catalogue
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.readings.topics import Address


def ensure_datastreams(type_id: str, codes: Sequence[str] | None = None) -> int:
    """Make the datastreams of the type's objects (of those codes only, if given), and let code, area and unit follow
    the object, also on its standing alarms. Returns how many rows were made or changed.
    """
    declared = catalogue.current().objects.get(type_id)
    if declared is None or not declared.streams:
        return 0
    streams = [f"{type_id}.{stream.id}" for stream in declared.streams]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_datastream (object_id, object_code, stream, area_path, unit_code, origin)
            SELECT o.id, o.code, s.stream, o.area_path, o.unit_code, o.origin
            FROM objects_cityobject o CROSS JOIN unnest(%(streams)s::text[]) AS s (stream)
            WHERE o.type = %(type)s AND o.removed_at IS NULL
              AND (%(codes)s::text[] IS NULL OR o.code = ANY (%(codes)s::text[]))
            ON CONFLICT (object_id, stream) DO UPDATE
            SET object_code = EXCLUDED.object_code, area_path = EXCLUDED.area_path,
                unit_code = EXCLUDED.unit_code, origin = EXCLUDED.origin
            WHERE (readings_datastream.object_code, readings_datastream.area_path, readings_datastream.unit_code)
               IS DISTINCT FROM (EXCLUDED.object_code, EXCLUDED.area_path, EXCLUDED.unit_code)
            """,
            {"streams": streams, "type": type_id, "codes": None if codes is None else list(codes)},
        )
        changed: int = cursor.rowcount
        cursor.execute(
            """
            UPDATE readings_alarm a
            SET object_code = o.code, object_name = o.name, area_path = o.area_path, unit_code = o.unit_code
            FROM objects_cityobject o
            WHERE a.closed_at IS NULL AND a.object_type = %(type)s AND o.id = a.object_id
              AND (%(codes)s::text[] IS NULL OR o.code = ANY (%(codes)s::text[]))
              AND (a.object_code, a.object_name, a.area_path, a.unit_code)
                  IS DISTINCT FROM (o.code, o.name, o.area_path, o.unit_code)
            """,
            {"type": type_id, "codes": None if codes is None else list(codes)},
        )
    return changed


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A datastream as the ingest worker needs it."""

    id: int
    reports: Reports
    silent_after_s: float


class Directory:
    """Remembers which datastream an address means; `forget` after objects changed."""

    def __init__(self) -> None:
        self._known: dict[Address, Known] = {}

    def forget(self) -> None:
        """Ask the database again for every address."""
        self._known.clear()

    def find(self, addresses: Iterable[Address]) -> dict[Address, Known | str]:
        """Return the datastream of each address, or why there is none: type, stream or object."""
        found: dict[Address, Known | str] = {}
        missing: dict[tuple[str, str], list[Address]] = {}
        for address in addresses:
            known = self._known.get(address)
            if known is not None:
                found[address] = known
                continue
            declared = _declared(address)
            if isinstance(declared, str):
                found[address] = declared
            else:
                missing.setdefault((address.type, address.stream), []).append(address)
        for (type_id, _), wanted in missing.items():
            stream = _declared(wanted[0])
            if isinstance(stream, Stream):
                found.update(self._ask(type_id, stream, wanted))
        return found

    def _ask(self, type_id: str, stream: Stream, wanted: Sequence[Address]) -> dict[Address, Known | str]:
        codes = [address.code for address in wanted]
        rows = _rows(type_id, stream.id, codes)
        if len(rows) < len(codes):
            # The object may be younger than the event that makes its datastreams.
            ensure_datastreams(type_id, [code for code in codes if code not in rows])
            rows = _rows(type_id, stream.id, codes)
        found: dict[Address, Known | str] = {}
        for address in wanted:
            if address.code in rows:
                known = Known(id=rows[address.code], reports=stream.reports, silent_after_s=stream.silent_after.seconds)
                self._known[address] = found[address] = known
            else:
                found[address] = "object"
        return found


def _declared(address: Address) -> Stream | str:
    try:
        declared: ObjectType = catalogue.current().object_type(address.type)
    except NotFound:
        return "type"
    for stream in declared.streams:
        if stream.id == address.stream:
            return stream
    return "stream"


def _rows(type_id: str, stream_id: str, codes: Sequence[str]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.object_code, d.id FROM readings_datastream d JOIN objects_cityobject o ON o.id = d.object_id
            WHERE d.stream = %s AND d.object_code = ANY (%s) AND o.removed_at IS NULL
            """,
            [f"{type_id}.{stream_id}", list(codes)],
        )
        return dict(cursor.fetchall())
