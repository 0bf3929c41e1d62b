"""What of the history of objects its reader may know: private values and unseen ends of links taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.objects import ObjectType
from xiuhua.ledger.models import History
from xiuhua.ledger.queries import ids_of
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import visible

UNSEEN = "—"
Changes = Mapping[str, Any]


def make_readable(actor: Actor, rows: Sequence[History]) -> None:
    """Take out of history rows of objects what the actor may not read of those objects; what was masked is named."""
    if actor.administrator:
        return
    mask, types = Mask(actor), current().objects
    places = {
        str(id): (area_path, unit_code)
        for id, area_path, unit_code in CityObject.objects.filter(id__in=ids_of(rows)).values_list(
            "id", "area_path", "unit_code"
        )
    }
    seen = _seen_codes(actor, rows, types)
    for row in rows:
        declared = types.get(str(row.data.get("type", "")))
        area_path, unit_code = places.get(row.entity_id, (row.area_path, ""))
        hidden = None if declared is None else mask.hidden(declared, area_path=area_path, unit_code=unit_code)
        changes: Changes = row.data.get("changes", {})
        kept = {
            key: _linked(declared, key, change, seen) if key.startswith("link.") else change
            for key, change in changes.items()
            if not (key.startswith("attr.") and (hidden is None or key.removeprefix("attr.") in hidden))
        }
        row.data = {**row.data, "changes": kept}
        if len(kept) < len(changes):
            row.data["masked"] = sorted(changes.keys() - kept.keys())


def _seen_codes(actor: Actor, rows: Iterable[History], types: Mapping[str, ObjectType]) -> Mapping[str, set[str]]:
    """Return, by type, which of the codes that the rows name as ends of links belong to things the actor sees."""
    named: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        declared = types.get(str(row.data.get("type", "")))
        for key, change in row.data.get("changes", {}).items():
            if key.startswith("link."):
                named[_end(declared, key)].update(code for codes in change for code in codes or ())
    return {
        type_id: set(
            CityObject.objects.filter(visible(actor), type=type_id, code__in=codes).values_list("code", flat=True)
        )
        for type_id, codes in named.items()
    }


def _linked(declared: ObjectType | None, key: str, change: Any, seen: Mapping[str, set[str]]) -> list[Any]:
    known = seen[_end(declared, key)]
    return [codes and [code if code in known else UNSEEN for code in codes] for codes in change]


def _end(declared: ObjectType | None, key: str) -> str:
    link_id = key.removeprefix("link.")
    return next((link.to for link in declared.links if link.id == link_id), "") if declared else ""
