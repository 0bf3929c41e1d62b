"""Which streams a rule looks at together: those of the same thing, and of the nearest thing of another type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

Placed = tuple[int, str, str, float | None, float | None, str]
Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]


def ties(asked: Sequence[tuple[str, str, bool]], datastream: NDArray[np.int32]) -> Pairs:
    """Return pairs of datastream ids, who looks and at whom, as (kind, other kind, of the same thing) ask, of all pairs
    that have one of `datastream` on either side.
    """
    mine: list[int] = []
    others: list[int] = []
    for kind, other, own in dict.fromkeys(asked):
        if not len(datastream):
            break
        for looks, at in _own(kind, other, datastream) if own else _nearest(kind, other, datastream):
            mine.append(looks)
            others.append(at)
    return np.array(mine, dtype=np.int32), np.array(others, dtype=np.int32)


def _own(kind: str, other: str, datastream: NDArray[np.int32]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.id, o.id FROM readings_datastream m JOIN readings_datastream o USING (object_id)
            WHERE m.stream = %(kind)s AND o.stream = %(other)s AND (m.id = ANY (%(ids)s) OR o.id = ANY (%(ids)s))
            """,
            {"kind": kind, "other": other, "ids": datastream.tolist()},
        )
        return list(cursor.fetchall())


def _nearest(kind: str, other: str, datastream: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Return for each stream of `kind` the stream of the nearest thing that has `other`: by distance where both have a
    place, else the first by code in the smallest area that holds both. A new thing of the other kind may be nearer to
    all, so all are asked again then.
    """
    if not (there := placed_streams(other)):
        return []
    chosen = set(datastream.tolist())
    here = [row for row in placed_streams(kind) if row[0] in chosen or any(one[0] in chosen for one in there)]
    placed = [row for row in there if row[3] is not None]
    tree = shapely.STRtree(shapely.points([[row[3], row[4]] for row in placed])) if placed else None
    found: list[tuple[int, int]] = []
    for row in here:
        if tree is not None and row[3] is not None:
            found.append((row[0], placed[int(tree.nearest(shapely.Point(row[3], row[4])))][0]))
        else:
            found.append((row[0], max(there, key=lambda one: _shared(one[5], row[5]))[0]))
    return found


def placed_streams(kind: str) -> list[Placed]:
    """Return (datastream, code, thing, longitude, latitude, area) of a kind by code. Degrees of longitude are shortened
    to those of latitude at Songjiang, so that distances compare.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id, d.object_code, d.object_id::text, (o.west + o.east) / 2 * cosd((o.south + o.north) / 2),
                   (o.south + o.north) / 2, d.area_path
            FROM readings_datastream d JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
            WHERE d.stream = %s ORDER BY d.object_code, d.id
            """,
            [kind],
        )
        return list(cursor.fetchall())


def _shared(left: str, right: str) -> int:
    parts = zip(left.split("/"), right.split("/"), strict=False)
    return next((number for number, (one, other) in enumerate(parts) if one != other), len(left.split("/")))
