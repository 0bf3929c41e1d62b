"""The shape of a row of the record of changes."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema

from xiuhua.http.words import Label, label
from xiuhua.ledger.models import History
from xiuhua.ledger.words import action_label


class HistoryRow(Schema):
    """One change: who, when, what, why."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    action: str
    action_label: Label
    why: str
    data: dict[str, object]


def history_row(row: History) -> HistoryRow:
    """Return the shape of a history row."""
    return HistoryRow(
        id=row.id, at=row.at, actor=row.actor, actor_name=row.actor_name, action=row.action,
        action_label=label(action_label(row.action)), why=row.why, data=row.data,
    )  # fmt: skip
