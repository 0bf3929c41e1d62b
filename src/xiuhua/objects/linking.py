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
    actor: Actor, declared: ObjectType, given: Mapping[str, Sequence[str]], *, whole: bool
) -> tuple[dict[str, list[CityObject]], list[Problem]]:
    """Return the objects that the codes name, as far as the actor sees them, and everything wrong."""
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
        if len(codes) > 1 and not link.many:
            wrong = Wrong("link_many", label=link.label, count=len(codes))
            problems.append(problem_of(wrong, where=where, value=", ".join(codes)))
        targets[name] = list(found.values())
    for name, link in stored.items():
        if link.required and not given.get(name) and (whole or name in given):
            problems.append(problem_of(Wrong("required", label=link.label), where=f"link.{name}", value=None))
    return targets, problems


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
    known = other is not None and sees(actor, area_path=other.source.area_path, unit_code=other.source.unit_code)
    return Conflict(
        "objects.overlap",
        target=link.target.code,
        other=other.source.code if other is not None and known else "—",
        link=link.link.rpartition(".")[2],
    )
