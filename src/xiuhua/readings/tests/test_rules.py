"""Rules in the ingest worker: levels, waits, other streams, and a memory that outlives a crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection

from xiuhua.catalog.catalogue import Catalogue, current, install
from xiuhua.kernel.durations import HOURS, MINUTES
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.quantities import LENGTH
from xiuhua.kernel.streams import Also, Hours, Level, Reports, Rule, Stream
from xiuhua.kernel.words import Label
from xiuhua.ledger.models import History
from xiuhua.objects.models import CityObject
from xiuhua.readings.alarms import settle
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.models import Alarm, Datastream, Latest
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.quality import Quality
from xiuhua.readings.rules import Arrays, RuleMemory
from xiuhua.readings.tests.conftest import EAST, LIGHTS, NOW, SOURCE, WEST

PIT, GAUGE = "drains.pit", "drains.gauge"


def _label(text: str) -> Label:
    return Label(zh=text, en=text)


def _stream(id: str, reports: Reports = Reports.NUMBER) -> Stream:
    return Stream(id=id, label=_label(id), reports=reports, quantity=LENGTH if reports is Reports.NUMBER else None,
                  cadence=MINUTES(5), silent_after=HOURS(1))  # fmt: skip


HIGH = Rule(
    id="drains.high", label=_label("high"), on=(PIT, "level"), above=2.0, grade=3, levels=(Level(grade=1, value=3.0),),
    clears_at=1.8, source=SOURCE,
)  # fmt: skip
SLOW = replace(HIGH, id="drains.slow", levels=(), holds_for=MINUTES(10), clears_at=None)
DRY = replace(
    HIGH, id="drains.dry", above=1.0, levels=(), clears_at=None,
    also=(Also(on=(PIT, "pump"), among=("off",)), Also(on=(GAUGE, "rain"), below=0.1)),
)  # fmt: skip
NIGHT = replace(HIGH, id="drains.night", above=0.5, levels=(), clears_at=None, hours=Hours(begin=16, end=18))
DRAINS = replace(
    LIGHTS,
    objects={
        PIT: ObjectType(id=PIT, label=_label("pit"), streams=(_stream("level"), _stream("pump", Reports.STATE))),
        GAUGE: ObjectType(id=GAUGE, label=_label("gauge"), streams=(_stream("rain"),)),
    },
    cases={},
    rules={rule.id: rule for rule in (HIGH, SLOW, DRY)},
)


@pytest.fixture
def pits(db: None) -> Iterator[dict[str, int]]:
    """Put two pits and two gauges into the register; returns datastreams by thing and stream."""
    before = current()
    install(DRAINS)
    for kind, code, area, east in ((PIT, "p", EAST, 121.2), (PIT, "q", WEST, 121.4), (GAUGE, "far", WEST, 121.41),
                                   (GAUGE, "near", EAST, 121.21)):  # fmt: skip
        CityObject.objects.create(
            type=kind, code=code, name=code, area_path=area, unit_code="water", origin="test", west=east, east=east,
            south=31.0, north=31.0,
        )  # fmt: skip
    ensure_datastreams(PIT)
    ensure_datastreams(GAUGE)
    yield {
        f"{code}.{stream.rpartition('.')[2]}": one
        for one, code, stream in Datastream.objects.values_list("id", "object_code", "stream")
    }
    install(before)


Said = tuple[str, float, float | str]


def arrays(pits: dict[str, int], said: Sequence[Said]) -> Arrays:
    """Return readings (stream, minutes after NOW, number or code) as the worker hands them over."""
    rows = sorted((pits[name], minutes, value) for name, minutes, value in said)
    at = np.array([int((NOW.timestamp() + row[1] * 60) * 1_000_000) for row in rows], dtype=np.int64)
    return Arrays(
        datastream=np.array([row[0] for row in rows], dtype=np.int32),
        at=at,
        heard_at=at,
        value=np.array([np.nan if isinstance(row[2], str) else row[2] for row in rows]),
        code=np.array([row[2] if isinstance(row[2], str) else "" for row in rows], dtype=np.object_),
        quality=np.zeros(len(rows), dtype=np.int16),
    )


def take(memory: RuleMemory, pits: dict[str, int], *said: Said) -> None:
    settle(memory, arrays(pits, said), now=NOW + timedelta(minutes=max(one[1] for one in said)))()


def standing() -> set[tuple[str, str, int, str]]:
    rows = Alarm.objects.filter(closed_at=None).values_list("rule", "object_code", "grade", "state")
    return {(rule.rpartition(".")[2], code, grade, state) for rule, code, grade, state in rows}


def test_an_alarm_becomes_graver_and_lighter_and_ends_behind_its_dead_band(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 2.5))
    assert standing() == {("high", "p", 3, "raised")}
    Alarm.objects.update(state="acknowledged", acknowledged_at=NOW, acknowledged_by="x")
    take(memory, pits, ("p.level", 1, 3.5), ("q.level", 1, 1.9))
    assert standing() == {("high", "p", 1, "raised")}
    take(memory, pits, ("p.level", 2, 2.4))
    take(memory, pits, ("p.level", 3, 1.9))
    assert standing() == {("high", "p", 3, "raised")}
    assert Alarm.objects.get().value == 1.9
    take(memory, pits, ("p.level", 4, 1.7))
    assert standing() == set()
    actions = list(History.objects.filter(entity="alarm").order_by("id").values_list("action", flat=True))
    assert actions == ["raised", "escalated", "eased", "closed"]


def test_what_begins_and_ends_within_a_call_is_an_alarm_of_the_past(pits: dict[str, int]) -> None:
    take(RuleMemory(), pits, ("p.level", 0, 2.5), ("p.level", 1, 3.5), ("p.level", 2, 1.0))
    past = Alarm.objects.get()
    assert (past.rule, past.grade, past.state, past.value) == ("drains.high", 1, "closed", 3.5)


def test_an_alarm_closed_by_hand_is_raised_again_while_it_holds(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 2.5))
    Alarm.objects.update(state="closed", closed_at=NOW)
    take(memory, pits, ("p.level", 1, 2.5))
    assert standing() == {("high", "p", 3, "raised")}


def test_a_level_is_judged_with_its_pump_and_the_nearest_gauge(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 1.5), ("near.rain", 0, 0.0), ("far.rain", 0, 5.0), ("q.level", 0, 1.5),
         ("q.pump", 0, "off"), ("p.pump", 0, "on"))  # fmt: skip
    assert standing() == set()
    take(memory, pits, ("p.pump", 1, "off"))
    assert standing() == {("dry", "p", 3, "raised")}
    take(memory, pits, ("far.rain", 2, 0.0), ("q.level", 3, 1.5))
    assert standing() == {("dry", "p", 3, "raised"), ("dry", "q", 3, "raised")}
    take(memory, pits, ("p.level", 70, 1.5))
    assert standing() == {("dry", "q", 3, "raised")}
    closer = CityObject.objects.create(type=GAUGE, code="new", name="new", area_path=EAST, unit_code="water",
                                       origin="test", west=121.2, east=121.2, south=31.0, north=31.0)  # fmt: skip
    ensure_datastreams(GAUGE)
    memory.forget_ties()
    pits["new.rain"] = Datastream.objects.get(object_id=closer.id).id
    take(memory, pits, ("new.rain", 71, 3.0), ("near.rain", 71, 0.0), ("p.pump", 71, "off"))
    assert standing() == {("dry", "q", 3, "raised")}


def test_what_a_failed_transaction_judged_is_judged_again(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    memory.judge(arrays(pits, [("p.level", 0, 2.5)]))
    assert [(one.rule, one.grade) for one in memory.judge(arrays(pits, [("p.level", 0, 2.5)])).turns] == [
        ("drains.high", 3)
    ]


def store(*some: Arrays) -> None:
    """Put readings into the table, as the worker does before it judges them."""
    make_partitions([NOW.date(), (NOW + timedelta(days=1)).date()])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO readings_reading (datastream_id, at, value, quality) "
            "VALUES (%s, to_timestamp(%s / 1000000.0), %s, %s) ON CONFLICT DO NOTHING",
            [row for one in some for row in zip(one.datastream.tolist(), one.at.tolist(), one.value.tolist(),
                                                one.quality.tolist(), strict=True)],
        )  # fmt: skip


LATE_TO_CLEAR = replace(SLOW, id="drains.lazy", holds_for=None, clears_after=MINUTES(10))
COURSE = (
    (0, 2.5), (4, 2.6), (8, 2.4), (11, 2.2), (12, 1.9), (15, 2.0), (21, 1.9), (25, 1.0), (26, 2.1), (30, 3.5),
    (33, 1.9), (37, 1.7), (44, 1.0), (50, 2.5), (55, 2.5), (59, 2.5), (61, 2.5), (70, 0.0), (81, 0.0),
)  # fmt: skip


@pytest.mark.parametrize("killed_after", [*range(1, len(COURSE)), None])
def test_a_worker_that_starts_anew_comes_to_the_same_alarms(pits: dict[str, int], killed_after: int | None) -> None:
    install(replace(DRAINS, rules={rule.id: rule for rule in (HIGH, SLOW, LATE_TO_CLEAR)}))
    whole, cut = RuleMemory(), RuleMemory()
    for number, (minutes, value) in enumerate(COURSE):
        if killed_after in (number, None):
            cut = RuleMemory()
        for memory, said in ((whole, ("p.level", minutes, value)), (cut, ("q.level", minutes, value))):
            store(arrays(pits, [said]))
            take(memory, pits, said)
        found = {(rule, grade, state) for rule, thing, grade, state in standing() if thing == "p"}
        assert {(rule, grade, state) for rule, thing, grade, state in standing() if thing == "q"} == found, minutes
    actions: dict[str, list[tuple[str, str]]] = {"p": [], "q": []}
    alarms = {str(alarm.id): alarm for alarm in Alarm.objects.all()}
    for entity, action in History.objects.filter(entity="alarm").order_by("id").values_list("entity_id", "action"):
        actions[alarms[entity].object_code].append((alarms[entity].rule, action))
    assert actions["p"] == actions["q"]
    assert len(actions["p"]) >= 8


def test_what_came_behind_newer_readings_is_not_remembered(pits: dict[str, int]) -> None:
    early, later = arrays(pits, [("p.level", 0, 2.5), ("p.level", 5, 2.5)]), arrays(pits, [("p.level", 2, 0.0)])
    later.quality[:] = Quality.OUT_OF_ORDER
    store(early, later)
    take(RuleMemory(), pits, ("p.level", 11, 2.5))
    assert {rule for rule, *_ in standing()} == {"high", "slow"}


def test_hours_are_local_and_a_rule_may_ask_for_them(pits: dict[str, int]) -> None:
    install(replace(DRAINS, rules={NIGHT.id: NIGHT}))
    memory = RuleMemory()
    take(memory, pits, ("p.level", -1, 1.0), ("q.level", 0, 1.0))
    assert standing() == {("night", "q", 3, "raised")}
    take(memory, pits, ("q.level", 120, 1.0))
    assert standing() == set()


def test_a_catalogue_of_other_streams_begins_anew(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 2.5))
    other: Catalogue = replace(DRAINS, objects={PIT: DRAINS.objects[PIT]}, rules={HIGH.id: HIGH})
    install(other)
    take(memory, pits, ("p.level", 1, 1.0), ("near.rain", 1, 1.0))
    assert standing() == set()


def test_a_gauge_that_another_worker_takes_in_is_looked_up(pits: dict[str, int]) -> None:
    memory = RuleMemory()
    take(memory, pits, ("p.level", 0, 1.5), ("p.pump", 0, "off"))
    assert standing() == set()
    Latest.objects.create(datastream_id=pits["near.rain"], at=NOW, value=0.0, received_at=NOW, silent_at=NOW)
    take(memory, pits, ("p.level", 1, 1.5))
    assert standing() == {("dry", "p", 3, "raised")}
    Latest.objects.update(at=NOW + timedelta(minutes=2), value=4.0)
    take(memory, pits, ("p.level", 3, 1.5))
    assert standing() == set()


def test_an_alarm_that_another_worker_raised_can_end_here(pits: dict[str, int]) -> None:
    here, there = RuleMemory(), RuleMemory()
    take(here, pits, ("p.level", 0, 1.0))
    take(there, pits, ("p.level", 1, 2.5))
    assert standing() == {("high", "p", 3, "raised")}
    take(here, pits, ("p.level", 2, 1.0))
    assert standing() == set()
