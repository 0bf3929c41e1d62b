"""A small scenario for the tests: street lamps, their repair, an alarm rule, a sampling analysis and its round."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.cases import PHOTO_AFTER, REASON, CaseType, Clock, Kind, Move, Round, Sets, State, Step
from xiuhua.kernel.durations import HOURS, MINUTES, WORKING_DAYS, WORKING_HOURS
from xiuhua.kernel.expressions import Field, Root
from xiuhua.kernel.objects import Attribute, Choice, ObjectType, Value, Writer
from xiuhua.kernel.packs import Analysis, Finding
from xiuhua.kernel.streams import Rule, Stream
from xiuhua.kernel.words import Label, Privacy, Source


def both(text: str) -> Label:
    """Return the same words in both languages."""
    return Label(zh=text, en=text)


SOURCE = Source(standard="test", confirmed=False)
LAMP = ObjectType(
    id="demo.lamp",
    label=both("路灯"),
    attributes=(
        Attribute(id="kind", label=both("类型")),
        Attribute(id="lit", label=both("亮灯"), value=Value.BOOLEAN, written_by=frozenset({Writer.MOVE})),
        Attribute(id="mended_on", label=both("修复日"), value=Value.DATE, written_by=frozenset({Writer.MOVE})),
    ),
    streams=(Stream(id="current", label=both("电流"), cadence=MINUTES(5), silent_after=HOURS(1)),),
)
REPAIR = CaseType(
    id="demo.lamp_repair",
    label=both("路灯维修"),
    on="demo.lamp",
    danger=True,
    fields=(
        Attribute(id="urgent", label=both("紧急"), value=Value.BOOLEAN),
        Attribute(id="phone", label=both("报修人电话"), privacy=Privacy.PERSONAL),
    ),
    states=(
        State(
            id="new",
            label=both("待派"),
            kind=Kind.OPEN,
            step=Step.DISPATCH,
            owner="dispatcher",
            limit=MINUTES(30),
            source=SOURCE,
        ),
        State(
            id="sent",
            label=both("处置"),
            kind=Kind.OPEN,
            step=Step.HANDLE,
            owner="handler",
            limit=WORKING_HOURS(8),
            handling=True,
        ),
        State(
            id="parts",
            label=both("待件"),
            kind=Kind.OPEN,
            step=Step.HANDLE,
            owner="handler",
            limit=WORKING_DAYS(10),
            handling=True,
        ),
        State(
            id="check",
            label=both("核查"),
            kind=Kind.OPEN,
            step=Step.VERIFY,
            owner="verifier",
            limit=WORKING_HOURS(4),
            verifying=True,
        ),
        State(id="closed", label=both("办结"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="void", label=both("作废"), kind=Kind.VOID),
    ),
    moves=(
        Move(id="send", label=both("派遣"), at="new", to="sent", who="dispatcher", assigns=True),
        Move(id="cancel", label=both("作废"), at="new", to="void", who="dispatcher", needs=(REASON,)),
        Move(id="wait", label=both("待件"), at="sent", to="parts", who="handler", needs=(REASON,)),
        Move(id="resume", label=both("到件"), at="parts", to="sent", who="handler"),
        Move(
            id="finish",
            label=both("修复"),
            at="sent",
            to="check",
            who="handler",
            needs=(PHOTO_AFTER,),
            fields=(
                Attribute(
                    id="cause",
                    label=both("原因"),
                    value=Value.CHOICE,
                    required=True,
                    choices=(Choice(id="bulb", label=both("灯泡")), Choice(id="cable", label=both("线缆"))),
                ),
            ),
            sets=(Sets(attribute="mended_on", now=True),),
        ),
        Move(id="rework", label=both("返工"), at="check", to="sent", who="verifier", needs=(REASON,)),
        Move(
            id="accept",
            label=both("核查通过"),
            at="check",
            to="closed",
            who="verifier",
            sets=(Sets(attribute="lit", value=True),),
            clears_alarm=True,
        ),
    ),
    clocks=(
        Clock(
            id="whole",
            label=both("总时限"),
            starts="new",
            stops=("closed",),
            pauses=("parts",),
            limit=WORKING_DAYS(5),
            source=SOURCE,
        ),
    ),
)
COMPLAINT = CaseType(
    id="demo.complaint",
    label=both("投诉"),
    opened_by=("town_staff",),
    states=(
        State(id="new", label=both("受理"), kind=Kind.OPEN, step=Step.FILE, owner="town_staff", limit=WORKING_DAYS(1)),
        State(id="closed", label=both("办结"), kind=Kind.DONE, step=Step.EVALUATE),
    ),
    moves=(Move(id="close", label=both("办结"), at="new", to="closed", who="town_staff"),),
)
BROKEN_FIELD = Field(of="demo.lamp_check", root=Root.ITEM, name="broken")
CHECK = Round(
    id="demo.lamp_check",
    label=both("路灯检查"),
    of="demo.lamp",
    where=LAMP["kind"] == "street",
    form=(
        Attribute(id="broken", label=both("损坏"), value=Value.BOOLEAN),
        Attribute(id="note", label=both("说明")),
    ),
    fails=BROKEN_FIELD.among(True),
    who="inspector",
    limit=WORKING_DAYS(3),
    opens="demo.lamp_repair",
)


def sample(codes: tuple[str, ...], parameters: Mapping[str, object], seed: int) -> Finding:
    """Choose every second lamp; the seed decides with which to begin."""
    chosen = codes[seed % 2 :: 2]
    return Finding(
        figures={"lot": len(codes), "accept": int(str(parameters.get("accept", 0)))},
        chosen=chosen,
        reasons={code: both(f"{code} 抽中") for code in chosen},
    )


def judge(figures: Mapping[str, object], defects: int) -> str:
    """Accept up to the allowed number of defects."""
    return "accepted" if defects <= int(str(figures["accept"])) else "rejected"


def fail(codes: tuple[str, ...], parameters: Mapping[str, object], seed: int) -> Finding:
    """Break, as a pack's function may."""
    raise ZeroDivisionError("no lamps")


SAMPLE = Analysis(
    id="demo.lamp_sample",
    label=both("路灯抽样"),
    of="demo.lamp",
    where=LAMP["kind"] == "street",
    parameters=(Attribute(id="accept", label=both("接收数"), value=Value.INTEGER, minimum=0),),
    run=sample,
    round="demo.lamp_check",
    history=True,
    judge=judge,
    source=SOURCE,
)
BROKEN = Analysis(id="demo.broken", label=both("坏的"), of="demo.lamp", run=fail, source=SOURCE)
DARK = Rule(
    id="demo.dark",
    label=both("灯灭"),
    on=("demo.lamp", "current"),
    below=0.1,
    grade=3,
    opens="demo.lamp_repair",
    source=SOURCE,
)
CATALOGUE = Catalogue(
    packs={},
    objects={"demo.lamp": LAMP},
    cases={"demo.lamp_repair": REPAIR, "demo.complaint": COMPLAINT},
    rules={"demo.dark": DARK},
    rounds={"demo.lamp_check": CHECK},
    analyses={"demo.lamp_sample": SAMPLE, "demo.broken": BROKEN},
    indicators={},
    code_lists={},
    scales={},
    posts={},
)
