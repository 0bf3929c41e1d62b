"""HTTP of this room: registers. Imports are in api_imports.py, mounted here."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from xiuhua.http.errors import language_of
from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.http.wall import read_json
from xiuhua.kernel.errors import Invalid
from xiuhua.ledger.schemas import HistoryRow, history_row
from xiuhua.objects import actions, bulk_actions, exporting, queries
from xiuhua.objects.api_imports import router as imports
from xiuhua.objects.exports.writers import ENDING
from xiuhua.objects.forms import Changes
from xiuhua.objects.queries import Box, Choice
from xiuhua.objects.schemas import (
    BulkDone,
    BulkRemoval,
    BulkValue,
    ChosenExport,
    CountRow,
    NewObject,
    ObjectChange,
    ObjectDetail,
    ObjectRow,
    Removal,
    object_detail,
    object_row,
    only_given,
)
from xiuhua.objects.sending import file_response

router = Router(tags=["objects"])
router.add_router("", imports)


class Chosen(Schema):
    """Which rows of a register: `area` is a path's beginning, `filter` a JSON object attribute id → value."""

    type: str = ""
    q: str = ""
    area: str = ""
    unit: str = ""
    filter: str = ""

    def choice(self, box: Box | None = None) -> Choice:
        """Return the choice; raises Invalid for a filter that is no JSON object."""
        filters = _json_object(self.filter) if self.filter else {}
        return Choice(type=self.type, q=self.q, area=self.area, unit=self.unit, filters=filters, box=box)


@router.get("/objects", response=Page[ObjectRow])
def list_objects(request: HttpRequest, chosen: Query[Chosen], paging: Query[Paging], sort: str = "") -> Page[ObjectRow]:
    """Return a page of rows. sort: code, name, updated_at or attr.<id>, "-" before it for the other way round."""
    rows, total = queries.object_page(actor_of(request), chosen.choice(), sort=sort, window=paging.window)
    return Page[ObjectRow](items=[object_row(row) for row in rows], total=total, page=paging.page, size=paging.size)


@router.get("/objects/counts", response=list[CountRow])
def count_objects(request: HttpRequest, area: str = "") -> list[CountRow]:
    """Return how many objects there are of each type, under an area (a path's beginning) if one is named."""
    return [CountRow(type=type_id, count=count) for type_id, count in queries.object_counts(actor_of(request), area)]


@router.get("/objects/search", response=list[ObjectRow])
def search_objects(request: HttpRequest, q: str) -> list[ObjectRow]:
    """Return the 20 best matches over all types."""
    return [object_row(row) for row in queries.object_search(actor_of(request), q)]


@router.get("/objects.geojson")
def map_objects(
    request: HttpRequest,
    chosen: Query[Chosen],
    bbox: str = "",
    limit: Annotated[int, Field(ge=1, le=100_000)] = 20_000,
) -> HttpResponse:
    """Return a FeatureCollection (id, type, code, name); `truncated` says that there are more than `limit`."""
    found = queries.map_features(actor_of(request), chosen.choice(_box(bbox)), limit=limit)
    return HttpResponse(found, content_type="application/geo+json")


@router.get("/objects/export")
def export_objects(
    request: HttpRequest, chosen: Query[Chosen], format: str = "csv", sort: str = ""
) -> StreamingHttpResponse:
    """Return the rows of a type as a file: csv, xlsx, geojson, gpkg or shp (zipped), all in CGCS2000."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{ENDING.get(format, format)}"
        exporting.export_objects(
            actor_of(request), chosen.choice(), sort=sort, kind=format, path=path, language=language_of(request)
        )
        return file_response(request, path.open("rb"), filename=f"{chosen.type}{path.suffix}")


@router.post("/objects/export")
def export_chosen(request: HttpRequest, given: ChosenExport) -> StreamingHttpResponse:
    """Return the things chosen by id as a file, as exporting by filter does."""
    choice = Choice(type=given.type, ids=frozenset(given.ids))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{ENDING.get(given.format, given.format)}"
        exporting.export_objects(
            actor_of(request), choice, sort="", kind=given.format, path=path, language=language_of(request)
        )
        return file_response(request, path.open("rb"), filename=f"{given.type}{path.suffix}")


@router.post("/objects/bulk/remove", response=BulkDone)
def remove_many(request: HttpRequest, given: BulkRemoval) -> BulkDone:
    """Take many objects out of the register, all or none; a refusal names each that cannot go."""
    versions = {one.id: one.version for one in given.things}
    return BulkDone(count=bulk_actions.remove_many(actor_of(request), given.type, versions, why=given.why))


@router.post("/objects/bulk/attribute", response=BulkDone)
def set_attribute(request: HttpRequest, given: BulkValue) -> BulkDone:
    """Set one attribute of many objects, all or none; a refusal names each that cannot be changed."""
    versions = {one.id: one.version for one in given.things}
    count = bulk_actions.set_attribute(
        actor_of(request), given.type, versions, given.attribute, given.value, why=given.why
    )
    return BulkDone(count=count)


@router.get("/objects/{uuid:object_id}", response=ObjectDetail)
def get_object(request: HttpRequest, object_id: UUID) -> ObjectDetail:
    """Return one object."""
    actor = actor_of(request)
    return object_detail(actor, queries.one_object(actor, object_id))


@router.get("/objects/{uuid:object_id}/history", response=list[HistoryRow])
def get_history(request: HttpRequest, object_id: UUID) -> list[HistoryRow]:
    """Return what happened to an object, newest first."""
    return [history_row(row) for row in queries.object_history(actor_of(request), object_id)]


@router.post("/objects", response={201: ObjectDetail})
def make_object(request: HttpRequest, given: NewObject) -> Status[ObjectDetail]:
    """Put a new object into the register."""
    actor = actor_of(request)
    changes = cast(Changes, only_given(given, "type", "code"))
    return Status(
        201, object_detail(actor, actions.make_object(actor, type_id=given.type, code=given.code, given=changes))
    )


@router.patch("/objects/{uuid:object_id}", response=ObjectDetail)
def change_object(request: HttpRequest, object_id: UUID, given: ObjectChange) -> ObjectDetail:
    """Change an object that is still at the version given."""
    actor = actor_of(request)
    changes = cast(Changes, only_given(given, "version", "why"))
    thing = actions.change_object(actor, object_id, version=given.version, given=changes, why=given.why)
    return object_detail(actor, thing)


@router.delete("/objects/{uuid:object_id}", response={204: None})
def remove_object(request: HttpRequest, object_id: UUID, given: Removal) -> Status[None]:
    """Take an object out of the register; its history stays."""
    actions.remove_object(actor_of(request), object_id, why=given.why)
    return Status(204, None)


def _json_object(text: str) -> dict[str, object]:
    try:
        read = read_json(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Invalid("objects.bad_filter", attribute=text)
    return read


def _box(text: str) -> Box | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(side) for side in text.split(","))
    except ValueError:
        raise Invalid("objects.bad_box") from None
    if not all(math.isfinite(side) for side in (west, south, east, north)):
        raise Invalid("objects.bad_box")
    return west, south, east, north
