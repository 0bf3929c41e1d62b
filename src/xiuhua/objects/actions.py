"""Verbs on one object: make, change, remove, set attributes, link and unlink. Imports bring many at once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.objects import ObjectType, Writer
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.ledger.models import History
from xiuhua.objects.forms import Changes, code_of, differences, lay, state_of
from xiuhua.objects.linking import free_links, keep_period, link_targets, seen_codes, set_links
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject
from xiuhua.objects.places import area_without_place
from xiuhua.objects.problems import Problem, Wrong, problem_of
from xiuhua.people.policy import may, require, visible
from xiuhua.people.queries import area_names

SITE = "site"
ENTITY = "object"


def make_object(
    actor: Actor, *, type_id: str, code: str, given: Changes, origin: str = SITE, why: str = ""
) -> CityObject:
    """Put a new object into the register; raises Invalid with all problems, Conflict("objects.code_taken")."""
    declared = current().object_type(type_id)
    require_somewhere(actor, Act.EDIT_OBJECTS)
    thing = CityObject(type=type_id, code="", name="", origin=origin, updated_at=timezone.now())
    problems: list[Problem] = []
    try:
        thing.code = code_of(code, declared)
    except Wrong as wrong:
        problems.append(problem_of(wrong, where="code", value=code))
    blank: Changes = {"name": "", "attributes": {}}
    problems += lay(thing, declared, {**blank, **given}, Writer.FORM, whole=True)
    targets, wrong_links = link_targets(actor, declared, given.get("links", {}), whole=True)
    stop(problems + wrong_links)
    thing.area_path = thing.area_path or area_without_place(actor, Act.EDIT_OBJECTS)
    _require_there(actor, thing)
    with transaction.atomic():
        try:
            with transaction.atomic():
                thing.save(force_insert=True)
        except IntegrityError:
            raise Conflict("objects.code_taken", object_code=thing.code) from None
        changes = differences({}, state_of(thing)) | set_links(actor, thing, declared, targets)
        _write_down(actor, "made", thing, why, changes)
    return thing


def change_object(actor: Actor, object_id: UUID, *, version: int, given: Changes, why: str = "") -> CityObject:
    """Change an object that is still at `version`; raises Conflict("objects.changed") with who, when and theirs."""
    with transaction.atomic():
        thing, declared = _held(actor, object_id)
        require(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)
        if thing.version != version:
            raise _moved_on(actor, thing, declared)
        hidden = Mask(actor).hidden(declared, area_path=thing.area_path, unit_code=thing.unit_code)
        for name in given.get("attributes", {}):
            if name in hidden:
                raise Refused("objects.masked_write", attribute=name)
        before = state_of(thing)
        problems = lay(thing, declared, given, Writer.FORM, whole=False)
        targets, wrong_links = link_targets(actor, declared, given.get("links", {}), whole=False, thing=thing)
        stop(problems + wrong_links)
        _require_there(actor, thing)
        changes = differences(before, state_of(thing))
        if "valid_from" in changes or "valid_to" in changes:
            keep_period(actor, thing, declared)
        changes |= set_links(actor, thing, declared, targets)
        _keep(actor, "changed", thing, why, changes)
    return thing


def remove_object(actor: Actor, object_id: UUID, *, why: str) -> None:
    """Take an object out of the register; raises Conflict("objects.in_use") while others link to it."""
    with transaction.atomic():
        thing, _ = _held(actor, object_id)
        require(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)
        count = thing.links_in.count()
        if count:
            raise Conflict("objects.in_use", object_code=thing.code, count=count)
        thing.removed_at = timezone.now()
        _keep(actor, "removed", thing, why, {"removed": [False, True], **free_links(thing)})


def set_attributes_by(
    actor: Actor, object_id: UUID, values: Mapping[str, object], writer: Writer, why: str = ""
) -> CityObject:
    """Set attributes as `writer` may write them (a move, a reading, a run, a form), whatever the version. Who may move
    or report is the caller's to decide; a form also needs the right to edit. Raises Invalid with all problems.
    """
    with transaction.atomic():
        thing, declared = _held(actor, object_id)
        if writer is Writer.FORM:
            require(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)
        before = state_of(thing)
        stop(lay(thing, declared, {"attributes": values}, writer, whole=False))
        _keep(actor, "changed", thing, why, differences(before, state_of(thing)))
    return thing


def link(actor: Actor, source_id: UUID, link_id: str, target_code: str, *, why: str = "") -> None:
    """Add one link from an object to the object of that code; raises Conflict("objects.overlap")."""
    _relink(actor, source_id, link_id, target_code, why=why, add=True)


def unlink(actor: Actor, source_id: UUID, link_id: str, target_code: str, *, why: str = "") -> None:
    """Take away one link; nothing happens if there is none."""
    _relink(actor, source_id, link_id, target_code, why=why, add=False)


def require_somewhere(actor: Actor, act: Act) -> None:
    """Raise Refused if no post of the actor allows the act anywhere."""
    if not actor.administrator and all(act not in grant.acts for grant in actor.grants):
        raise Refused("people.act_not_allowed", act=act.value)


def _relink(actor: Actor, source_id: UUID, link_id: str, target_code: str, *, why: str, add: bool) -> None:
    with transaction.atomic():
        thing, declared = _held(actor, source_id)
        require(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code)
        codes = seen_codes(actor, thing, link_id)
        wanted = (codes | {target_code}) if add else (codes - {target_code})
        targets, problems = link_targets(actor, declared, {link_id: sorted(wanted)}, whole=False, thing=thing)
        stop(problems)
        _keep(actor, "changed", thing, why, set_links(actor, thing, declared, targets))


def _held(actor: Actor, object_id: UUID) -> tuple[CityObject, ObjectType]:
    """Return the object, locked, and its type; raises NotFound."""
    rows = CityObject.objects.select_for_update().filter(visible(actor), removed_at__isnull=True)
    thing = rows.filter(id=object_id).first()
    if thing is None:
        raise NotFound("people.not_visible")
    return thing, current().object_type(thing.type)


def stop(problems: list[Problem]) -> None:
    """Raise Invalid with all problems, if there are any."""
    if problems:
        said = [{"field": problem.where, **problem.said()} for problem in problems]
        raise Invalid("objects.invalid", count=len(said), problems=said)


def _require_there(actor: Actor, thing: CityObject) -> None:
    if not may(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code):
        raise Refused("objects.not_yours", place=area_names().get(thing.area_path, thing.area_path))


def _moved_on(actor: Actor, thing: CityObject, declared: ObjectType) -> Conflict:
    last = History.objects.filter(entity=ENTITY, entity_id=str(thing.id)).order_by("-id").first()
    attributes, _ = Mask(actor).read(declared, thing.attributes, area_path=thing.area_path, unit_code=thing.unit_code)
    theirs = {
        "version": thing.version,
        "name": thing.name,
        "attributes": attributes,
        "unit_code": thing.unit_code,
        "valid_from": thing.valid_from,
        "valid_to": thing.valid_to,
    }
    by = last.actor_name if last else ""
    return Conflict("objects.changed", by=by, at=thing.updated_at, theirs=theirs)


def _keep(actor: Actor, action: str, thing: CityObject, why: str, changes: Mapping[str, object]) -> None:
    """Store a changed object at its next version; nothing happens if nothing changed."""
    if not changes:
        return
    thing.version += 1
    thing.updated_at = timezone.now()
    thing.save()
    _write_down(actor, action, thing, why, changes)


def _write_down(actor: Actor, action: str, thing: CityObject, why: str, changes: Mapping[str, object]) -> None:
    record(
        actor,
        Change(
            action=action,
            entity=ENTITY,
            entity_id=str(thing.id),
            area_path=thing.area_path,
            why=why,
            data={"type": thing.type, "code": thing.code, "version": thing.version, "changes": dict(changes)},
        ),
    )
    announce(
        "object.changed", area_path=thing.area_path, unit_code=thing.unit_code, id=str(thing.id), type=thing.type,
        code=thing.code,
    )  # fmt: skip
