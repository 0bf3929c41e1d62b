"""Opening cases: by hand, for the rows of an indicator, and for alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from xiuhua.cases.actions.beginning import Beginning, begin, one_at_a_time, standing, unit_for
from xiuhua.cases.models import Case
from xiuhua.catalog import catalogue
from xiuhua.http.sentences import sentence
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.cases import CaseType
from xiuhua.kernel.errors import Invalid, NotFound, Refused
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.actions import Change, record
from xiuhua.objects.models import CityObject
from xiuhua.objects.places import area_without_place
from xiuhua.people.policy import holds, require, sees, visible
from xiuhua.people.posts import post_label
from xiuhua.people.queries import place_of
from xiuhua.readings.actions import set_case
from xiuhua.readings.models import Alarm
from xiuhua.runs.answers import answers

MOST_ROWS = 500
BY_HAND = Label(zh="人工立案", en="Opened by hand")
ROWS = {
    "indicator": Label(zh="由指标未达标的明细立案", en="Opened from a failing row of an indicator"),
    "hand": Label(zh="由台账成批立案", en="Opened for chosen rows of a register"),
}
GRADES = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What came of one row: a new case, or the one that stood already; None for one that the actor may not see."""

    object_id: UUID
    case: Case | None
    existing: bool


def open_case(
    actor: Actor,
    type_id: str,
    *,
    object_id: UUID | None = None,
    title: str = "",
    description: str = "",
    fields: Mapping[str, object] | None = None,
    lon: float | None = None,
    lat: float | None = None,
    unit_code: str = "",
    source: str = "hand",
    why: Label = BY_HAND,
    origin: str = "site",
    now: datetime | None = None,
) -> Case:
    """Open a case of that type; raises Refused for a post that may not, Invalid for what is missing or wrong."""
    declared = catalogue.current().case_type(type_id)
    subject = None if object_id is None else _seen(actor, object_id)
    area_path = subject.area_path if subject else _place(actor, lon, lat)
    beginning = Beginning(
        type=type_id, source=source, why=why, subject=subject, title=title.strip()[:200],
        description=description.strip(), fields=answers(declared.fields, fields or {}), lon=lon, lat=lat,
        area_path=area_path, unit_code=unit_code, origin=origin,
    )  # fmt: skip
    _require_opening(actor, declared, beginning)
    with transaction.atomic():
        return begin(actor, beginning, now=now or timezone.now())


def open_for_rows(
    actor: Actor,
    type_id: str,
    object_ids: Sequence[UUID],
    *,
    source: str = "indicator",
    description: str = "",
    now: datetime | None = None,
) -> list[Opened]:
    """Open a case for each thing that has none of the type open yet, all or none; raises as `open_case`, and
    Refused("cases.rows_refused") with every thing on which the actor may not open one.
    """
    if len(object_ids) > MOST_ROWS:
        raise Invalid("cases.too_many_rows", count=len(object_ids), limit=MOST_ROWS)
    reason = ROWS[source]
    declared = catalogue.current().case_type(type_id)
    opened = []
    with transaction.atomic():
        subjects = [_seen(actor, object_id) for object_id in sorted(set(object_ids))]
        _require_all(
            actor, declared, [Beginning(type=type_id, source=source, why=reason, subject=one) for one in subjects]
        )
        for subject in subjects:
            object_id = subject.id
            one_at_a_time(type_id, object_id)
            case = standing(type_id, object_id)
            existing = case is not None
            if case is None:
                case = open_case(
                    actor, type_id, object_id=object_id, description=description, source=source, why=reason, now=now
                )
            seen = sees(actor, area_path=case.area_path, unit_code=case.unit_code)
            opened.append(Opened(object_id=object_id, case=case if seen else None, existing=existing))
    return opened


def open_for_alarm(alarm_id: UUID, *, now: datetime | None = None) -> Case | None:
    """Open the case that the alarm's rule names, or join the alarm to the one open for its thing; once, however often
    it is called. Returns None for an alarm that is closed, folded under another, or opens nothing.
    """
    actor = system_actor("alarm")
    with transaction.atomic():
        alarm = Alarm.objects.select_for_update().filter(id=alarm_id).first()
        if alarm is None:
            raise NotFound("cases.no_alarm", id=str(alarm_id))
        rule = catalogue.current().rules.get(alarm.rule)
        if alarm.closed_at is not None or rule is None or not rule.opens:
            return None
        if alarm.parent_id is not None:
            return None
        if alarm.case_id and (known := Case.objects.filter(id=alarm.case_id, kind="open").first()):
            return known
        one_at_a_time(rule.opens, alarm.object_id)
        case = standing(rule.opens, alarm.object_id)
        grade = Label(zh=f"{GRADES.get(alarm.grade, alarm.grade)}级告警", en=f"grade {alarm.grade} alarm")
        reason = Label(zh=f"{grade.zh}：{rule.label.zh}", en=f"From a {grade.en}: {rule.label.en}")
        if case is None:
            case = begin(
                actor,
                Beginning(
                    type=rule.opens, source="alarm", why=reason, subject=CityObject.objects.get(id=alarm.object_id),
                    title=f"{alarm.object_name or alarm.object_code}：{rule.label.zh}", grade=alarm.grade,
                    alarm_id=alarm.id, origin=alarm.origin or "site",
                ),
                now=now or timezone.now(),
            )  # fmt: skip
        else:
            _join(actor, case, alarm, reason)
        set_case(alarm.id, case.id)
    return case


def _join(actor: Actor, case: Case, alarm: Alarm, reason: Label) -> None:
    graver = case.grade is None or alarm.grade < case.grade
    rows = Case.objects.filter(id=case.id)
    rows.update(**({"grade": alarm.grade} if graver else {}), **({} if case.alarm_id else {"alarm_id": alarm.id}))
    record(
        actor,
        Change(
            action="joined", entity="case", entity_id=str(case.id), area_path=case.area_path, why=reason.zh,
            data={"alarm": str(alarm.id), "grade": alarm.grade},
        ),
    )  # fmt: skip


def _seen(actor: Actor, object_id: UUID) -> CityObject:
    found = CityObject.objects.filter(visible(actor), removed_at__isnull=True, id=object_id).first()
    if found is None:
        raise NotFound("people.not_visible")
    return found


def _place(actor: Actor, lon: float | None, lat: float | None) -> str:
    if lon is not None and lat is not None:
        area = place_of(lon, lat)
        if area is None:
            raise Invalid("cases.outside", lon=lon, lat=lat)
        return area.path
    found = area_without_place(actor, Act.OPEN_CASE)
    if not found:
        raise Invalid("cases.place_missing")
    return found


def _require_all(actor: Actor, declared: CaseType, beginnings: Sequence[Beginning]) -> None:
    """Raise the one refusal where a single thing was asked for, else Refused that names each refused thing and why."""
    refused: list[tuple[CityObject, Refused]] = []
    for beginning in beginnings:
        try:
            _require_opening(actor, declared, beginning)
        except Refused as refusal:
            if len(beginnings) == 1 or beginning.subject is None:
                raise
            refused.append((beginning.subject, refusal))
    if refused:
        said = [
            {
                "id": str(one.id), "code": one.code, "name": one.name,
                "reason": {tongue: sentence(why.code, why.params, tongue) for tongue in ("zh", "en")},
            }
            for one, why in refused
        ]  # fmt: skip
        raise Refused("cases.rows_refused", count=len(said), refused=said)


def _require_opening(actor: Actor, declared: CaseType, beginning: Beginning) -> None:
    area_path = beginning.subject.area_path if beginning.subject else beginning.area_path
    unit_code = beginning.subject.unit_code if beginning.subject else ""
    own = next((grant.unit for grant in actor.grants if Act.OPEN_CASE in grant.acts and grant.own_unit_only), "")
    require(actor, Act.OPEN_CASE, area_path=area_path, unit_code=unit_code or own or unit_for(beginning)[0])
    if actor.administrator or not declared.opened_by:
        return
    if not any(holds(actor, post, area_path=area_path, unit_code="", any_unit=True) for post in declared.opened_by):
        posts = [post_label(post) for post in declared.opened_by]
        raise Refused(
            "cases.post_may_not_open",
            posts="、".join(one.zh for one in posts),
            posts_en=", ".join(one.en for one in posts),
        )
