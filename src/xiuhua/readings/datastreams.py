"""The rows of datastreams, made as objects appear."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from xiuhua.catalog import catalogue


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
