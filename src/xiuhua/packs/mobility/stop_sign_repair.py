"""What makes a stop sign an alarm, and the loop that mends it."""

from __future__ import annotations

from xiuhua.kernel.cases import PHOTO_AFTER, PHOTO_BEFORE, REASON, CaseType, Kind, Move, State, Step
from xiuhua.kernel.durations import DAYS, MINUTES, WORKING_DAYS, WORKING_HOURS
from xiuhua.kernel.objects import Attribute, Choice, Value
from xiuhua.kernel.streams import Lately, Rule
from xiuhua.kernel.words import Label, Source
from xiuhua.packs.mobility.objects import BATTERY_LOW, FAULT_CODES

SOURCE = Source(standard="电子站牌运行维护要求（本系统建议值）", clause="", confirmed=False)

STOP_SIGN_REPAIR = CaseType(
    id="stop_sign_repair",
    label=Label(zh="电子站牌维修", en="Stop-sign repair"),
    on="stop_sign",
    opened_by=("dispatcher", "inspector", "grid_worker", "town_staff"),
    states=(
        State(
            id="dispatch", label=Label(zh="派遣", en="Dispatch"), kind=Kind.OPEN, step=Step.DISPATCH,
            owner="dispatcher", limit=MINUTES(30), source=SOURCE,
        ),
        State(
            id="handle", label=Label(zh="处置", en="Handling"), kind=Kind.OPEN, step=Step.HANDLE, owner="handler",
            limit=WORKING_HOURS(8), source=SOURCE, handling=True,
        ),
        State(
            id="verify", label=Label(zh="核查", en="Verification"), kind=Kind.OPEN, step=Step.VERIFY,
            owner="verifier", limit=WORKING_DAYS(1), source=SOURCE, verifying=True,
        ),
        State(id="closed", label=Label(zh="结案", en="Closed"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="void", label=Label(zh="作废", en="Void"), kind=Kind.VOID),
    ),
    moves=(
        Move(
            id="send", label=Label(zh="派遣", en="Send"), at="dispatch", to="handle", who="dispatcher", assigns=True
        ),
        Move(
            id="cancel", label=Label(zh="作废", en="Cancel"), at="dispatch", to="void", who="dispatcher",
            needs=(REASON,), clears_alarm=True,
        ),
        Move(
            id="finish", label=Label(zh="处置完成", en="Finish"), at="handle", to="verify", who="handler",
            needs=(PHOTO_BEFORE, PHOTO_AFTER),
            fields=(
                Attribute(
                    id="cause", label=Label(zh="原因", en="Cause"), value=Value.CHOICE, required=True,
                    choices=(
                        Choice(id="screen", label=Label(zh="屏幕", en="Screen")),
                        Choice(id="network", label=Label(zh="通信", en="Network")),
                        Choice(id="power", label=Label(zh="供电", en="Power")),
                        Choice(id="controller", label=Label(zh="控制板", en="Controller")),
                        Choice(id="damage", label=Label(zh="外力损坏", en="Damage")),
                        Choice(id="other", label=Label(zh="其他", en="Other")),
                    ),
                ),
                Attribute(id="work", label=Label(zh="处置内容", en="Work done"), value=Value.LONG_TEXT),
            ),
        ),
        Move(
            id="return", label=Label(zh="退回（派错）", en="Return: not ours"), at="handle", to="dispatch",
            who="handler", needs=(REASON,),
        ),
        Move(
            id="accept", label=Label(zh="核查通过", en="Accept"), at="verify", to="closed", who="verifier",
            clears_alarm=True,
        ),
        Move(
            id="rework", label=Label(zh="返工", en="Rework"), at="verify", to="handle", who="verifier",
            needs=(REASON,),
        ),
    ),
    source=SOURCE,
)  # fmt: skip

RULES = (
    Rule(
        id="stop_sign_silent",
        label=Label(zh="电子站牌失联", en="Stop sign silent"),
        on=("stop_sign", "heartbeat"),
        silent=True,
        grade=4,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
    Rule(
        id="stop_sign_fault",
        label=Label(zh="电子站牌报故障", en="Stop sign reports a fault"),
        on=("stop_sign", "fault"),
        among=FAULT_CODES,
        grade=3,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
    Rule(
        id="stop_sign_low_voltage",
        label=Label(zh="电子站牌电压低", en="Stop sign voltage low"),
        on=("stop_sign", "voltage"),
        below=198.0,
        grade=4,
        opens="stop_sign_repair",
        source=Source(standard="GB/T 12325", edition="2008", clause="4.3", confirmed=False),
    ),
    Rule(
        id="stop_sign_low_battery",
        label=Label(zh="电子站牌电池电量低", en="Stop sign battery low"),
        on=("stop_sign", "battery"),
        below=BATTERY_LOW,
        clears_at=0.3,
        grade=4,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
    Rule(
        id="stop_sign_drifts",
        label=Label(zh="电子站牌电压计漂移", en="Stop sign voltage meter drifts"),
        on=("stop_sign", "voltage"),
        drifts=Lately(above=8.0, within=DAYS(7)),
        grade=4,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
    Rule(
        id="stop_sign_unusable",
        label=Label(zh="电子站牌读数多不可用", en="Stop sign readings mostly not usable"),
        on=("stop_sign", "voltage"),
        unusable=Lately(above=0.3, within=DAYS(7)),
        grade=4,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
    Rule(
        id="stop_sign_flaps",
        label=Label(zh="电子站牌时断时续", en="Stop sign comes and goes"),
        on=("stop_sign", "heartbeat"),
        flaps=Lately(above=20, within=DAYS(7)),
        grade=4,
        opens="stop_sign_repair",
        source=SOURCE,
    ),
)
