"""The record of changes, as far as the actor may audit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Exists, OuterRef, QuerySet

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.models import History, Seal
from xiuhua.people.policy import visible

Reader = Callable[[Actor, Sequence[History]], None]
"""Takes out of rows of one entity what the actor may not read."""

_readers: dict[str, Reader] = {}


def use_audit_reader(entity: str, read: Reader) -> None:
    """Name the function of a room above that knows what is private in the rows of its entity; done once at start."""
    _readers[entity] = read


def readable(actor: Actor, rows: Sequence[History]) -> Sequence[History]:
    """Return the rows without what the actor may not read of the things they tell of."""
    for entity, read in _readers.items():
        told = [row for row in rows if row.entity == entity]
        if told:
            read(actor, told)
    return rows


def audit_rows(actor: Actor, *, entity: str = "", entity_id: str = "", by: str = "") -> QuerySet[History]:
    """Return history rows, newest first, each with `sealed`; raises Refused without the act audit."""
    if not actor.administrator and all(Act.AUDIT not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=Act.AUDIT.value)
    rows = History.objects.filter(visible(actor, unit="", act=Act.AUDIT)).order_by("-id")
    for column, wanted in (("entity", entity), ("entity_id", entity_id), ("actor", by)):
        if wanted:
            rows = rows.filter(**{column: wanted})
    return rows.annotate(sealed=Exists(Seal.objects.filter(history_id=OuterRef("id"))))
