"""Every part of a rule that cannot be met, or would be passed over, is a fault; sound rules have none."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.rules import problems
from xiuhua.catalog.limits import rule_words
from xiuhua.kernel.durations import HOURS, MINUTES, SECONDS, WORKING_HOURS
from xiuhua.kernel.objects import Choice, ObjectType
from xiuhua.kernel.quantities import LENGTH, RATIO
from xiuhua.kernel.streams import Also, Band, Change, Hours, Level, Reports, Rule, Spike, Stream, Stuck
from xiuhua.kernel.words import Label, Source


def _label(zh: str, en: str) -> Label:
    return Label(zh=zh, en=en)


def _stream(id: str, zh: str, en: str, **more: object) -> Stream:
    return Stream(id=id, label=_label(zh, en), cadence=MINUTES(5), silent_after=HOURS(1), **more)  # type: ignore[arg-type]


PUMP = tuple(Choice(id=id, label=_label(id, id)) for id in ("on", "off", "E1", "E2"))
PIT, GAUGE = "drains.pit", "drains.gauge"
CATALOGUE = Catalogue(
    packs={},
    objects={
        PIT: ObjectType(
            id=PIT,
            label=_label("泵井", "Pit"),
            streams=(
                _stream("level", "液位", "Level", quantity=LENGTH),
                _stream("methane", "甲烷", "Methane", quantity=RATIO),
                _stream("pump", "水泵", "Pump", reports=Reports.STATE, codes=PUMP),
            ),
        ),
        GAUGE: ObjectType(
            id=GAUGE, label=_label("雨量站", "Rain gauge"),
            streams=(_stream("rain", "小时雨量", "Hourly rain", quantity=LENGTH),),
        ),
    },
    cases={}, rules={}, rounds={}, analyses={}, indicators={}, code_lists={}, scales={}, posts={},
)  # fmt: skip
SOURCE = Source(standard="GB/T 51274", edition="2017", clause="")
HIGH = Rule(
    id="drains.high", label=_label("液位高", "Level high"), on=(PIT, "level"), above=2.0, grade=3, source=SOURCE
)  # fmt: skip
FULL = replace(
    HIGH,
    levels=(Level(grade=2, value=2.5, clears_at=2.2), Level(grade=1, value=3.0, holds_for=MINUTES(1))),
    clears_at=1.8,
    holds_for=MINUTES(5),
    clears_after=MINUTES(10),
    also=(Also(on=(PIT, "pump"), among=("off",)), Also(on=(GAUGE, "rain"), below=0.001, fresh_for=MINUTES(30))),
    hours=Hours(begin=22, end=6, weekdays=(1, 2, 3, 4, 5), working=True),
)
CODES = replace(HIGH, above=None, among=("E1",), on=(PIT, "pump"), levels=(Level(grade=1, among=("E2",)),))
RISES = replace(HIGH, above=None, rises=Change(by=0.5, within=MINUTES(30)), levels=(Level(grade=1, value=1.0),))
STUCK = replace(HIGH, above=None, stuck=Stuck(within=0.001, lasting=HOURS(6)), holds_for=None)
SPIKE = replace(HIGH, above=None, spike=Spike(times=6, least=0.05))
BAND = replace(HIGH, above=None, band=Band(times=4, least=0.05), clears_at=3)
LOW = replace(HIGH, above=None, below=0.5, clears_at=0.6, levels=(Level(grade=1, value=0.2),))
SILENT = replace(HIGH, above=None, silent=True, silent_after=HOURS(2))


@pytest.mark.parametrize("rule", [HIGH, FULL, CODES, RISES, STUCK, SPIKE, BAND, LOW, SILENT])
def test_sound_rules_have_no_faults_and_are_said_in_both_languages(rule: Rule) -> None:
    assert list(problems(rule, CATALOGUE)) == []
    assert rule_words(rule, CATALOGUE).zh != rule_words(rule, CATALOGUE).en or rule.among or rule is HIGH


def test_a_full_rule_reads_as_a_sentence() -> None:
    words = rule_words(FULL, CATALOGUE)
    assert words.zh == (
        "> 2 m；2 级 > 2.5 m；1 级 > 3 m 持续 1 分钟；持续 5 分钟；且水泵 ∈ off；且小时雨量 < 0.001 m；"
        "工作日、周一、二、三、四、五、22 时至 6 时；回到 1.8 m 解除；恢复 10 分钟后解除"
    )
    assert words.en == (
        "> 2 m; level 2 > 2.5 m; level 1 > 3 m for 1 min; for 5 min; and Pump ∈ off; and Hourly rain < 0.001 m; "
        "on working days, on Mon, Tue, Wed, Thu, Fri, 22:00 to 06:00; clears at 1.8 m; clears after 10 min"
    )


BROKEN = {
    "no condition": (replace(HIGH, above=None), "rule_condition", ""),
    "two conditions": (replace(HIGH, below=1.0), "rule_condition", ""),
    "no such stream": (replace(HIGH, on=(PIT, "flow")), "rule_stream", ""),
    "a number of codes": (replace(HIGH, on=(PIT, "pump")), "rule_kind", ""),
    "a spike of codes": (replace(SPIKE, on=(PIT, "pump")), "rule_kind", ""),
    "codes of a number": (replace(CODES, on=(PIT, "level")), "rule_kind", ""),
    "grade": (replace(HIGH, grade=5), "rule_grade", ""),
    "no source": (replace(HIGH, source=Source(standard=" ")), "source_missing", ""),
    "not finite": (replace(HIGH, above=inf), "rule_part", "above"),
    "silence with a wait": (replace(SILENT, holds_for=MINUTES(1)), "rule_idle", "holds_for"),
    "silence with others": (replace(SILENT, also=FULL.also), "rule_idle", "also"),
    "silence at hours": (replace(SILENT, hours=Hours(begin=1)), "rule_idle", "hours"),
    "a limit of silence elsewhere": (replace(HIGH, silent_after=HOURS(1)), "rule_idle", "silent_after"),
    "codes that clear at a number": (replace(CODES, clears_at=1.0), "rule_idle", "clears_at"),
    "stuck with levels": (replace(STUCK, levels=FULL.levels), "rule_idle", "levels"),
    "dead band above": (replace(HIGH, clears_at=2.1), "rule_part", "clears_at"),
    "dead band below": (replace(LOW, clears_at=0.4), "rule_part", "clears_at"),
    "lighter level": (replace(HIGH, levels=(Level(grade=4, value=3.0),)), "rule_part", "levels[0].grade"),
    "nearer level": (replace(HIGH, levels=(Level(grade=2, value=1.5),)), "rule_part", "levels[0].value"),
    "nearer low level": (replace(LOW, levels=(Level(grade=2, value=0.7),)), "rule_part", "levels[0].value"),
    "level without a value": (replace(HIGH, levels=(Level(grade=2),)), "rule_part", "levels[0]"),
    "level of codes": (replace(HIGH, levels=(Level(grade=2, value=3.0, among=("x",)),)), "rule_part", "levels[0]"),
    "level of numbers": (replace(CODES, levels=(Level(grade=2, value=3.0),)), "rule_part", "levels[0]"),
    "level's wait": (
        replace(HIGH, levels=(Level(grade=2, value=3.0, holds_for=SECONDS(0)),)), "rule_part", "levels[0].holds_for",
    ),
    "working time": (replace(HIGH, holds_for=WORKING_HOURS(1)), "rule_part", "holds_for"),
    "no wait": (replace(HIGH, clears_after=SECONDS(0)), "rule_part", "clears_after"),
    "no rise": (replace(RISES, rises=Change(by=0.0, within=MINUTES(1)), levels=()), "rule_part", "rises.by"),
    "no window": (replace(RISES, rises=Change(by=0.1, within=SECONDS(0))), "rule_part", "rises.within"),
    "below nothing": (replace(STUCK, stuck=Stuck(within=-1, lasting=HOURS(1))), "rule_part", "stuck.within"),
    "stuck at once": (replace(STUCK, stuck=Stuck(within=1, lasting=HOURS(0))), "rule_part", "stuck.lasting"),
    "no spreads": (replace(SPIKE, spike=Spike(times=0, least=1)), "rule_part", "spike.times"),
    "no least": (replace(BAND, band=Band(times=4, least=0), clears_at=None), "rule_part", "band.least"),
    "one reading": (replace(SPIKE, spike=Spike(times=6, least=1, over=1)), "rule_part", "spike.over"),
    "other stream gone": (replace(HIGH, also=(Also(on=(PIT, "x"), above=1.0),)), "rule_stream", ""),
    "other says nothing": (replace(HIGH, also=(Also(on=(GAUGE, "rain")),)), "rule_part", "also drains.gauge.rain"),
    "a code not listed": (replace(CODES, levels=(Level(grade=1, among=("E9",)),)), "rule_code", ""),
    "other code not listed": (replace(HIGH, also=(Also(on=(PIT, "pump"), among=("of",)),)), "rule_code", ""),
    "every code": (replace(CODES, among=("on", "off", "E1")), "rule_never_sound", ""),
    "other of another kind": (replace(HIGH, also=(Also(on=(GAUGE, "rain"), among=("x",)),)), "rule_kind", ""),
    "other never fresh": (
        replace(HIGH, also=(Also(on=(GAUGE, "rain"), above=1, fresh_for=SECONDS(0)),)), "rule_part",
        "also drains.gauge.rain fresh_for",
    ),
    "no hour": (replace(HIGH, hours=Hours(begin=5, end=5)), "rule_part", "hours"),
    "late hour": (replace(HIGH, hours=Hours(begin=5, end=25)), "rule_part", "hours"),
    "eighth day": (replace(HIGH, hours=Hours(weekdays=(8,))), "rule_part", "hours.weekdays"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_named_once(name: str) -> None:
    rule, code, part = BROKEN[name]
    found = [(problem.code, problem.params.get("part", "")) for problem in problems(rule, CATALOGUE)]
    assert found == [(f"catalog.{code}", part)]
