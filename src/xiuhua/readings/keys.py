"""Keys of devices and gateways, as far as the actor may see them: by what they speak for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import visible
from xiuhua.readings.models import DeviceKey, DoorCount, KeyObject
from xiuhua.readings.quarantine import oversees

SHOWN = 3


class KeyState(StrEnum):
    """How a key stands."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(kw_only=True, slots=True)
class Scope:
    """What a key speaks for: how many objects the actor sees, the first of them, and whether the actor may end it."""

    count: int = 0
    things: list[CityObject] = field(default_factory=list)
    may_revoke: bool = False


def keys(actor: Actor, *, q: str = "", state: KeyState | None = None, now: datetime) -> QuerySet[DeviceKey]:
    """Return the keys that speak for an object the actor sees, newest first; who sees the whole district sees all keys,
    and nobody else those of whole types. `q` is part of the name or of who holds it.
    """
    found = DeviceKey.objects.all()
    if not oversees(actor, Act.SEE):
        found = found.filter(Exists(_spoken(CityObject.objects.filter(visible(actor))).filter(key=OuterRef("pk"))))
    if q:
        found = found.filter(Q(name__icontains=q) | Q(holder__icontains=q))
    if state is not None:
        found = found.filter(_standing(state, now))
    return found.order_by("-made_at", "-id")


def key_of(actor: Actor, key_id: UUID, *, now: datetime) -> DeviceKey:
    """Return one key; raises NotFound for one the actor does not see."""
    found = keys(actor, now=now).filter(id=key_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def scopes(actor: Actor, found: Collection[DeviceKey], *, shown: int = SHOWN) -> Mapping[UUID, Scope]:
    """Return what the keys speak for, as far as the actor sees it; at most `shown` objects of each by code."""
    ids = [key.id for key in found]
    seen = _spoken(CityObject.objects.filter(visible(actor))).filter(key__in=ids)
    scopes = {id: Scope() for id in ids}
    for id, count in _counts(CityObject.objects.filter(visible(actor)), ids).items():
        scopes[id].count = count
    everything = _counts(CityObject.objects.all(), ids)
    to_edit = _counts(CityObject.objects.filter(visible(actor, act=Act.EDIT_OBJECTS)), ids)
    for key in found:
        all_types = not key.types or oversees(actor, Act.IMPORT)
        scopes[key.id].may_revoke = all_types and to_edit.get(key.id, 0) == everything.get(key.id, 0)
    for id, things in _first(seen, shown).items():
        scopes[id].things = things
    return scopes


def turned_away(actor: Actor) -> list[DoorCount]:
    """Return how many were turned away at the door since the site began, by why; raises Refused for who does not see
    the whole district.
    """
    if not oversees(actor, Act.SEE):
        raise Refused("people.act_not_allowed", act=Act.SEE.value)
    return list(DoorCount.objects.order_by("-count", "why"))


def state_of(key: DeviceKey, now: datetime) -> KeyState:
    """Return how a key stands."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.EXPIRED if key.expires_at is not None and key.expires_at <= now else KeyState.VALID


def _standing(state: KeyState, now: datetime) -> Q:
    if state is KeyState.REVOKED:
        return Q(revoked_at__isnull=False)
    expired = Q(revoked_at__isnull=True, expires_at__lte=now)
    return expired if state is KeyState.EXPIRED else Q(revoked_at__isnull=True) & ~Q(expires_at__lte=now)


def _spoken(objects: QuerySet[CityObject]) -> QuerySet[KeyObject]:
    return KeyObject.objects.filter(object_id__in=objects.values("id"))


def _counts(objects: QuerySet[CityObject], keys: Sequence[UUID]) -> dict[UUID, int]:
    return dict(_spoken(objects).filter(key__in=keys).values_list("key").annotate(Count("id")))


def _first(seen: QuerySet[KeyObject], shown: int) -> dict[UUID, list[CityObject]]:
    pairs: list[tuple[UUID, UUID]] = []
    met: dict[UUID, int] = {}
    for key, object_id in seen.order_by("key", "id").values_list("key", "object_id").iterator():
        met[key] = met.get(key, 0) + 1
        if met[key] <= shown:
            pairs.append((key, object_id))
    things = CityObject.objects.in_bulk([object_id for _, object_id in pairs])
    found: dict[UUID, list[CityObject]] = {}
    for key, object_id in pairs:
        found.setdefault(key, []).append(things[object_id])
    return found


def common_place(things: Sequence[CityObject]) -> tuple[str, str]:
    """Return the smallest area that holds all the things, and the unit if it is one."""
    if not things:
        return "", ""
    levels = [thing.area_path.split("/")[:-1] for thing in things]
    shared: list[str] = []
    for parts in zip(*levels, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    units = {thing.unit_code for thing in things}
    return "".join(f"{part}/" for part in shared), units.pop() if len(units) == 1 else ""
