"""What a form gives, checked and laid onto an object; nothing is stored here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypedDict, TypeVar

from xiuhua.kernel.objects import ObjectType, Writer
from xiuhua.kernel.words import Label
from xiuhua.objects.checking import check_values, clean_text, date_of
from xiuhua.objects.models import CityObject
from xiuhua.objects.places import areas_at, district_centre
from xiuhua.objects.problems import Problem, Wrong, problem_of
from xiuhua.objects.shapes import Shape, check_geojson, geojson_of
from xiuhua.objects.words import grams, sort_key, words_of
from xiuhua.people.queries import unit_names

CODE_LETTERS = 100
NAME_LETTERS = 200
CODE = Label(zh="编号", en="Code")
NAME = Label(zh="名称", en="Name")
VALID_FROM = Label(zh="有效期起", en="Valid from")
VALID_TO = Label(zh="有效期止", en="Valid to")

T = TypeVar("T")


class Changes(TypedDict, total=False):
    """What a form gives; a key that is absent is left as it is."""

    name: str
    attributes: Mapping[str, object]
    geometry: Mapping[str, Any] | None
    links: Mapping[str, Sequence[str]]
    unit_code: str
    valid_from: date | str | None
    valid_to: date | str | None


def lay(thing: CityObject, declared: ObjectType, given: Changes, writer: Writer, *, whole: bool) -> list[Problem]:
    """Lay what is given onto the object and return everything wrong. `whole`: what is required must be there."""
    problems: list[Problem] = []
    if "name" in given:
        thing.name = _try(problems, "name", given["name"], lambda: name_of(given["name"])) or thing.name
    if "attributes" in given:
        checked = check_values(declared, given["attributes"], writer=writer, whole=whole)
        problems.extend(checked.problems)
        merged = {**thing.attributes, **checked.values}
        thing.attributes = {name: value for name, value in merged.items() if value is not None}
    if "unit_code" in given:
        thing.unit_code = given["unit_code"]
        if thing.unit_code and thing.unit_code not in unit_names():
            wrong = Wrong("unit_unknown", given=thing.unit_code)
            problems.append(problem_of(wrong, where="unit_code", value=thing.unit_code))
    if "geometry" in given:
        _lay_shape(thing, declared, given["geometry"], problems)
    _lay_period(thing, declared, given, problems)
    thing.sort_key = sort_key(thing.name)
    thing.words = words_of(declared, code=thing.code, name=thing.name, attributes=thing.attributes)
    thing.grams = grams(thing.words)
    return problems


def code_of(raw: object, declared: ObjectType) -> str:
    """Return an object's code; raises Wrong."""
    code = clean_text(raw, label=CODE, limit=CODE_LETTERS)
    if not code:
        raise Wrong("required", label=CODE)
    # An invisible letter would make two codes that nobody can tell apart.
    if not code.isprintable():
        raise Wrong("not_text", label=CODE)
    if declared.code_pattern and not re.fullmatch(declared.code_pattern, code):
        raise Wrong("pattern", label=CODE, pattern=declared.code_pattern)
    return code


def name_of(raw: object) -> str:
    """Return an object's name; raises Wrong."""
    name = clean_text(raw, label=NAME, limit=NAME_LETTERS)
    if not name:
        raise Wrong("required", label=NAME)
    return name


def state_of(thing: CityObject) -> dict[str, object]:
    """Return all that history compares of an object; attributes as "attr.<id>"."""
    state: dict[str, object] = {
        "name": thing.name,
        "unit_code": thing.unit_code,
        "area_path": thing.area_path,
        "valid_from": thing.valid_from and thing.valid_from.isoformat(),
        "valid_to": thing.valid_to and thing.valid_to.isoformat(),
        "geometry": geojson_of(thing.geometry),
    }
    return state | {f"attr.{name}": value for name, value in thing.attributes.items()}


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    """Return what differs, each as [before, after]."""
    keys = [*before, *(key for key in after if key not in before)]
    return {key: [before.get(key), after.get(key)] for key in keys if before.get(key) != after.get(key)}


def set_shape(thing: CityObject, shape: Shape | None) -> None:
    """Set an object's geometry and bounds."""
    thing.geometry = None if shape is None else shape.wkb
    thing.west = None if shape is None else shape.west
    thing.south = None if shape is None else shape.south
    thing.east = None if shape is None else shape.east
    thing.north = None if shape is None else shape.north


def _lay_shape(
    thing: CityObject, declared: ObjectType, geometry: Mapping[str, Any] | None, problems: list[Problem]
) -> None:
    try:
        shape = check_geojson(geometry, declared.geometry, district_centre())
    except Wrong as wrong:
        problems.append(problem_of(wrong, where="geometry", value=geometry and geometry.get("type")))
        return
    set_shape(thing, shape)
    if shape is not None:
        thing.area_path = areas_at([shape.lon], [shape.lat])[0]


def _lay_period(thing: CityObject, declared: ObjectType, given: Changes, problems: list[Problem]) -> None:
    if "valid_from" in given:
        thing.valid_from = _day(problems, "valid_from", given["valid_from"], VALID_FROM)
    if "valid_to" in given:
        thing.valid_to = _day(problems, "valid_to", given["valid_to"], VALID_TO)
    start, end = thing.valid_from, thing.valid_to
    if not declared.period and (start or end):
        problems.append(problem_of(Wrong("no_period"), where="valid_from", value=start or end))
    elif start and end and end < start:
        wrong = Wrong("period_order", valid_from=start.isoformat(), valid_to=end.isoformat())
        problems.append(problem_of(wrong, where="valid_to", value=end))


def _day(problems: list[Problem], where: str, raw: date | str | None, label: Label) -> date | None:
    return _try(problems, where, raw, lambda: date_of(raw, label=label)) if raw else None


def _try(problems: list[Problem], where: str, value: object, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Wrong as wrong:
        problems.append(problem_of(wrong, where=where, value=value))
        return None
