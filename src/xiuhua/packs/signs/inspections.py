"""Going out to look: yearly safety inspection, acceptance sampling by town, and the round before a gale."""

from __future__ import annotations

from xiuhua.engines.sampling import AQLS, REDUCED_FROM_SCORE, Level
from xiuhua.kernel.cases import Round
from xiuhua.kernel.durations import HOURS, WORKING_DAYS, Duration
from xiuhua.kernel.expressions import Field, Root
from xiuhua.kernel.objects import Attribute, Choice, Value
from xiuhua.kernel.packs import Analysis
from xiuhua.kernel.words import Label, Source
from xiuhua.packs.signs.logic import aql_choice, draw_sample, judge_lot, level_choice

RESULT = Attribute(
    id="result",
    label=Label(zh="检查结论", en="Result"),
    value=Value.CHOICE,
    required=True,
    choices=(
        Choice(id="sound", label=Label(zh="完好", en="Sound")),
        Choice(id="defect", label=Label(zh="有缺陷", en="Defect")),
        Choice(id="danger", label=Label(zh="有坠落危险", en="May fall")),
    ),
)
FORM = (
    RESULT,
    Attribute(
        id="defect",
        label=Label(zh="缺陷类型", en="Kind of defect"),
        value=Value.CHOICE,
        choices=(
            Choice(id="loose", label=Label(zh="连接松动", en="Loose fixing")),
            Choice(id="corroded", label=Label(zh="锈蚀", en="Corrosion")),
            Choice(id="bent", label=Label(zh="构件变形", en="Bent member")),
            Choice(id="panel", label=Label(zh="面板破损", en="Broken panel")),
            Choice(id="wiring", label=Label(zh="电气隐患", en="Unsafe wiring")),
            Choice(id="other", label=Label(zh="其他", en="Other")),
        ),
    ),
    Attribute(id="note", label=Label(zh="说明", en="Note"), value=Value.LONG_TEXT),
)
STANDARD = Source(standard="CJJ/T 149", edition="2021", clause="", confirmed=False)
GALE = Source(standard="户外招牌防风防汛巡查要求（本系统建议值）", confirmed=False)


def _round(
    *, id: str, label: Label, of: str, opens: str, limit: Duration, source: Source, form: tuple[Attribute, ...] = FORM
) -> Round:
    result = Field(of=id, root=Root.ITEM, name="result")
    return Round(
        id=id, label=label, of=of, form=form, fails=result.among("defect", "danger"), opens=opens, who="inspector",
        limit=limit, source=source,
    )  # fmt: skip


BILLBOARD_INSPECTION = _round(
    id="billboard_inspection",
    label=Label(zh="户外广告安全检查", en="Billboard safety inspection"),
    of="billboard",
    opens="billboard_repair",
    limit=WORKING_DAYS(20),
    source=STANDARD,
)
SAMPLING_INSPECTION = _round(
    id="sampling_inspection",
    label=Label(zh="店招安全抽检", en="Shop-sign sampling inspection"),
    of="shop_sign",
    opens="shop_sign_repair",
    limit=WORKING_DAYS(10),
    source=Source(standard="GB/T 2828.1", edition="2012", confirmed=False),
)

REINFORCED = Attribute(
    id="reinforced", label=Label(zh="已临时加固", en="Reinforced for now"), value=Value.BOOLEAN, required=True
)
BILLBOARD_GALE_ROUND = _round(
    id="billboard_gale_round",
    label=Label(zh="大风加固巡查（户外广告）", en="Gale round, billboards"),
    of="billboard",
    opens="billboard_repair",
    limit=HOURS(12),
    source=GALE,
    form=(*FORM, REINFORCED),
)
SHOP_SIGN_GALE_ROUND = _round(
    id="shop_sign_gale_round",
    label=Label(zh="大风加固巡查（店招）", en="Gale round, shop signs"),
    of="shop_sign",
    opens="shop_sign_repair",
    limit=HOURS(12),
    source=GALE,
    form=(*FORM, REINFORCED),
)

SAMPLING_DRAW = Analysis(
    id="sampling_draw",
    label=Label(zh="店招安全抽检抽样", en="Draw a sample of shop signs"),
    of="shop_sign",
    parameters=(
        Attribute(
            id="aql",
            label=Label(zh="接收质量限 AQL（%）", en="Acceptance quality limit AQL (%)"),
            value=Value.CHOICE,
            required=True,
            choices=tuple(Choice(id=aql_choice(aql), label=Label(zh=f"{aql:g}", en=f"{aql:g}")) for aql in AQLS),
        ),
        Attribute(
            id="level",
            label=Label(zh="检验水平", en="Inspection level"),
            value=Value.CHOICE,
            required=True,
            choices=tuple(
                Choice(id=level_choice(level), label=Label(zh=level.value, en=level.value)) for level in Level
            ),
            help=Label(zh="无特别要求时用一般水平 II", en="General level II unless something else is asked for"),
        ),
        Attribute(
            id="resumed",
            label=Label(zh="暂停后已整改，恢复抽检", en="Mended since the stop; resume"),
            value=Value.BOOLEAN,
        ),
        Attribute(
            id="reduced_allowed",
            label=Label(zh="情况稳定，主管方同意放宽", en="Steady, and the authority agrees to reduce"),
            value=Value.BOOLEAN,
            help=Label(
                zh=f"转移得分达到 {REDUCED_FROM_SCORE} 且勾选时，下一批用放宽检验",
                en=f"With a switching score of {REDUCED_FROM_SCORE} the next lot is then inspected reduced",
            ),
        ),
    ),
    run=draw_sample,
    round="sampling_inspection",
    history=True,
    judge=judge_lot,
    version="1",
    source=Source(standard="GB/T 2828.1", edition="2012", clause="表1、表2-A", confirmed=True),
)
