"""The history of one thing; the room that owns the thing has checked that the actor may see it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from xiuhua.ledger.models import History


def history_of(entity: str, entity_id: str) -> QuerySet[History]:
    """Return the changes of one thing, oldest first."""
    return History.objects.filter(entity=entity, entity_id=entity_id).order_by("id")


def ids_of(rows: Iterable[History]) -> set[UUID]:
    """Return the ids of the things that rows tell of, as far as they are such ids."""
    found = set()
    for row in rows:
        try:
            found.add(UUID(row.entity_id))
        except ValueError:
            continue
    return found
