"""The SensorThings entities as our own model has them, each only as far as the actor may see it.

A city object of a type with streams is a Thing, its place a Location and a FeatureOfInterest; a declared stream is a
Sensor and an ObservedProperty, a datastream a Datastream, a reading an Observation. Nothing is stored twice.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.kernel.words import Act, Label
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject
from xiuhua.objects.queries import geometry_of
from xiuhua.people.policy import visible
from xiuhua.readings.models import Datastream
from xiuhua.readings.topics import Address, name_of, topic_of

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
CATEGORY = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation"
MANY = {
    "Things": ("Locations", "HistoricalLocations", "Datastreams"),
    "Locations": ("Things", "HistoricalLocations"),
    "HistoricalLocations": ("Locations",),
    "Datastreams": ("Observations",),
    "Sensors": ("Datastreams",),
    "ObservedProperties": ("Datastreams",),
    "Observations": (),
    "FeaturesOfInterest": ("Observations",),
}
ONE = {
    "HistoricalLocations": {"Thing": "Things"},
    "Datastreams": {"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties"},
    "Observations": {"Datastream": "Datastreams", "FeatureOfInterest": "FeaturesOfInterest"},
}  # fmt: skip
OF_OBJECTS = ("Things", "Locations", "HistoricalLocations", "FeaturesOfInterest")
EPOCH_MS = timedelta(milliseconds=1)


@dataclass(kw_only=True, slots=True)
class Entity:
    """One entity: its set, its id, what it says, and the row or declaration behind it."""

    kind: str
    id: int | str
    says: dict[str, Any]
    thing: UUID | None = None
    stream: str = ""
    datastream: int = 0
    ones: dict[str, Entity] = field(default_factory=dict)


class World:
    """What one actor is shown in one answer; remembers the entities that many others lead to."""

    def __init__(self, actor: Actor, *, language: str, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self._language = language
        self._mask = Mask(actor)
        self._things: dict[UUID, CityObject] = {}
        self._kept: dict[tuple[str, int | str], Entity] = {}
        self._declared: dict[str, tuple[str, Stream]] = {
            f"{type_id}.{stream.id}": (type_id, stream)
            for type_id, kind in current().objects.items()
            for stream in kind.streams
        }

    def objects(self) -> QuerySet[CityObject]:
        """Return the objects that are Things."""
        types = sorted({type_id for type_id, _ in self._declared.values()})
        rows = CityObject.objects.filter(visible(self.actor), removed_at__isnull=True, type__in=types)
        return rows.defer("grams", "words", "sort_key").order_by("id")

    def datastreams(self) -> QuerySet[Datastream]:
        """Return the datastreams of Things."""
        rows = Datastream.objects.filter(visible(self.actor), stream__in=list(self._declared))
        return rows.filter(object_id__in=self.objects().order_by().values("id")).order_by("id")

    def rows(self, kind: str, of: Entity | None) -> QuerySet[CityObject] | QuerySet[Datastream] | Sequence[str]:
        """Return what lies behind a set (not Observations), of all or of one entity, in order of id."""
        if kind in OF_OBJECTS:
            things = self.objects()
            if kind == "Locations":
                things = things.filter(geometry__isnull=False)
            return things if of is None else things.filter(id__in=[of.thing])
        if kind == "Datastreams":
            found = self.datastreams()
            if of is None:
                return found
            return found.filter(Q(object_id__in=[of.thing]) if of.kind == "Things" else Q(stream=of.stream))
        names = sorted(self._declared)
        return names if of is None else [name for name in names if name == of.stream]

    def entities(self, kind: str, rows: Iterable[Any]) -> list[Entity]:
        """Return the rows as entities."""
        kept = list(rows)
        if kind == "Datastreams":
            missing = {row.object_id for row in kept} - self._things.keys()
            self._things |= self.objects().in_bulk(list(missing))
            return [self._datastream(row) for row in kept if row.object_id in self._things]
        if kind in OF_OBJECTS:
            self._things |= {row.id: row for row in kept}
            return [self._of_object(kind, row) for row in kept]
        return [self._of_stream(kind, name) for name in kept]

    def one(self, kind: str, id: int | str) -> Entity:
        """Return an entity by its id (not an Observation); raises NotFound for one the actor does not see."""
        if (kind, id) in self._kept:
            return self._kept[kind, id]
        rows: Any = self.rows(kind, None)
        if kind in OF_OBJECTS:
            rows = rows.filter(id=_uuid(id))
        elif kind == "Datastreams":
            rows = rows.filter(id=id) if isinstance(id, int) and 0 < id < 2**31 else []
        else:
            rows = [name for name in rows if name == id]
        found = self.entities(kind, rows)
        if not found:
            raise NotFound("people.not_visible")
        self._kept[kind, id] = found[0]
        return found[0]

    def led_to(self, entity: Entity, name: str) -> Entity:
        """Return the one entity that another leads to by a name of ONE."""
        if name not in entity.ones:
            kind = ONE[entity.kind][name]
            ids: dict[str, int | str] = {
                "Datastreams": entity.datastream, "Sensors": entity.stream, "ObservedProperties": entity.stream,
            }  # fmt: skip
            entity.ones[name] = self.one(kind, ids.get(kind, str(entity.thing)))
        return entity.ones[name]

    def reading(self, of: Entity, at: datetime, value: float | None, code: str, quality: int) -> Entity:
        """Return a reading as an Observation of its Datastream."""
        declared = self._declared[of.stream][1]
        says: dict[str, Any] = {
            "phenomenonTime": at,
            "resultTime": at,
            "result": code if value is None else value,
            "resultQuality": quality,
            "parameters": {},
        }
        meaning = declared.meaning(code) if value is None else None
        if meaning is not None:
            says["parameters"] = {"meaning": self._said(meaning)}
        made = Entity(
            kind="Observations", id=observation_id(of.datastream, at), says=says, thing=of.thing, stream=of.stream,
            datastream=of.datastream,
        )  # fmt: skip
        made.ones["Datastream"] = of
        return made

    def reports_number(self, stream: str) -> bool:
        """Return whether the readings of a stream are numbers."""
        return self._declared[stream][1].reports is Reports.NUMBER

    def may_bring(self, of: Entity) -> bool:
        """Return whether the actor may bring readings into a Datastream."""
        return Datastream.objects.filter(visible(self.actor, act=Act.IMPORT), id=of.datastream).exists()

    def name_on_the_way_in(self, of: Entity) -> str:
        """Return the name by which a Datastream's readings are sent."""
        return str(of.says["properties"]["name"])

    def _said(self, label: Label) -> str:
        return label.in_language(self._language)

    def _of_object(self, kind: str, row: CityObject) -> Entity:
        declared = current().objects[row.type]
        says: dict[str, Any] = {"name": row.name, "description": self._said(declared.label)}
        if kind == "Things":
            attributes, _ = self._mask.read(
                declared, row.attributes, area_path=row.area_path, unit_code=row.unit_code
            )  # fmt: skip
            says["properties"] = {
                "type": row.type, "code": row.code, "area": row.area_path, "unit": row.unit_code, **attributes,
            }  # fmt: skip
        elif kind == "HistoricalLocations":
            says = {"time": row.updated_at}
        else:
            part = "location" if kind == "Locations" else "feature"
            says |= {"encodingType": "application/geo+json", part: geometry_of(row), "properties": {}}
        return Entity(kind=kind, id=str(row.id), says=says, thing=row.id)

    def _datastream(self, row: Datastream) -> Entity:
        type_id, stream = self._declared[row.stream]
        number, quantity = stream.reports is Reports.NUMBER, stream.quantity
        address = Address(type=type_id, code=row.object_code, stream=stream.id)
        unit: Mapping[str, str | None] = dict.fromkeys(("name", "symbol", "definition"))
        if number and quantity is not None:
            unit = {
                "name": self._said(quantity.label), "symbol": quantity.unit,
                "definition": f"urn:xiuhua:quantity:{quantity.id}",
            }  # fmt: skip
        says = {
            "name": f"{row.stream} {row.object_code}",
            "description": f"{self._things[row.object_id].name} {self._said(stream.label)}",
            "observationType": MEASUREMENT if number else CATEGORY,
            "unitOfMeasurement": unit,
            "properties": {"stream": row.stream, "name": name_of(address), "topic": topic_of(address)},
        }
        return Entity(
            kind="Datastreams", id=row.id, says=says, thing=row.object_id, stream=row.stream, datastream=row.id
        )  # fmt: skip

    def _of_stream(self, kind: str, name: str) -> Entity:
        type_id, stream = self._declared[name]
        label, of = self._said(stream.label), self._said(current().objects[type_id].label)
        says: dict[str, Any] = {"name": label, "description": f"{of}: {label}", "properties": {"type": type_id}}
        if kind == "Sensors":
            says |= {"encodingType": "text/html", "metadata": f"<p>{html.escape(f'{of}: {label}')}</p>"}
        else:
            says["definition"] = f"urn:xiuhua:stream:{name}"
        return Entity(kind=kind, id=name, says=says, stream=name)


def observation_id(datastream: int, at: datetime) -> str:
    """Return the id of a reading: its datastream and its time in ms since 1970 UTC, which no other reading shares."""
    return f"{datastream}-{round(at.timestamp() * 1000)}"


def _uuid(id: int | str) -> UUID:
    try:
        return UUID(str(id))
    except ValueError as error:
        raise NotFound("people.not_visible") from error
