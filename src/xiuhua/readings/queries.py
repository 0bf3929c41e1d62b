"""What may be read of alarms, streams and devices; what they reported is read in `history`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound
from xiuhua.ledger.models import History
from xiuhua.ledger.queries import history_of
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import visible, visible_sql
from xiuhua.people.queries import area_path
from xiuhua.readings.duty import called
from xiuhua.readings.models import Alarm, Datastream, Latest

STANDING = "standing"


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """Objects with streams, by whether they report."""

    total: int
    fresh: int
    silent: int
    never: int


def alarms(
    actor: Actor,
    *,
    state: str = STANDING,
    grade: int | None = None,
    area: str = "",
    type: str = "",
    object: UUID | None = None,
    q: str = "",
    mine: bool = False,
) -> QuerySet[Alarm]:
    """Return the alarms asked for: gravest first, then unacknowledged, then oldest; closed ones newest first. Those
    folded under one which the actor sees there are left out, unless an object or a text is asked for. `mine`: those for
    which a post of the actor is called.
    """
    found = Alarm.objects.filter(visible(actor))
    if object is None and not q:
        heads = Alarm.objects.filter(visible(actor), id=OuterRef("parent_id"))
        found = found.exclude(Exists(heads.filter(closed_at__isnull=True) if state == STANDING else heads))
    found = found.filter(closed_at__isnull=True) if state == STANDING else found.filter(state=state)
    if mine:
        found = found.filter(called(actor))
    if grade is not None:
        found = found.filter(grade=grade)
    if area:
        found = found.filter(area_path__startswith=area_path(area))
    if type:
        found = found.filter(object_type=type)
    if object is not None:
        found = found.filter(object_id=object)
    if q:
        found = found.filter(Q(object_code__icontains=q) | Q(object_name__icontains=q))
    if state == "closed":
        return found.order_by("-closed_at", "-id")
    seen = Case(When(state="raised", then=Value(0)), default=Value(1))
    return found.order_by("grade", seen, "raised_at", "id")


def alarm(actor: Actor, alarm_id: UUID) -> Alarm:
    """Return one alarm; raises NotFound where the actor may not see it."""
    found = Alarm.objects.filter(visible(actor), id=alarm_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def members(actor: Actor, alarm_id: UUID) -> QuerySet[Alarm]:
    """Return what is folded under an alarm, as far as the actor sees it, by when it came."""
    return Alarm.objects.filter(visible(actor), parent_id=alarm(actor, alarm_id).id).order_by("raised_at", "id")


def alarm_history(actor: Actor, alarm_id: UUID) -> QuerySet[History]:
    """Return what happened to an alarm."""
    return history_of("alarm", str(alarm(actor, alarm_id).id))


def alarm_counts(actor: Actor, area: str = "") -> tuple[dict[str, int], int, int]:
    """Return how many alarms stand of each grade, how many are not acknowledged, and for how many of these a post of
    the actor is called, under an area if one is named.
    """
    grades = {str(grade): 0 for grade in range(1, 5)}
    rows = (
        alarms(actor, area=area)
        .order_by()
        .values("grade")
        .annotate(
            n=Count("id"),
            new=Count("id", filter=Q(state="raised")),
            mine=Count("id", filter=Q(state="raised") & called(actor)),
        )
    )
    unacknowledged = mine = 0
    for row in rows:
        grades[str(row["grade"])] = row["n"]
        unacknowledged += row["new"]
        mine += row["mine"]
    return grades, unacknowledged, mine


def points(object_ids: Collection[UUID]) -> dict[UUID, tuple[float, float]]:
    """Return the middle of each object that has a place (CGCS2000, degrees, lon-lat)."""
    rows = CityObject.objects.filter(id__in=set(object_ids), west__isnull=False)
    return {
        thing: (lon, lat)
        for thing, lon, lat in rows.values_list("id", (F("west") + F("east")) / 2.0, (F("south") + F("north")) / 2.0)
    }


def streams(actor: Actor, object_id: UUID) -> list[tuple[Datastream, Latest | None]]:
    """Return an object's datastreams with their latest readings; raises NotFound where the actor may not see it."""
    if not CityObject.objects.filter(visible(actor), id=object_id).exists():
        raise NotFound("people.not_visible")
    rows = list(Datastream.objects.filter(visible(actor), object_id=object_id).order_by("id"))
    latest = Latest.objects.in_bulk([row.id for row in rows])
    return [(row, latest.get(row.id)) for row in rows]


def device_health(actor: Actor, area: str = "", *, now: datetime) -> Health:
    """Return how many objects with streams never reported, have a stream that fell silent, or report as they should."""
    rule, parameters = visible_sql(actor, area="d.area_path", unit="d.unit_code")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE first_silent > %s), count(*) FILTER (WHERE first_silent <= %s)
            FROM (
                SELECT min(l.silent_at) AS first_silent
                FROM readings_datastream d
                JOIN objects_cityobject o ON o.id = d.object_id AND o.removed_at IS NULL
                LEFT JOIN readings_latest l ON l.datastream_id = d.id
                WHERE {rule} AND starts_with(d.area_path, %s)
                GROUP BY d.object_id
            ) device
            """,  # noqa: S608
            [now, now, *parameters, area_path(area)],
        )
        total, fresh, silent = cursor.fetchone()
    return Health(total=total, fresh=fresh, silent=silent, never=total - fresh - silent)
