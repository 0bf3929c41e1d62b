"""Who there is: areas and units (public facts), people (only those the actor manages), and the actor of a person."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects

from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.errors import Refused
from xiuhua.kernel.words import Act, Privacy
from xiuhua.people.models import Area, PostHolding, Unit, User
from xiuhua.people.policy import visible
from xiuhua.people.posts import all_posts


def actor_of_user(user: User) -> Actor:
    """Return the actor of a person: one grant per holding. A post whose pack is gone gives nothing."""
    posts = all_posts()
    grants = []
    for holding in user.holdings.select_related("area"):
        post = posts.get(holding.post)
        grants.append(
            Grant(
                post=holding.post,
                unit=holding.unit_id,
                area_path=holding.area.path,
                acts=post.acts if post else frozenset(),
                sees=post.sees if post else Privacy.PUBLIC,
                own_unit_only=holding.own_unit_only,
            )
        )
    return Actor(code=user.code, name=user.name, grants=tuple(grants), administrator=user.administrator)


def area_rows(*, level: str = "", parent: str = "") -> QuerySet[Area]:
    """Return the areas, by path; names and codes are public facts."""
    rows = Area.objects.order_by("path")
    if level:
        rows = rows.filter(level=level)
    return rows.filter(parent_id=parent) if parent else rows


def areas_with_geometry(*, level: str) -> QuerySet[Area]:
    """Return the areas of a level that have a geometry."""
    return area_rows(level=level).filter(geometry__isnull=False)


def unit_rows() -> QuerySet[Unit]:
    """Return the units, by code; public facts."""
    return Unit.objects.order_by("code")


def user_rows(actor: Actor) -> QuerySet[User]:
    """Return the people the actor manages, with the holdings inside what it manages; raises Refused."""
    if not actor.administrator and all(Act.MANAGE_USERS not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=Act.MANAGE_USERS.value)
    rows = User.objects.order_by("username").prefetch_related(_managed(actor))
    if actor.administrator:
        return rows
    held = PostHolding.objects.filter(managed_holdings(actor), user=OuterRef("pk"))
    return rows.filter(Exists(held), administrator=False)


def with_holdings(actor: Actor, user: User) -> User:
    """Return the person with the holdings inside what the actor manages."""
    prefetch_related_objects([user], _managed(actor))
    return user


def managed_holdings(actor: Actor) -> Q:
    """Return the filter that leaves the holdings the actor may give and take."""
    return visible(actor, area="area__path", unit="unit_id", act=Act.MANAGE_USERS)


def _managed(actor: Actor) -> Prefetch[str, QuerySet[PostHolding], str]:
    managed = PostHolding.objects.filter(managed_holdings(actor)).select_related("unit", "area").order_by("id")
    return Prefetch("holdings", queryset=managed)
