"""How every case begins, whatever it comes from: its unit, number, first state, clocks, history row and event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import shapely
from django.db import connection

from xiuhua.cases.clocks import turn
from xiuhua.cases.models import Case
from xiuhua.cases.numbers import next_number
from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.words import Label
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.objects.models import CityObject
from xiuhua.people.queries import unit_names

FALLBACK_UNIT = "cyzx"


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """What a case begins with. `unit_code` is empty where the place decides; `why` says what it comes from."""

    type: str
    source: str
    why: Label
    subject: CityObject | None = None
    title: str = ""
    description: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None
    area_path: str = ""
    unit_code: str = ""
    grade: int | None = None
    alarm_id: UUID | None = None
    origin: str = "site"


def begin(actor: Actor, beginning: Beginning, *, now: datetime) -> Case:
    """Return the new case; called inside a transaction, rights checked by the caller."""
    declared = catalogue.current().case_type(beginning.type)
    subject = beginning.subject
    if declared.on and (subject is None or subject.type != declared.on):
        raise Invalid("cases.wrong_object", type=beginning.type, on=declared.on)
    unit_code, unit_why = unit_for(beginning)
    lon, lat = beginning.lon, beginning.lat
    if subject is not None and subject.geometry is not None and lon is None:
        point = shapely.point_on_surface(shapely.from_wkb(bytes(subject.geometry)))
        lon, lat = float(point.x), float(point.y)
    case = Case(
        id=_new_id(),
        number=next_number(now),
        type=beginning.type,
        state=declared.start.id,
        kind=declared.start.kind.value,
        title=beginning.title or _title(declared.label, subject),
        description=beginning.description,
        object_id=subject.id if subject else None,
        object_code=subject.code if subject else "",
        alarm_id=beginning.alarm_id,
        source=beginning.source,
        grade=beginning.grade,
        lon=lon,
        lat=lat,
        area_path=subject.area_path if subject else beginning.area_path,
        unit_code=unit_code,
        fields=dict(beginning.fields),
        opened_by=actor.code,
        opened_at=now,
        why=[{"zh": why.zh, "en": why.en} for why in (beginning.why, unit_why)],
        origin=origin_of(subject, beginning.origin),
    )
    case.save(force_insert=True)
    turn(case, declared, left=None, entered=declared.start, now=now)
    case.save(update_fields=["due_at", "at_risk_at", "paused"])
    record(
        actor,
        Change(
            action="opened", entity="case", entity_id=str(case.id), area_path=case.area_path, why=beginning.why.zh,
            data={
                "number": case.number, "type": case.type, "to": case.state, "source": case.source,
                "unit_code": unit_code, "object_code": case.object_code,
            },
        ),
    )  # fmt: skip
    tell("case.opened", case, alarm_id=case.alarm_id)
    return case


def unit_for(beginning: Beginning) -> tuple[str, Label]:
    """Return the unit a case begins with and why: the one named, the thing's own, the town's, else the district's
    operation centre; never nobody.
    """
    names = unit_names()
    if beginning.unit_code:
        if beginning.unit_code not in names:
            raise Invalid("cases.unknown_unit", unit=beginning.unit_code)
        name = names[beginning.unit_code]
        return beginning.unit_code, Label(zh=f"立案时指定由{name}承办", en=f"Given to {name} when it was opened")
    subject = beginning.subject
    if subject is not None and subject.unit_code in names:
        name = names[subject.unit_code]
        return subject.unit_code, Label(
            zh=f"{name}是{subject.code}的责任单位", en=f"{name} is responsible for {subject.code}"
        )
    town = (subject.area_path if subject else beginning.area_path).split("/")[1:2]
    code = f"town-{town[0]}" if town else ""
    if code in names:
        return code, Label(
            zh=f"未登记责任单位，由所在街镇{names[code]}承办",
            en=f"No responsible unit is registered, so it goes to the town: {names[code]}",
        )
    return FALLBACK_UNIT, Label(
        zh="未登记责任单位，也未能确定街镇，由区城运中心先行承接",
        en="No responsible unit and no town are known, so the district's operation centre takes it first",
    )


def origin_of(subject: CityObject | None, otherwise: str) -> str:
    """Return the origin of what is made about a thing: synthetic if the thing is, else the one given."""
    if subject is not None and subject.origin.startswith("synthetic:"):
        return subject.origin
    return otherwise


def tell(topic: str, case: Case, **more: object) -> None:
    """Announce an event of the case."""
    announce(
        topic, area_path=case.area_path, unit_code=case.unit_code, id=str(case.id), type=case.type, number=case.number,
        **{name: str(value) if isinstance(value, UUID) else value for name, value in more.items()},
    )  # fmt: skip


def one_at_a_time(type_id: str, object_id: UUID) -> None:
    """Let only one transaction at a time open cases of that type for that thing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"case:{type_id}:{object_id}"])


def standing(type_id: str, object_id: UUID) -> Case | None:
    """Return the open case of that type for that thing."""
    return Case.objects.filter(type=type_id, object_id=object_id, kind="open").order_by("opened_at").first()


def _title(label: Label, subject: CityObject | None) -> str:
    return f"{subject.name or subject.code}：{label.zh}" if subject else label.zh


def _new_id() -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT uuidv7()")
        found: UUID = cursor.fetchone()[0]
    return found
