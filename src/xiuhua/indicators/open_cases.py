"""The cases that work on the rows of an indicator: those on the things themselves and on what they are linked with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xiuhua.cases.models import Case, RoundItem
from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.indicators.questions import is_found, leaves_of, ways_of
from xiuhua.indicators.rows import Row
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.expressions import Linked
from xiuhua.kernel.indicators import Indicator, Subject
from xiuhua.objects.models import FoundLink, ObjectLink
from xiuhua.people.policy import visible


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase:
    """A case that works on a row's thing."""

    id: UUID
    number: str
    type: str
    state: str
    due_at: datetime | None
    at_risk_at: datetime | None
    paused: bool


def cases_of(actor: Actor, indicator: Indicator, page: Sequence[Row]) -> dict[str, list[OpenCase]]:
    """Return the cases that work on the rows, by thing: open ones on an object, then, where it does not pass, open ones
    on what the indicator asks it to be linked with; the case itself for a case; the one opened for a round's item.
    """
    things = [UUID(row.thing) for row in page]
    seen = Case.objects.filter(visible(actor)).order_by("due_at", "opened_at")
    found: list[tuple[UUID, Case]]
    if indicator.subject is Subject.OBJECT:
        own = seen.filter(object_id__in=things, kind="open")
        found = [(case.object_id, case) for case in own if case.object_id is not None]
        linked = linked_things(indicator, [UUID(row.thing) for row in page if row.passes is not True], current())
        for case in seen.filter(object_id__in=list(linked), kind="open") if linked else ():
            found += [(thing, case) for thing in linked.get(case.object_id, ()) if thing != case.object_id]
    elif indicator.subject is Subject.CASE:
        found = [(case.id, case) for case in seen.filter(id__in=things)]
    elif indicator.subject is Subject.ITEM:
        items = dict(RoundItem.objects.filter(id__in=things, case_id__isnull=False).values_list("case_id", "id"))
        found = [(items[case.id], case) for case in seen.filter(id__in=list(items))]
    else:
        found = []
    cases: dict[str, list[OpenCase]] = {}
    for thing, case in found:
        one = OpenCase(
            id=case.id, number=case.number, type=case.type, state=case.state, due_at=case.due_at,
            at_risk_at=case.at_risk_at, paused=case.paused,
        )  # fmt: skip
        cases.setdefault(str(thing), []).append(one)
    return cases


def linked_things(indicator: Indicator, things: Collection[UUID], catalogue: Catalogue) -> dict[UUID | None, set[UUID]]:
    """Return what the indicator's conditions reach by links from the things: the things it is reached from, by it."""
    reached: dict[UUID | None, set[UUID]] = {}
    for condition in (indicator.where, indicator.passes):
        for leaf in leaves_of(condition):
            if things and isinstance(leaf, Linked):
                for there, origin in _reached(leaf, indicator.of, {thing: {thing} for thing in things}, catalogue):
                    reached.setdefault(there, set()).update(origin)
    return reached


def _reached(
    linked: Linked, object_type: str, origins: Mapping[UUID, set[UUID]], catalogue: Catalogue
) -> Iterator[tuple[UUID, set[UUID]]]:
    """Yield what a link, and the links asked for beyond it, lead to, with the origins of the things led from."""
    far: dict[UUID, set[UUID]] = {}
    for forward in ways_of(linked, object_type, catalogue):
        here, there = ("source_id", "target_id") if forward else ("target_id", "source_id")
        table = FoundLink if is_found(linked, catalogue) else ObjectLink
        kept = table.objects.filter(
            **{"link": linked.link, f"{here}__in": list(origins), f"{there[:-3]}__removed_at": None}
        )
        for start, end in kept.values_list(here, there):
            far.setdefault(end, set()).update(origins[start])
    yield from far.items()
    for leaf in leaves_of(linked.where):
        if far and isinstance(leaf, Linked):
            yield from _reached(leaf, linked.to, far, catalogue)
