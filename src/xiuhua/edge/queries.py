"""Nodes as an actor may see them, and at a node its own line."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from xiuhua.edge.copying import catalogue_digest
from xiuhua.edge.models import Line, Node
from xiuhua.edge.outgoing import waiting
from xiuhua.edge.schemas import LineView, NodeRow
from xiuhua.kernel.actor import Actor
from xiuhua.ledger.models import Owned
from xiuhua.people.models import Area
from xiuhua.people.policy import visible

# A node that works tells of itself every five seconds.
CUT_AFTER = timedelta(seconds=20)


def nodes(actor: Actor, *, now: datetime) -> list[NodeRow]:
    """Return the nodes of the towns that the actor may see, those in use first."""
    found = list(Node.objects.filter(visible(actor, unit="")).order_by("revoked_at", "code"))
    names = {area.code: area for area in Area.objects.filter(code__in=[node.town for node in found])}
    owned = dict(
        Owned.objects.filter(entity="case", node__in=[node.code for node in found])
        .values_list("node")
        .annotate(count=Count("id"))
    )
    digest = catalogue_digest()
    return [_row(node, names.get(node.town), owned.get(node.code, 0), digest, now) for node in found]


def line_view(*, now: datetime) -> LineView:
    """Return how this node's line to the centre is; anybody signed in may know."""
    config = settings.CONFIG
    if not config.edge:
        return LineView(edge=False)
    area = Area.objects.filter(code=config.edge).first()
    own, left = Line.objects.filter(id=1).first(), waiting()
    view = LineView(
        edge=True, town=config.edge, town_zh=area.name if area else config.edge, town_en=area.name_en if area else "",
        upstream=config.upstream, state="new", waiting=left.items, waiting_readings=left.readings,
        waiting_bytes=left.bytes, most_bytes=config.edge_bytes, full=left.full, oldest_at=left.oldest_at,
    )  # fmt: skip
    if own is not None:
        for name in (
            "state", "problem", "since", "answered_at", "copied_at", "copy_problem", "clock_ahead_s", "readings_out",
            "alarms_out", "cases_out", "history_out",
        ):  # fmt: skip
            setattr(view, name, getattr(own, name))
        view.copy_age_s = (now - own.copied_at).total_seconds() if own.copied_at else None
        view.same_catalogue = own.centre_catalogue == catalogue_digest() if own.centre_catalogue else None
    return view


def _row(node: Node, area: Area | None, owned: int, digest: str, now: datetime) -> NodeRow:
    if node.revoked_at is not None:
        line = "revoked"
    elif node.last_seen_at is None:
        line = "never"
    else:
        line = "up" if now - node.last_seen_at <= CUT_AFTER else "cut"
    oldest = node.oldest_waiting_at if node.waiting else None
    behind = min((at for at in (oldest, node.last_seen_at if line == "cut" else None) if at), default=None)
    return NodeRow(
        id=node.id, code=node.code, town=node.town, town_zh=area.name if area else node.town,
        town_en=area.name_en if area else "", line=line, last_seen_at=node.last_seen_at, waiting=node.waiting,
        lag_s=(now - behind).total_seconds() if behind else None, full=node.full, copied_at=node.copied_at,
        copy_age_s=(now - node.copied_at).total_seconds() if node.copied_at else None,
        clock_ahead_s=node.clock_ahead_s, same_catalogue=node.catalogue == digest if node.catalogue else None,
        readings_in=node.readings_in, readings_new=node.readings_new, alarms_in=node.alarms_in,
        cases_in=node.cases_in, history_in=node.history_in, set_aside=node.set_aside, owned_cases=owned,
        made_at=node.made_at, revoked_at=node.revoked_at, revoked_why=node.revoked_why,
    )  # fmt: skip
