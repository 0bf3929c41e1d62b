"""`audit verify`."""

from __future__ import annotations

import argparse

from django.conf import settings
from django.utils import timezone

from xiuhua.kernel.words import Label
from xiuhua.ledger.heads import heads_gone, read_heads, sign_head
from xiuhua.ledger.sentences import SENTENCES
from xiuhua.ledger.verification import verify
from xiuhua.stack.commands import Command
from xiuhua.stack.console import complain, say, step

SHOWN = 100


def _arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the whole history is checked."""


def _verify(arguments: argparse.Namespace) -> int:
    data, now = settings.CONFIG.data, timezone.now()
    with step(Label(zh="核对历史", en="Checking history")):
        report = verify(read_heads(data), now, gone=heads_gone(data))
    say(SENTENCES["ledger.counts"], rows=report.rows, sealed=report.sealed, heads=report.heads)
    for finding in report.findings[:SHOWN]:
        complain(SENTENCES[finding.code], **finding.params)
    if report.findings:
        complain(SENTENCES["ledger.findings"], count=len(report.findings))
        return 1
    sign_head(data, now)
    say(SENTENCES["ledger.clean"])
    return 0


AUDIT_VERIFY = Command(
    says=Label(
        zh="核对只增不改的历史：每条记录、每个封签、每个签署过的链头。"
        "发现改动、删除、截尾或重写时指出记录，并以 1 退出。",
        en="Checks the append-only history: every row, every seal, every signed head. Names the row and exits with 1 "
        "where one was changed or deleted, the tail cut or the chain rewritten.",
    ),
    examples=("xiuhua audit verify",),
    arguments=_arguments,
    run=_verify,
)
