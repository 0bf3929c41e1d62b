"""The hash chain over history: what of a row is hashed, and how one link holds the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from psycopg.sql import SQL

GENESIS = bytes(32)
FIELDS = (
    "id", "transaction", "at", "actor", "actor_name", "action", "entity", "entity_id", "area_path", "why", "data",
)  # fmt: skip
COLUMNS = SQL(
    """
    h.id, h.transaction, to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), h.actor, h.actor_name,
    h.action, h.entity, h.entity_id, h.area_path, h.why, h.data::text
    """
)
"""A row `h` of history as text; `data` is what the database prints, so that 1.1 and 1.10 differ."""


def digest(row: Sequence[object]) -> bytes:
    """Return the SHA-256 of a row (values in the order of FIELDS) as canonical JSON: sorted keys, no spaces, UTF-8."""
    named = dict(zip(FIELDS, row, strict=True))
    return hashlib.sha256(
        json.dumps(named, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).digest()


def link(chain: bytes, row_digest: bytes) -> bytes:
    """Return the chain one row further: SHA-256 of the chain so far and the row's digest."""
    return hashlib.sha256(chain + row_digest).digest()
