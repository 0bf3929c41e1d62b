"""The plan's figures for task 7, each a query."""

from __future__ import annotations

from xiuhua.kernel.expressions import Linked, Moment
from xiuhua.kernel.indicators import count, count_rounds, share
from xiuhua.kernel.words import Label, Source
from xiuhua.packs.signs.inspections import BILLBOARD_GALE_ROUND, SAMPLING_INSPECTION, SHOP_SIGN_GALE_ROUND
from xiuhua.packs.signs.objects import AD_SCHEME, BILLBOARD, SHOP_SIGN, SIGN_STREET
from xiuhua.packs.signs.repairs import BILLBOARD_REPAIR, SHOP_SIGN_REPAIR

PLAN = Source(standard="沪松府办〔2024〕44号", clause="第7项", confirmed=True)

INDICATORS = (
    count(
        id="sign_streets_renovated",
        label=Label(zh="完成招牌改造的路段（街区）", en="Sign streets renovated"),
        meaning=Label(
            zh="登记了改造完成日期的招牌特色路段（街区）条数", en="Sign streets with a date of finished renovation"
        ),
        of=SIGN_STREET,
        passes=SIGN_STREET["renovated_on"].filled,
        unit="条",
        source=PLAN,
    ),
    share(
        id="billboards_approved",
        label=Label(zh="点位内户外广告审批率", en="Billboards at planned points approved"),
        meaning=Label(
            zh="现行实施方案规划点位内的户外广告中，已批准且批准期未过的占比",
            en="Of the billboards at points of the scheme in force, those approved and still within the approval",
        ),
        of=BILLBOARD,
        where=Linked(
            link="planned_point",
            to="planned_point",
            where=Linked(
                link="scheme",
                to="ad_scheme",
                where=(AD_SCHEME.own("valid_from") <= Moment.TODAY) & (AD_SCHEME.own("valid_to") >= Moment.TODAY),
            ),
        ),
        passes=(BILLBOARD["approval"] == "approved") & (BILLBOARD["approved_until"] >= Moment.TODAY),
        source=PLAN,
    ),
    share(
        id="shop_signs_approved",
        label=Label(zh="户外招牌审批（备案）率", en="Shop signs approved or filed"),
        meaning=Label(zh="在册店招中已批准或已备案的占比", en="Of the shop signs on record, those approved or filed"),
        of=SHOP_SIGN,
        passes=SHOP_SIGN["filing"].among("approved", "filed"),
        source=PLAN,
    ),
    count_rounds(
        id="sampling_lots_inspected",
        label=Label(zh="安全抽检批次", en="Sampling lots inspected"),
        meaning=Label(zh="已判定接收或不接收的店招抽检批数", en="Lots of shop signs judged accepted or rejected"),
        of=SAMPLING_INSPECTION,
        passes=SAMPLING_INSPECTION.own("outcome").among("accepted", "rejected"),
        at=SAMPLING_INSPECTION.own("closed_at"),
        unit="批",
        source=PLAN,
    ),
    share(
        id="sampled_signs_sound",
        label=Label(zh="抽检店招完好率", en="Sampled shop signs found sound"),
        meaning=Label(zh="抽检已填报的店招中结论为完好的占比", en="Of the sampled signs looked at, those found sound"),
        of=SAMPLING_INSPECTION,
        where=SAMPLING_INSPECTION["result"].filled,
        passes=SAMPLING_INSPECTION["result"] == "sound",
    ),
    share(
        id="billboard_repairs_in_time",
        label=Label(zh="户外广告隐患按时整改率", en="Billboard defects repaired in time"),
        meaning=Label(
            zh="已销号的户外广告隐患中，整改时限内完成的占比", en="Of the closed billboard repairs, those done in time"
        ),
        of=BILLBOARD_REPAIR,
        where=BILLBOARD_REPAIR.own("kind") == "done",
        passes=BILLBOARD_REPAIR.clock("repair").among(True),
        at=BILLBOARD_REPAIR.own("closed_at"),
    ),
    share(
        id="shop_sign_repairs_in_time",
        label=Label(zh="店招隐患按时整改率", en="Shop-sign defects repaired in time"),
        meaning=Label(
            zh="已销号的店招隐患中，整改时限内完成的占比", en="Of the closed shop-sign repairs, those done in time"
        ),
        of=SHOP_SIGN_REPAIR,
        where=SHOP_SIGN_REPAIR.own("kind") == "done",
        passes=SHOP_SIGN_REPAIR.clock("repair").among(True),
        at=SHOP_SIGN_REPAIR.own("closed_at"),
    ),
    share(
        id="billboard_gale_coverage",
        label=Label(zh="大风巡查覆盖率（户外广告）", en="Gale round coverage, billboards"),
        meaning=Label(zh="大风加固巡查应查户外广告中已查的占比", en="Of the billboards owed a look, those looked at"),
        of=BILLBOARD_GALE_ROUND,
        passes=BILLBOARD_GALE_ROUND["result"].filled,
    ),
    share(
        id="shop_sign_gale_coverage",
        label=Label(zh="大风巡查覆盖率（店招）", en="Gale round coverage, shop signs"),
        meaning=Label(zh="大风加固巡查应查店招中已查的占比", en="Of the shop signs owed a look, those looked at"),
        of=SHOP_SIGN_GALE_ROUND,
        passes=SHOP_SIGN_GALE_ROUND["result"].filled,
    ),
)
