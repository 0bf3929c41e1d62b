"""Lists, counts and points of the cases an actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import shapely
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Count, F, Func, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from xiuhua.cases.models import Case
from xiuhua.cases.rights import mine
from xiuhua.catalog import catalogue
from xiuhua.engines.working_time.calendar import BEIJING
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.people.models import Area
from xiuhua.people.policy import visible
from xiuhua.people.queries import area_path

SORTS = ("time_left", "-opened_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which cases a list shows; empty fields do not narrow it. `area` is a path or code, `at` is risk or overdue."""

    kind: str = "open"
    mine: bool = False
    type: str = ""
    state: str = ""
    area: str = ""
    unit: str = ""
    object: UUID | None = None
    q: str = ""
    at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeCount:
    """Open cases of a type, and how many of them are at risk and overdue."""

    type: str
    open: int
    at_risk: int
    overdue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TownCount:
    """Open and overdue cases of a town, with a point inside it (CGCS2000, degrees) where its outline is known."""

    area_path: str
    open: int
    overdue: int
    lon: float | None
    lat: float | None


def overdue(now: datetime) -> Q:
    """Return the filter of open cases past their due time; a paused clock is not overdue."""
    return Q(kind="open", due_at__lt=now)


def at_risk(now: datetime) -> Q:
    """Return the filter of open cases that are at risk and not yet overdue."""
    return Q(kind="open", at_risk_at__lte=now, due_at__gte=now)


def cases(actor: Actor, wanted: Wanted, *, now: datetime, sort: str = "") -> QuerySet[Case]:
    """Return the cases: what endangers people first, then by time left, paused last; raises Invalid."""
    rows = within(actor, wanted.area)
    if wanted.kind != "all":
        rows = rows.filter(kind=wanted.kind)
    for column, value in (("type", wanted.type), ("state", wanted.state), ("unit_code", wanted.unit)):
        if value:
            rows = rows.filter(**{column: value})
    if wanted.mine:
        rows = rows.filter(mine(actor, catalogue.current()))
    if wanted.object is not None:
        rows = rows.filter(object_id=wanted.object)
    if wanted.q.strip():
        q = wanted.q.strip()
        rows = rows.filter(Q(number__icontains=q) | Q(title__icontains=q) | Q(object_code__icontains=q))
    if wanted.at == "overdue":
        rows = rows.filter(overdue(now))
    elif wanted.at == "risk":
        rows = rows.filter(at_risk(now))
    return rows.order_by(*_order(sort))


def within(actor: Actor, area: str) -> QuerySet[Case]:
    """Return the cases the actor may see under an area, given as a path or code; raises NotFound."""
    return Case.objects.filter(visible(actor), area_path__startswith=area_path(area))


def case_of(actor: Actor, case_id: UUID) -> Case:
    """Return the case; raises NotFound."""
    found = Case.objects.filter(visible(actor), id=case_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def totals(actor: Actor, area: str = "", *, now: datetime) -> dict[str, int]:
    """Return how many cases are open, at risk, overdue, the actor's own, opened today and closed today (Beijing)."""
    today = now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, int] = within(actor, area).aggregate(
        open=Count("pk", filter=Q(kind="open")),
        at_risk=Count("pk", filter=at_risk(now)),
        overdue=Count("pk", filter=overdue(now)),
        mine=Count("pk", filter=Q(kind="open") & mine(actor, catalogue.current())),
        opened_today=Count("pk", filter=Q(opened_at__gte=today)),
        closed_today=Count("pk", filter=Q(closed_at__gte=today)),
    )
    return found


def by_type(actor: Actor, area: str = "", *, now: datetime) -> list[TypeCount]:
    """Return open cases by type, with those at risk and overdue."""
    rows = within(actor, area).filter(kind="open").order_by().values("type")
    counted = rows.annotate(
        open=Count("pk"), at_risk=Count("pk", filter=at_risk(now)), overdue=Count("pk", filter=overdue(now))
    )
    return [TypeCount(**row) for row in counted.order_by("type")]


def by_town(actor: Actor, area: str = "", *, now: datetime) -> list[TownCount]:
    """Return open and overdue cases by town."""
    town = Func(F("area_path"), Value("^([^/]+/[^/]+/).*$"), function="substring", output_field=models.TextField())
    rows = (
        within(actor, area)
        .filter(kind="open")
        .annotate(town=town)
        .filter(town__isnull=False)
        .order_by()
        .values("town")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=overdue(now)))
        .order_by("town")
    )
    counted = list(rows)
    points = _points([row["town"] for row in counted])
    return [
        TownCount(
            area_path=row["town"], open=row["open"], overdue=row["overdue"],
            lon=points[row["town"]][0] if row["town"] in points else None,
            lat=points[row["town"]][1] if row["town"] in points else None,
        )
        for row in counted
    ]  # fmt: skip


def _points(paths: list[str]) -> Mapping[str, tuple[float, float]]:
    areas = Area.objects.filter(path__in=paths, geometry__isnull=False).values_list("path", "geometry")
    points = {path: shapely.point_on_surface(shapely.from_wkb(bytes(geometry))) for path, geometry in areas if geometry}
    return {path: (float(point.x), float(point.y)) for path, point in points.items()}


def _order(sort: str) -> tuple[str | Combinable, ...]:
    if sort == "-opened_at":
        return ("-opened_at", "-id")
    if sort not in ("", "time_left"):
        raise Invalid("cases.unknown_sort", sort=sort, sorts=", ".join(SORTS))
    dangers = [type_id for type_id, declared in catalogue.current().cases.items() if declared.danger]
    still_open = Choose(When(kind="open", then=0), default=1)
    danger = Choose(When(type__in=dangers, then=0), default=1)
    left = (F("due_at").asc(nulls_last=True), "opened_at", "id")
    return (still_open, "paused", danger, *left) if sort == "" else (still_open, "paused", *left)
