"""At the centre: making a node's key, revoking it, and finding the node that a key belongs to."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction

from xiuhua.edge.models import Node
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, NotSignedIn, Refused
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.ledger.models import Owned
from xiuhua.ledger.owners import own
from xiuhua.people.models import Area

SECRET_BYTES = 32


def make_node(actor: Actor, *, town: str, now: datetime) -> tuple[Node, str]:
    """Make the node of a town and return it with its key, which nobody can read again. Administrators only; raises
    Invalid for what is no town, Conflict where the town has a node.
    """
    _require(actor)
    area = Area.objects.filter(code=town, level="town").first()
    if area is None:
        raise Invalid("edge.not_a_town", town=town[:40])
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        standing = Node.objects.filter(town=town, revoked_at=None).first()
        if standing is not None:
            raise Conflict("edge.town_has_node", node=standing.code)
        code = f"node-{town}-{Node.objects.filter(town=town).count() + 1}"
        try:
            with transaction.atomic():
                node = Node.objects.create(
                    code=code, town=town, area_path=area.path, secret_sha256=sha256(secret.encode()).digest(),
                    made_by=actor.code, made_at=now,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict("edge.town_has_node", node=code) from error
        own("area", [area.path], code)
        _tell(actor, "made", node)
    return node, f"{code}:{secret}"


def revoke_node(actor: Actor, node_id: UUID, *, why: str, now: datetime) -> Node:
    """End a node's key for good and take over, with the reason, every case and alarm it owned. Administrators only."""
    _require(actor)
    if not why.strip():
        raise Invalid("edge.why_missing")
    with transaction.atomic():
        node = Node.objects.select_for_update().filter(id=node_id).first()
        if node is None:
            raise NotFound("people.not_visible")
        if node.revoked_at is not None:
            raise Conflict("edge.revoked_before")
        node.revoked_at, node.revoked_why = now, why.strip()
        node.save(update_fields=["revoked_at", "revoked_why"])
        held = list(Owned.objects.filter(node=node.code).exclude(entity="area").values_list("entity", "entity_id"))
        Owned.objects.filter(node=node.code).delete()
        record(
            actor,
            *(
                Change(action="taken_over", entity=entity, entity_id=entity_id, area_path=node.area_path,
                       why=why.strip(), data={"node": node.code})
                for entity, entity_id in held
            ),
        )  # fmt: skip
        _tell(actor, "revoked", node, why=why.strip())
    return node


def node_of(key: str) -> Node:
    """Return the node whose key that is; raises NotSignedIn for a wrong or revoked one."""
    code, _, secret = key.partition(":")
    node = Node.objects.filter(code=code[:100]).first()
    kept = bytes(node.secret_sha256) if node is not None else bytes(32)
    if not hmac.compare_digest(sha256(secret.encode()).digest(), kept) or node is None or node.revoked_at is not None:
        raise NotSignedIn("edge.key_refused")
    return node


def actor_of_node(node: Node) -> Actor:
    """Return the actor under which what a node hands up is written down where no person did it."""
    return system_actor(node.code)


def _require(actor: Actor) -> None:
    if not actor.administrator:
        raise Refused("edge.administrators_only")


def _tell(actor: Actor, action: str, node: Node, *, why: str = "") -> None:
    data = {"code": node.code, "town": node.town}
    record(
        actor,
        Change(action=action, entity="node", entity_id=str(node.id), area_path=node.area_path, why=why, data=data),
    )
    announce("node.changed", area_path=node.area_path, unit_code="", id=str(node.id))
