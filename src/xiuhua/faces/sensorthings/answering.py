"""Answers to reads: entities of a set, filtered, ordered, cut into pages and expanded, as the standard writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import QuerySet

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.addresses import Place
from xiuhua.faces.sensorthings.evaluating import holds, order_of, value_of
from xiuhua.faces.sensorthings.grammar import Node, Path
from xiuhua.faces.sensorthings.observing import equalities, observations, one_observation
from xiuhua.faces.sensorthings.options import Options
from xiuhua.faces.sensorthings.world import MANY, ONE, Entity, World
from xiuhua.kernel.errors import NotFound
from xiuhua.readings.history.series import MOST_POINTS

MOST_LOOKED_AT = 20_000
MOST_SHOWN = 20_000
_NEWEST_FIRST = (("phenomenonTime",), ("resultTime",))


class Answer:
    """Writes one answer; `root` is the address of the service."""

    def __init__(self, world: World, root: str) -> None:
        self._world = world
        self._root = root
        self._shown = 0

    def at(self, place: Place, options: Options, given: dict[str, str]) -> Any:
        """Return what the place holds: a set, an entity, a property, or the text of a property alone."""
        entity: Entity | None = None
        for number, step in enumerate(place.steps):
            kind = step.name if step.name in MANY else ""
            if kind and step.id is None:
                if number < len(place.steps) - 1 or place.property:
                    raise NotFound("http.no_such_address")
                if entity is not None and kind not in MANY[entity.kind]:
                    raise NotFound("http.no_such_address")
                address = self.link(entity) + "/" + kind if entity is not None else f"{self._root}/{kind}"
                return self._set(kind, entity, options, address, given, refs=place.refs)
            if kind and step.id is not None:
                found = self.one(kind, step.id)
                if entity is not None and (kind not in MANY[entity.kind] or not _belongs(found, entity)):
                    raise NotFound("people.not_visible")
                entity = found
            else:
                if entity is None or step.name not in ONE.get(entity.kind, {}) or step.id is not None:
                    raise NotFound("http.no_such_address")
                entity = self._world.led_to(entity, step.name)
        assert entity is not None
        if place.refs:
            return {"@iot.selfLink": self.link(entity)}
        if not place.property:
            return self.written(entity, options)
        if place.property not in entity.says and place.property != "id":
            raise NotFound("http.no_such_address")
        value = entity.id if place.property == "id" else _plain(entity.says[place.property])
        return value if place.value else {place.property: value}

    def one(self, kind: str, id: int | str) -> Entity:
        """Return the entity of that id; raises NotFound."""
        return one_observation(self._world, id) if kind == "Observations" else self._world.one(kind, id)

    def link(self, entity: Entity) -> str:
        """Return the address of an entity."""
        id = entity.id if isinstance(entity.id, int) else f"'{quote(entity.id, safe='.-_')}'"
        return f"{self._root}/{entity.kind}({id})"

    def _set(
        self, kind: str, of: Entity | None, options: Options, address: str, given: dict[str, str], *, refs: bool = False
    ) -> dict[str, Any]:
        page, total, more = self._page(kind, of, options)
        answer: dict[str, Any] = {}
        if total is not None:
            answer["@iot.count"] = total
        if more:
            following = {**given, "$skip": str(options.skip + options.top)}
            answer["@iot.nextLink"] = f"{address}{'/$ref' if refs else ''}?{urlencode(following, safe='$')}"
        if refs:
            answer["value"] = [{"@iot.selfLink": self.link(one)} for one in page]
        elif options.arrays:
            answer["value"] = self._arrays(kind, page, options)
        else:
            answer["value"] = [self.written(one, options) for one in page]
        return answer

    def _page(self, kind: str, of: Entity | None, options: Options) -> tuple[list[Entity], int | None, bool]:
        """Return the entities of a page, how many there are in all if that is asked, and whether more follow."""
        end = options.skip + options.top
        plain = options.filter is None and not options.orderby
        if kind == "Observations":
            newest = not options.orderby or (
                len(options.orderby) == 1 and options.orderby[0] in [(Path(names), True) for names in _NEWEST_FIRST]
            )
            few = newest and options.filter is None and not options.count and end < MOST_POINTS
            found, cut = observations(self._world, of, options.filter, end + 1 if few else None)
            found = self._chosen(kind, found, replace(options, orderby=()) if newest else options)
            return found[options.skip : end], len(found) if options.count else None, len(found) > end or (few and cut)
        rows = self._world.rows(kind, of)
        if plain:
            total = (rows.count() if isinstance(rows, QuerySet) else len(rows)) if options.count else None
            page = list(rows[options.skip : end + 1])
            return self._world.entities(kind, page[: options.top]), total, len(page) > options.top
        if isinstance(rows, QuerySet):
            rows = rows.filter(**_known(kind, options.filter))[: MOST_LOOKED_AT + 1]
        found = self._world.entities(kind, rows)
        if len(found) > MOST_LOOKED_AT:
            raise BadQuestion("faces.too_much", most=MOST_LOOKED_AT, how="id, properties/type, Thing/id")
        chosen = self._chosen(kind, found, options)
        return chosen[options.skip : end], len(chosen) if options.count else None, len(chosen) > end

    def _chosen(self, kind: str, found: list[Entity], options: Options) -> list[Entity]:
        condition, now = options.filter, self._world.now
        if condition is not None:
            found = [one for one in found if holds(condition, self._reader(one), now)]
        for node, descending in reversed(options.orderby):
            found = sorted(found, key=self._order(node), reverse=descending)
        return found

    def _order(self, node: Node) -> Callable[[Entity], Any]:
        return lambda one: order_of(value_of(node, self._reader(one), self._world.now))

    def _reader(self, entity: Entity) -> Callable[[tuple[str, ...]], Any]:
        return lambda names: self._read(entity, names)

    def _read(self, entity: Entity, names: tuple[str, ...]) -> Any:
        """Return what a path leads to from an entity; raises BadQuestion for a path that leads nowhere."""
        name, *rest = names
        if name in ONE.get(entity.kind, {}) and rest:
            return self._read(self._world.led_to(entity, name), tuple(rest))
        if name in ("id", "@iot.id"):
            return entity.id
        if name not in entity.says:
            raise BadQuestion("faces.no_such_field", kind=entity.kind, field="/".join(names)[:80])
        value = entity.says[name]
        for part in rest:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def written(self, entity: Entity, options: Options) -> dict[str, Any]:
        """Return an entity as JSON: the properties selected, its links, and what is expanded in their place."""
        self._shown += 1
        if self._shown > MOST_SHOWN:
            raise BadQuestion("faces.too_much", most=MOST_SHOWN, how="$top, $expand")
        ones, many = ONE.get(entity.kind, {}), MANY[entity.kind]
        wanted = {name.split("/")[0] for name in options.select} | options.expand.keys()
        for name in wanted:
            if name not in {*entity.says, *ones, *many, "id", "@iot.id"}:
                raise BadQuestion("faces.no_such_field", kind=entity.kind, field=name[:80])
        chosen = {name.split("/")[0] for name in options.select}
        everything = not chosen
        shown: dict[str, Any] = {}
        if everything or chosen & {"id", "@iot.id"}:
            shown["@iot.id"] = entity.id
        if everything:
            shown["@iot.selfLink"] = self.link(entity)
        for name, value in entity.says.items():
            if everything or name in chosen:
                shown[name] = _plain(value)
        for name in (*ones, *many):
            if name in options.expand:
                shown |= self._expanded(entity, name, options.expand[name])
            elif everything or name in chosen:
                shown[f"{name}@iot.navigationLink"] = f"{self.link(entity)}/{name}"
        return shown

    def _expanded(self, entity: Entity, name: str, options: Options) -> dict[str, Any]:
        if name in ONE.get(entity.kind, {}):
            return {name: self.written(self._world.led_to(entity, name), options)}
        page, total, more = self._page(name, entity, options)
        shown: dict[str, Any] = {name: [self.written(one, options) for one in page]}
        if total is not None:
            shown[f"{name}@iot.count"] = total
        if more:
            following = urlencode({"$top": options.top, "$skip": options.skip + options.top}, safe="$")
            if options.filter is None and not options.orderby:
                shown[f"{name}@iot.nextLink"] = f"{self.link(entity)}/{name}?{following}"
            else:
                shown[f"{name}@iot.navigationLink"] = f"{self.link(entity)}/{name}"
        return shown

    def _arrays(self, kind: str, page: Sequence[Entity], options: Options) -> list[dict[str, Any]]:
        if kind != "Observations" or options.expand:
            raise BadQuestion("faces.unreadable", option="$resultFormat", detail="Observations without $expand")
        columns = [name.split("/")[0] for name in options.select] or ["id", "phenomenonTime", "resultTime", "result"]
        groups: dict[int, list[list[Any]]] = {}
        for one in page:
            row = [_plain(self._read(one, (name,))) for name in columns]
            groups.setdefault(one.datastream, []).append(row)
        return [
            {
                "Datastream@iot.navigationLink": f"{self._root}/Datastreams({datastream})", "components": columns,
                "dataArray@iot.count": len(rows), "dataArray": rows,
            }
            for datastream, rows in groups.items()
        ]  # fmt: skip


def _known(kind: str, condition: Node | None) -> dict[str, object]:
    """Return what the database itself can narrow by: the rest is looked at one by one."""
    columns: dict[tuple[str, ...], str] = {}
    if kind == "Things":
        columns = {("properties", "type"): "type", ("properties", "code"): "code", ("name",): "name"}
    elif kind == "Datastreams":
        columns = {("properties", "stream"): "stream", ("Sensor", "id"): "stream", ("ObservedProperty", "id"): "stream"}
        columns[("Thing", "properties", "code")] = "object_code"
    found = {columns[names]: value for names, value in equalities(condition) if names in columns}
    return {column: value for column, value in found.items() if isinstance(value, str)}


def _belongs(found: Entity, to: Entity) -> bool:
    if to.kind in ("Sensors", "ObservedProperties"):
        return found.stream == to.stream
    if to.kind == "Datastreams":
        return found.datastream == to.datastream
    return found.thing == to.thing


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
