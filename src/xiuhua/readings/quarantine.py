"""What could not be taken: seen by whose stream it is about, sent again once its object or stream is registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.people.policy import visible
from xiuhua.people.queries import root_path
from xiuhua.readings.models import IngestCount, Quarantine
from xiuhua.readings.sending import sender
from xiuhua.readings.topics import feed_subject_of

AT_ONCE = 5000
NO_RIGHT = "right"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """Readings set aside for one reason: how many still lie here, how many of them can be sent again, the newest."""

    reason: str
    count: int
    again: int
    last_at: datetime


def quarantined(actor: Actor, *, reason: str = "", name: str = "", act: Act = Act.SEE) -> QuerySet[Quarantine]:
    """Return what was set aside, newest first: of streams the actor may see (or do `act` to); what belongs to no stream
    is seen by those who may do it in the whole district.
    """
    rows = visible(actor, act=act) & ~Q(area_path="")
    if oversees(actor, act):
        rows |= Q(area_path="")
    found = Quarantine.objects.filter(rows)
    if reason:
        found = found.filter(reason=reason)
    if name:
        found = found.filter(name__contains=name)
    return found.order_by("-received_at", "-id")


def oversees(actor: Actor, act: Act) -> bool:
    """Return whether the actor may do something in the whole district and for every unit."""
    district = root_path()
    return actor.administrator or any(
        act in grant.acts and not grant.own_unit_only and district.startswith(grant.area_path) for grant in actor.grants
    )


def kinds(actor: Actor) -> list[Kind]:
    """Return what lies here by reason, most first."""
    rows = (
        quarantined(actor)
        .order_by()
        .values("reason")
        .annotate(count=Count("id"), again=Count("id", filter=Q(whole=True) & ~Q(name="")), last_at=Max("received_at"))
    )
    return [Kind(**row) for row in rows.order_by("-count", "reason")]


def fates(actor: Actor) -> dict[str, int]:
    """Return how many readings met which fate since the site began; raises Refused for who does not oversee it all."""
    if not oversees(actor, Act.SEE):
        raise Refused("people.act_not_allowed", act=Act.SEE.value)
    return dict(IngestCount.objects.order_by("fate").values_list("fate", "count"))


def send_again(actor: Actor, nats_url: str, *, reason: str = "", name: str = "") -> int:
    """Send quarantined readings once more, as if they came now, and take them out of the quarantine; what still cannot
    be taken comes back. Returns how many; at most some thousands at once. What a gateway had no right to say is sent
    only if this very reason is asked for: who sends it vouches for it. Raises Refused, Unavailable.

    Killed in between it sends some of them twice; a reading counts once all the same.
    """
    if not (actor.administrator or any(Act.IMPORT in grant.acts for grant in actor.grants)):
        raise Refused("people.act_not_allowed", act=Act.IMPORT.value)
    with transaction.atomic():
        wanted = quarantined(actor, reason=reason, name=name, act=Act.IMPORT).filter(whole=True).exclude(name="")
        if not reason:
            wanted = wanted.exclude(reason=NO_RIGHT)
        rows = list(wanted.select_for_update(skip_locked=True)[:AT_ONCE])
        if not rows:
            return 0
        sender.send(nats_url, [(feed_subject_of(row.name), bytes(row.payload)) for row in rows])
        Quarantine.objects.filter(id__in=[row.id for row in rows]).delete()
        change = Change(
            action="sent_again", entity="quarantine", entity_id=reason or "all", area_path=rows[0].area_path,
            data={"count": len(rows), "reason": reason, "name": name},
        )  # fmt: skip
        record(actor, change)
    return len(rows)
