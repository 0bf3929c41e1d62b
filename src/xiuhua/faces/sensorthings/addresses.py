"""Resource paths of the standard (OGC 18-088 9.2): sets, entities, properties, values, links."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xiuhua.faces.sensorthings.world import MANY, ONE
from xiuhua.kernel.errors import NotFound

MOST_STEPS = 12
_STEP = re.compile(r"(?P<name>[A-Za-z]+|\$ref|\$value)(?:\((?:'(?P<text>(?:[^']|'')*)'|(?P<number>\d{1,15}))\))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a path: a name, and the id in its brackets."""

    name: str
    id: int | str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a path leads to: from a set's entity over further steps; then a property, `value` of it alone, or `refs`."""

    steps: tuple[Step, ...]
    property: str = ""
    value: bool = False
    refs: bool = False


def place_at(path: str) -> Place:
    """Return what a path is about; raises NotFound for what is no path of the standard."""
    steps: list[Step] = []
    rest = path.strip("/")
    if len(rest) > 2000:
        raise NotFound("http.no_such_address")
    while rest:
        found = _STEP.match(rest)
        if found is None or len(steps) > MOST_STEPS or rest[found.end() : found.end() + 1] not in ("", "/"):
            raise NotFound("http.no_such_address")
        text, number = found["text"], found["number"]
        id = int(number) if number is not None else text.replace("''", "'") if text is not None else None
        steps.append(Step(name=found["name"], id=id))
        rest = rest[found.end() + 1 :]
    if not steps or steps[0].name not in MANY:
        raise NotFound("http.no_such_address")
    last = steps[-1].name
    refs, value = last == "$ref", last == "$value"
    if refs or value:
        steps.pop()
    leads = all(_leads(steps[at].name) for at in range(len(steps) - 1))
    property = ""
    if leads and not _leads(steps[-1].name) and len(steps) > 1 and not refs:
        property = steps.pop().name
    if not leads or not _leads(steps[-1].name) or (value and not property):
        raise NotFound("http.no_such_address")
    return Place(steps=tuple(steps), property=property, value=value, refs=refs)


def _leads(name: str) -> bool:
    return name in MANY or any(name in ones for ones in ONE.values())
