"""What task 7 keeps in its registers: the advertising scheme and its points, billboards, shop signs, sign streets."""

from __future__ import annotations

from xiuhua.kernel.objects import Attribute, Choice, Geometry, Link, ObjectType, Value, Writer
from xiuhua.kernel.quantities import AREA, LENGTH
from xiuhua.kernel.words import Label, Privacy, Source

BY_MOVE_OR_IMPORT = frozenset({Writer.MOVE, Writer.IMPORT})
BY_IMPORT = frozenset({Writer.IMPORT})

STANDARD = Source(standard="CJJ/T 149", edition="2021", clause="", confirmed=False)

MATERIALS = (
    Choice(id="steel_frame", label=Label(zh="钢结构", en="Steel frame")),
    Choice(id="aluminium", label=Label(zh="铝合金", en="Aluminium")),
    Choice(id="acrylic", label=Label(zh="亚克力", en="Acrylic")),
    Choice(id="banner", label=Label(zh="喷绘布", en="Printed banner")),
    Choice(id="led", label=Label(zh="电子显示屏", en="LED screen")),
    Choice(id="other", label=Label(zh="其他", en="Other")),
)
EXPOSURES = (
    Choice(id="sheltered", label=Label(zh="有遮挡", en="Sheltered")),
    Choice(id="street", label=Label(zh="一般街道", en="Ordinary street")),
    Choice(id="open", label=Label(zh="空旷或临水", en="Open ground or waterside")),
    Choice(id="corner", label=Label(zh="高层转角或风口", en="Tower corner or wind gap")),
)
RISKS = (
    Choice(id="high", label=Label(zh="高风险", en="High")),
    Choice(id="medium", label=Label(zh="中风险", en="Medium")),
    Choice(id="low", label=Label(zh="低风险", en="Low")),
)

AD_SCHEME = ObjectType(
    id="ad_scheme",
    label=Label(zh="户外广告实施方案", en="Outdoor advertising scheme"),
    geometry=Geometry.NONE,
    period=True,
    attributes=(
        Attribute(id="edition", label=Label(zh="版次", en="Edition"), required=True),
        Attribute(id="document", label=Label(zh="批复文号", en="Document number")),
        Attribute(id="issued_on", label=Label(zh="印发日期", en="Issued on"), value=Value.DATE),
        Attribute(id="issued_by", label=Label(zh="编制单位", en="Drawn up by")),
    ),
    links=(Link(id="supersedes", label=Label(zh="替代", en="Supersedes"), to="ad_scheme"),),
    icon="document",
)

PLANNED_POINT = ObjectType(
    id="planned_point",
    label=Label(zh="广告规划点位", en="Planned advertising point"),
    attributes=(
        Attribute(
            id="form",
            label=Label(zh="设置形式", en="Form"),
            value=Value.CHOICE,
            choices=(
                Choice(id="roof", label=Label(zh="屋顶", en="Roof")),
                Choice(id="wall", label=Label(zh="墙面", en="Wall")),
                Choice(id="ground", label=Label(zh="落地", en="Ground")),
                Choice(id="pole", label=Label(zh="立杆", en="Pole")),
                Choice(id="street_furniture", label=Label(zh="公共设施", en="Street furniture")),
            ),
        ),
        Attribute(
            id="area_limit", label=Label(zh="允许面积", en="Area allowed"), value=Value.NUMBER, quantity=AREA, minimum=0
        ),
        Attribute(id="zone", label=Label(zh="方案分区", en="Zone of the scheme")),
    ),
    links=(Link(id="scheme", label=Label(zh="所属方案", en="Scheme"), to="ad_scheme", required=True),),
    icon="pin",
)

BILLBOARD = ObjectType(
    id="billboard",
    label=Label(zh="户外广告", en="Billboard"),
    attributes=(
        Attribute(
            id="approval",
            label=Label(zh="审批状态", en="Approval"),
            value=Value.CHOICE,
            choices=(
                Choice(id="none", label=Label(zh="未申请", en="None")),
                Choice(id="applied", label=Label(zh="已申请", en="Applied for")),
                Choice(id="approved", label=Label(zh="已批准", en="Approved")),
                Choice(id="expired", label=Label(zh="已过期", en="Expired")),
                Choice(id="refused", label=Label(zh="未批准", en="Refused")),
            ),
            written_by=BY_MOVE_OR_IMPORT,
        ),
        Attribute(
            id="approved_until",
            label=Label(zh="批准至", en="Approved until"),
            value=Value.DATE,
            written_by=BY_MOVE_OR_IMPORT,
        ),
        Attribute(id="owner", label=Label(zh="设置人", en="Owner")),
        Attribute(
            id="owner_phone",
            label=Label(zh="设置人电话", en="Owner's telephone"),
            privacy=Privacy.PERSONAL,
            listed=False,
        ),
        Attribute(id="area", label=Label(zh="面积", en="Area"), value=Value.NUMBER, quantity=AREA, minimum=0),
        Attribute(
            id="height",
            label=Label(zh="顶端离地高度", en="Top above ground"),
            value=Value.NUMBER,
            quantity=LENGTH,
            minimum=0,
        ),
        Attribute(
            id="material", label=Label(zh="材质", en="Material"), value=Value.CHOICE, choices=MATERIALS, listed=False
        ),
        Attribute(id="installed_on", label=Label(zh="安装日期", en="Installed on"), value=Value.DATE, listed=False),
        Attribute(
            id="wind_exposure",
            label=Label(zh="受风环境", en="Wind exposure"),
            value=Value.CHOICE,
            choices=EXPOSURES,
            listed=False,
        ),
        Attribute(
            id="risk",
            label=Label(zh="安全检测风险等级", en="Risk by the safety test"),
            value=Value.CHOICE,
            choices=RISKS,
            written_by=BY_IMPORT,
            help=Label(
                zh="取自有资质检测机构的检测报告，随报告导入",
                en="From the report of a licensed test body, imported with it",
            ),
            source=STANDARD,
        ),
    ),
    links=(Link(id="planned_point", label=Label(zh="规划点位", en="Planned point"), to="planned_point"),),
    icon="billboard",
)

SIGN_STREET = ObjectType(
    id="sign_street",
    label=Label(zh="招牌特色路段（街区）", en="Sign street"),
    geometry=Geometry.LINE,
    attributes=(
        Attribute(
            id="renovated_on",
            label=Label(zh="改造完成日期", en="Renovated on"),
            value=Value.DATE,
            written_by=BY_MOVE_OR_IMPORT,
        ),
        Attribute(
            id="named_in_plan",
            label=Label(zh="行动计划点名", en="Named in the plan"),
            value=Value.BOOLEAN,
            written_by=BY_IMPORT,
        ),
        Attribute(
            id="trades",
            label=Label(zh="商旅文体农特色", en="Trades"),
            pattern=r"[商旅文体农](、[商旅文体农])*",
            help=Label(zh="从商、旅、文、体、农中选，用顿号分开", en="Any of 商 旅 文 体 农, separated by 、"),
        ),
        Attribute(id="length", label=Label(zh="长度", en="Length"), value=Value.NUMBER, quantity=LENGTH, minimum=0),
        Attribute(id="extent", label=Label(zh="起讫", en="From and to"), listed=False),
    ),
    icon="street",
)

SHOP_SIGN = ObjectType(
    id="shop_sign",
    label=Label(zh="店招店牌", en="Shop sign"),
    attributes=(
        Attribute(
            id="filing",
            label=Label(zh="审批（备案）状态", en="Approval or filing"),
            value=Value.CHOICE,
            choices=(
                Choice(id="none", label=Label(zh="未申报", en="None")),
                Choice(id="applied", label=Label(zh="已申报", en="Applied for")),
                Choice(id="filed", label=Label(zh="已备案", en="Filed")),
                Choice(id="approved", label=Label(zh="已批准", en="Approved")),
                Choice(id="expired", label=Label(zh="已失效", en="Lapsed")),
                Choice(id="refused", label=Label(zh="不予备案", en="Refused")),
            ),
            written_by=BY_MOVE_OR_IMPORT,
        ),
        Attribute(
            id="filed_on", label=Label(zh="备案日期", en="Filed on"), value=Value.DATE, written_by=BY_MOVE_OR_IMPORT
        ),
        Attribute(id="text", label=Label(zh="招牌文字", en="Text of the sign")),
        Attribute(id="shop", label=Label(zh="店铺", en="Shop"), listed=False),
        Attribute(id="keeper", label=Label(zh="经营者", en="Keeper"), privacy=Privacy.PERSONAL, listed=False),
        Attribute(
            id="mounting",
            label=Label(zh="设置方式", en="Mounting"),
            value=Value.CHOICE,
            choices=(
                Choice(id="flat", label=Label(zh="平行墙面", en="Flat on the wall")),
                Choice(id="projecting", label=Label(zh="垂直外挑", en="Projecting")),
                Choice(id="roof", label=Label(zh="屋顶", en="Roof")),
                Choice(id="standing", label=Label(zh="落地", en="Standing")),
            ),
        ),
        Attribute(id="area", label=Label(zh="面积", en="Area"), value=Value.NUMBER, quantity=AREA, minimum=0),
        Attribute(
            id="height",
            label=Label(zh="顶端离地高度", en="Top above ground"),
            value=Value.NUMBER,
            quantity=LENGTH,
            minimum=0,
            listed=False,
        ),
        Attribute(
            id="material", label=Label(zh="材质", en="Material"), value=Value.CHOICE, choices=MATERIALS, listed=False
        ),
        Attribute(id="installed_on", label=Label(zh="安装日期", en="Installed on"), value=Value.DATE, listed=False),
    ),
    links=(Link(id="street", label=Label(zh="所在特色路段", en="Sign street"), to="sign_street"),),
    icon="sign",
)

OBJECTS = (AD_SCHEME, PLANNED_POINT, BILLBOARD, SHOP_SIGN, SIGN_STREET)
