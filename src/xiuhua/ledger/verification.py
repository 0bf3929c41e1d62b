"""Checking history against its chain and the chain against its signed heads."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from psycopg.sql import SQL

from xiuhua.ledger.chain import COLUMNS, FIELDS, GENESIS, digest, link
from xiuhua.ledger.heads import HeadLine
from xiuhua.ledger.models import History
from xiuhua.ledger.sealer import SETTLED, UNSEALED

SEALED_WITHIN = timedelta(minutes=1)
HEAD_WITHIN = timedelta(hours=2)
SECOND_LOOK_AFTER_S = 3.0

CHAIN = (
    SQL(
        """
    SELECT s.seq, s.history_id, s.digest, s.chain, h.id IS NOT NULL, {}
    FROM ledger_seal s LEFT JOIN ledger_history h ON h.id = s.history_id ORDER BY s.seq
    """
    )
    .format(COLUMNS)
    .as_string()
)
LEFT_OVER = (
    SQL("SELECT count(*), min(h.id) FROM ledger_history h WHERE h.at < %s AND {} AND {}")
    .format(SETTLED, UNSEALED)
    .as_string()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing wrong: the code of a sentence and its parameters."""

    code: str
    params: Mapping[str, object]


@dataclass(kw_only=True, slots=True)
class Report:
    """What was checked and what was found."""

    rows: int = 0
    sealed: int = 0
    heads: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, code: str, **params: object) -> None:
        """Add a finding."""
        self.findings.append(Finding(code=code, params=params))


def verify(
    heads: Sequence[HeadLine], now: datetime, wait: Callable[[float], None] = time.sleep, *, gone: bool = False
) -> Report:
    """Check every row, seal and head. The heads were read before, so the chain is at least as long as they say.
    gone: heads were signed here once and their file is no longer there.

    A row without a seal is looked at twice, `wait` seconds apart: it may just have been committed.
    """
    report = Report(heads=len(heads))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT count(*) FROM ledger_history")
            (report.rows,) = cursor.fetchone() or (0,)
        chains = _walk(report, {line.head.seq for line in heads if line.head})
    _check_heads(report, heads, chains)
    if _left_over(now) is not None:
        wait(SECOND_LOOK_AFTER_S)
        left = _left_over(now)
        if left is not None:
            report.found("ledger.unsealed", count=left[0], id=left[1])
    if gone:
        report.found("ledger.heads_gone", sealed=report.sealed)
    elif not heads and _older_than(now - HEAD_WITHIN):
        report.found("ledger.no_head", sealed=report.sealed)
    return report


def _walk(report: Report, wanted: set[int]) -> Mapping[int, bytes]:
    """Follow the chain over all seals; return the stored chain at the wanted seals and at the last."""
    chains: dict[int, bytes] = {0: GENESIS}
    seq, chain = 0, GENESIS
    with connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN)
        for found_seq, history_id, stored_digest, stored_chain, there, *row in cursor:
            if found_seq != seq + 1:
                report.found("ledger.seals_gone", first=seq + 1, last=found_seq - 1)
            elif link(chain, bytes(stored_digest)) != bytes(stored_chain):
                report.found("ledger.seal_changed", seq=found_seq, id=history_id)
            if not there:
                report.found("ledger.row_gone", id=history_id, seq=found_seq)
            elif digest(row) != bytes(stored_digest):
                report.found("ledger.row_changed", id=history_id, seq=found_seq, **_who(row))
            seq, chain = found_seq, bytes(stored_chain)
            report.sealed += 1
            if seq in wanted:
                chains[seq] = chain
    chains[seq] = chain
    return chains


def _who(row: Sequence[object]) -> Mapping[str, object]:
    named = dict(zip(FIELDS, row, strict=True))
    return {name: named[name] for name in ("at", "actor", "action", "entity", "entity_id")}


def _check_heads(report: Report, heads: Sequence[HeadLine], chains: Mapping[int, bytes]) -> None:
    last = max(chains)
    right = 0
    for line in heads:
        if line.head is None:
            report.found("ledger.head_forged", line=line.number)
        elif line.head.seq > last:
            report.found("ledger.tail_cut", seq=line.head.seq, last=last, missing=line.head.seq - last, at=line.head.at)
            break
        elif chains.get(line.head.seq, b"").hex() != line.head.chain:
            report.found("ledger.rewritten", first=right + 1, last=line.head.seq, at=line.head.at)
            break
        else:
            right = line.head.seq


def _left_over(now: datetime) -> tuple[int, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OVER, [now - SEALED_WITHIN])
        count, first = cursor.fetchone() or (0, 0)
    return (count, first) if count else None


def _older_than(moment: datetime) -> bool:
    return History.objects.filter(at__lt=moment).exists()
