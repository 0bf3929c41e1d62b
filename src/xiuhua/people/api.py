"""HTTP of this room: sessions, areas, units, people, and the record of changes."""

from __future__ import annotations

import json

import shapely
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Query, Router, Status

from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of, require_csrf
from xiuhua.people import actions, queries
from xiuhua.people.schemas import (
    AreaRow,
    AuditRow,
    Credentials,
    Me,
    NewUser,
    SessionChoice,
    ShiftGiven,
    ShiftRow,
    UnitRow,
    UserChange,
    UserRow,
    area_row,
    audit_row,
    me,
    shift_row,
    unit_row,
    user_row,
)
from xiuhua.people.signed_in import user_of

router = Router(tags=["people"])


@router.post("/session", auth=None, response=Me)
def open_session(request: HttpRequest, given: Credentials) -> Me:
    """Sign in."""
    require_csrf(request)
    return me(actions.sign_in(request, username=given.username, password=given.password, now=timezone.now()))


@router.get("/session", auth=None, response=Me)
def get_session(request: HttpRequest) -> Me:
    """Say who is signed in; hands out the CSRF cookie in any case, so that a page can sign in."""
    get_token(request)
    return me(user_of(request))


@router.delete("/session", response={204: None})
def close_session(request: HttpRequest) -> Status[None]:
    """Sign out."""
    actions.sign_out(request, actor_of(request))
    return Status(204, None)


@router.patch("/session", response=Me)
def change_session(request: HttpRequest, given: SessionChoice) -> Me:
    """Choose the language, or the columns of a list; they follow the person to every browser."""
    user = user_of(request)
    if given.language is not None:
        actions.choose_language(user, language=given.language)
    if given.columns is not None:
        columns = [column.dict() for column in given.columns.columns]
        actions.choose_columns(user, table=given.columns.table, columns=columns)
    return me(user)


@router.get("/areas", response=list[AreaRow])
def list_areas(request: HttpRequest, level: str = "", parent: str = "") -> list[AreaRow]:
    """List areas; names and codes are public facts."""
    return [area_row(area) for area in queries.area_rows(level=level, parent=parent)]


@router.get("/areas.geojson")
def draw_areas(request: HttpRequest, level: str = "town") -> HttpResponse:
    """Return the outlines of a level as GeoJSON, each saying whether it is synthetic."""
    features = [
        {
            "type": "Feature",
            "id": area.code,
            "geometry": json.loads(shapely.to_geojson(shapely.from_wkb(bytes(area.geometry or b"")))),
            "properties": {
                "code": area.code, "name": area.name, "name_en": area.name_en, "level": area.level,
                "synthetic": area.synthetic_geometry,
            },
        }
        for area in queries.areas_with_geometry(level=level)
    ]  # fmt: skip
    body = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return HttpResponse(body, content_type="application/geo+json")


@router.get("/units", response=list[UnitRow])
def list_units(request: HttpRequest) -> list[UnitRow]:
    """List units; public facts."""
    return [unit_row(unit) for unit in queries.unit_rows()]


@router.get("/users", response=list[UserRow])
def list_users(request: HttpRequest) -> list[UserRow]:
    """List the people the actor manages."""
    return [user_row(user) for user in queries.user_rows(actor_of(request))]


@router.post("/users", response=UserRow)
def add_user(request: HttpRequest, given: NewUser) -> UserRow:
    """Add a person with its posts."""
    user = actions.make_user(
        actor_of(request),
        username=given.username,
        name=given.name,
        password=given.password,
        language=given.language,
        administrator=given.administrator,
        holdings=[holding.value() for holding in given.holdings],
    )
    return user_row(queries.with_holdings(actor_of(request), user))


@router.patch("/users/{code}", response=UserRow)
def change_user(request: HttpRequest, code: str, given: UserChange) -> UserRow:
    """Change a person, all that is given or nothing; `grant` and `revoke` name single posts."""
    actor = actor_of(request)
    user = actions.change_user(
        actor,
        user_code=code,
        name=given.name,
        password=given.password,
        active=given.active,
        administrator=given.administrator,
        granted=[holding.value() for holding in given.grant],
        revoked=[holding.value() for holding in given.revoke],
    )
    return user_row(queries.with_holdings(actor, user))


@router.get("/roster", response=list[ShiftRow])
def list_roster(request: HttpRequest) -> list[ShiftRow]:
    """List who answers alarms where and when."""
    return [shift_row(shift) for shift in queries.roster(actor_of(request))]


@router.post("/roster", response={201: ShiftRow})
def add_shift(request: HttpRequest, given: ShiftGiven) -> Status[ShiftRow]:
    """Add a line to the roster."""
    return Status(201, shift_row(actions.add_shift(actor_of(request), actions.ShiftWanted(**given.dict()))))


@router.delete("/roster/{int:shift_id}", response={204: None})
def remove_shift(request: HttpRequest, shift_id: int) -> Status[None]:
    """Take a line out of the roster."""
    actions.remove_shift(actor_of(request), shift_id)
    return Status(204, None)


@router.get("/audit", response=Page[AuditRow])
def list_changes(
    request: HttpRequest,
    paging: Query[Paging],
    entity: str = "",
    entity_id: str = "",
    actor: str = "",
) -> Page[AuditRow]:
    """List the record of changes, newest first."""
    reader = actor_of(request)
    rows = queries.audit_rows(reader, entity=entity, entity_id=entity_id, by=actor)
    page = queries.readable(reader, list(rows[paging.window]))
    return Page(items=[audit_row(row) for row in page], total=rows.count(), page=paging.page, size=paging.size)
