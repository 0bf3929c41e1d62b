"""Rounds and their items, as far as the actor may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from xiuhua.cases.models import RoundItem, RoundRun
from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import Round
from xiuhua.kernel.errors import NotFound
from xiuhua.people.policy import clearance, visible
from xiuhua.people.queries import area_path


def round_declared(full_id: str) -> Round:
    """Return the declared round; raises NotFound."""
    found = catalogue.current().rounds.get(full_id)
    if found is None:
        raise NotFound("catalog.unknown", kind="round", id=full_id)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How far a round has come."""

    total: int = 0
    filled: int = 0
    defects: int = 0


def rounds(actor: Actor, *, round: str = "", area: str = "", open: bool | None = None) -> QuerySet[RoundRun]:
    """Return the rounds, newest first; `area` is a path or code and takes in what lies below it."""
    rows = RoundRun.objects.filter(visible(actor))
    if round:
        rows = rows.filter(round=round)
    rows = rows.filter(area_path__startswith=area_path(area))
    if open is not None:
        rows = rows.filter(closed_at__isnull=open)
    return rows.order_by("-opened_at", "-id")


def coverage(actor: Actor, running: Collection[RoundRun]) -> Mapping[UUID, Coverage]:
    """Return how far each round has come, by its id, counting the items the actor may see."""
    rows = (
        RoundItem.objects.filter(visible(actor), round_run__in=running)
        .values("round_run_id")
        .annotate(
            total=Count("pk"),
            filled=Count("pk", filter=Q(filled_at__isnull=False)),
            defects=Count("pk", filter=Q(passes=False)),
        )
        .order_by()
    )
    return {
        row["round_run_id"]: Coverage(total=row["total"], filled=row["filled"], defects=row["defects"]) for row in rows
    }


def round_of(actor: Actor, round_id: UUID) -> RoundRun:
    """Return the round ; raises NotFound."""
    found = rounds(actor).filter(id=round_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def readable_form(actor: Actor, item: RoundItem) -> dict[str, Any]:
    """Return the item's answers that the actor may read."""
    declared = catalogue.current().rounds.get(item.round)
    rank = clearance(actor, area_path=item.area_path, unit_code=item.unit_code).rank
    open_to = {field.id for field in declared.form if field.privacy.rank <= rank} if declared else set()
    return {name: value for name, value in item.form.items() if name in open_to}


def items_of(actor: Actor, running: RoundRun) -> QuerySet[RoundItem]:
    """Return the round's items that the actor may see, by code."""
    return RoundItem.objects.filter(visible(actor), round_run=running).order_by("object_code")
