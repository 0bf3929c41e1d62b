"""The actor of an import, kept with the rights of the moment until a worker applies it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.words import Act, Privacy


def actor_as_json(actor: Actor) -> dict[str, Any]:
    """Return the actor as JSON."""
    grants = [
        {
            "post": grant.post, "unit": grant.unit, "area_path": grant.area_path, "acts": sorted(grant.acts),
            "sees": grant.sees.value, "own_unit_only": grant.own_unit_only,
        }
        for grant in actor.grants
    ]  # fmt: skip
    return {
        "code": actor.code, "name": actor.name, "administrator": actor.administrator, "system": actor.system,
        "grants": grants,
    }  # fmt: skip


def actor_from_json(kept: Mapping[str, Any]) -> Actor:
    """Return the actor that was kept."""
    grants = tuple(
        Grant(
            post=one["post"], unit=one["unit"], area_path=one["area_path"],
            acts=frozenset(Act(act) for act in one["acts"]), sees=Privacy(one["sees"]),
            own_unit_only=one["own_unit_only"],
        )
        for one in kept["grants"]
    )  # fmt: skip
    return Actor(
        code=kept["code"], name=kept["name"], administrator=kept["administrator"], system=kept["system"], grants=grants
    )
