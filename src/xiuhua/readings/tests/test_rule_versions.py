"""Values laid over rules: by whom, from when, back again; and tried on stored readings first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from xiuhua.catalog.actions import go_back, lay_over
from xiuhua.catalog.catalogue import install
from xiuhua.catalog.in_force import rules_in_force
from xiuhua.catalog.models import RuleTrial, RuleVersion
from xiuhua.catalog.values import LevelValues, Values, values_of
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.streams import Band, Rule
from xiuhua.kernel.words import Act, Label, Privacy
from xiuhua.ledger.models import History, Outbox
from xiuhua.readings.models import Alarm, Datastream
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.rules import RuleMemory
from xiuhua.readings.silence import sweep_silence
from xiuhua.readings.tests.conftest import EAST, LAMP, LIGHTS, NOW, SOURCE, WEST, Lamps, Line, person
from xiuhua.readings.tests.test_alarms import BEAT, listening, low
from xiuhua.readings.tests.test_ingest import VOLTAGE, sent
from xiuhua.readings.tests.test_rules import pits, standing, take  # noqa: F401
from xiuhua.readings.trial_jobs import drop_lost_trials, run_trial
from xiuhua.readings.trials import tried
from xiuhua.readings.wording import why

MINUTE = timedelta(minutes=1)
LOW = "lights.low"
CHIEF = Actor(
    code="u-chief", name="值班长",
    grants=(
        Grant(post="duty_chief", unit="centre", area_path="", acts=frozenset({Act.SEE, Act.TUNE_RULES}),
              sees=Privacy.INTERNAL, own_unit_only=False),
    ),
)  # fmt: skip
SignIn = Callable[[Actor], Client]


def test_a_limit_laid_over_counts_from_the_next_reading_and_goes_back(line: Line) -> None:
    low(line)
    made = lay_over(CHIEF, LOW, Values(value=185.0), why="线路末端，按 185 V 观察")
    assert (made.number, made.made_by, made.why) == (1, CHIEF.code, "线路末端，按 185 V 观察")
    line.take(line.message(VOLTAGE, sent(1, value=190)), now=NOW + MINUTE)
    assert Alarm.objects.get().state == "closed"
    go_back(CHIEF, LOW, 0, why="恢复")
    assert low(line, 2).state == "raised"
    go_back(CHIEF, LOW, 1, why="再改")
    line.take(line.message(VOLTAGE, sent(3, value=190)), now=NOW + 3 * MINUTE)
    assert Alarm.objects.filter(closed_at=None).count() == 0
    kept = History.objects.filter(entity="rule", entity_id=LOW).order_by("id")
    assert [(row.actor, row.action, row.why, row.data["number"]) for row in kept] == [
        (CHIEF.code, "laid_over", why, number) for number, why in ((1, made.why), (2, "恢复"), (3, "再改"))
    ]
    assert kept[0].data["before"]["value"] == 198.0
    assert kept[0].data["after"]["value"] == 185.0
    assert [row.payload["number"] for row in Outbox.objects.filter(topic="rule.changed").order_by("id")] == [1, 2, 3]


def test_a_rule_switched_off_raises_nothing_and_its_alarms_are_cleared(line: Line) -> None:
    low(line)
    lay_over(CHIEF, LOW, Values(on=False, value=198.0), why="检修")
    listening(until_minutes=1)
    sweep_silence(now=NOW + MINUTE)
    assert Alarm.objects.get().state == "closed"
    line.take(line.message(VOLTAGE, sent(1, value=150)), now=NOW + MINUTE)
    assert Alarm.objects.count() == 1
    assert LOW not in rules_in_force().rules


def test_silence_obeys_its_version(line: Line, lamps: Lamps) -> None:
    lay_over(CHIEF, "lights.silent", Values(value=1800.0), why="信号差的路段")
    line.take(line.message(BEAT, sent(0, code="ok")))
    Datastream.objects.exclude(object_id=lamps.east.id).delete()
    listening(until_minutes=20)
    assert sweep_silence(now=NOW + 20 * MINUTE) == 0
    listening(until_minutes=31)
    assert sweep_silence(now=NOW + 31 * MINUTE) == 1
    line.take(line.message(BEAT, sent(5, code="ok")), now=NOW + 40 * MINUTE)
    assert Alarm.objects.get().state == "raised"
    line.take(line.message(BEAT, sent(20, code="ok"), at=NOW + 40 * MINUTE), now=NOW + 40 * MINUTE)
    assert Alarm.objects.get().state == "closed"


def test_who_may_and_what_cannot_be(line: Line) -> None:
    with pytest.raises(Refused):
        lay_over(person(EAST, "east", Act.MANAGE_SETTINGS, Act.HANDLE_ALARM), LOW, Values(value=185.0), why="x")
    with pytest.raises(NotFound):
        lay_over(CHIEF, "lights.ghost", Values(value=185.0), why="x")
    for values, code in (
        (Values(value=None), "rule_value"),
        (Values(value=185.0, clears_at=180.0), "rule_values_wrong"),
        (Values(value=185.0, holds_for_s=-1.0), "rule_values_wrong"),
        (Values(value=185.0, levels=(LevelValues(grade=1, value=100.0),)), "rule_levels"),
    ):
        with pytest.raises(Invalid, match=code):
            lay_over(CHIEF, LOW, values, why="x")
    with pytest.raises(Invalid, match="why_missing"):
        lay_over(CHIEF, LOW, Values(value=185.0), why=" ")
    with pytest.raises(Conflict, match="rule_same"):
        lay_over(CHIEF, LOW, Values(value=198.0), why="x")
    lay_over(CHIEF, LOW, Values(value=185.0), why="x", expected=0)
    with pytest.raises(Conflict, match="rule_moved_on"):
        lay_over(CHIEF, LOW, Values(value=180.0), why="x", expected=0)
    with pytest.raises(NotFound):
        go_back(CHIEF, LOW, 7, why="x")
    assert RuleVersion.objects.count() == 1


def test_values_for_another_condition_are_set_aside(line: Line) -> None:
    RuleVersion.objects.create(rule=LOW, number=1, condition="above", values={"on": True, "value": 1.0}, made_by="x",
                               made_by_name="x", why="x")  # fmt: skip
    assert rules_in_force().rules[LOW].below == 198.0


def test_levels_are_laid_over_by_grade(pits: dict[str, int]) -> None:  # noqa: F811
    rule = rules_in_force().rules["drains.high"]
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 3.5))
    assert standing() == {("high", "p", 1, "raised")}
    values = replace(values_of(rule), levels=(LevelValues(grade=1, value=4.0, holds_for_s=60.0),))
    lay_over(CHIEF, "drains.high", values, why="泵已加大")
    take(memory, pits, ("p.level", 1, 3.5))
    assert standing() == {("high", "p", 3, "raised")}


def stored(lamps: Lamps, code: str, volts: Sequence[float]) -> None:
    """Store a reading a minute, beginning two days ago."""
    begin = NOW - timedelta(days=2)
    make_partitions([(begin + timedelta(days=day)).date() for day in range(3)])
    stream = Datastream.objects.get(object_code=code, stream="lights.lamp.voltage")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO readings_reading (datastream_id, at, value, received_at) VALUES (%s, %s, %s, now())",
            [(stream.id, begin + number * MINUTE, value) for number, value in enumerate(volts)],
        )


def test_a_trial_counts_alarms_then_and_now_by_day_and_thing(lamps: Lamps, sign_in: SignIn) -> None:
    stored(lamps, "E.1", [220, 195, 220, 195, 180, 220] + [220] * 1000 + [195])
    stored(lamps, "西 1", [190, 220])
    chief, west = sign_in(CHIEF), sign_in(person(WEST, "west"))
    body = {"values": {"value": 185.0}, "begin": (NOW - timedelta(days=3)).isoformat(), "end": NOW.isoformat()}
    asked = chief.post(f"/api/rules/{LOW}/trials", body, content_type="application/json").json()
    assert (asked["trial"]["state"], asked["before"]) == ("waiting", 0)
    run_trial(asked["trial"]["id"])
    run_trial(asked["trial"]["id"])
    found = chief.get(f"/api/rules/{LOW}/trials/{asked['trial']['id']}").json()
    assert (found["trial"]["state"], found["trial"]["share"]) == ("done", 1)
    assert (found["before"], found["after"]) == (4, 1)
    assert found["days"] == [
        {"day": "2026-11-21", "before": 3, "after": 1}, {"day": "2026-11-22", "before": 1, "after": 0},
    ]  # fmt: skip
    assert [(one["code"], one["before"], one["after"]) for one in found["things"]] == [("E.1", 3, 1), ("西 1", 1, 0)]
    theirs = west.get(f"/api/rules/{LOW}/trials/{asked['trial']['id']}").json()
    assert [one["code"] for one in theirs["things"]] == ["西 1"]
    assert (theirs["before"], theirs["after"]) == (1, 0)
    assert west.post(f"/api/rules/{LOW}/trials", body, content_type="application/json").status_code == 403
    wrong = {**body, "end": body["begin"]}
    assert chief.post(f"/api/rules/{LOW}/trials", wrong, content_type="application/json").status_code == 422
    assert Alarm.objects.count() == 0
    assert RuleTrial.objects.get().asked_by == CHIEF.code


def test_a_trial_of_silence_and_one_that_fails_or_is_lost(
    lamps: Lamps, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(lamps, "E.1", [220])
    stream = Datastream.objects.get(object_code="E.1", stream="lights.lamp.heartbeat")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO readings_reading (datastream_id, at, code, received_at) VALUES (%s, %s, 'ok', now())",
            [(stream.id, NOW - timedelta(days=2) + minute * MINUTE) for minute in (0, 10, 30, 70, 75)],
        )
    chief = sign_in(CHIEF)
    body = {"values": {"value": 1800}, "begin": (NOW - timedelta(days=2)).isoformat(), "end": NOW.isoformat()}

    def ask() -> Any:
        return chief.post("/api/rules/lights.silent/trials", body, content_type="application/json").json()["trial"]

    first = ask()
    run_trial(first["id"])
    found = chief.get(f"/api/rules/lights.silent/trials/{first['id']}").json()
    assert (found["before"], found["after"]) == (3, 2)
    monkeypatch.setattr("xiuhua.readings.trial_jobs.tried", None)
    second = ask()
    run_trial(second["id"])
    third = ask()
    RuleTrial.objects.filter(pk=third["id"]).update(asked_at=NOW - timedelta(days=9))
    drop_lost_trials()
    assert list(RuleTrial.objects.order_by("id").values_list("state", flat=True)) == ["done", "failed", "failed"]


def test_the_page_of_a_rule_tells_its_versions(line: Line, sign_in: SignIn) -> None:
    low(line)
    chief, west = sign_in(CHIEF), sign_in(person(WEST, "west"))
    given = {"values": {"value": 190.5, "holds_for_s": 300}, "why": "试运行", "expected": 0}
    page = chief.post(f"/api/rules/{LOW}/versions", given, content_type="application/json").json()
    assert page["values"]["value"] == 190.5
    assert page["declared"]["value"] == 198
    assert (page["unit"], page["value_unit"]["en"], page["kind"], page["may_tune"]) == ("V", "V", "below", True)
    assert page["rule"]["condition"]["en"] == "< 190.5 V; for 5 min"
    assert page["declared_condition"]["en"] == "< 198 V"
    page = chief.post(f"/api/rules/{LOW}/versions/0/restore", {"why": "结束"}, content_type="application/json").json()
    assert [(one["number"], one["values"] is None, one["why"]) for one in page["versions"]] == [
        (2, True, "结束"), (1, False, "试运行"),
    ]  # fmt: skip
    assert (page["rule"]["changed"], page["rule"]["version"]) == (False, 2)
    rows = {row["id"]: row for row in chief.get("/api/rules").json()}
    assert set(rows) == set(LIGHTS.rules)
    assert (rows[LOW]["standing"], rows[LOW]["stream_label"]["zh"]) == (1, "供电电压")
    other = west.get(f"/api/rules/{LOW}").json()
    assert (other["rule"]["standing"], other["may_tune"], other["may_try"]) == (0, False, False)
    assert west.post(f"/api/rules/{LOW}/versions", given, content_type="application/json").status_code == 403
    assert west.get("/api/rules/lights.ghost").status_code == 404
    wrong = {**given, "values": {"value": 190.5, "clears_at": 1}}
    answer = chief.post(
        f"/api/rules/{LOW}/versions", wrong, content_type="application/json", headers={"X-Language": "en"}
    )
    assert answer.json()["title"] == "clears_at of lights.low must lie on the good side of the limit"


def test_a_usual_week_is_learnt_when_nothing_waits_and_judged_by(line: Line, lamps: Lamps) -> None:
    usual = Rule(
        id="lights.unusual", label=Label(zh="反常", en="Unusual"), on=(LAMP, "voltage"),
        band=Band(times=4, least=1.0), grade=3, source=SOURCE,
    )  # fmt: skip
    install(replace(LIGHTS, rules={usual.id: usual}))
    line.take(line.message(VOLTAGE, sent(0, value=220)))
    assert not Alarm.objects.exists()
    begin = NOW - timedelta(weeks=1)
    make_partitions([begin.date()])
    stream = Datastream.objects.get(object_code="E.1", stream="lights.lamp.voltage")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO readings_reading (datastream_id, at, value, received_at) VALUES (%s, %s, %s, now())",
            [(stream.id, begin + number * MINUTE, 230 + number % 2) for number in range(30)],
        )
    line.ingest.caught_up([line.place], NOW)
    line.take(line.message(VOLTAGE, sent(1, value=229)))
    assert not Alarm.objects.exists()
    line.take(line.message(VOLTAGE, sent(2, value=220)))
    raised = Alarm.objects.get()
    assert (raised.rule, raised.value) == (usual.id, 220)
    assert why(raised, rules_in_force(), NOW).en == (
        "Supply voltage 220 V; more than 4 spreads off the usual for the hour"
    )
    # A trial knows the weeks before it from the start: the reading that came before the worker had learnt counts too.
    found, _ = tried(usual, None, NOW - timedelta(hours=1), NOW + timedelta(hours=1), on_share=lambda share: None)
    assert sum(found.began.values()) == 2
