"""The single questions of a condition, and how its links are walked. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.expressions import All, AnyOf, Condition, Linked, Not
from xiuhua.kernel.objects import Relation


def leaves_of(condition: Condition | None) -> Iterator[Condition]:
    """Yield the single questions of a condition from left to right; those inside a link belong to the link."""
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from leaves_of(part)
        case Not(part=part):
            yield from leaves_of(part)
        case None:
            return
        case _:
            yield condition


def is_found(linked: Linked, catalogue: Catalogue) -> bool:
    """Return whether the link is found by geometry instead of stored by key."""
    owner, _, link_id = linked.link.rpartition(".")
    return any(one.id == link_id and one.relation is not Relation.KEY for one in catalogue.object_type(owner).links)


def ways_of(linked: Linked, object_type: str, catalogue: Catalogue) -> Iterator[bool]:
    """Yield the ways in which a link leads from things of the type: True from its source to its target, False back."""
    owner, _, link_id = linked.link.rpartition(".")
    link = next(one for one in catalogue.object_type(owner).links if one.id == link_id)
    if owner == object_type and link.to == linked.to:
        yield True
    if owner == linked.to and link.to == object_type:
        yield False
