"""The one permission policy: who sees and does what by post, unit and area. Every list, count and search asks here."""

from __future__ import annotations

from django.db.models import Q

from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.errors import NotFound, Refused
from xiuhua.kernel.words import Act, Privacy


def visible(actor: Actor, *, area: str = "area_path", unit: str = "unit_code", act: Act = Act.SEE) -> Q:
    """Return the filter that leaves only rows the actor may see (or do `act` to); `area` and `unit` name the row's
    columns, `unit=""` says that the row belongs to no unit.
    """
    if actor.administrator:
        return Q()
    seen = Q(pk__in=[])
    for grant in actor.grants:
        if act in grant.acts and (unit or not grant.own_unit_only):
            rows = Q(**{f"{area}__startswith": grant.area_path})
            seen |= rows & Q(**{unit: grant.unit}) if grant.own_unit_only else rows
    return seen


def visible_sql(actor: Actor, *, area: str = "area_path", unit: str = "unit_code") -> tuple[str, list[str]]:
    """Return the same filter as SQL text and parameters; the arguments are trusted column names."""
    if actor.administrator:
        return "true", []
    parts: list[str] = []
    parameters: list[str] = []
    for grant in actor.grants:
        if Act.SEE in grant.acts:
            part = f"{area} LIKE %s"
            parameters.append(grant.area_path + "%")
            if grant.own_unit_only:
                part += f" AND {unit} = %s"
                parameters.append(grant.unit)
            parts.append(f"({part})")
    return (f"({' OR '.join(parts)})" if parts else "false"), parameters


def sees(actor: Actor, *, area_path: str, unit_code: str) -> bool:
    """Return whether the actor may see a row of that area and unit."""
    return actor.administrator or any(
        Act.SEE in grant.acts and _covers(grant, area_path, unit_code) for grant in actor.grants
    )


def may(actor: Actor, act: Act, *, area_path: str, unit_code: str) -> bool:
    """Return whether one of the actor's posts allows the act there."""
    return actor.administrator or any(
        act in grant.acts and _covers(grant, area_path, unit_code) for grant in actor.grants
    )


def holds(actor: Actor, post: str, *, area_path: str, unit_code: str, any_unit: bool = False) -> bool:
    """Return whether the actor holds the post at that unit (or at any unit) over that area. Administrators do not:
    a case is handled and verified by those who hold the posts.
    """
    return any(
        grant.post == post and area_path.startswith(grant.area_path) and (any_unit or grant.unit == unit_code)
        for grant in actor.grants
    )


def require(actor: Actor, act: Act, *, area_path: str, unit_code: str) -> None:
    """Raise NotFound if the actor may not see the row, Refused if it sees but may not do this."""
    if may(actor, act, area_path=area_path, unit_code=unit_code):
        return
    if not sees(actor, area_path=area_path, unit_code=unit_code):
        raise NotFound("people.not_visible")
    raise Refused("people.act_not_allowed", act=act.value)


def clearance(actor: Actor, *, area_path: str, unit_code: str) -> Privacy:
    """Return the most private kind of value the actor may read of a row there."""
    if actor.administrator:
        return Privacy.SENSITIVE
    allowed = [grant.sees for grant in actor.grants if _covers(grant, area_path, unit_code)]
    return max(allowed, key=lambda privacy: privacy.rank, default=Privacy.PUBLIC)


def _covers(grant: Grant, area_path: str, unit_code: str) -> bool:
    return area_path.startswith(grant.area_path) and (not grant.own_unit_only or grant.unit == unit_code)
