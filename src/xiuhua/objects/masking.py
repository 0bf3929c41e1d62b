"""Privacy of attributes: what an actor may read of one row, and by which attributes it may choose rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, Refused
from xiuhua.kernel.objects import Attribute, ObjectType
from xiuhua.kernel.words import Act, Privacy
from xiuhua.people.policy import clearance


class Mask:
    """Takes out of each row what its actor may not read there."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._ranks: dict[tuple[str, str], int] = {}

    def hidden(self, declared: ObjectType, *, area_path: str, unit_code: str) -> list[str]:
        """Return the ids of the attributes that the actor may not read of a row there, filled or not."""
        rank = self._ranks.get((area_path, unit_code))
        if rank is None:
            rank = clearance(self._actor, area_path=area_path, unit_code=unit_code).rank
            self._ranks[area_path, unit_code] = rank
        return [attribute.id for attribute in declared.attributes if attribute.privacy.rank > rank]

    def read(
        self, declared: ObjectType, attributes: Mapping[str, Any], *, area_path: str, unit_code: str
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the attributes that the actor may read, and the ids of those it may not."""
        hidden = self.hidden(declared, area_path=area_path, unit_code=unit_code)
        return {name: value for name, value in attributes.items() if name not in hidden}, hidden


def everywhere(actor: Actor) -> Privacy:
    """Return the most private kind of value that the actor may read of every row it sees."""
    if actor.administrator:
        return Privacy.SENSITIVE
    ranks = [grant.sees for grant in actor.grants if Act.SEE in grant.acts]
    return min(ranks, key=lambda privacy: privacy.rank, default=Privacy.PUBLIC)


def choosable(actor: Actor, declared: ObjectType, attribute_id: str) -> Attribute:
    """Return the attribute, if rows may be filtered or sorted by it: raises Invalid for an unknown one, and Refused
    where the actor may not read it of every row it sees, as the choice would give the value away.
    """
    for attribute in declared.attributes:
        if attribute.id == attribute_id:
            if attribute.privacy.rank > everywhere(actor).rank:
                raise Refused("objects.masked", attribute=attribute_id)
            return attribute
    raise Invalid("objects.no_attribute", attribute=attribute_id, type=declared.id)
