"""What a node has a copy of, part by part: at the centre its rows and their digest, at the node the laying of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from django.db import connection, transaction
from psycopg import sql

from xiuhua.catalog import catalogue
from xiuhua.edge.models import Node
from xiuhua.kernel.errors import Conflict, NotFound
from xiuhua.people.models import AreaVersion
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.directory import change_directory

ROWS_AT_ONCE = 1000
_ACCOUNTS = """
    administrator = false AND EXISTS (
        SELECT 1 FROM people_postholding h JOIN people_area a ON a.code = h.area_id
        WHERE h.user_id = t.id AND starts_with(a.path, %(path)s))
"""
_SPOKEN = """
    SELECT 1 FROM readings_keyobject o JOIN objects_cityobject c ON c.id = o.object_id
    WHERE o.key_id = {key} AND starts_with(c.area_path, %(path)s)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Rows of one table (`t`): which of them a town's node has, by which key, and what of each is its own there.
    `gone` says whether rows that no longer come are deleted.
    """

    table: str
    key: str
    where: str
    without: tuple[str, ...] = ()
    gone: bool = False


PARTS: dict[str, Part] = {
    "areas": Part(table="people_area", key="code", where="true"),
    "units": Part(table="people_unit", key="code", where="true"),
    "people": Part(
        table="people_user", key="code", where=_ACCOUNTS, without=("id", "last_login", "columns", "administrator")
    ),
    "objects": Part(table="objects_cityobject", key="id", where="starts_with(area_path, %(path)s)"),
    "links": Part(
        table="objects_objectlink", key="id", gone=True,
        where="""
            EXISTS (SELECT 1 FROM objects_cityobject o
                    WHERE o.id = t.source_id AND starts_with(o.area_path, %(path)s))
            AND EXISTS (SELECT 1 FROM objects_cityobject o
                        WHERE o.id = t.target_id AND starts_with(o.area_path, %(path)s))
        """,
    ),
    "keys": Part(
        table="readings_devicekey", key="id", where=f"cardinality(types) > 0 OR EXISTS ({_SPOKEN.format(key='t.id')})",
        without=("last_seen_at", "refused_at", "refused_why"),
    ),
    "spoken": Part(
        table="readings_keyobject", key="id", gone=True,
        where="""
            EXISTS (SELECT 1 FROM objects_cityobject c
                    WHERE c.id = t.object_id AND starts_with(c.area_path, %(path)s))
        """,
    ),
    "rules": Part(table="catalog_ruleversion", key="id", where="true"),
    "roster": Part(
        table="people_shift", key="id", gone=True,
        where="""
            EXISTS (SELECT 1 FROM people_area a WHERE a.code = t.area_id
                    AND (starts_with(a.path, %(path)s) OR starts_with(%(path)s, a.path)))
        """,
    ),
    # Last: it names people, units and areas by what they are called everywhere, for their numbers differ by site.
    "posts": Part(table="people_postholding", key="id", where="", gone=True),
}  # fmt: skip
_POSTS = """
    SELECT h.id, jsonb_build_object('user', u.code, 'post', h.post, 'unit', h.unit_id, 'area', h.area_id,
                                    'own_unit_only', h.own_unit_only) AS said
    FROM people_postholding h JOIN people_user u ON u.id = h.user_id AND NOT u.administrator
    JOIN people_area a ON a.code = h.area_id WHERE starts_with(a.path, %(path)s)
"""


def digests(node: Node) -> dict[str, str]:
    """Return the digest of each part as the node ought to have it."""
    found = {}
    with connection.cursor() as cursor:
        for name in PARTS:
            cursor.execute(
                sql.SQL(
                    "SELECT coalesce(md5(string_agg(md5(r.said::text), '' ORDER BY r.key COLLATE \"C\")), '')"
                    " FROM ({}) r"
                ).format(_rows_of(name)),
                {"path": node.area_path},
            )
            found[name] = cursor.fetchone()[0]
    return found


def page(node: Node, name: str, after: str) -> tuple[list[Any], str]:
    """Return rows of a part behind a key, and the key to go on behind ("" at the end). Raises NotFound."""
    if name not in PARTS:
        raise NotFound("edge.no_part", part=name[:40])
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                'SELECT r.key, r.said::text FROM ({}) r WHERE r.key COLLATE "C" > %(after)s'
                ' ORDER BY r.key COLLATE "C" LIMIT %(most)s'
            ).format(_rows_of(name)),
            {"path": node.area_path, "after": after, "most": ROWS_AT_ONCE},
        )
        rows = cursor.fetchall()
    return [msgspec.json.decode(said) for _, said in rows], rows[-1][0] if len(rows) == ROWS_AT_ONCE else ""


def lay(name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make a part of this node's tables what the rows say, all or nothing; called in a transaction."""
    part = PARTS[name]
    with transaction.atomic():
        if name == "posts":
            _lay_posts(rows)
        else:
            if name == "people":
                _refuse_clash(rows)
            if name == "areas":
                rows = sorted(rows, key=lambda row: len(str(row["path"])))
            _lay(part, rows)
        if name == "people":
            _stop_others(rows)
        if name in ("areas", "units"):
            AreaVersion.objects.update_or_create(id=1, defaults={})
            with connection.cursor() as cursor:
                cursor.execute("UPDATE people_areaversion SET number = number + 1")
        if name == "objects":
            change_directory()
            for type_id in sorted({str(row["type"]) for row in rows}):
                ensure_datastreams(type_id)


def catalogue_digest() -> str:
    """Return what tells two sites' catalogues apart: the ids of everything declared, and the packs' versions."""
    current = catalogue.current()
    said = [
        sorted(getattr(current, table)) for table in ("packs", "objects", "cases", "rules", "indicators", "scales")
    ] + [[sorted(move.id for move in one.moves) for _, one in sorted(current.cases.items())]]
    return hash_of(msgspec.json.encode(said))


def hash_of(data: bytes) -> str:
    """Return the first half of a SHA-256 in hex."""
    return sha256(data).hexdigest()[:32]


def _rows_of(name: str) -> sql.Composable:
    if name == "posts":
        return sql.SQL("SELECT p.id::text AS key, p.said FROM ({}) p").format(sql.SQL(_POSTS))
    part = PARTS[name]
    without = sql.SQL(" ").join(sql.SQL("- {}").format(sql.Literal(column)) for column in part.without)
    return sql.SQL("SELECT t.{}::text AS key, to_jsonb(t) {} AS said FROM {} t WHERE {}").format(
        sql.Identifier(part.key), without, sql.Identifier(part.table), sql.SQL(part.where)
    )


def _columns(part: Part) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [part.table],
        )
        return [name for (name,) in cursor.fetchall() if name not in part.without]


_OURS: dict[str, dict[str, object]] = {
    "people_user": {"columns": {}, "administrator": False},
    "readings_devicekey": {"refused_why": ""},
}


def _lay(part: Part, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = _columns(part)
    fresh = _OURS.get(part.table, {})
    known = [*columns, *fresh]
    with connection.cursor() as cursor:
        if part.gone:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(part.table)))
        for first in range(0, len(rows), ROWS_AT_ONCE):
            said = [{**fresh, **row} for row in rows[first : first + ROWS_AT_ONCE]]
            cursor.execute(
                sql.SQL(
                    "INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s)"
                    " ON CONFLICT ({key}) DO UPDATE SET {changes}"
                ).format(
                    table=sql.Identifier(part.table),
                    columns=sql.SQL(", ").join(map(sql.Identifier, known)),
                    key=sql.Identifier(part.key),
                    changes=sql.SQL(", ").join(
                        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column))
                        for column in columns
                        if column != part.key
                    ),
                ),
                [msgspec.json.encode(said).decode()],
            )


def _lay_posts(rows: Sequence[Mapping[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM people_postholding h USING people_user u WHERE u.id = h.user_id AND NOT u.administrator"
        )
        cursor.execute(
            """
            INSERT INTO people_postholding (user_id, post, unit_id, area_id, own_unit_only)
            SELECT u.id, p.post, p.unit, p.area, p.own_unit_only
            FROM json_to_recordset(%s) AS p ("user" text, post text, unit text, area text, own_unit_only boolean)
            JOIN people_user u ON u.code = p."user"
            """,
            [msgspec.json.encode(list(rows)).decode()],
        )


def _refuse_clash(rows: Sequence[Mapping[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.username FROM people_user u
            JOIN json_to_recordset(%s) AS p (code text, username text) ON p.username = u.username AND p.code <> u.code
            LIMIT 1
            """,
            [msgspec.json.encode([{"code": row["code"], "username": row["username"]} for row in rows]).decode()],
        )
        found = cursor.fetchone()
    if found is not None:
        raise Conflict("edge.copy_clash", username=found[0])


def _stop_others(rows: Sequence[Mapping[str, Any]]) -> None:
    """Let nobody sign in any more who has lost every post within the town; the node's own administrators stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_user SET active = false WHERE NOT administrator AND NOT code = ANY (%s)",
            [[str(row["code"]) for row in rows]],
        )
