"""Verbs on many objects of one type at once: remove, set one attribute; all or nothing, and what stands in the way is
told of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.kernel.objects import ObjectType, Writer
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.actions import Change, announce, record_many
from xiuhua.objects.actions import ENTITY, require_somewhere, stop
from xiuhua.objects.forms import differences, lay, state_of
from xiuhua.objects.linking import free_links
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.people.policy import may, visible

MOST_ROWS = 2_000
UNSEEN = Label(zh="不在查看范围，或已移除", en="Not visible to you, or removed")
FOREIGN = Label(zh="不在修改范围", en="Not yours to change")
CHANGED = Label(zh="选中之后有人改过，重新选中后再试", en="Changed since you ticked it; tick it again")
LINKED = Label(zh="还有别的对象关联着它", en="Others link to it")
HIDDEN = Label(zh="这一项对您的岗位保密", en="This value is hidden from your post")
Versions = Mapping[UUID, int]


def remove_many(actor: Actor, type_id: str, versions: Versions, *, why: str) -> int:
    """Take the objects, each still at its version, out of the register; return how many. Raises
    Conflict("objects.bulk_refused") with every object that cannot go and why; then none goes.
    """
    with transaction.atomic():
        things, refused = _held(actor, type_id, versions)
        links = ObjectLink.objects.filter(target_id__in=list(things)).exclude(source_id__in=list(things))
        for target_id in links.values_list("target_id", flat=True).distinct():
            refused.append(_refusal(things[target_id], LINKED))
        _stop(refused)
        changes: list[Change] = []
        now = timezone.now()
        freed = {thing.id: free_links(thing) for thing in things.values()}
        for thing in things.values():
            thing.removed_at = now
            changes.append(_keep(thing, "removed", why, {"removed": [False, True], **freed[thing.id]}))
        _write_down(actor, type_id, changes)
    return len(things)


def set_attribute(
    actor: Actor, type_id: str, versions: Versions, attribute_id: str, value: object, *, why: str = ""
) -> int:
    """Set one attribute, as a form may, of the objects, each still at its version; return how many changed. Raises
    Invalid for a value that cannot be taken, Conflict("objects.bulk_refused") as `remove_many` does.
    """
    with transaction.atomic():
        things, refused = _held(actor, type_id, versions)
        declared, mask = current().object_type(type_id), Mask(actor)
        for thing in things.values():
            if attribute_id in mask.hidden(declared, area_path=thing.area_path, unit_code=thing.unit_code):
                refused.append(_refusal(thing, HIDDEN))
        _check(declared, attribute_id, value)
        _stop(refused)
        changes = []
        for thing in things.values():
            before = state_of(thing)
            lay(thing, declared, {"attributes": {attribute_id: value}}, Writer.FORM, whole=False)
            differing = differences(before, state_of(thing))
            if differing:
                changes.append(_keep(thing, "changed", why, differing))
        _write_down(actor, type_id, changes)
    return len(changes)


def _check(declared: ObjectType, attribute_id: str, value: object) -> None:
    blank = CityObject(type=declared.id, code="", name="")
    stop(lay(blank, declared, {"attributes": {attribute_id: value}}, Writer.FORM, whole=False))


def _held(actor: Actor, type_id: str, versions: Versions) -> tuple[dict[UUID, CityObject], list[dict[str, object]]]:
    """Return the objects, locked, and those that may not be changed, each with why."""
    current().object_type(type_id)
    require_somewhere(actor, Act.EDIT_OBJECTS)
    if len(versions) > MOST_ROWS:
        raise Invalid("objects.too_many_chosen", count=len(versions), limit=MOST_ROWS)
    rows = CityObject.objects.select_for_update().filter(
        visible(actor), type=type_id, removed_at__isnull=True, id__in=list(versions)
    )
    things = {thing.id: thing for thing in rows.order_by("id")}
    refused: list[dict[str, object]] = [
        {"id": str(object_id), "code": "", "name": "", "reason": _both(UNSEEN)}
        for object_id in versions
        if object_id not in things
    ]
    for thing in things.values():
        if not may(actor, Act.EDIT_OBJECTS, area_path=thing.area_path, unit_code=thing.unit_code):
            refused.append(_refusal(thing, FOREIGN))
        elif thing.version != versions[thing.id]:
            refused.append(_refusal(thing, CHANGED))
    return things, refused


def _refusal(thing: CityObject, reason: Label) -> dict[str, object]:
    return {"id": str(thing.id), "code": thing.code, "name": thing.name, "reason": _both(reason)}


def _both(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _stop(refused: Sequence[dict[str, object]]) -> None:
    if refused:
        raise Conflict("objects.bulk_refused", count=len({str(one["id"]) for one in refused}), refused=list(refused))


def _keep(thing: CityObject, action: str, why: str, changes: Mapping[str, object]) -> Change:
    thing.version += 1
    thing.updated_at = timezone.now()
    thing.save()
    return Change(
        action=action, entity=ENTITY, entity_id=str(thing.id), area_path=thing.area_path, why=why,
        data={"type": thing.type, "code": thing.code, "version": thing.version, "changes": dict(changes)},
    )  # fmt: skip


def _write_down(actor: Actor, type_id: str, changes: Sequence[Change]) -> None:
    if changes:
        record_many(actor, changes)
        announce("objects.imported", id=type_id, type=type_id, count=len(changes))
