"""The latest value of everything at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from xiuhua.kernel.actor import Actor
from xiuhua.people.policy import visible_sql
from xiuhua.people.queries import area_path

MOST_LATEST = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Latest:
    """Streams as columns of one length, in order of id: what each reported last (None where it never did), in the unit
    of its quantity. `next` is the id after which the following page begins, None on the last.
    """

    id: list[int]
    stream: list[str]
    object_id: list[UUID]
    object_code: list[str]
    at: list[datetime | None]
    value: list[float | None]
    code: list[str | None]
    quality: list[int | None]
    silent_at: list[datetime | None]
    next: int | None


def latest(actor: Actor, *, type: str = "", stream: str = "", area: str = "", after: int = 0, limit: int) -> Latest:
    """Return the latest readings of the streams the actor may see, of an object type or a kind of stream and under an
    area if they are named: up to `limit` streams after an id, by one query.
    """
    rule, parameters = visible_sql(actor, area="d.area_path", unit="d.unit_code")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT d.id, d.stream, d.object_id, d.object_code, l.at, l.value, nullif(l.code, ''), l.quality, l.silent_at
            FROM readings_datastream d
            JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
            LEFT JOIN readings_latest l ON l.datastream_id = d.id
            WHERE {rule} AND starts_with(d.area_path, %s) AND d.id > %s
              AND (%s = '' OR d.stream = %s) AND starts_with(d.stream, %s)
            ORDER BY d.id LIMIT %s
            """,  # noqa: S608
            [*parameters, area_path(area), after, stream, stream, f"{type}." if type else "", limit + 1],
        )
        rows = cursor.fetchall()
    shown = rows[:limit]
    columns = [list(column) for column in zip(*shown, strict=True)] if shown else [[] for _ in range(9)]
    return Latest(
        id=columns[0], stream=columns[1], object_id=columns[2], object_code=columns[3], at=columns[4],
        value=columns[5], code=columns[6], quality=columns[7], silent_at=columns[8],
        next=shown[-1][0] if len(rows) > limit else None,
    )  # fmt: skip
