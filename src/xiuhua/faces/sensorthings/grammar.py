"""The expressions of $filter and $orderby (OGC 18-088 9.3.3.5, after OData 4 URL conventions): text to a small tree.

A tree is one of Literal, Path, Call and Operation; its depth and its length are limited, so that no text takes long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from xiuhua.faces.errors import BadQuestion

LONGEST = 4000
MOST_TOKENS = 600
DEEPEST = 40
Value: TypeAlias = bool | int | float | str | datetime | date | timedelta | BaseGeometry | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written."""

    value: Value


@dataclass(frozen=True, slots=True)
class Path:
    """A property of the entity asked about, or of one it leads to: names outermost first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the standard."""

    name: str
    given: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """not and - take one, all others two."""

    name: str
    given: tuple[Node, ...]


Node = Literal | Path | Call | Operation

# How many each function takes.
FUNCTIONS = {
    "substringof": (2,), "contains": (2,), "endswith": (2,), "startswith": (2,), "length": (1,), "indexof": (2,),
    "substring": (2, 3), "tolower": (1,), "toupper": (1,), "trim": (1,), "concat": (2,), "year": (1,), "month": (1,),
    "day": (1,), "hour": (1,), "minute": (1,), "second": (1,), "fractionalseconds": (1,), "date": (1,), "time": (1,),
    "totaloffsetminutes": (1,), "now": (0,), "mindatetime": (0,), "maxdatetime": (0,), "round": (1,), "floor": (1,),
    "ceiling": (1,), "geo.distance": (2,), "geo.length": (1,), "geo.intersects": (2,), "st_equals": (2,),
    "st_disjoint": (2,), "st_touches": (2,), "st_within": (2,), "st_overlaps": (2,), "st_crosses": (2,),
    "st_intersects": (2,), "st_contains": (2,), "st_relate": (3,),
}  # fmt: skip
_LEVELS = (("or",), ("and",), ("eq", "ne", "gt", "ge", "lt", "le"), ("add", "sub"), ("mul", "div", "mod"))
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<geography>geography'[^']{0,3000}')
    |(?P<duration>duration'[^']{0,40}')
    |(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>\d{1,18}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<name>@?[^\W\d][\w.]*(?:/@?[^\W\d][\w.]*)*)
    |(?P<sign>[(),-])
    )""",
    re.VERBOSE,
)
_DURATION = re.compile(
    r"(?P<minus>-)?P(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)


def parse(text: str, option: str = "$filter") -> Node:
    """Return the tree of an expression; raises BadQuestion."""
    reader = _Reader(_tokens(text, option), option)
    node = reader.level(0, 0)
    if reader.at < len(reader.tokens):
        raise _wrong(option, f"unexpected {reader.tokens[reader.at][1][:40]}")
    return node


def conjuncts(node: Node) -> list[Node]:
    """Return the parts of which all must hold."""
    if isinstance(node, Operation) and node.name == "and":
        return [part for given in node.given for part in conjuncts(given)]
    return [node]


def time_in(text: str) -> datetime:
    """Return the moment an ISO 8601 text says, in UTC where it says no offset; raises ValueError."""
    at = datetime.fromisoformat(text)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def _wrong(option: str, detail: str) -> BadQuestion:
    return BadQuestion("faces.unreadable", option=option, detail=detail)


def _tokens(text: str, option: str) -> list[tuple[str, str]]:
    if len(text) > LONGEST:
        raise _wrong(option, f"over {LONGEST} letters")
    text = text.rstrip()
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise _wrong(option, f"unexpected {text[at : at + 20]}")
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
        if len(found) > MOST_TOKENS:
            raise _wrong(option, f"over {MOST_TOKENS} words")
    return found


class _Reader:
    """Descends by the precedence of operators."""

    def __init__(self, tokens: list[tuple[str, str]], option: str) -> None:
        self.tokens = tokens
        self.option = option
        self.at = 0

    def level(self, number: int, depth: int) -> Node:
        if depth > DEEPEST:
            raise _wrong(self.option, f"over {DEEPEST} levels deep")
        if number == len(_LEVELS):
            return self._unary(depth)
        node = self.level(number + 1, depth)
        chained = 0
        while self._next("name") in _LEVELS[number]:
            chained += 1
            if chained > DEEPEST * 2:
                raise _wrong(self.option, "too many operators in one row")
            name = self.tokens[self.at][1]
            self.at += 1
            node = Operation(name, (node, self.level(number + 1, depth + 1)))
        return node

    def _next(self, kind: str) -> str:
        """Return the next word, if it is of the kind."""
        if self.at < len(self.tokens) and self.tokens[self.at][0] == kind:
            return self.tokens[self.at][1]
        return ""

    def _take(self, sign: str) -> None:
        if self._next("sign") != sign:
            raise _wrong(self.option, f"{sign} expected")
        self.at += 1

    def _unary(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise _wrong(self.option, f"over {DEEPEST} levels deep")
        if self._next("name") == "not":
            self.at += 1
            return Operation("not", (self._unary(depth + 1),))
        if self._next("sign") == "-":
            self.at += 1
            return Operation("-", (self._unary(depth + 1),))
        if self._next("sign") == "(":
            self.at += 1
            node = self.level(0, depth + 1)
            self._take(")")
            return node
        if self.at >= len(self.tokens):
            raise _wrong(self.option, "ends too early")
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "name":
            return self._named(word, depth)
        if kind == "sign":
            raise _wrong(self.option, f"unexpected {word}")
        try:
            return Literal(_literal(kind, word))
        except (ValueError, OverflowError, shapely.errors.GEOSException) as error:
            raise _wrong(self.option, f"{word[:60]} is no {kind}") from error

    def _named(self, word: str, depth: int) -> Node:
        if word in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[word])
        if self._next("sign") != "(":
            return Path(tuple(word.split("/")))
        if word not in FUNCTIONS:
            raise _wrong(self.option, f"no function {word[:40]}")
        self.at += 1
        given: list[Node] = []
        while self._next("sign") != ")":
            if given:
                self._take(",")
            given.append(self.level(0, depth + 1))
        self.at += 1
        if len(given) not in FUNCTIONS[word]:
            raise _wrong(self.option, f"{word} takes {' or '.join(map(str, FUNCTIONS[word]))}")
        return Call(word, tuple(given))


def _literal(kind: str, word: str) -> Value:
    if kind == "number":
        return float(word) if set(word) & set(".eE") else int(word)
    if kind == "text":
        return word[1:-1].replace("''", "'")
    if kind == "time":
        return time_in(word)
    if kind == "date":
        return date.fromisoformat(word)
    if kind == "geography":
        shape: BaseGeometry = shapely.from_wkt(word[len("geography'") : -1].removeprefix("SRID=4326;"))
        return shape
    parts = _DURATION.fullmatch(word[len("duration'") : -1])
    if parts is None:
        raise ValueError(word)
    span = timedelta(**{name: float(parts[name] or 0) for name in ("days", "hours", "minutes", "seconds")})
    return -span if parts["minus"] else span
