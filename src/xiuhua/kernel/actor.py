"""Who acts: a value carried through every read and write, never a foreign key."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Act, Privacy


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A post held at a unit over an area. `own_unit_only` narrows what is seen to rows of that unit."""

    post: str
    unit: str
    area_path: str
    acts: frozenset[Act]
    sees: Privacy
    own_unit_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A signed-in person, a worker or the command line; `code` is what history keeps."""

    code: str
    name: str
    grants: tuple[Grant, ...]
    administrator: bool = False
    system: bool = False

    def posts(self) -> frozenset[str]:
        """Return the ids of all posts held."""
        return frozenset(grant.post for grant in self.grants)


def system_actor(part: str) -> Actor:
    """Return the actor under which a part of the system itself acts: it sees and may do everything, and says so."""
    return Actor(code=f"system:{part}", name=part, grants=(), administrator=True, system=True)
