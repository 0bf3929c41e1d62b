"""What objects look like over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from xiuhua.http.words import Label, label
from xiuhua.kernel.actor import Actor
from xiuhua.objects.models import CityObject
from xiuhua.objects.queries import ObjectView, geometry_of, may_edit, object_links, views

Value = str | int | float | bool | None


class ObjectRow(Schema):
    """One row of a register; `masked` are the attributes that privacy hides."""

    id: UUID
    type: str
    code: str
    name: str
    attributes: dict[str, str | float | bool | None]
    area_path: str
    area_name: str
    unit_code: str
    unit_name: str
    lon: float | None
    lat: float | None
    valid_from: date | None
    valid_to: date | None
    origin: str
    updated_at: datetime
    version: int
    masked: list[str]


class LinkRow(Schema):
    """The thing at the other end of a link."""

    link: str
    label: Label
    direction: str
    id: UUID
    type: str
    code: str
    name: str


class ObjectDetail(ObjectRow):
    """One object whole."""

    geometry: dict[str, Any] | None
    links: list[LinkRow]
    may_edit: bool


class CountRow(Schema):
    """How many objects of a type there are."""

    type: str
    count: int


class NewObject(Schema):
    """A new object as a form gives it."""

    type: str
    code: str
    name: str
    attributes: dict[str, Any] = {}
    geometry: dict[str, Any] | None = None
    links: dict[str, list[str]] = {}
    unit_code: str = ""
    valid_from: str | None = None
    valid_to: str | None = None


class ObjectChange(Schema):
    """What a form changes of an object that was at `version`; what is left out stays."""

    version: int
    name: str = ""
    attributes: dict[str, Any] = {}
    geometry: dict[str, Any] | None = None
    links: dict[str, list[str]] = {}
    unit_code: str = ""
    valid_from: str | None = None
    valid_to: str | None = None
    why: str = ""


class Removal(Schema):
    """Why an object is taken out of the register."""

    why: str


class ChosenThing(Schema):
    """A thing ticked in a list, as it was then."""

    id: UUID
    version: int


class BulkRemoval(Schema):
    """Why many objects of one type are taken out."""

    type: str
    things: Annotated[list[ChosenThing], Field(min_length=1)]
    why: str


class BulkValue(Schema):
    """One attribute's value (null empties it) for many objects of one type."""

    type: str
    things: Annotated[list[ChosenThing], Field(min_length=1)]
    attribute: str
    value: Value = None
    why: str = ""


class BulkDone(Schema):
    """How many objects changed."""

    count: int


class ChosenExport(Schema):
    """Things of one type to be exported, by id."""

    type: str
    ids: Annotated[list[UUID], Field(min_length=1, max_length=2000)]
    format: str = "csv"


def object_row(view: ObjectView) -> ObjectRow:
    """Return the shape of a row."""
    return ObjectRow(**asdict(view))


def object_detail(actor: Actor, thing: CityObject) -> ObjectDetail:
    """Return the shape of one object."""
    links = [
        LinkRow(
            link=one.link, label=label(one.label), direction=one.direction, id=one.id, type=one.type, code=one.code,
            name=one.name,
        )
        for one in object_links(actor, thing)
    ]  # fmt: skip
    (view,) = views(actor, [thing])
    return ObjectDetail(**asdict(view), geometry=geometry_of(thing), links=links, may_edit=may_edit(actor, thing))


def only_given(change: Schema, *leave: str) -> Mapping[str, Any]:
    """Return the fields that the caller sent."""
    return change.model_dump(exclude_unset=True, exclude=set(leave))
