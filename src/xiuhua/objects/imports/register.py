"""What the register already holds, read at once for a whole file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from django.db.models import QuerySet

from xiuhua.kernel.actor import Actor
from xiuhua.objects.checking import Typed
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.people.models import Area, Unit
from xiuhua.people.policy import visible

ASKED_BY_CODE = 2_000
FETCHED = 5_000
SHOWN = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An object of the register as an import compares it."""

    id: UUID
    name: str
    attributes: Mapping[str, Typed]
    wkb: bytes | None
    unit_code: str
    area_path: str
    valid_from: date | None
    valid_to: date | None
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An exclusive link that stands in the register: `source` is its code, "—" where the actor may not know it."""

    source_id: UUID
    source: str
    valid_from: date | None
    valid_to: date | None


def known_objects(type_id: str, codes: Sequence[str], *, lock: bool) -> dict[str, Known]:
    """Return the live objects of the type by code, whoever may see them; `lock` holds them until the end."""
    rows = _live(type_id, codes)
    if lock:
        rows = rows.select_for_update()
    columns = (
        "code", "id", "name", "attributes", "geometry", "unit_code", "area_path", "valid_from", "valid_to", "version"
    )  # fmt: skip
    return {
        row[0]: Known(
            id=row[1], name=row[2], attributes=row[3], wkb=None if row[4] is None else bytes(row[4]),
            unit_code=row[5], area_path=row[6], valid_from=row[7], valid_to=row[8], version=row[9],
        )
        for row in rows.values_list(*columns).iterator(chunk_size=FETCHED)
    }  # fmt: skip


def count_seen(actor: Actor, type_id: str) -> int:
    """Return how many objects of the type the actor sees."""
    return CityObject.objects.filter(visible(actor), type=type_id, removed_at__isnull=True).count()


def seen_beside(actor: Actor, type_id: str, codes: Set[str]) -> list[tuple[UUID, str, str]]:
    """Return id, code and name of the first objects of the type that the actor sees and that bear none of the codes."""
    rows = CityObject.objects.filter(visible(actor), type=type_id, removed_at__isnull=True).order_by("code")
    others = (row for row in rows.values_list("id", "code", "name").iterator(FETCHED) if row[1] not in codes)
    return list(islice(others, SHOWN))


def ids_by_code(actor: Actor, type_id: str, codes: Sequence[str]) -> dict[str, UUID]:
    """Return the ids of the objects of the type that the actor sees, by code."""
    return dict(_live(type_id, codes).filter(visible(actor)).values_list("code", "id"))


def linked_objects(type_id: str, links: Iterable[str]) -> dict[tuple[UUID, str], dict[str, UUID]]:
    """Return (source, link id) → code → id of what the objects of the type link to, whoever may see it."""
    found: dict[tuple[UUID, str], dict[str, UUID]] = defaultdict(dict)
    full = {f"{type_id}.{link}": link for link in links}
    rows = ObjectLink.objects.filter(link__in=list(full)).values_list("source_id", "link", "target__code", "target_id")
    for source_id, link, code, target_id in rows.iterator(chunk_size=FETCHED):
        found[source_id, full[link]][code] = target_id
    return found


def unseen_targets(actor: Actor, type_id: str, links: Iterable[str]) -> set[UUID]:
    """Return the ids of what the objects of the type link to beyond the actor's sight."""
    if actor.administrator:
        return set()
    ends = ObjectLink.objects.filter(link__in=[f"{type_id}.{link}" for link in links]).values("target_id")
    rows = CityObject.objects.filter(id__in=ends)
    return set(rows.exclude(id__in=rows.filter(visible(actor)).values("id")).values_list("id", flat=True))


def held_links(actor: Actor, type_id: str, link: str) -> dict[str, list[Held]]:
    """Return the exclusive links of the kind that stand in the register, by their target's code."""
    rows = ObjectLink.objects.filter(link=f"{type_id}.{link}", exclusive=True)
    seen = set(
        rows.filter(visible(actor, area="source__area_path", unit="source__unit_code")).values_list("id", flat=True)
    )
    found: dict[str, list[Held]] = defaultdict(list)
    columns = ("id", "target__code", "source_id", "source__code", "valid_from", "valid_to")
    for row_id, target, source_id, source, valid_from, valid_to in rows.values_list(*columns):
        shown = source if row_id in seen else "—"
        found[target].append(Held(source_id=source_id, source=shown, valid_from=valid_from, valid_to=valid_to))
    return found


def area_paths() -> dict[str, list[str]]:
    """Return the paths of the areas of a code or name; a name may have several."""
    found: dict[str, list[str]] = defaultdict(list)
    for code, name, path in Area.objects.values_list("code", "name", "path"):
        for word in {code, name}:
            found[word].append(path)
    return found


def unit_codes() -> dict[str, str]:
    """Return the codes of the units by code or name; a code wins over another's name."""
    units = list(Unit.objects.values_list("code", "name"))
    return {name: code for code, name in units} | {code: code for code, _ in units}


def _live(type_id: str, codes: Sequence[str]) -> QuerySet[CityObject]:
    """Ask by code for a small file, for the whole type otherwise."""
    rows = CityObject.objects.filter(type=type_id, removed_at__isnull=True).order_by()
    return rows.filter(code__in=list(codes)) if len(codes) <= ASKED_BY_CODE else rows
