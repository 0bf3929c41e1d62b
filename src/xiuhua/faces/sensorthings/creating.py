"""Observations that come in: the same way as every other reading, never straight into the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from xiuhua.faces.errors import BadQuestion, NotOffered
from xiuhua.faces.sensorthings.addresses import Place
from xiuhua.faces.sensorthings.grammar import time_in
from xiuhua.faces.sensorthings.world import Entity, World
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.readings.decode import EPOCH, JSON, LONGEST_CODE, MILLISECOND, MOST_IN_ONE
from xiuhua.readings.receiving import receive


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A reading as it was told, at milliseconds since 1970 UTC, of a Datastream."""

    of: Entity
    at_ms: int
    result: float | str


def create(world: World, place: Place, body: object, *, nats_url: str) -> Entity:
    """Keep one Observation of a Datastream, named by the path or in the body, and return it; raises BadQuestion,
    NotFound, NotOffered for another set.
    """
    if place.steps[-1].name != "Observations" or place.steps[-1].id is not None or place.property or place.refs:
        raise NotOffered("faces.read_only")
    if not isinstance(body, dict):
        raise _wrong("an object is needed")
    if len(place.steps) == 2 and place.steps[0].name == "Datastreams" and place.steps[0].id is not None:
        of = world.one("Datastreams", place.steps[0].id)
    elif len(place.steps) == 1:
        of = _named(world, body.get("Datastream"))
    else:
        raise NotOffered("faces.read_only")
    told = _told(world, of, body)
    _send(world, [told], nats_url)
    at = EPOCH + told.at_ms * MILLISECOND
    if isinstance(told.result, float):
        return world.reading(of, at, told.result, "", 0)
    return world.reading(of, at, None, told.result, 0)


def create_many(world: World, body: object, *, nats_url: str) -> list[Entity | None]:
    """Keep the Observations of data arrays; return each in the order given, None where a row was refused. Raises
    BadQuestion for what is no data array, or too long.
    """
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise _wrong("an array of data arrays is needed")
    rows: list[tuple[Mapping[str, Any], Sequence[Any], Any]] = []
    for group in body:
        components, arrays = group.get("components"), group.get("dataArray")
        if not isinstance(components, list) or not isinstance(arrays, list) or not {"result"} <= _names(components):
            raise _wrong("components with result, and dataArray, are needed")
        rows += [(group, components, row) for row in arrays]
    if len(rows) > MOST_IN_ONE:
        raise BadQuestion("faces.too_much", most=MOST_IN_ONE, how="CreateObservations")
    found: list[Told | None] = []
    streams: dict[int, Entity | None] = {}
    for group, components, row in rows:
        if id(group) not in streams:
            streams[id(group)] = _allowed(world, group.get("Datastream"))
        of = streams[id(group)]
        found.append(None if of is None else _row(world, of, components, row))
    taken = [one for one in found if one is not None]
    if taken:
        _send(world, taken, nats_url)
    return [
        None if one is None else world.reading(one.of, EPOCH + one.at_ms * MILLISECOND, 0.0, "", 0) for one in found
    ]


def _names(components: Sequence[Any]) -> set[str]:
    return {one for one in components if isinstance(one, str)}


def _row(world: World, of: Entity, components: Sequence[Any], row: Any) -> Told | None:
    if not isinstance(row, list) or len(row) != len(components):
        return None
    try:
        return _told(world, of, dict(zip(map(str, components), row, strict=True)))
    except BadQuestion:
        return None


def _allowed(world: World, given: Any) -> Entity | None:
    try:
        of = _named(world, given)
    except XiuhuaError:
        return None
    return of if world.may_bring(of) else None


def _named(world: World, given: Any) -> Entity:
    id = given.get("@iot.id") if isinstance(given, dict) else None
    if not isinstance(id, int) or isinstance(id, bool):
        raise _wrong('"Datastream": {"@iot.id": number} is needed')
    return world.one("Datastreams", id)


def _told(world: World, of: Entity, says: Mapping[str, Any]) -> Told:
    result, at = says.get("result"), says.get("phenomenonTime")
    if world.reports_number(of.stream):
        if isinstance(result, bool) or not isinstance(result, int | float) or abs(result) > 1e300:
            raise _wrong("result is no number")
        result = float(result)
    elif not isinstance(result, str) or not 0 < len(result) <= LONGEST_CODE:
        raise _wrong(f"result is no text of 1 to {LONGEST_CODE} letters")
    try:
        moment = world.now if at is None else _moment(at)
    except ValueError as error:
        raise _wrong("phenomenonTime is no moment of ISO 8601") from error
    return Told(of=of, at_ms=(moment - EPOCH) // MILLISECOND, result=result)


def _moment(at: object) -> datetime:
    if not isinstance(at, str) or len(at) > 40:
        raise ValueError(at)
    moment = time_in(at)
    if not 1 < moment.year < 9999:
        raise ValueError(at)
    return moment


def _send(world: World, told: Sequence[Told], nats_url: str) -> None:
    numbers = [one.result if isinstance(one.result, float) else None for one in told]
    names = list(dict.fromkeys(world.name_on_the_way_in(one.of) for one in told))
    index = {name: number for number, name in enumerate(names)}
    sheet: dict[str, object] = {
        "streams": names,
        "stream": [index[world.name_on_the_way_in(one.of)] for one in told],
        "at": [one.at_ms for one in told],
        "value": numbers,
        "code": [one.result if isinstance(one.result, str) else None for one in told],
    }
    receive(world.actor, orjson.dumps(sheet), JSON, nats_url=nats_url)


def _wrong(detail: str) -> BadQuestion:
    return BadQuestion("faces.observation_wrong", detail=detail)
