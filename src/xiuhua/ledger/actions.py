"""Writing down what happened: called inside the transaction of the change, by every verb of every room."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Fault
from xiuhua.ledger.models import History, Outbox

COPIED_FROM = 100
COPY_HISTORY = "COPY ledger_history (actor, actor_name, action, entity, entity_id, area_path, why, data) FROM STDIN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that changed: `action` is a past participle (opened, moved, imported), `entity` the room's word. `at`
    is set only for what happened at another node.
    """

    action: str
    entity: str
    entity_id: str
    area_path: str = ""
    why: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None


def record(actor: Actor, *changes: Change) -> None:
    """Append history rows; raises Fault("ledger.no_transaction") outside a transaction."""
    record_many(actor, changes)


def record_many(actor: Actor, changes: Sequence[Change]) -> None:
    """Append many history rows in one statement."""
    if not connection.in_atomic_block:
        raise Fault("ledger.no_transaction")
    if len(changes) >= COPIED_FROM and all(change.at is None for change in changes):
        with connection.cursor() as cursor, cursor.copy(COPY_HISTORY) as copy:
            for change in changes:
                copy.write_row(
                    (
                        actor.code, actor.name, change.action, change.entity, change.entity_id, change.area_path,
                        change.why, json.dumps(dict(change.data), ensure_ascii=False),
                    )
                )  # fmt: skip
        return
    History.objects.bulk_create(
        [
            History(
                actor=actor.code, actor_name=actor.name, action=change.action, entity=change.entity,
                entity_id=change.entity_id, area_path=change.area_path, why=change.why, data=dict(change.data),
                **({} if change.at is None else {"at": change.at}),
            )
            for change in changes
        ],
    )  # fmt: skip


def announce(topic: str, *, area_path: str = "", **payload: object) -> None:
    """Put an event for rooms above and for screens into the outbox; delivered after commit, at least once."""
    if not connection.in_atomic_block:
        raise Fault("ledger.no_transaction")
    Outbox.objects.create(topic=topic, area_path=area_path, payload=payload)


def announce_many(topic: str, events: Sequence[tuple[str, Mapping[str, object]]]) -> None:
    """Put many events of one topic into the outbox in one statement; each is an area path and a payload."""
    if not connection.in_atomic_block:
        raise Fault("ledger.no_transaction")
    Outbox.objects.bulk_create(
        [Outbox(topic=topic, area_path=area_path, payload=dict(payload)) for area_path, payload in events],
        batch_size=5000,
    )
