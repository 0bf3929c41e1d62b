"""Making and revoking the keys of devices and gateways."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import may, require
from xiuhua.people.queries import root_path
from xiuhua.readings.keys import common_place, key_of
from xiuhua.readings.models import DeviceKey, KeyObject
from xiuhua.readings.quarantine import oversees
from xiuhua.stack.nats_server import OUR_USER, SYSTEM_USER

# A user name, one level of a topic and part of an inbox at once.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")
MOST_OBJECTS = 1000
SECRET_BYTES = 32


def make_key(
    actor: Actor,
    *,
    name: str,
    types: Sequence[str] = (),
    objects: Collection[UUID] = (),
    holder: str = "",
    expires_at: datetime | None = None,
    origin: str = "",
    now: datetime,
) -> tuple[DeviceKey, str]:
    """Make a key that speaks for the objects and for every object of `types`, and return it with its secret, which
    nobody can read again. Needs the right to edit each object, and to import in the whole district for a type.

    Raises Invalid, Conflict for a name that is taken, NotFound, Refused.
    """
    if not NAME.fullmatch(name) or name in (OUR_USER, SYSTEM_USER):
        raise Invalid("readings.key_name", name=name[:80])
    if not types and not objects:
        raise Invalid("readings.key_for_nothing")
    if len(set(objects)) > MOST_OBJECTS:
        raise Invalid("readings.key_too_wide", count=len(set(objects)), most=MOST_OBJECTS)
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        raise Invalid("readings.key_expired")
    _require_types(actor, types)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        things = _things(actor, objects)
        try:
            with transaction.atomic():
                key = DeviceKey.objects.create(
                    name=name, secret_sha256=sha256(secret.encode()).digest(), types=sorted(set(types)),
                    holder=holder.strip(), origin=origin, made_by=actor.code, made_at=now, expires_at=expires_at,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict("readings.key_name_taken", name=name) from error
        KeyObject.objects.bulk_create([KeyObject(key=key, object_id=thing.id) for thing in things])
        said = {"name": name, "types": key.types, "objects": [f"{thing.type} {thing.code}" for thing in things]}
        _tell(actor, "made", key, things, why="", data=said)
    return key, secret


def revoke_key(actor: Actor, key_id: UUID, *, why: str, now: datetime) -> DeviceKey:
    """End a key for good, with the reason; whoever is connected with it is put out. Needs the same rights as making it.
    Raises Invalid, Conflict, NotFound, Refused.
    """
    if not why.strip():
        raise Invalid("readings.why_missing")
    with transaction.atomic():
        key = DeviceKey.objects.select_for_update().get(id=key_of(actor, key_id, now=now).id)
        spoken = KeyObject.objects.filter(key=key).values("object_id")
        things = list(CityObject.objects.filter(id__in=spoken))
        _require_types(actor, key.types)
        for thing in things:
            if not may(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code):
                raise Refused("people.act_not_allowed", act=Act.EDIT_OBJECTS.value)
        if key.revoked_at is not None:
            raise Conflict("readings.key_revoked_before", at=key.revoked_at)
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
        _tell(actor, "revoked", key, things, why=why.strip(), data={"name": key.name})
    return key


def _require_types(actor: Actor, types: Sequence[str]) -> None:
    known = catalogue.current().objects
    for type_id in types:
        if type_id not in known or not known[type_id].streams:
            raise Invalid("readings.key_no_streams", type=type_id[:100])
    if types and not oversees(actor, Act.IMPORT):
        raise Refused("people.act_not_allowed", act=Act.IMPORT.value)


def _things(actor: Actor, objects: Collection[UUID]) -> list[CityObject]:
    things = list(CityObject.objects.filter(id__in=set(objects), removed_at=None).order_by("code"))
    if len(things) < len(set(objects)):
        raise NotFound("people.not_visible")
    for thing in things:
        require(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)
    known = catalogue.current().objects
    for thing in things:
        if thing.type not in known or not known[thing.type].streams:
            raise Invalid("readings.key_no_streams", type=thing.type)
    return things


def _tell(
    actor: Actor, action: str, key: DeviceKey, things: Sequence[CityObject], *, why: str, data: Mapping[str, object]
) -> None:
    area_path, unit_code = (root_path(), "") if key.types else common_place(things)
    record(
        actor,
        Change(action=action, entity="device_key", entity_id=str(key.id), area_path=area_path, why=why, data=data),
    )
    announce("device_key.changed", area_path=area_path, id=str(key.id), unit_code=unit_code)
