"""What an export holds: its columns, and its rows as the actor may read them, a chunk at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import shapely

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.objects import Geometry, ObjectType
from xiuhua.kernel.objects import Value as Kind
from xiuhua.kernel.words import Act, Label, Privacy
from xiuhua.objects.choosing import Rows
from xiuhua.objects.linking import key_links
from xiuhua.objects.masking import Mask
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.shapes import Shapes, shapes_of
from xiuhua.people.policy import visible

CHUNK = 2_000
OWN = {
    "code": Label(zh="编号", en="Code"),
    "name": Label(zh="名称", en="Name"),
    "lon": Label(zh="经度", en="Longitude"),
    "lat": Label(zh="纬度", en="Latitude"),
    "wkt": Label(zh="WKT", en="WKT"),
    "area": Label(zh="区域", en="Area"),
    "unit": Label(zh="单位", en="Unit"),
    "valid_from": Label(zh="有效期起", en="Valid from"),
    "valid_to": Label(zh="有效期止", en="Valid to"),
}
Cell = str | float | int | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: `target` as an import names it, `id` a name in ASCII, `kind` of its values."""

    target: str
    id: str
    label: Label
    kind: Kind
    choices: Mapping[str, Label]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """Some rows: cells by target, and their geometry."""

    cells: Mapping[str, Sequence[Cell]]
    shapes: Shapes


def export_columns(actor: Actor, declared: ObjectType, *, placed: bool) -> list[Column]:
    """Return the columns, less what the actor may read nowhere; `placed`: the position as columns, too."""
    own = ["code", "name"]
    if placed and declared.geometry is Geometry.POINT:
        own += ["lon", "lat"]
    elif placed and declared.geometry is not Geometry.NONE:
        own += ["wkt"]
    own += ["area", "unit"]
    if declared.period:
        own += ["valid_from", "valid_to"]
    columns = [_column(name, name, OWN[name], Kind.NUMBER if name in ("lon", "lat") else Kind.TEXT) for name in own]
    most = _most_private(actor).rank
    for attribute in declared.attributes:
        if attribute.privacy.rank <= most:
            taken = attribute.id in OWN
            choices = {choice.id: choice.label for choice in attribute.choices}
            columns.append(
                Column(
                    target=f"attr.{attribute.id}", id=f"attr_{attribute.id}" if taken else attribute.id,
                    label=attribute.label, kind=attribute.value, choices=choices,
                )
            )  # fmt: skip
    names = {column.id for column in columns}
    for link in key_links(declared).values():
        name = f"link_{link.id}" if link.id in names else link.id
        columns.append(_column(f"link.{link.id}", name, link.label, Kind.TEXT))
    return columns


def headers(columns: Sequence[Column], language: str) -> list[str]:
    """Return the columns' names for a person; the id where two have the same name."""
    names = [column.label.in_language(language) for column in columns]
    return [
        name if names.count(name) == 1 or column.target in OWN else column.id
        for name, column in zip(names, columns, strict=True)
    ]


def chunks(actor: Actor, declared: ObjectType, rows: Rows, columns: Sequence[Column]) -> Iterator[Chunk]:
    """Return the rows, what the actor may not read taken out."""
    mask = Mask(actor)
    source = rows.defer("grams", "words", "sort_key").iterator(chunk_size=CHUNK)
    while things := list(islice(source, CHUNK)):
        yield _chunk(actor, declared, things, columns, mask)


def _chunk(
    actor: Actor, declared: ObjectType, things: Sequence[CityObject], columns: Sequence[Column], mask: Mask
) -> Chunk:
    shapes = shapes_of([thing.geometry for thing in things])
    linked = _linked(actor, declared, [thing.id for thing in things])
    values: dict[str, list[Cell]] = {column.target: [] for column in columns}
    for thing in things:
        attributes, _ = mask.read(declared, thing.attributes, area_path=thing.area_path, unit_code=thing.unit_code)
        for target, cells in values.items():
            sort, _, name = target.partition(".")
            if sort == "attr":
                cells.append(attributes.get(name))
            elif sort == "link":
                cells.append(";".join(linked.get((thing.id, name), ())))
            elif target not in ("lon", "lat", "wkt"):
                cells.append(_own(thing, target))
    if "lon" in values:
        values["lon"], values["lat"] = _numbers(shapely.get_x(shapes)), _numbers(shapely.get_y(shapes))
    if "wkt" in values:
        values["wkt"] = [text or "" for text in shapely.to_wkt(shapes, rounding_precision=-1).tolist()]
    return Chunk(cells=values, shapes=shapes)


def _own(thing: CityObject, target: str) -> Cell:
    if target == "area":
        return thing.area_path.rstrip("/").rpartition("/")[2]
    if target == "unit":
        return thing.unit_code
    if target in ("valid_from", "valid_to"):
        day = thing.valid_from if target == "valid_from" else thing.valid_to
        return day.isoformat() if day else ""
    return thing.code if target == "code" else thing.name


def _linked(actor: Actor, declared: ObjectType, ids: Sequence[UUID]) -> dict[tuple[UUID, str], list[str]]:
    found: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    if not key_links(declared):
        return found
    rows = ObjectLink.objects.filter(
        visible(actor, area="target__area_path", unit="target__unit_code"), source_id__in=list(ids)
    )
    for source_id, link, code in rows.order_by("target__code").values_list("source_id", "link", "target__code"):
        found[source_id, link.rpartition(".")[2]].append(code)
    return found


def _most_private(actor: Actor) -> Privacy:
    if actor.administrator:
        return Privacy.SENSITIVE
    allowed = [grant.sees for grant in actor.grants if Act.EXPORT in grant.acts]
    return max(allowed, key=lambda privacy: privacy.rank, default=Privacy.PUBLIC)


def _column(target: str, id: str, label: Label, kind: Kind) -> Column:
    return Column(target=target, id=id, label=label, kind=kind, choices={})


def _numbers(values: Sequence[float]) -> list[Cell]:
    return [None if value != value else float(value) for value in values]
