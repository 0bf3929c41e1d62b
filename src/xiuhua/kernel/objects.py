"""City objects: what a thing is, what is known of it, and how things hang together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xiuhua.kernel.expressions import Field, Root
from xiuhua.kernel.quantities import Quantity
from xiuhua.kernel.streams import Stream
from xiuhua.kernel.words import Choice as Choice
from xiuhua.kernel.words import Label, Privacy, Source


class Geometry(StrEnum):
    """The shape a type may have."""

    NONE = "none"
    POINT = "point"
    LINE = "line"
    POLYGON = "polygon"


class Value(StrEnum):
    """What kind of value an attribute holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"


class Writer(StrEnum):
    """Who writes an attribute. A value that an indicator reads may not be written by FORM."""

    FORM = "form"
    IMPORT = "import"
    MOVE = "move"
    READING = "reading"
    RUN = "run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One thing known of an object, or one field of a move or a round's form. Numbers are in the quantity's unit."""

    id: str
    label: Label
    value: Value = Value.TEXT
    quantity: Quantity | None = None
    choices: tuple[Choice, ...] = ()
    required: bool = False
    written_by: frozenset[Writer] = frozenset({Writer.FORM, Writer.IMPORT})
    privacy: Privacy = Privacy.PUBLIC
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    listed: bool = True
    help: Label | None = None
    source: Source | None = None


class Relation(StrEnum):
    """How a link is established."""

    KEY = "key"
    IN = "in"
    ON = "on"
    NEAR = "near"
    UPSTREAM = "upstream"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A declared relation from the type that carries it to type `to` (full id, or id in the same pack).
    KEY links are stored and come in an import as a column named like the link, holding the other thing's code;
    IN (within the other's outline), ON (touching it, or within `within_m`) and NEAR (within `within_m`) are found by
    geometry and follow every change; of several ends without `many` the smallest outline or the nearest is kept.
    UPSTREAM needs a network and is refused until one can be asked.
    """

    id: str
    label: Label
    to: str
    relation: Relation = Relation.KEY
    many: bool = False
    required: bool = False
    within_m: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectType:
    """A kind of city object. Every object also has code, name, geometry, area, unit, validity period and origin.

    `period` says that objects of the type are valid from–to; `never` lists link ids: two objects with the same target
    may not be valid at the same time. `icon` names a shape of the map's icon set.
    """

    id: str
    label: Label
    attributes: tuple[Attribute, ...] = ()
    geometry: Geometry = Geometry.POINT
    links: tuple[Link, ...] = ()
    streams: tuple[Stream, ...] = ()
    period: bool = False
    never: tuple[str, ...] = ()
    icon: str = "dot"
    code_pattern: str = ""

    def __getitem__(self, attribute_id: str) -> Field:
        if all(attribute.id != attribute_id for attribute in self.attributes):
            raise KeyError(f"{self.id} has no attribute {attribute_id}")
        return Field(of=self.id, root=Root.ATTRIBUTE, name=attribute_id)

    def own(self, name: str) -> Field:
        """Return a stored column: code, name, valid_from, valid_to, created_at."""
        return Field(of=self.id, root=Root.OWN, name=name)

    def stream(self, stream_id: str, part: str = "value") -> Field:
        """Return the latest value, code or freshness (`fresh`: not silent) of a stream."""
        if all(stream.id != stream_id for stream in self.streams):
            raise KeyError(f"{self.id} has no stream {stream_id}")
        return Field(of=self.id, root=Root.STREAM, name=stream_id, part=part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One row of a code list; `fields` are (name, value) pairs."""

    code: str
    label: Label
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeList:
    """Versioned rows keyed by (scheme, edition, code)."""

    id: str
    scheme: str
    edition: str
    label: Label
    rows: tuple[Code, ...]
    source: Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """One step of a scale; `level` 1 is the gravest."""

    level: int
    label: Label
    colour: str
    numeral: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """Ordered grades with their source."""

    id: str
    label: Label
    grades: tuple[Grade, ...]
    source: Source
