"""Links between objects: found by code, stored by id, valid while their source is. Called inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict
from xiuhua.kernel.objects import Link, ObjectType, Relation
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.problems import Problem, Wrong, problem_of
from xiuhua.people.policy import sees, visible


def key_links(declared: ObjectType) -> dict[str, Link]:
    """Return the links of the type that are stored, by id; the others are found by geometry."""
    return {link.id: link for link in declared.links if link.relation is Relation.KEY}


def link_targets(
    actor: Actor,
    declared: ObjectType,
    given: Mapping[str, Sequence[str]],
    *,
    whole: bool,
    thing: CityObject | None = None,
) -> tuple[dict[str, list[CityObject]], list[Problem]]:
    """Return the objects that the links of `thing` shall point at and everything wrong: those that the codes name, as
    far as the actor sees them, and those linked now that it does not see, which it cannot mean to take away.
    """
    unseen = {} if thing is None else _unseen_ends(actor, thing)
    problems: list[Problem] = []
    targets: dict[str, list[CityObject]] = {}
    stored = key_links(declared)
    for name, codes in given.items():
        where = f"link.{name}"
        link = stored.get(name)
        if link is None:
            problems.append(problem_of(Wrong("unknown_attribute", attribute=name), where=where, value=", ".join(codes)))
            continue
        found = {
            target.code: target
            for target in CityObject.objects.filter(
                visible(actor), type=link.to, code__in=list(codes), removed_at__isnull=True
            )
        }
        for code in codes:
            if code not in found:
                wrong = Wrong("link_unknown", label=link.label, given=code)
                problems.append(problem_of(wrong, where=where, value=code))
        kept = unseen.get(name, [])
        if len(codes) > 1 and not link.many:
            wrong = Wrong("link_many", label=link.label, count=len(codes))
            problems.append(problem_of(wrong, where=where, value=", ".join(codes)))
        elif codes and kept and not link.many:
            problems.append(problem_of(Wrong("link_unseen", label=link.label), where=where, value=", ".join(codes)))
        targets[name] = [*found.values(), *kept]
    for name, link in stored.items():
        if link.required and not given.get(name) and name not in unseen and (whole or name in given):
            problems.append(problem_of(Wrong("required", label=link.label), where=f"link.{name}", value=None))
    return targets, problems


def seen_codes(actor: Actor, thing: CityObject, link_id: str) -> set[str]:
    """Return the codes of what one link of the object points at, as far as the actor sees it."""
    rows = thing.links_out.filter(visible(actor, area="target__area_path", unit="target__unit_code"))
    return set(rows.filter(link=f"{thing.type}.{link_id}").values_list("target__code", flat=True))


def set_links(
    actor: Actor, thing: CityObject, declared: ObjectType, targets: Mapping[str, Sequence[CityObject]]
) -> dict[str, list[object]]:
    """Make the object's links of the given ids point exactly at these; return what changed, as [before, after]."""
    changes: dict[str, list[object]] = {}
    for name, wanted in targets.items():
        full = f"{thing.type}.{name}"
        now = {link.target_id: link for link in thing.links_out.filter(link=full).select_related("target")}
        new = {target.id: target for target in wanted}
        if now.keys() == new.keys():
            continue
        changes[f"link.{name}"] = [
            sorted(link.target.code for link in now.values()),
            sorted(target.code for target in new.values()),
        ]
        thing.links_out.filter(link=full, target_id__in=now.keys() - new.keys()).delete()
        for target_id in new.keys() - now.keys():
            _put(actor, thing, declared, full, new[target_id])
    return changes


def keep_period(actor: Actor, thing: CityObject, declared: ObjectType) -> None:
    """Give the object's links its own validity period; raises Conflict("objects.overlap")."""
    for link in thing.links_out.select_related("target"):
        link.valid_from, link.valid_to = thing.valid_from, thing.valid_to
        _save(actor, link, declared)


def free_links(thing: CityObject) -> dict[str, list[object]]:
    """Take away all links that leave the object; return what changed, as [before, after]."""
    codes: dict[str, list[str]] = {}
    for link in thing.links_out.select_related("target").order_by("link", "target__code"):
        codes.setdefault(f"link.{link.link.rpartition('.')[2]}", []).append(link.target.code)
    thing.links_out.all().delete()
    return {key: [before, []] for key, before in codes.items()}


def _unseen_ends(actor: Actor, thing: CityObject) -> dict[str, list[CityObject]]:
    """Return what the object links to beyond the actor's sight, by link id."""
    found: dict[str, list[CityObject]] = {}
    for link in thing.links_out.select_related("target"):
        if not sees(actor, area_path=link.target.area_path, unit_code=link.target.unit_code):
            found.setdefault(link.link.rpartition(".")[2], []).append(link.target)
    return found


def _put(actor: Actor, thing: CityObject, declared: ObjectType, full: str, target: CityObject) -> None:
    link = ObjectLink(
        link=full,
        source=thing,
        target=target,
        valid_from=thing.valid_from,
        valid_to=thing.valid_to,
        exclusive=full.rpartition(".")[2] in declared.never,
    )
    _save(actor, link, declared)


def _save(actor: Actor, link: ObjectLink, declared: ObjectType) -> None:
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError as error:
        if "never_together" not in str(error):
            raise
        raise _overlap(actor, link, declared) from None


def _overlap(actor: Actor, link: ObjectLink, declared: ObjectType) -> Conflict:
    others = ObjectLink.objects.filter(link=link.link, target=link.target, exclusive=True).exclude(pk=link.pk)
    if link.valid_to:
        others = others.filter(Q(valid_from__isnull=True) | Q(valid_from__lte=link.valid_to))
    if link.valid_from:
        others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=link.valid_from))
    other = others.select_related("source").first()
    return Conflict(
        "objects.overlap",
        target=_code_for(actor, link.target),
        other="—" if other is None else _code_for(actor, other.source),
        link=link.link.rpartition(".")[2],
    )


def _code_for(actor: Actor, thing: CityObject) -> str:
    return thing.code if sees(actor, area_path=thing.area_path, unit_code=thing.unit_code) else "—"
