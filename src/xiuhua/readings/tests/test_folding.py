"""Many alarms of one cause are one: flapping, floods, what leads them, and what people do to a fold."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from xiuhua.catalog import catalogue
from xiuhua.kernel.errors import Conflict, Fault, Invalid
from xiuhua.kernel.streams import Rule
from xiuhua.kernel.words import Act
from xiuhua.ledger.models import Outbox
from xiuhua.ledger.owners import own
from xiuhua.ledger.relay import deliver
from xiuhua.objects.models import CityObject
from xiuhua.readings import actions
from xiuhua.readings.alarm_settings import AlarmSettings, alarm_settings, alarm_settings_fault, read_alarm_settings
from xiuhua.readings.alarms import Raise, clear_alarms, hold_again, raise_alarms
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.models import Alarm, AlarmArrival, Datastream, Storm
from xiuhua.readings.queries import alarms
from xiuhua.readings.storms import hushed, watch_storm

from .conftest import EAST, LAMP, NOW, Lamps, lamp, person

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
CHIEF = person("310117/", "chief", Act.HANDLE_ALARM)
KEEPER = person(EAST, "east", Act.HANDLE_ALARM)


@pytest.fixture
def street(lamps: Lamps) -> list[CityObject]:
    """Twelve lamps of the east town."""
    row = [lamp(f"S.{number:02d}", EAST, "east") for number in range(12)]
    ensure_datastreams(LAMP)
    return row


def rule(name: str = "low") -> Rule:
    return catalogue.current().rules[f"lights.{name}"]


def come(things: list[CityObject], *, after: float = 0, of: str = "low", grade: int = 0) -> list[Alarm]:
    """Raise the rule on the things, all in one batch, some seconds after the start."""
    stream = dict(
        Datastream.objects.filter(stream=f"{LAMP}.voltage").values_list("object_id", "id")
    )  # fmt: skip
    at = NOW + after * SECOND
    raise_alarms(
        [Raise(rule=rule(of), object_id=one.id, datastream_id=stream[one.id], at=at, grade=grade) for one in things],
        now=at,
    )
    return list(Alarm.objects.filter(object_id__in=[one.id for one in things], closed_at=None).order_by("id"))


def over(alarms: list[Alarm], *, after: float) -> None:
    ids = [alarm.id for alarm in alarms]
    clear_alarms(list(Alarm.objects.select_for_update().filter(id__in=ids)), now=NOW + after * SECOND)


def heads() -> list[Alarm]:
    return list(Alarm.objects.filter(closed_at=None, parent_id=None).order_by("grade", "raised_at", "id"))


def raised_events() -> int:
    return Outbox.objects.filter(topic="alarm.raised").count()


def test_a_flood_in_one_batch_is_one_alarm_with_one_event(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    assert Alarm.objects.filter(parent_id=head.id).count() == 11
    assert raised_events() == 1
    assert AlarmArrival.objects.filter(folded=True).count() == 11


def test_alarms_one_after_another_fold_once_they_are_many(street: list[CityObject]) -> None:
    for number in range(4):
        come(street[number : number + 1], after=30 * number)
    assert len(heads()) == 4
    come(street[4:5], after=120)
    (head,) = heads()
    assert head.object_id == street[0].id
    come(street[5:6], after=200)
    assert heads() == [head]
    come(street[6:7], after=400)
    assert [one.object_id for one in heads()] == [street[0].id, street[6].id]


def test_fewer_than_many_other_rules_and_other_towns_stand_alone(street: list[CityObject], lamps: Lamps) -> None:
    come(street[:4])
    come(street[4:8], of="high")
    come([lamps.west])
    assert len(heads()) == 9


def test_the_gravest_level_is_never_a_member(street: list[CityObject]) -> None:
    come(street, of="broken")
    assert len(heads()) == 12
    assert raised_events() == 12


def test_a_graver_member_leads_and_the_gravest_leaves(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    member = Alarm.objects.filter(parent_id=head.id).order_by("id").last()
    assert member is not None
    seen = Raise(rule=rule(), object_id=member.object_id, datastream_id=0, at=NOW + 60 * SECOND, grade=2)
    hold_again(member, seen)
    (lifted,) = heads()
    assert (lifted.id, lifted.grade) == (member.id, 2)
    assert Alarm.objects.filter(parent_id=lifted.id).count() == 11
    other = Alarm.objects.filter(parent_id=lifted.id).order_by("id")[0]
    hold_again(other, replace(seen, object_id=other.object_id, grade=1))
    assert [one.id for one in heads()] == [other.id, lifted.id]


def test_a_graver_one_that_joins_leads(street: list[CityObject]) -> None:
    come(street[:6])
    come(street[6:7], after=10, grade=2)
    (head,) = heads()
    assert (head.object_id, head.grade) == (street[6].id, 2)


def test_what_is_left_when_the_cause_has_gone_comes_back_in_the_same_case(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    case = uuid4()
    actions.set_case(head.id, case)
    actions.acknowledge(KEEPER, head.id, now=NOW)
    assert set(Alarm.objects.values_list("state", flat=True)) == {"acknowledged"}
    over([head, *Alarm.objects.filter(parent_id=head.id)[:9]], after=60)
    left = [one for one in heads() if one.state != "cleared"]
    assert [(one.state, one.case_id) for one in left] == [("raised", case)]
    assert Alarm.objects.filter(parent_id=left[0].id, closed_at=None).count() == 1


def test_shelving_and_closing_take_the_whole_fold(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    actions.shelve(KEEPER, head.id, until=NOW + 600 * SECOND, why="检修停电", now=NOW)
    assert Alarm.objects.filter(state="shelved").count() == 12
    assert actions.take_off_the_shelf(now=NOW + 600 * SECOND) == 12
    assert len(heads()) == 1
    actions.close(KEEPER, head.id, why="演练", now=NOW)
    assert set(Alarm.objects.values_list("state", flat=True)) == {"closed"}


def test_one_is_split_out_for_good_and_all_where_it_was_no_one_cause(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    one = Alarm.objects.filter(parent_id=head.id).order_by("id")[0]
    with pytest.raises(Invalid, match="why_missing"):
        actions.split(KEEPER, one.id, why=" ")
    actions.split(KEEPER, one.id, why="另有原因")
    assert {alarm.id for alarm in heads()} == {head.id, one.id}
    with pytest.raises(Conflict, match="not_folded"):
        actions.split(KEEPER, one.id, why="再拆")
    actions.split(KEEPER, head.id, why="不是同因")
    assert len(heads()) == 12
    assert Alarm.objects.filter(alone=True).count() == 12


def test_flapping_is_one_alarm_and_one_closed_by_hand_is_not_the_same(street: list[CityObject]) -> None:
    for turn in range(4):
        over(come(street[:1], after=100 * turn), after=100 * turn + 50)
    assert [(one.state, one.times) for one in Alarm.objects.all()] == [("closed", 4)]
    (again,) = come(street[:1], after=400)
    actions.close(KEEPER, again.id, why="已处理", now=NOW + 401 * SECOND)
    come(street[:1], after=402)
    assert Alarm.objects.count() == 2
    assert list(AlarmArrival.objects.order_by("id").values_list("folded", flat=True)) == [
        False, True, True, True, True, False,
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(CONFIG=replace(settings.CONFIG, data=tmp_path)):
        yield tmp_path


def test_a_site_says_its_own_figures(street: list[CityObject], folder: Path) -> None:
    (folder / "alarms.json").write_text('{"flood_least": 3, "alone": ["lights.high"]}', encoding="utf-8")
    come(street[:3])
    come(street[3:9], of="high")
    assert len(heads()) == 7


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", '{"flood": 1}', '{"flood_least": 1}', '{"operators": 0}', '{"operators": 1.5}', '{"alone": "x"}',
        '{"storm_above": 2}', '{"storm_holds": 1}', '{"flap_within_s": true}', '{"flood_within_s": NaN}',
        '{"flood_longest_s": 1e999}', '{"flap_within_s": -1}', '{"flap_within_s": 1e15}',
        '{"operators": 1' + "0" * 400 + "}", "[" * 100_000,
    ],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused_and_the_last_good_go_on(
    street: list[CityObject], folder: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = folder / "alarms.json"
    file.write_text('{"flood_least": 3}', encoding="utf-8")
    assert alarm_settings_fault() is None
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(1, 1))
    with pytest.raises(Fault, match="alarm_settings_wrong"):
        read_alarm_settings(file)
    come(street[:3])
    assert len(heads()) == 1, "three fold, as the file said before it was spoilt"
    fault = alarm_settings_fault()
    assert fault is not None and str(fault.params["file"]) == str(file)
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 1, "said once, not at every batch"
    file.unlink()
    assert (alarm_settings(), alarm_settings_fault()) == (AlarmSettings(), None)


def test_an_alarm_of_another_node_neither_comes_back_nor_joins(street: list[CityObject]) -> None:
    over(come(street[:6]), after=10)
    own("alarm", list(Alarm.objects.values_list("id", flat=True)), "310117003-1")
    come(street[:4], after=20)
    assert Alarm.objects.filter(closed_at=None, times=1).count() == 4
    own("alarm", list(Alarm.objects.filter(closed_at=None).values_list("id", flat=True)), "310117003-1")
    come(street[4:6], after=30)
    assert not Alarm.objects.filter(closed_at=None).exclude(parent_id=None).exists()


def test_what_stands_under_a_closed_head_is_seen(street: list[CityObject]) -> None:
    come(street)
    (head,) = heads()
    Alarm.objects.filter(id=head.id).update(state="closed", closed_at=NOW)
    assert alarms(KEEPER).count() == 11


def test_a_storm_holds_the_lowest_back_and_ends_below_another_bound(
    street: list[CityObject], lamps: Lamps, folder: Path
) -> None:
    (folder / "alarms.json").write_text('{"alone": ["lights.high"]}', encoding="utf-8")
    come(street, grade=4)
    assert watch_storm(now=NOW) is None, "twelve of one cause are one to whoever watches"
    come(street, of="high")
    storm = watch_storm(now=NOW + SECOND)
    assert storm is not None and (storm.peak, storm.holds) == (13.0, 4)
    assert (hushed(4), hushed(3), hushed(1)) == (True, False, False)
    come([lamps.west], after=2, grade=4)
    come([lamps.east], after=2, grade=3)
    told: list[str] = []
    deliver({}, lambda topic, message: told.append(str(message.get("id"))), now=timezone.now() + 60 * SECOND)
    kept = {one.object_id: str(one.id) for one in Alarm.objects.all()}
    assert kept[lamps.west.id] not in told
    assert kept[lamps.east.id] in told
    assert watch_storm(now=NOW + 500 * SECOND) is not None
    for alarm in Alarm.objects.filter(rule="lights.high").order_by("id"):
        actions.close(CHIEF, alarm.id, why="演练", now=NOW + 500 * SECOND)
    come(street[:6], after=601, of="high")
    assert watch_storm(now=NOW + 603 * SECOND) is not None, "six in ten minutes: below the bound above, not yet calm"
    assert watch_storm(now=NOW + 1300 * SECOND) is None
    assert Storm.objects.get().ended_at == NOW + 1300 * SECOND
