"""Which node owns a thing: there alone it is changed; everywhere else it is a copy that says so."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast

from xiuhua.kernel.errors import Conflict
from xiuhua.ledger.models import Owned


def owner_of(entity: str, entity_id: object) -> str:
    """Return the code of the node that owns the thing; "" if that is this site."""
    found = Owned.objects.filter(entity=entity, entity_id=str(entity_id)).values_list("node", flat=True).first()
    return found or ""


def require_here(entity: str, entity_id: object) -> None:
    """Raise Conflict("ledger.owned_elsewhere") naming the node that owns the thing."""
    node = owner_of(entity, entity_id)
    if node:
        raise Conflict("ledger.owned_elsewhere", node=node)


def own(entity: str, ids: Collection[object], node: str) -> None:
    """Note that the node owns the things from now on."""
    Owned.objects.bulk_create(
        [Owned(entity=entity, entity_id=str(one), node=node) for one in ids],
        update_conflicts=True, unique_fields=["entity", "entity_id"], update_fields=["node"],
    )  # fmt: skip


def take_over(entity: str, ids: Collection[object]) -> None:
    """Note that this site owns the things from now on."""
    Owned.objects.filter(entity=entity, entity_id__in=[str(one) for one in ids]).delete()


def ours(entity: str) -> Q:
    """Return the filter that leaves the rows (by `id`) which no other node owns."""
    same = Owned.objects.filter(entity=entity, entity_id=Cast(OuterRef("id"), TextField()))
    return Q(~Exists(same))
