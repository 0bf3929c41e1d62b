"""Sealing history into the hash chain, in commit order, outside the transactions that wrote it."""

from __future__ import annotations

from django.db import connection, transaction
from psycopg.sql import SQL

from xiuhua.ledger.chain import COLUMNS, GENESIS, digest, link
from xiuhua.ledger.models import Sealing

LOCK = 0x5EA1
BATCH = 5000

# A row is settled once no transaction that may still commit has a lower number: then no row can appear before it.
# (Transaction numbers, not commit times, give the order: commits that overlap may stand in either order.)
SETTLED = SQL("h.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
# After a restore into another database cluster its transaction numbers begin low again. Rows that came with the
# restore are settled, whatever number they carry, unless it is one of those now in flight.
CAME_WITH_A_RESTORE = SQL("h.transaction >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
UNSEALED = SQL("NOT EXISTS (SELECT FROM ledger_seal s WHERE s.history_id = h.id)")

NEXT = (
    SQL(
        """
    SELECT {} FROM ledger_history h WHERE (h.transaction, h.id) > (%s, %s) AND {} AND {}
    ORDER BY h.transaction, h.id LIMIT %s
    """
    )
    .format(COLUMNS, SETTLED, UNSEALED)
    .as_string()
)
LEFT_FROM_ANOTHER_ERA = (
    SQL(
        """
    SELECT {} FROM ledger_history h WHERE ({} OR {}) AND {}
    ORDER BY h.transaction, h.id LIMIT %s
    """
    )
    .format(COLUMNS, SETTLED, CAME_WITH_A_RESTORE, UNSEALED)
    .as_string()
)
KEEP = """
    INSERT INTO ledger_seal (seq, history_id, digest, chain)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::bytea[])
"""


def seal(limit: int = BATCH) -> int:
    """Seal up to `limit` settled rows and return how many; 0 while another sealer is at work."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return 0
        state, _ = Sealing.objects.get_or_create(id=1, defaults={"chain": GENESIS})
        cursor.execute(
            "SELECT system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            " FROM pg_control_system()"
        )
        era, settled_below = cursor.fetchone() or ("", 0)
        if state.era == era:
            cursor.execute(NEXT, [state.transaction, state.history_id, limit])
        else:
            cursor.execute(LEFT_FROM_ANOTHER_ERA, [limit])
        rows = cursor.fetchall()
        chain = bytes(state.chain)
        digests, chains = [], []
        for row in rows:
            digests.append(digest(row))
            chain = link(chain, digests[-1])
            chains.append(chain)
        if rows:
            seqs = list(range(state.seq + 1, state.seq + 1 + len(rows)))
            cursor.execute(KEEP, [seqs, [row[0] for row in rows], digests, chains])
            state.seq, state.chain = seqs[-1], chain
        if state.era == era and rows:
            state.history_id, state.transaction = rows[-1][0], rows[-1][1]
        elif state.era != era and len(rows) < limit:
            state.era, state.transaction, state.history_id = era, settled_below - 1, 2**62
        elif not rows:
            return 0
        state.save()
    return len(rows)
