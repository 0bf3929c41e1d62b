"""The query options of one request, and those in the brackets of $expand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.grammar import DEEPEST, LONGEST, Node, parse

KNOWN = ("$filter", "$expand", "$orderby", "$select", "$top", "$skip", "$count", "$resultFormat")
PAGE, LARGEST_PAGE = 100, 1000
DEEPEST_EXPAND = 4
_NAME = re.compile(r"@?[A-Za-z][\w.]*(?:/[A-Za-z]\w*)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What is asked: which, in what order (expression, descending), which part of each, how many after how many."""

    filter: Node | None = None
    orderby: tuple[tuple[Node, bool], ...] = ()
    select: tuple[str, ...] = ()
    expand: Mapping[str, Options] = field(default_factory=dict)
    top: int = PAGE
    skip: int = 0
    count: bool = False
    arrays: bool = False


def options_in(given: Mapping[str, str], depth: int = 0) -> Options:
    """Return the options as given; raises BadQuestion for one that is unknown or cannot be read."""
    for name in given:
        if name.startswith("$") and name not in KNOWN:
            raise BadQuestion("faces.option_unknown", option=name[:40])
    counted = given.get("$count", "false").strip().lower()
    if counted not in ("true", "false"):
        raise _wrong("$count", "true or false")
    form = given.get("$resultFormat", "")
    if form not in ("", "dataArray"):
        raise _wrong("$resultFormat", "dataArray")
    wanted = given.get("$filter", "")
    return Options(
        filter=parse(wanted) if "$filter" in given else None,
        orderby=tuple(_order(one) for one in _parts(given.get("$orderby", ""), ",")),
        select=tuple(_name(one, "$select") for one in _parts(given.get("$select", ""), ",")),
        expand=_expand(given.get("$expand", ""), depth),
        top=min(_number(given, "$top", PAGE), LARGEST_PAGE),
        skip=_number(given, "$skip", 0),
        count=counted == "true",
        arrays=form == "dataArray",
    )


def _wrong(option: str, detail: str) -> BadQuestion:
    return BadQuestion("faces.unreadable", option=option, detail=detail)


def _number(given: Mapping[str, str], option: str, default: int) -> int:
    text = given.get(option, str(default)).strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise _wrong(option, "a whole number from 0")
    return int(text)


def _name(text: str, option: str) -> str:
    if not _NAME.fullmatch(text.strip()):
        raise _wrong(option, f"{text[:40]} is no name")
    return text.strip()


def _order(text: str) -> tuple[Node, bool]:
    words = text.strip()
    descending = words.lower().endswith(" desc")
    if descending or words.lower().endswith(" asc"):
        words = words.rpartition(" ")[0]
    return parse(words, "$orderby"), descending


def _expand(text: str, depth: int) -> dict[str, Options]:
    found: dict[str, Options] = {}
    parts = _parts(text, ",")
    if parts and depth >= DEEPEST_EXPAND:
        raise _wrong("$expand", f"over {DEEPEST_EXPAND} levels deep")
    for part in parts:
        head, bracket, inner = part.strip().partition("(")
        if bracket and not inner.endswith(")"):
            raise _wrong("$expand", "a bracket is not closed")
        first, *rest = _name(head, "$expand").split("/")
        nested = dict(_pair(one) for one in _parts(inner.removesuffix(")"), ";"))
        if rest:
            # Expanding a/b is expanding b within a; the options in brackets are the last one's.
            whole = "/".join(rest) + (f"({inner}" if bracket else "")
            nested = {"$expand": whole}
        before = found.get(first)
        found[first] = options_in(nested, depth + 1)
        if before is not None:
            merged = {**before.expand, **found[first].expand}
            kept = before if rest else found[first]
            found[first] = Options(
                filter=kept.filter, orderby=kept.orderby, select=kept.select, expand=merged, top=kept.top,
                skip=kept.skip, count=kept.count,
            )  # fmt: skip
    return found


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value


def _parts(text: str, between: str) -> list[str]:
    """Return the parts of a list, not cutting within brackets and quotes."""
    if len(text) > LONGEST:
        raise BadQuestion("faces.unreadable", option="$expand", detail=f"over {LONGEST} letters")
    parts, part, depth, quoted = [], "", 0, False
    for letter in text:
        if letter == "'":
            quoted = not quoted
        elif not quoted:
            depth += (letter == "(") - (letter == ")")
        if depth > DEEPEST:
            raise BadQuestion("faces.unreadable", option="$expand", detail=f"over {DEEPEST} levels deep")
        if letter == between and depth == 0 and not quoted:
            parts.append(part)
            part = ""
        else:
            part += letter
    parts.append(part)
    if parts == [""]:
        return []
    return parts
