"""Readings as Observations: which datastreams and times a question is about, and their readings from every tier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.grammar import Literal, Node, Operation, Path, conjuncts
from xiuhua.faces.sensorthings.world import Entity, World
from xiuhua.kernel.errors import NotFound
from xiuhua.readings.history.series import MOST_POINTS, series

MOST_STREAMS = 50
_ID = re.compile(r"(\d{1,10})-(-?\d{1,15})", re.ASCII)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = (("phenomenonTime",), ("resultTime",))
_TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}


def one_observation(world: World, id: str | int) -> Entity:
    """Return one Observation; raises NotFound."""
    parts = _ID.fullmatch(str(id))
    if parts is None:
        raise NotFound("people.not_visible")
    of = world.one("Datastreams", int(parts[1]))
    try:
        at = FIRST + timedelta(milliseconds=int(parts[2]))
        found = _read(world, of, at, at + timedelta(milliseconds=1), 1)
    except OverflowError as error:
        raise NotFound("people.not_visible") from error
    if not found:
        raise NotFound("people.not_visible")
    return found[0]


def observations(world: World, of: Entity | None, asked: Node | None, most: int | None) -> tuple[list[Entity], bool]:
    """Return the Observations in the time that the condition leaves, newest first, and whether older ones are left out.

    `most`: the newest so many of each datastream, all if None; then raises BadQuestion where they are too many.
    """
    begin, end = _span(asked, world.now)
    if begin >= end:
        return [], False
    found: list[Entity] = []
    cut = False
    for datastream in _datastreams(world, of, asked):
        wanted = MOST_POINTS if most is None else most
        read = _read(world, datastream, begin, end, wanted + 1)
        cut |= len(read) > wanted
        found += read[:wanted]
        if len(found) > MOST_POINTS or (cut and most is None):
            raise BadQuestion("faces.too_much", most=MOST_POINTS, how="phenomenonTime gt 2026-01-01T00:00:00Z")
    found.sort(key=lambda one: (one.says["phenomenonTime"], one.datastream), reverse=True)
    return found, cut


def _read(world: World, of: Entity, begin: datetime, end: datetime, most: int) -> list[Entity]:
    read = series(world.actor, of.datastream, begin=begin, end=end, resolution="raw", points=most)
    return [world.reading(of, one.at, one.value, one.code, one.quality) for one in reversed(read.points)]


def _datastreams(world: World, of: Entity | None, asked: Node | None) -> Sequence[Entity]:
    if of is not None and of.kind == "Datastreams":
        return [of]
    rows = world.datastreams()
    if of is not None:
        rows = rows.filter(object_id__in=[of.thing])
    for name, value in equalities(asked):
        if name in (("Datastream", "id"), ("Datastream", "@iot.id")):
            rows = rows.filter(id=value) if isinstance(value, int) and 0 < value < 2**31 else rows.none()
    found = world.entities("Datastreams", rows[: MOST_STREAMS + 1])
    if len(found) > MOST_STREAMS:
        raise BadQuestion("faces.too_much", most=MOST_STREAMS, how="Datastreams(1)/Observations; Datastream/id eq 1")
    return found


def equalities(asked: Node | None) -> list[tuple[tuple[str, ...], Any]]:
    """Return what must be equal to what for the condition to hold."""
    found = []
    for part in conjuncts(asked) if asked is not None else ():
        match part:
            case Operation("eq", (Path(names), Literal(value))) | Operation("eq", (Literal(value), Path(names))):
                found.append((names, value))
    return found


def _span(asked: Node | None, now: datetime) -> tuple[datetime, datetime]:
    """Return the time in which everything lies that can fulfil the condition."""
    begin, end, step = FIRST, now + timedelta(days=2), timedelta(microseconds=1)
    for part in conjuncts(asked) if asked is not None else ():
        match part:
            case Operation(name, (Path(names), Literal(datetime() as at))) if names in _TIMES:
                pass
            case Operation(turned, (Literal(datetime() as at), Path(names))) if names in _TIMES:
                name = _TURNED.get(turned, "")
            case _:
                continue
        at = min(max(at, FIRST), end)
        if name in ("gt", "ge", "eq"):
            begin = max(begin, at)
        if name in ("lt", "le", "eq"):
            end = min(end, at + step)
    return begin, end
