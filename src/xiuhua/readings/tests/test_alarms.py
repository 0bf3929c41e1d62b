"""The life of an alarm: raised, repeated, cleared, handled by people, closed with its case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from xiuhua.catalog.in_force import rules_in_force
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.words import Act
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects.models import CityObject
from xiuhua.readings import actions, jobs
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.models import Alarm, Datastream, Position
from xiuhua.readings.silence import sweep_silence
from xiuhua.readings.tests.conftest import EAST, LAMP, NOW, WEST, Lamps, Line, person
from xiuhua.readings.tests.test_ingest import FAULT, VOLTAGE, sent
from xiuhua.readings.wording import why

BEAT = "$MQTT.msgs.city.lights.lamp.E//1.heartbeat"
MINUTE = timedelta(minutes=1)
KEEPER = person(EAST, "east", Act.HANDLE_ALARM)


def told(topic: str) -> list[dict[str, Any]]:
    return list(Outbox.objects.filter(topic=topic).order_by("id").values_list("payload", flat=True))


def listening(*, since_minutes: float = -60, until_minutes: float) -> None:
    """Say that the stream has been read from one time to another without a gap."""
    Position.objects.update_or_create(
        consumer="devices-0",
        defaults={
            "stream_created": NOW,
            "listening_since": NOW + since_minutes * MINUTE,
            "caught_up_at": NOW + until_minutes * MINUTE,
        },
    )


def low(line: Line, minutes: float = 0, volts: float = 190) -> Alarm:
    line.take(line.message(VOLTAGE, sent(minutes, value=volts)), now=NOW + minutes * MINUTE)
    return Alarm.objects.get(rule="lights.low", closed_at=None)


def test_a_threshold_raises_once_counts_and_clears(line: Line, lamps: Lamps) -> None:
    raised = low(line)
    assert (raised.state, raised.value, raised.area_path, raised.unit_code) == ("raised", 190, EAST, "east")
    assert told("alarm.raised") == [
        {
            "id": str(raised.id), "opens": "lights.repair", "rule": "lights.low", "object_id": str(lamps.east.id),
            "case_id": None, "unit_code": "east",
        }
    ]  # fmt: skip
    again = low(line, 1, 191)
    assert (again.id, again.count, again.value) == (raised.id, 2, 191)
    assert low(line, 1.01, 192).count == 2
    assert len(told("alarm.raised")) == 1
    line.take(line.message(VOLTAGE, sent(2, value=220)), now=NOW + 2 * MINUTE)
    over = Alarm.objects.get()
    assert (over.state, over.cleared_at, over.closed_at) == ("closed", NOW + 2 * MINUTE, NOW + 2 * MINUTE)
    assert told("alarm.cleared")[0]["id"] == str(raised.id)
    assert list(History.objects.filter(entity="alarm").values_list("action", flat=True)) == ["raised", "closed"]
    back = low(line, 3)
    assert (back.id, back.state, back.times, back.cleared_at) == (raised.id, "raised", 2, None)
    line.take(line.message(VOLTAGE, sent(4, value=220)), now=NOW + 4 * MINUTE)
    late = line.message(VOLTAGE, sent(15, value=190), at=NOW + 15 * MINUTE)
    line.take(late, now=NOW + 15 * MINUTE)
    assert Alarm.objects.get(closed_at=None).id != raised.id


def test_every_reading_in_order_is_judged_and_late_ones_are_not(line: Line) -> None:
    line.take(line.message(VOLTAGE, sent(-1, value=190)), line.message(VOLTAGE, sent(0, value=220)))
    assert Alarm.objects.get().state == "closed"
    line.take(line.message(VOLTAGE, sent(-2, value=190)))
    assert Alarm.objects.count() == 1


def test_a_code_raises_and_another_clears(line: Line) -> None:
    line.take(line.message(FAULT, sent(0, code="E01")), line.message(VOLTAGE, sent(0, value=243)))
    assert {(one.rule, one.grade, one.code) for one in Alarm.objects.all()} == {
        ("lights.broken", 1, "E01"), ("lights.high", 2, ""),
    }  # fmt: skip
    line.take(line.message(FAULT, sent(1, code="ok")), now=NOW + MINUTE)
    assert Alarm.objects.get(closed_at=None).rule == "lights.high"


def test_redelivered_messages_raise_nothing_anew(line: Line) -> None:
    message = line.message(VOLTAGE, sent(0, value=190))
    line.take(message)
    line.take(message)
    assert Alarm.objects.get().count == 1
    assert len(told("alarm.raised")) == 1


def test_silence_is_raised_once_and_ends_with_a_reading(line: Line, lamps: Lamps) -> None:
    line.take(line.message(BEAT, sent(0, code="ok")))
    listening(until_minutes=14)
    assert sweep_silence(now=NOW + 14 * MINUTE) == 0
    listening(until_minutes=15.5)
    assert sweep_silence(now=NOW + 42 * MINUTE) == 2
    listening(until_minutes=42)
    assert sweep_silence(now=NOW + 42 * MINUTE) == 0
    silent = Alarm.objects.get(object_id=lamps.east.id)
    assert (silent.rule, silent.grade, silent.since) == ("lights.silent", 4, NOW)
    sentence = why(silent, rules_in_force(), NOW + 42 * MINUTE)
    assert sentence.zh == "心跳静默 42 分钟，上限 15 分钟"
    assert sentence.en == "No heartbeat for 42 min; limit 15 min"
    line.take(line.message(BEAT, sent(20, code="ok")), now=NOW + 50 * MINUTE)
    assert Alarm.objects.get(id=silent.id).state == "raised"
    line.take(line.message(BEAT, sent(50, code="ok"), at=NOW + 50 * MINUTE), now=NOW + 50 * MINUTE)
    assert Alarm.objects.get(id=silent.id).state == "closed"
    assert Alarm.objects.get(closed_at=None).object_id == lamps.west.id


def test_readings_that_wait_unread_are_no_silence(line: Line) -> None:
    line.take(line.message(BEAT, sent(0, code="ok")))
    listening(until_minutes=10)
    assert sweep_silence(now=NOW + 60 * MINUTE) == 0
    listening(since_minutes=50, until_minutes=60)
    assert sweep_silence(now=NOW + 60 * MINUTE) == 0
    listening(since_minutes=50, until_minutes=66)
    assert sweep_silence(now=NOW + 66 * MINUTE) == 2


def test_a_silence_closed_by_hand_stays_closed_until_the_stream_speaks(line: Line, lamps: Lamps) -> None:
    line.take(line.message(BEAT, sent(0, code="ok")))
    listening(until_minutes=20)
    sweep_silence(now=NOW + 20 * MINUTE)
    silent = Alarm.objects.get(object_id=lamps.east.id)
    actions.close(KEEPER, silent.id, why="站台施工，已断电", now=NOW + 20 * MINUTE)
    assert sweep_silence(now=NOW + 21 * MINUTE) == 0
    line.take(line.message(BEAT, sent(30, code="ok"), at=NOW + 30 * MINUTE), now=NOW + 30 * MINUTE)
    listening(until_minutes=60)
    assert sweep_silence(now=NOW + 60 * MINUTE) == 1


def test_a_sweep_clears_what_speaks_and_what_is_removed(line: Line, lamps: Lamps) -> None:
    listening(until_minutes=20)
    assert sweep_silence(now=NOW + 20 * MINUTE) == 2
    CityObject.objects.filter(id=lamps.west.id).update(removed_at=NOW)
    sweep_silence(now=NOW + 21 * MINUTE)
    assert Alarm.objects.get(closed_at=None).object_id == lamps.east.id


def test_an_alarm_with_an_open_case_waits_for_it(line: Line) -> None:
    raised, case = low(line), uuid4()
    actions.set_case(raised.id, case)
    actions.set_case(raised.id, case)
    assert len(told("alarm.changed")) == 1
    line.take(line.message(VOLTAGE, sent(1, value=220)), now=NOW + MINUTE)
    assert Alarm.objects.get().state == "cleared"
    again = low(line, 2)
    assert (again.id, again.state, again.count) == (raised.id, "raised", 2)
    assert told("alarm.raised")[1]["case_id"] == str(case)
    line.take(line.message(VOLTAGE, sent(3, value=220)), now=NOW + 3 * MINUTE)
    jobs.follow_case({"id": str(case), "number": "A-1", "alarm_id": str(raised.id)})
    assert Alarm.objects.get().state == "closed"


def test_an_alarm_that_holds_outlives_its_case(line: Line) -> None:
    raised, case = low(line), uuid4()
    actions.set_case(raised.id, case)
    jobs.follow_case({"id": str(case), "number": "A-1"})
    assert Alarm.objects.get().state == "raised"
    actions.to_case(KEEPER, raised.id)
    line.take(line.message(VOLTAGE, sent(1, value=220)), now=NOW + MINUTE)
    assert Alarm.objects.get().state == "closed"


def test_a_move_that_clears_closes_every_alarm_of_the_case(line: Line) -> None:
    case = uuid4()
    line.take(line.message(FAULT, sent(0, code="E01")), line.message(VOLTAGE, sent(0, value=190)))
    for alarm in Alarm.objects.all():
        actions.set_case(alarm.id, case)
    jobs.follow_case({"id": str(case), "number": "A-1", "clears": True})
    assert {alarm.state for alarm in Alarm.objects.all()} == {"closed"}


def test_acknowledging_is_done_once(line: Line) -> None:
    raised = low(line)
    actions.acknowledge(KEEPER, raised.id, now=NOW)
    seen = Alarm.objects.get()
    assert (seen.state, seen.acknowledged_by) == ("acknowledged", KEEPER.code)
    with pytest.raises(Conflict, match="already_acknowledged"):
        actions.acknowledge(KEEPER, raised.id, now=NOW)


def test_shelving_needs_a_time_and_a_reason_and_ends(line: Line) -> None:
    raised = low(line)
    for until, reason in ((NOW, "x"), (NOW + timedelta(days=31), "x"), (NOW + MINUTE, " ")):
        with pytest.raises(Invalid):
            actions.shelve(KEEPER, raised.id, until=until, why=reason, now=NOW)
    actions.shelve(KEEPER, raised.id, until=NOW + 10 * MINUTE, why="等配件", now=NOW)
    assert low(line, 5).state == "shelved"
    assert actions.take_off_the_shelf(now=NOW + 9 * MINUTE) == 0
    assert actions.take_off_the_shelf(now=NOW + 10 * MINUTE) == 1
    assert Alarm.objects.get().state == "raised"


def test_a_case_is_asked_for_where_the_rule_names_one(line: Line) -> None:
    raised = low(line)
    line.take(line.message(VOLTAGE, sent(1, value=243)), now=NOW + MINUTE)
    with pytest.raises(Conflict, match="alarm_moved_on"):
        actions.to_case(KEEPER, raised.id)
    with pytest.raises(Invalid, match="opens_nothing"):
        actions.to_case(KEEPER, Alarm.objects.get(rule="lights.high").id)
    fresh = low(line, 2)
    actions.to_case(KEEPER, fresh.id)
    assert told("alarm.to_case")[0]["opens"] == "lights.repair"
    actions.set_case(fresh.id, uuid4())
    with pytest.raises(Conflict, match="has_case"):
        actions.to_case(KEEPER, fresh.id)


def test_only_those_who_may_handle_alarms_there_do(line: Line) -> None:
    raised = low(line)
    with pytest.raises(Refused):
        actions.acknowledge(person(EAST, "east"), raised.id, now=NOW)
    with pytest.raises(NotFound):
        actions.close(person(WEST, "west", Act.HANDLE_ALARM), raised.id, why="x", now=NOW)


def test_datastreams_and_standing_alarms_follow_their_object(line: Line, lamps: Lamps) -> None:
    raised = low(line)
    CityObject.objects.filter(id=lamps.east.id).update(area_path=WEST, unit_code="west", name="改名")
    jobs.follow_object({"id": str(lamps.east.id), "type": LAMP, "code": "E.1"})
    moved = Alarm.objects.get(id=raised.id)
    assert (moved.area_path, moved.unit_code, moved.object_name) == (WEST, "west", "改名")
    assert set(Datastream.objects.values_list("area_path", flat=True)) == {WEST}
    assert ensure_datastreams(LAMP) == 0


def test_what_came_from_one_origin_can_be_taken_out(line: Line) -> None:
    low(line)
    assert actions.remove_origin("test") == 6
    assert not Alarm.objects.exists()
    assert not Datastream.objects.exists()
