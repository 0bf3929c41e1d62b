"""Who is on duty gets an alarm first, the next one when it is not confirmed in time; and who finds what as theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.test import Client

from xiuhua.kernel.actor import Actor, Grant, system_actor
from xiuhua.kernel.words import Act, Privacy
from xiuhua.ledger.models import History
from xiuhua.ledger.owners import own
from xiuhua.objects.models import CityObject
from xiuhua.people.actions import ShiftWanted, add_shift
from xiuhua.people.models import Area, Unit
from xiuhua.readings import actions
from xiuhua.readings.alarms import Raise, clear_alarms, hold_again, raise_alarms
from xiuhua.readings.duty import call_duty
from xiuhua.readings.models import Alarm, Datastream, Storm
from xiuhua.readings.queries import alarm_counts, alarms

from .conftest import EAST, LIGHTS, NOW, WEST, Lamps, lamp, person

pytestmark = pytest.mark.django_db
ROOT = system_actor("test")
MINUTE = timedelta(minutes=1)
OFFICER = ShiftWanted(
    post="town_staff", unit="east", area="310117001", step=1, within_min=5, days="every", begins=time(0), ends=time(0)
)
CHIEF = replace(OFFICER, post="duty_chief", unit="centre", area="310117", step=2, within_min=10)
"""NOW is Monday 16:00 in Beijing."""


@pytest.fixture
def places(lamps: Lamps) -> Lamps:
    district = Area.objects.create(code="310117", name="松江区", level="district", path="310117/")
    for code, path in (("310117001", EAST), ("310117102", WEST)):
        Area.objects.create(code=code, name=code, level="town", path=path, parent=district)
    for code in ("east", "west", "centre"):
        Unit.objects.create(code=code, name=f"{code}单位", kind="office", area=district)
    return lamps


def holder(shift: ShiftWanted, area_path: str) -> Actor:
    acts = frozenset({Act.SEE, Act.HANDLE_ALARM})
    grant = Grant(post=shift.post, unit=shift.unit, area_path=area_path, acts=acts, sees=Privacy.INTERNAL)
    return Actor(code=shift.post, name=shift.post, grants=(grant,))


def come(*things: CityObject, rule: str = "low") -> None:
    stream = dict(Datastream.objects.filter(stream="lights.lamp.voltage").values_list("object_id", "id"))
    raises = [
        Raise(rule=LIGHTS.rules[f"lights.{rule}"], object_id=one.id, datastream_id=stream.get(one.id, 0), at=NOW)
        for one in things
    ]
    raise_alarms(raises, now=NOW)


def called(thing: CityObject) -> tuple[str, str, int]:
    alarm = Alarm.objects.get(object_id=thing.id)
    return alarm.duty_post, alarm.duty_unit, alarm.duty_step


def test_the_one_nearest_by_is_called_first_then_the_next_step_then_nobody(places: Lamps) -> None:
    add_shift(ROOT, OFFICER)
    add_shift(ROOT, CHIEF)
    add_shift(ROOT, replace(CHIEF, post="dispatcher", step=1))
    come(places.east, places.west)
    assert call_duty(now=NOW) == 2
    assert called(places.east) == ("town_staff", "east", 1), "the town's own before the district's"
    assert called(places.west) == ("dispatcher", "centre", 1)
    assert call_duty(now=NOW + 4 * MINUTE) == 0
    assert call_duty(now=NOW + 5 * MINUTE) == 1
    assert called(places.east) == ("duty_chief", "centre", 2)
    assert call_duty(now=NOW + 10 * MINUTE) == 1, "the dispatcher had ten minutes"
    assert call_duty(now=NOW + 15 * MINUTE) == 1
    assert Alarm.objects.get(object_id=places.east.id).call_at is None
    assert call_duty(now=NOW + 60 * MINUTE) == 1 and call_duty(now=NOW + 90 * MINUTE) == 0
    alarm = Alarm.objects.get(object_id=places.east.id)
    told = History.objects.filter(entity="alarm", entity_id=str(alarm.id)).order_by("id")
    assert list(told.values_list("action", flat=True)) == ["raised", "called", "called", "unanswered"]
    assert told[1].data["post"] == "town_staff"


def test_what_is_confirmed_in_time_goes_to_nobody_else_and_begins_anew_when_raised_again(places: Lamps) -> None:
    add_shift(ROOT, OFFICER)
    add_shift(ROOT, CHIEF)
    come(places.east)
    call_duty(now=NOW)
    alarm = Alarm.objects.get()
    actions.acknowledge(holder(OFFICER, EAST), alarm.id, now=NOW + MINUTE)
    assert call_duty(now=NOW + 30 * MINUTE) == 0
    graver = Raise(rule=LIGHTS.rules["lights.low"], object_id=places.east.id, datastream_id=0, at=NOW, grade=2)
    hold_again(Alarm.objects.select_for_update().get(), graver)
    assert call_duty(now=NOW + 31 * MINUTE) == 1
    assert called(places.east) == ("town_staff", "east", 1)
    call_duty(now=NOW + 40 * MINUTE)
    assert called(places.east) == ("duty_chief", "centre", 2)
    clear_alarms(list(Alarm.objects.select_for_update()), now=NOW + 41 * MINUTE)
    assert call_duty(now=NOW + 90 * MINUTE) == 0
    Alarm.objects.update(closed_at=NOW, cleared_at=NOW)
    come(places.east)
    assert call_duty(now=NOW) == 1 and called(places.east) == ("town_staff", "east", 1), "back again: called anew"


def test_a_unit_on_duty_for_its_own_things_alone(places: Lamps) -> None:
    other = lamp("E.9", EAST, "west")
    add_shift(ROOT, replace(CHIEF, step=1))
    add_shift(ROOT, replace(OFFICER, unit="west", area="310117", own_unit_only=True))
    come(places.east, other)
    call_duty(now=NOW)
    assert called(places.east) == ("duty_chief", "centre", 1)
    assert called(other) == ("town_staff", "west", 1)


def test_nobody_on_duty_a_storm_a_member_and_another_node(places: Lamps) -> None:
    add_shift(ROOT, replace(CHIEF, begins=time(20), ends=time(8)))
    come(places.east)
    assert call_duty(now=NOW) == 0
    assert call_duty(now=NOW + 240 * MINUTE) == 1, "at eight in the evening somebody comes"
    come(*(lamp(f"F{number}", WEST, "west") for number in range(6)))
    storm = Storm.objects.create(began_at=NOW, holds=3, peak=20.0)
    assert call_duty(now=NOW + 241 * MINUTE) == 0, "held back"
    storm.delete()
    assert call_duty(now=NOW + 241 * MINUTE) == 1, "six of one cause are one call"
    come(places.west, rule="high")
    own("alarm", list(Alarm.objects.filter(rule="lights.high").values_list("id", flat=True)), "310117102-1")
    assert call_duty(now=NOW + 242 * MINUTE) == 0, "that town's node calls its own"


def test_each_finds_what_they_were_called_for(places: Lamps, sign_in: Callable[[Actor], Client]) -> None:
    officer, chief = holder(OFFICER, EAST), holder(CHIEF, "310117/")
    add_shift(ROOT, OFFICER)
    add_shift(ROOT, CHIEF)
    come(places.east, places.west)
    assert alarm_counts(officer)[2] == 0
    call_duty(now=NOW)
    assert [one.object_id for one in alarms(officer, mine=True)] == [places.east.id]
    assert [one.object_id for one in alarms(chief, mine=True)] == [places.west.id]
    assert (alarm_counts(officer)[2], alarm_counts(chief)[2], alarm_counts(person(EAST, "x"))[2]) == (1, 1, 0)
    browser = sign_in(chief)
    (row,) = browser.get("/api/alarms?mine=true").json()["items"]
    assert (row["duty"]["post"], row["duty"]["unit_name"], row["duty"]["step"]) == ("duty_chief", "centre单位", 2)
    assert row["duty"]["until"] is not None
    assert browser.get("/api/alarms/counts").json()["mine"] == 1
    actions.acknowledge(chief, Alarm.objects.get(object_id=places.west.id).id, now=NOW)
    (row,) = browser.get("/api/alarms?mine=true").json()["items"]
    assert row["duty"]["until"] is None
    assert browser.get("/api/alarms/counts").json()["mine"] == 0
