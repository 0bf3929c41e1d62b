"""The latest value of everything at once."""

from __future__ import annotations

from django.db import connection

from xiuhua.kernel.actor import Actor
from xiuhua.people.policy import visible_sql
from xiuhua.people.queries import area_path

MOST_LATEST = 100_000
_COLUMNS = ("id", "stream", "object_id", "object_code", "at", "value", "code", "quality", "silent_at")


def latest(actor: Actor, *, type: str = "", stream: str = "", area: str = "", after: int = 0, limit: int) -> str:
    """Return, as a JSON object of columns in order of id, what each stream reported last (null where it never did), in
    the unit of its quantity; `next` is the id after which the following page begins, null on the last.

    Of the streams the actor may see, of an object type or a kind of stream and under an area if they are named: up to
    `limit` of them after an id. One query, and the database writes the JSON: it does that six times faster than the
    rows become objects here and JSON again.
    """
    rule, parameters = visible_sql(actor, area="d.area_path", unit="d.unit_code")
    columns = ", ".join(
        f"'{name}', coalesce(json_agg({name} ORDER BY id) FILTER (WHERE shown), '[]')" for name in _COLUMNS
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT json_build_object({columns}, 'next', max(id) FILTER (WHERE shown AND NOT last_page))::text
            FROM (
                SELECT found.*, row_number() OVER w <= %s AS shown, count(*) OVER () <= %s AS last_page
                FROM (
                    SELECT d.id, d.stream, d.object_id, d.object_code, l.at, l.value, nullif(l.code, '') AS code,
                           l.quality, l.silent_at
                    FROM readings_datastream d
                    JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
                    LEFT JOIN readings_latest l ON l.datastream_id = d.id
                    WHERE {rule} AND starts_with(d.area_path, %s) AND d.id > %s
                      AND (%s = '' OR d.stream = %s) AND starts_with(d.stream, %s)
                    ORDER BY d.id LIMIT %s
                ) found WINDOW w AS (ORDER BY id)
            ) page
            """,  # noqa: S608
            [
                limit, limit, *parameters, area_path(area), after, stream, stream, f"{type}." if type else "",
                limit + 1,
            ],
        )  # fmt: skip
        (written,) = cursor.fetchone()
    return str(written)
