"""Repairs of an import: each changes all rows of one kind, on the way from the file to the plan; the file stays as it
is. A repair changes a cell only where what comes of it can be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import shapely

from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Attribute, ObjectType, Value
from xiuhua.objects.checking import Check, Typed, checker, date_of
from xiuhua.objects.forms import VALID_FROM, VALID_TO, code_of, name_of
from xiuhua.objects.imports.other_formats import ORDERS, date_in_order, moment_in_order, number_in_words, tidied
from xiuhua.objects.imports.placing import far_rows
from xiuhua.objects.imports.register import area_paths, unit_codes
from xiuhua.objects.imports.rows import Incoming, given_text
from xiuhua.objects.problems import Wrong

DATED = frozenset({Value.DATE, Value.TIME})
COUNTED = frozenset({Value.NUMBER, Value.INTEGER})
PICKED = frozenset({Value.CHOICE, Value.BOOLEAN})


class Kind(StrEnum):
    """What a repair does."""

    NUMBER_REPEATED = "number_repeated"
    CODES_FROM_NAMES = "codes_from_names"
    CODES_FROM_ROWS = "codes_from_rows"
    NAMES_FROM_CODES = "names_from_codes"
    REPLACE = "replace"
    READ_DATES = "read_dates"
    READ_NUMBERS = "read_numbers"
    TIDY = "tidy"
    SWAP_AXES = "swap_axes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """`target` is what the column means. REPLACE turns cells that read `value` into `to` ("" empties them);
    READ_DATES reads with the order `to`.
    """

    kind: Kind
    target: str = "code"
    value: str = ""
    to: str = ""


def repairs_from(given: Sequence[Mapping[str, Any]]) -> list[Repair]:
    """Return repairs as kept with an import; raises Invalid("objects.no_repair")."""
    try:
        return [Repair(kind=Kind(one["kind"]), target=one["target"], value=one["value"], to=one["to"]) for one in given]
    except ValueError:
        raise Invalid("objects.no_repair", repair=", ".join(str(one["kind"]) for one in given)) from None


def mended_by_all(
    declared: ObjectType, incoming: Incoming, repairs: Sequence[Repair]
) -> tuple[Incoming, list[dict[str, object]]]:
    """Return the rows after all repairs in their order, and each repair with the number of rows it changed."""
    done: list[dict[str, object]] = []
    for repair in repairs:
        incoming, count = mended(declared, incoming, repair)
        told = {"kind": repair.kind.value, "target": repair.target, "value": repair.value, "to": repair.to}
        done.append({**told, "rows": count})
    return incoming, done


def mended(declared: ObjectType, incoming: Incoming, repair: Repair) -> tuple[Incoming, int]:
    """Return the rows after one repair and how many it changed; raises Invalid("objects.no_repair") for one that this
    type cannot have.
    """
    match repair.kind:
        case Kind.NUMBER_REPEATED:
            return _number_repeated(declared, incoming)
        case Kind.CODES_FROM_NAMES | Kind.CODES_FROM_ROWS | Kind.NAMES_FROM_CODES:
            return _fill(declared, incoming, repair.kind)
        case Kind.SWAP_AXES:
            return _swap_axes(declared, incoming)
    cells = incoming.columns.get(repair.target)
    change = _change(declared, repair)
    if cells is None:
        return incoming, 0
    check = _check(declared, repair.target)
    fresh = [_mended_cell(raw, change, check) for raw in cells]
    count = sum(new is not old for new, old in zip(fresh, cells, strict=True))
    return _with(incoming, {repair.target: fresh}), count


def _mended_cell(raw: object, change: Callable[[str], object], check: Check) -> object:
    if not given_text(raw) or _right(check, raw):
        return raw
    new = change(given_text(raw))
    return raw if new is None or not _right(check, new) else new


def _right(check: Check, raw: object) -> bool:
    try:
        check(raw)
    except Wrong:
        return False
    return True


def _change(declared: ObjectType, repair: Repair) -> Callable[[str], object]:
    """Return what a repair makes of a cell's text, None for what it leaves."""
    attribute = _attribute(declared, repair.target)
    dated = repair.target in ("valid_from", "valid_to") or (attribute is not None and attribute.value in DATED)
    match repair.kind:
        case Kind.TIDY if repair.target == "code":
            return lambda text: tidied(text).replace(" ", "")
        case Kind.TIDY:
            return tidied
        case Kind.READ_DATES if dated and repair.to in ORDERS:
            read = moment_in_order if attribute is not None and attribute.value is Value.TIME else date_in_order
            return lambda text: read(text, repair.to)
        case Kind.READ_NUMBERS if attribute is not None and attribute.value in COUNTED:
            unit = attribute.quantity.unit if attribute.quantity else ""
            return lambda text: number_in_words(text, unit)
        case Kind.REPLACE if attribute is not None and (repair.to or not attribute.required):
            return lambda text: repair.to if text == repair.value else None
    raise Invalid("objects.no_repair", repair=f"{repair.kind.value} {repair.target} {repair.to}".strip())


def _attribute(declared: ObjectType, target: str) -> Attribute | None:
    return next((one for one in declared.attributes if f"attr.{one.id}" == target), None)


def _check(declared: ObjectType, target: str) -> Check:
    """Return what raises Wrong for a cell of that target which cannot be taken."""
    attribute = _attribute(declared, target)
    if attribute is not None:
        return checker(attribute)
    if target in ("valid_from", "valid_to"):
        label = VALID_FROM if target == "valid_from" else VALID_TO
        return lambda raw: date_of(raw, label=label).isoformat()
    if target in ("area", "unit"):
        names = {name for name, paths in area_paths().items() if len(paths) == 1} if target == "area" else unit_codes()
        return lambda raw: _known(raw, names)
    return {"code": lambda raw: code_of(raw, declared), "name": name_of}.get(target, given_text)


def _known(raw: object, names: Mapping[str, object] | set[str]) -> Typed:
    if given_text(raw) not in names:
        raise Wrong("unknown")
    return given_text(raw)


def _number_repeated(declared: ObjectType, incoming: Incoming) -> tuple[Incoming, int]:
    """Give each later bearer of a code the next number that no row of the file bears: -2, -3."""
    cells = list(incoming.columns["code"])
    codes = [given_text(raw) for raw in cells]
    taken, seen, count = set(codes), set[str](), 0
    free = _Free(declared, taken)
    for at, code in enumerate(codes):
        if code and code in seen:
            new = free.after(code)
            if new:
                cells[at], count = new, count + 1
        seen.add(code)
    return _with(incoming, {"code": cells}), count


def _fill(declared: ObjectType, incoming: Incoming, kind: Kind) -> tuple[Incoming, int]:
    """Give a row without a code one: its name, or R and its row's number; then a row without a name its code."""
    codes, names = list(incoming.columns["code"]), incoming.columns.get("name")
    fresh = None if names is None else list(names)
    changed: set[int] = set()
    if kind is not Kind.NAMES_FROM_CODES:
        free = _Free(declared, {given_text(raw) for raw in codes})
        for at, raw in enumerate(codes):
            if given_text(raw):
                continue
            name = given_text(names[at]) if names is not None and kind is Kind.CODES_FROM_NAMES else ""
            new = (free.first(name) if name else "") or free.first(f"R{incoming.numbers[at]}")
            if new:
                codes[at] = new
                changed.add(at)
    for at, raw in enumerate(fresh or ()):
        if fresh is not None and not given_text(raw) and given_text(codes[at]):
            fresh[at] = given_text(codes[at])
            changed.add(at)
    return _with(incoming, {"code": codes} | ({} if fresh is None else {"name": fresh})), len(changed)


class _Free:
    """Codes that no row bears yet; each is given once."""

    def __init__(self, declared: ObjectType, taken: set[str]) -> None:
        self._check: Check = lambda raw: code_of(raw, declared)
        self._taken = taken
        self._last: dict[str, int] = {}

    def first(self, code: str) -> str:
        """Return the code itself if it is free, else numbered; "" if the type's codes may not be so."""
        if code in self._taken or code in self._last:
            return self.after(code)
        if not _right(self._check, code):
            return ""
        self._taken.add(code)
        return code

    def after(self, code: str) -> str:
        """Return the code with the next free number behind it; "" if the type's codes may not be so."""
        number = self._last.get(code, 1) + 1
        while f"{code}-{number}" in self._taken:
            number += 1
        new = f"{code}-{number}"
        if not _right(self._check, new):
            return ""
        self._last[code] = number
        self._taken.add(new)
        return new


def _swap_axes(declared: ObjectType, incoming: Incoming) -> tuple[Incoming, int]:
    """Swap the two numbers of every position far outside the district that then lies within it."""
    far = far_rows(declared, incoming, only="outside")
    if not far:
        return incoming, 0
    still = far_rows(declared, _swapped(incoming, far))
    return _swapped(incoming, far - still), len(far - still)


def _swapped(incoming: Incoming, rows: set[int]) -> Incoming:
    columns = incoming.columns
    if "lon" in columns and "lat" in columns:
        lons, lats = list(columns["lon"]), list(columns["lat"])
        for at in rows:
            lons[at], lats[at] = lats[at], lons[at]
        return _with(incoming, {"lon": lons, "lat": lats})
    if "wkt" in columns:
        texts = list(columns["wkt"])
        for at in rows:
            texts[at] = shapely.to_wkt(_turned(shapely.from_wkt(given_text(texts[at]).rpartition(";")[2])))
        return _with(incoming, {"wkt": texts})
    if incoming.shapes is None:
        return incoming
    shapes = incoming.shapes.copy()
    for at in rows:
        shapes[at] = _turned(shapes[at])
    return replace(incoming, shapes=shapes)


def _turned(shape: Any) -> Any:
    return shapely.transform(shapely.force_2d(shape), lambda points: np.ascontiguousarray(points[:, ::-1]))


def _with(incoming: Incoming, columns: Mapping[str, Sequence[object]]) -> Incoming:
    return replace(incoming, columns={**incoming.columns, **columns})
