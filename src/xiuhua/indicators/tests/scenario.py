"""A small scenario for the tests: lamps on poles, their repair and their round, and an indicator of every measure."""

from __future__ import annotations

from pathlib import Path

from xiuhua.catalog.catalogue import Catalogue, Manifest
from xiuhua.catalog.lines import Lines
from xiuhua.catalog.loading import Read, assemble
from xiuhua.kernel.cases import CaseType, Kind, Move, Round, State
from xiuhua.kernel.durations import DAYS, HOURS, MINUTES
from xiuhua.kernel.expressions import HasOpenCase, Linked, Moment
from xiuhua.kernel.indicators import Indicator, Measure, Subject, count, count_rounds, mean, percentile, share, total
from xiuhua.kernel.objects import Attribute, Choice, Link, ObjectType, Value, Writer
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.quantities import VOLTAGE
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.kernel.words import Label, Privacy
from xiuhua.people.posts import CORE_POSTS

IMPORTED = frozenset({Writer.IMPORT})


def named(zh: str, en: str) -> Label:
    return Label(zh=zh, en=en)


POLE = ObjectType(
    id="pole",
    label=named("灯杆", "Pole"),
    attributes=(Attribute(id="sound", label=named("完好", "Sound"), value=Value.BOOLEAN, written_by=IMPORTED),),
)
LAMP = ObjectType(
    id="lamp",
    label=named("路灯", "Lamp"),
    period=True,
    attributes=(
        Attribute(
            id="kind", label=named("类别", "Kind"), value=Value.CHOICE, written_by=IMPORTED,
            choices=(
                Choice(id="led", label=named("LED 灯", "LED")),
                Choice(id="sodium", label=named("钠灯", "Sodium")),
                Choice(id="other", label=named("其他", "Other")),
            ),
        ),
        Attribute(id="power", label=named("功率", "Power"), value=Value.NUMBER, written_by=IMPORTED),
        Attribute(id="lit", label=named("亮灯", "Lit"), value=Value.BOOLEAN, written_by=IMPORTED),
        Attribute(id="checked", label=named("检查日期", "Checked"), value=Value.DATE, written_by=IMPORTED),
        Attribute(id="seen", label=named("巡查时间", "Seen"), value=Value.TIME, written_by=IMPORTED),
        Attribute(
            id="cost", label=named("造价", "Cost"), value=Value.NUMBER, written_by=IMPORTED, privacy=Privacy.INTERNAL,
        ),
    ),
    links=(Link(id="pole", label=named("所在灯杆", "On pole"), to="pole"),),
    streams=(
        Stream(
            id="beat", label=named("心跳", "Heartbeat"), reports=Reports.STATE, cadence=MINUTES(1),
            silent_after=MINUTES(15),
        ),
        Stream(
            id="volts", label=named("电压", "Voltage"), quantity=VOLTAGE, cadence=MINUTES(5), silent_after=HOURS(1),
        ),
    ),
)  # fmt: skip
REPAIR = CaseType(
    id="repair",
    label=named("路灯维修", "Lamp repair"),
    on="lamp",
    fields=(Attribute(id="parts", label=named("用件数", "Parts"), value=Value.INTEGER),),
    states=(
        State(
            id="sent", label=named("处置", "In hand"), kind=Kind.OPEN, owner="handler", limit=HOURS(8), handling=True
        ),
        State(
            id="done", label=named("核查", "To verify"), kind=Kind.OPEN, owner="verifier", limit=HOURS(8),
            verifying=True,
        ),
        State(id="closed", label=named("结案", "Closed"), kind=Kind.DONE),
    ),
    moves=(
        Move(id="finish", label=named("完成", "Finish"), at="sent", to="done", who="handler"),
        Move(id="accept", label=named("通过", "Accept"), at="done", to="closed", who="verifier"),
    ),
)  # fmt: skip
ROUND = Round(
    id="patrol",
    label=named("夜巡", "Night patrol"),
    of="lamp",
    form=(
        Attribute(
            id="result", label=named("结论", "Result"), value=Value.CHOICE,
            choices=(Choice(id="ok", label=named("正常", "Sound")), Choice(id="bad", label=named("异常", "Faulty"))),
        ),
    ),
    who="inspector",
    limit=DAYS(1),
)  # fmt: skip

WORKING = LAMP["lit"].among(True) & (LAMP["checked"] >= "2026-01-01")
INDICATORS = (
    share(id="working", label=named("亮灯率", "Lit"), meaning=named("亮", "Lit"), of=LAMP, passes=WORKING),
    share(
        id="working_power", label=named("按功率", "By power"), meaning=named("亮", "Lit"), of=LAMP, passes=WORKING,
        weight=LAMP["power"],
    ),
    count(
        id="leds", label=named("LED 灯数", "LEDs"), meaning=named("数", "Count"), of=LAMP, passes=LAMP["kind"] == "led",
    ),
    total(id="power", label=named("总功率", "Power"), meaning=named("和", "Sum"), of=LAMP, value=LAMP["power"]),
    mean(
        id="mean_cost", label=named("平均造价", "Mean cost"), meaning=named("均", "Mean"), of=LAMP, value=LAMP["cost"],
        weight=LAMP["power"],
    ),
    percentile(
        id="power_p90", label=named("功率九成", "Power P90"), meaning=named("分位", "Percentile"), of=LAMP,
        value=LAMP["power"], percent=90,
    ),
    Indicator(
        id="cost_per_power", label=named("单位造价", "Cost per power"), meaning=named("比", "Ratio"),
        measure=Measure.RATIO, subject=Subject.OBJECT, of="lamp", value=LAMP["cost"], weight=LAMP["power"],
    ),
    share(
        id="reporting", label=named("在线率", "Reporting"), meaning=named("在线且无案", "Reporting, no case"), of=LAMP,
        passes=LAMP.stream("beat", "fresh").among(True) & ~HasOpenCase(case_type="repair"),
    ),
    share(
        id="powered", label=named("电压合格率", "Voltage"), meaning=named("电压", "Voltage"), of=LAMP,
        passes=LAMP.stream("volts") >= 198,
    ),
    share(
        id="on_sound_poles", label=named("灯杆完好率", "On sound poles"), meaning=named("灯杆", "Poles"), of=LAMP,
        passes=Linked(link="pole", to="pole", where=POLE["sound"].among(True)),
    ),
    share(
        id="poles_alight", label=named("亮杆率", "Poles alight"), meaning=named("灯杆", "Poles"), of=POLE,
        passes=Linked(link="pole", to="lamp", where=LAMP["lit"].among(True)),
    ),
    share(
        id="in_time", label=named("按时率", "In time"), meaning=named("按时", "In time"), of=REPAIR,
        where=REPAIR.own("kind") == "done", passes=REPAIR.clock("sent").among(True), at=REPAIR.own("closed_at"),
    ),
    total(
        id="parts", label=named("LED 灯用件", "Parts of LEDs"), meaning=named("用件", "Parts"), of=REPAIR,
        where=LAMP["kind"] == "led", value=REPAIR["parts"],
    ),
    share(
        id="patrolled", label=named("夜巡正常率", "Found sound"), meaning=named("夜巡", "Patrol"), of=ROUND,
        where=ROUND["result"].filled, passes=ROUND["result"] == "ok",
    ),
    count_rounds(
        id="accepted", label=named("接收批次", "Accepted"), meaning=named("批", "Lots"), of=ROUND,
        passes=ROUND.own("outcome") == "accepted", at=ROUND.own("closed_at"),
    ),
    share(
        id="checked_lately", label=named("近期检查", "Checked"), meaning=named("检查", "Checked"), of=LAMP,
        passes=(LAMP["checked"] <= Moment.TODAY) & (LAMP["seen"] <= Moment.NOW),
    ),
)  # fmt: skip


def with_indicators(*more: Indicator) -> Catalogue:
    """Return the scenario's catalogue, with more indicators; a fault fails the test."""
    pack = Pack(objects=(POLE, LAMP), cases=(REPAIR,), rounds=(ROUND,), indicators=(*INDICATORS, *more))
    manifest = Manifest(
        id="city", title=named("城", "City"), tasks=(), lead=(), needs=(), verified=True, folder=Path("city")
    )
    read = Read(manifest=manifest, pack=pack, modules="city", lines=Lines(()))
    catalogue = assemble({"city": read}, posts={post.id: post for post in CORE_POSTS})
    assert catalogue.faults == (), catalogue.faults
    return catalogue
