"""What may be read of alarms, streams and readings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, F, Q, QuerySet, Value, When

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.ledger.models import History
from xiuhua.ledger.queries import history_of
from xiuhua.objects.models import CityObject
from xiuhua.people.policy import sees, visible, visible_sql
from xiuhua.people.queries import area_path
from xiuhua.readings.models import Alarm, Datastream, Latest

STANDING = "standing"
DAY = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One stored reading."""

    at: datetime
    value: float | None
    code: str
    quality: int


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
) -> QuerySet[Alarm]:
    """Return the alarms asked for: gravest first, then unacknowledged, then oldest; closed ones newest first."""
    found = Alarm.objects.filter(visible(actor))
    found = found.filter(closed_at__isnull=True) if state == STANDING else found.filter(state=state)
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


def alarm_history(actor: Actor, alarm_id: UUID) -> QuerySet[History]:
    """Return what happened to an alarm."""
    return history_of("alarm", str(alarm(actor, alarm_id).id))


def alarm_counts(actor: Actor, area: str = "") -> tuple[dict[str, int], int]:
    """Return how many alarms stand of each grade, and how many are not acknowledged, under an area if one is named."""
    grades = {str(grade): 0 for grade in range(1, 5)}
    rows = (
        alarms(actor, area=area)
        .order_by()
        .values("grade")
        .annotate(n=Count("id"), new=Count("id", filter=Q(state="raised")))
    )
    unacknowledged = 0
    for row in rows:
        grades[str(row["grade"])] = row["n"]
        unacknowledged += row["new"]
    return grades, unacknowledged


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


def readings(
    actor: Actor, datastream_id: int, *, begin: datetime | None, end: datetime | None, limit: int, now: datetime
) -> Sequence[Reading]:
    """Return the newest `limit` readings of a datastream in [begin, end), oldest first; raises NotFound, Invalid."""
    datastream = Datastream.objects.filter(id=datastream_id).first()
    if datastream is None or not sees(actor, area_path=datastream.area_path, unit_code=datastream.unit_code):
        raise NotFound("people.not_visible")
    end = end or now + DAY
    begin = begin or max(min(end, now), EARLIEST + DAY) - DAY
    if begin >= end:
        raise Invalid("readings.period_wrong")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT at, value, coalesce(code, ''), quality FROM readings_reading
            WHERE datastream_id = %s AND at >= %s AND at < %s ORDER BY at DESC LIMIT %s
            """,
            [datastream_id, begin, end, limit],
        )
        rows = [Reading(at=row[0], value=row[1], code=row[2], quality=row[3]) for row in cursor.fetchall()]
    return rows[::-1]


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
