"""Who answers alarms: lines of the roster are added and taken away, never changed, so that history says it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, time

from django.db import transaction

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.models import Area, Shift, Unit
from xiuhua.people.policy import require, visible
from xiuhua.people.posts import all_posts

MOST_STEPS, LONGEST_MIN = 9, 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftWanted:
    """A line of the roster, as given; see `Shift`."""

    post: str
    unit: str
    area: str
    step: int
    within_min: int
    days: str
    begins: time
    ends: time
    own_unit_only: bool = False
    first_day: date | None = None
    last_day: date | None = None


def add_shift(actor: Actor, given: ShiftWanted, *, origin: str = "site") -> Shift:
    """Add a line to the roster of an area: the right to tune rules there, and a post that may handle alarms. Raises
    Invalid, NotFound, Refused.
    """
    post, unit = all_posts().get(given.post), Unit.objects.filter(code=given.unit).first()
    area = Area.objects.filter(code=given.area).first()
    if post is None:
        raise Invalid("people.no_post", post=given.post)
    if unit is None:
        raise Invalid("people.no_unit", unit=given.unit)
    if area is None:
        raise Invalid("people.no_area", area=given.area)
    # Who is held to one unit puts nobody on duty for the others.
    reach = tuple(one for one in actor.grants if given.own_unit_only or not one.own_unit_only)
    require(actor if actor.administrator else replace(actor, grants=reach), Act.TUNE_RULES, area_path=area.path,
            unit_code=unit.code)  # fmt: skip
    if Act.HANDLE_ALARM not in post.acts:
        raise Invalid("people.post_handles_no_alarm", post=given.post)
    if given.days not in Shift.DAYS:
        raise Invalid("people.shift_days", given=given.days, known=", ".join(Shift.DAYS))
    if not 1 <= given.step <= MOST_STEPS or not 1 <= given.within_min <= LONGEST_MIN:
        raise Invalid("people.shift_numbers", steps=MOST_STEPS, minutes=LONGEST_MIN)
    if given.first_day is not None and given.last_day is not None and given.last_day < given.first_day:
        raise Invalid("people.shift_dates")
    if given.begins.tzinfo is not None or given.ends.tzinfo is not None:
        raise Invalid("people.shift_times")
    with transaction.atomic():
        shift = Shift.objects.create(
            post=given.post, unit=unit, area=area, own_unit_only=given.own_unit_only, step=given.step,
            within_min=given.within_min, days=given.days, begins=given.begins, ends=given.ends,
            first_day=given.first_day, last_day=given.last_day, origin=origin,
        )  # fmt: skip
        said = {name: value if isinstance(value, int) else str(value) for name, value in asdict(given).items()
                if value is not None}  # fmt: skip
        _tell(actor, "put_on_duty", shift, said)
    return shift


def remove_shift(actor: Actor, shift_id: int) -> None:
    """Take a line out of the roster; raises NotFound, Refused."""
    with transaction.atomic():
        seen = Shift.objects.filter(visible(actor, area="area__path", unit="unit_id"), id=shift_id)
        shift = seen.select_related("area").select_for_update(of=("self",)).first()
        if shift is None:
            raise NotFound("people.not_visible")
        reach = tuple(one for one in actor.grants if shift.own_unit_only or not one.own_unit_only)
        require(actor if actor.administrator else replace(actor, grants=reach), Act.TUNE_RULES,
                area_path=shift.area.path, unit_code=shift.unit_id)  # fmt: skip
        _tell(actor, "taken_off_duty", shift, {"post": shift.post, "unit": shift.unit_id, "step": shift.step})
        shift.delete()


def _tell(actor: Actor, action: str, shift: Shift, data: Mapping[str, object]) -> None:
    record(
        actor,
        Change(action=action, entity="shift", entity_id=str(shift.id), area_path=shift.area.path, data=data),
    )
    announce("roster.changed", area_path=shift.area.path, unit_code=shift.unit_id, id=str(shift.id))
