"""What an expression says of one entity. Nothing follows from what is not there: null is equal to null only."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.grammar import Call, Literal, Node, Operation, Path

Read = Callable[[tuple[str, ...]], Any]
"""What a path leads to from the entity; None where there is nothing."""
LONGEST_TEXT = 10_000
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
}  # fmt: skip
_RECKONED: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "mod": math.fmod,
}  # fmt: skip


def holds(node: Node, read: Read, now: datetime) -> bool:
    """Return whether a condition holds; raises BadQuestion for what is no condition."""
    return value_of(node, read, now) is True


def value_of(node: Node, read: Read, now: datetime) -> Any:
    """Return what an expression gives; raises BadQuestion where its parts do not go together."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Path):
        return read(node.names)
    if isinstance(node, Operation) and node.name in ("and", "or"):
        first = value_of(node.given[0], read, now) is True
        decided = first if node.name == "or" else not first
        return first if decided else value_of(node.given[1], read, now) is True
    given = [value_of(part, read, now) for part in node.given]
    try:
        found = _call(node.name, given, now) if isinstance(node, Call) else _operate(node.name, given)
    except ZeroDivisionError:
        return None
    except (TypeError, ValueError, OverflowError, AttributeError, shapely.errors.GEOSException) as error:
        raise BadQuestion("faces.unreadable", option="$filter", detail=f"{node.name} does not fit") from error
    return found


def _operate(name: str, given: list[Any]) -> Any:
    if name == "not":
        return given[0] is not True
    if name == "-":
        return None if given[0] is None else -_number(given[0])
    left, right = given
    if name in ("eq", "ne"):
        same = type(left) is type(right) or (_is_number(left) and _is_number(right))
        return (same and left == right) == (name == "eq")
    if left is None or right is None:
        return False if name in _COMPARED else None
    if name in _COMPARED:
        if _is_number(left) != _is_number(right):
            return False
        return _COMPARED[name](left, right)
    if all(not isinstance(one, int | float | datetime | timedelta) or isinstance(one, bool) for one in given):
        raise TypeError(name)
    return _RECKONED[name](left, right)


def _call(name: str, given: list[Any], now: datetime) -> Any:
    if not given:
        return {"mindatetime": FIRST, "maxdatetime": LAST, "now": now}[name]
    if any(one is None for one in given):
        return None
    if name in _TEXTS:
        return _TEXTS[name](*(_text(one) if at < _LETTERS.get(name, 2) else int(one) for at, one in enumerate(given)))
    if name in _TIMES:
        if not isinstance(given[0], datetime):
            raise TypeError(name)
        return _TIMES[name](given[0])
    if name in _WHOLE:
        return _WHOLE[name](_number(given[0]))
    shapes = [_shape(one) for one in given[:2]]
    if name == "geo.length":
        return float(shapes[0].length)
    if name == "geo.distance":
        return float(shapes[0].distance(shapes[1]))
    if name == "st_relate":
        return bool(shapes[0].relate_pattern(shapes[1], _text(given[2])))
    return bool(getattr(shapes[0], name.removeprefix("st_").removeprefix("geo."))(shapes[1]))


# How many of a function's arguments are texts, where that is not two.
_LETTERS = {"substring": 1}
_TEXTS: dict[str, Callable[..., Any]] = {
    "substringof": lambda part, whole: part in whole,
    "contains": lambda whole, part: part in whole,
    "endswith": lambda whole, part: whole.endswith(part),
    "startswith": lambda whole, part: whole.startswith(part),
    "length": len,
    "indexof": lambda whole, part: whole.find(part),
    "substring": lambda whole, begin, length=None: whole[max(0, begin) :][: None if length is None else max(0, length)],
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "concat": lambda one, other: (one + other)[:LONGEST_TEXT],
}
_WHOLE: dict[str, Callable[[Any], int]] = {"round": round, "floor": math.floor, "ceiling": math.ceil}
_TIMES: dict[str, Callable[[datetime], Any]] = {
    **{part: operator.attrgetter(part) for part in ("year", "month", "day", "hour", "minute", "second")},
    "fractionalseconds": lambda at: at.microsecond / 1e6,
    "date": lambda at: at.date(),
    "time": lambda at: at.time(),
    "totaloffsetminutes": lambda at: int((at.utcoffset() or timedelta()).total_seconds() // 60),
}


def _is_number(one: object) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool)


def _number(one: Any) -> Any:
    if isinstance(one, timedelta) or _is_number(one):
        return one
    raise TypeError("no number")


def _text(one: Any) -> str:
    if isinstance(one, str):
        return one
    raise TypeError("no text")


def _shape(one: Any) -> BaseGeometry:
    if isinstance(one, dict):
        return shapely.from_geojson(json.dumps(one))
    if isinstance(one, BaseGeometry):
        return one
    raise TypeError("no geometry")


def order_of(value: Any) -> tuple[int, Any]:
    """Return what values of one property are ordered by: nothing first, then as they compare."""
    if value is None:
        return 0, 0
    if isinstance(value, bool) or _is_number(value):
        return 1, value
    if isinstance(value, datetime | date):
        return 2, value.isoformat()
    return 3, value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
