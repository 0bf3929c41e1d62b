"""People and the posts they hold."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.db import transaction

from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.people.actions.sessions import LANGUAGES
from xiuhua.people.models import Area, PostHolding, Unit, User
from xiuhua.people.policy import clearance, may, require
from xiuhua.people.posts import all_posts
from xiuhua.people.queries.users import managed_holdings

PASSWORD_LENGTH = 10
USERNAME = re.compile(r"[\w.-]{2,40}")
_password_rules = (
    MinimumLengthValidator(min_length=PASSWORD_LENGTH),
    CommonPasswordValidator(),
    UserAttributeSimilarityValidator(user_attributes=("username",)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """A post at a unit over an area, as given or taken."""

    post: str
    unit: str
    area: str
    own_unit_only: bool = False


def first_administrator() -> str | None:
    """Make the account `admin` where there is no user yet and return its random password; None afterwards."""
    with transaction.atomic():
        if User.objects.exists():
            return None
        password = secrets.token_urlsafe(12)
        make_user(
            system_actor("start"), username="admin", name="管理员", password=password, administrator=True, origin="site"
        )
    return password


def make_user(
    actor: Actor,
    *,
    username: str,
    name: str,
    password: str,
    language: str = "zh",
    administrator: bool = False,
    holdings: Sequence[Holding] = (),
    origin: str = "site",
) -> User:
    """Add a person with the posts it holds. Only administrators make administrators or people without a post."""
    if administrator:
        _only_administrators(actor)
    if not actor.administrator and all(Act.MANAGE_USERS not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=Act.MANAGE_USERS.value)
    if not holdings and not actor.administrator:
        raise Invalid("people.needs_holding")
    if not USERNAME.fullmatch(username) or unicodedata.normalize("NFKC", username) != username:
        raise Invalid("people.bad_username", username=username)
    if language not in LANGUAGES:
        raise Invalid("people.bad_language", language=language)
    user = User(
        code=username, username=username, name=name, language=language, administrator=administrator, origin=origin
    )
    _set(user, password)
    with transaction.atomic():
        if User.objects.filter(username=username).exists():
            raise Conflict("people.username_taken", username=username)
        user.save()
        _recorded(actor, user, "made", administrator=administrator)
        for holding in holdings:
            _give(actor, user, holding)
    return user


def grant(actor: Actor, *, user_code: str, holding: Holding) -> None:
    """Give a person a post; nobody gives more than it has itself."""
    with transaction.atomic():
        _give(actor, _managed(actor, user_code, whole=False), holding)


def revoke(actor: Actor, *, user_code: str, holding: Holding) -> None:
    """Take a post from a person."""
    with transaction.atomic():
        user = _managed(actor, user_code, whole=False)
        held = user.holdings.filter(
            managed_holdings(actor), post=holding.post, unit_id=holding.unit, area_id=holding.area
        ).first()
        if held is None:
            raise NotFound("people.no_holding")
        path = held.area.path
        held.delete()
        _recorded(actor, user, "revoked", area_path=path, post=holding.post, unit=holding.unit, area=holding.area)


def set_password(actor: Actor, *, user_code: str, password: str) -> None:
    """Set a person's password; its open sessions end."""
    with transaction.atomic():
        user = _managed(actor, user_code)
        _set(user, password)
        user.save(update_fields=["password"])
        _recorded(actor, user, "password_set")


def set_active(actor: Actor, *, user_code: str, active: bool) -> None:
    """Let a person sign in, or not any more; open sessions of a stopped person end."""
    with transaction.atomic():
        user = _managed(actor, user_code)
        if not active:
            _not_the_last_administrator(user)
        user.active = active
        user.save(update_fields=["active"])
        _recorded(actor, user, "activated" if active else "deactivated")


def set_administrator(actor: Actor, *, user_code: str, administrator: bool) -> None:
    """Make a person an administrator, or no longer one."""
    _only_administrators(actor)
    with transaction.atomic():
        user = _managed(actor, user_code)
        if not administrator:
            _not_the_last_administrator(user)
        user.administrator = administrator
        user.save(update_fields=["administrator"])
        _recorded(actor, user, "administrator_set", administrator=administrator)


def rename(actor: Actor, *, user_code: str, name: str) -> None:
    """Change the name a person is shown by; code and user name stay."""
    with transaction.atomic():
        user = _managed(actor, user_code)
        before, user.name = user.name, name
        user.save(update_fields=["name"])
        _recorded(actor, user, "renamed", before=before, name=name)


def change_user(
    actor: Actor,
    *,
    user_code: str,
    name: str | None = None,
    password: str | None = None,
    active: bool | None = None,
    administrator: bool | None = None,
    granted: Sequence[Holding] = (),
    revoked: Sequence[Holding] = (),
) -> User:
    """Change all that is given, or nothing."""
    with transaction.atomic():
        if name is not None:
            rename(actor, user_code=user_code, name=name)
        if password is not None:
            set_password(actor, user_code=user_code, password=password)
        if active is not None:
            set_active(actor, user_code=user_code, active=active)
        if administrator is not None:
            set_administrator(actor, user_code=user_code, administrator=administrator)
        user = _managed(actor, user_code, whole=False)
        for holding in granted:
            _give(actor, user, holding)
        for holding in revoked:
            revoke(actor, user_code=user_code, holding=holding)
    return user


def _managed(actor: Actor, code: str, *, whole: bool = True) -> User:
    """Return the person, if the actor manages it: all of its posts, or with `whole=False` at least one."""
    user = User.objects.select_for_update().filter(code=code).first()
    if user is None:
        raise NotFound("people.no_user", user=code)
    if actor.administrator:
        return user
    inside = user.holdings.filter(managed_holdings(actor)).count()
    if user.administrator or not inside:
        raise NotFound("people.no_user", user=code)
    if whole and inside < user.holdings.count():
        raise Refused("people.act_not_allowed", act=Act.MANAGE_USERS.value)
    return user


def _give(actor: Actor, user: User, holding: Holding) -> None:
    post = all_posts().get(holding.post)
    unit = Unit.objects.filter(code=holding.unit).first()
    area = Area.objects.filter(code=holding.area).first()
    if post is None:
        raise Invalid("people.no_post", post=holding.post)
    if unit is None:
        raise Invalid("people.no_unit", unit=holding.unit)
    if area is None:
        raise Invalid("people.no_area", area=holding.area)
    where = {"area_path": area.path, "unit_code": unit.code}
    require(actor, Act.MANAGE_USERS, **where)
    # Who is held to one unit gives nothing that reaches over others.
    reach = tuple(one for one in actor.grants if holding.own_unit_only or not one.own_unit_only)
    giver = replace(actor, grants=reach)
    acts = {Act.MANAGE_USERS, *post.acts}
    if clearance(giver, **where).rank < post.sees.rank or not all(may(giver, act, **where) for act in acts):
        raise Refused("people.more_than_own", post=post.id)
    _, fresh = PostHolding.objects.get_or_create(
        user=user, post=post.id, unit=unit, area=area, defaults={"own_unit_only": holding.own_unit_only}
    )
    if not fresh:
        raise Conflict("people.already_held")
    _recorded(
        actor, user, "granted", area_path=area.path, post=post.id, unit=unit.code, area=area.code,
        own_unit_only=holding.own_unit_only,
    )  # fmt: skip


def _only_administrators(actor: Actor) -> None:
    if not actor.administrator:
        raise Refused("people.act_not_allowed", act=Act.MANAGE_USERS.value)


def _not_the_last_administrator(user: User) -> None:
    others = User.objects.select_for_update().filter(administrator=True, active=True).exclude(pk=user.pk)
    if user.administrator and user.active and not others:
        raise Conflict("people.last_administrator")


def _set(user: User, password: str) -> None:
    try:
        validate_password(password, user, _password_rules)
    except ValidationError as error:
        raise Invalid("people.weak_password", length=PASSWORD_LENGTH) from error
    user.set_password(password)


def _recorded(actor: Actor, user: User, action: str, *, area_path: str = "", **data: object) -> None:
    if not area_path:
        first = user.holdings.select_related("area").order_by("id").first()
        area_path = first.area.path if first else ""
    record(actor, Change(action=action, entity="user", entity_id=user.code, area_path=area_path, data={**data}))
