"""Applications and projects: advertisement approval, shop-sign filing, renovation of a street of signs."""

from __future__ import annotations

from xiuhua.kernel.cases import DOCUMENT, PHOTO_AFTER, REASON, CaseType, Kind, Move, Sets, State, Step
from xiuhua.kernel.durations import DAYS, WORKING_DAYS
from xiuhua.kernel.objects import Attribute, Choice, Value
from xiuhua.kernel.words import Label, Source

LICENSING_LAW = "中华人民共和国行政许可法"
HOUSE_LIMIT = Source(standard="松江区户外招牌管理办理时限（本系统建议值）", clause="", confirmed=False)

OPINION = Attribute(id="opinion", label=Label(zh="审查意见", en="Opinion"), value=Value.LONG_TEXT, required=True)

AD_APPROVAL = CaseType(
    id="ad_approval",
    label=Label(zh="户外广告审批", en="Advertisement approval"),
    on="billboard",
    opened_by=("dispatcher", "town_staff", "handler"),
    states=(
        State(
            id="received", label=Label(zh="待受理", en="Received"), kind=Kind.OPEN, step=Step.FILE, owner="dispatcher",
            limit=WORKING_DAYS(5), source=Source(standard=LICENSING_LAW, edition="2019", clause="第三十二条"),
        ),
        State(
            id="review", label=Label(zh="审查", en="Under review"), kind=Kind.OPEN, step=Step.HANDLE, owner="handler",
            limit=WORKING_DAYS(20), source=Source(standard=LICENSING_LAW, edition="2019", clause="第四十二条"),
            handling=True,
        ),
        State(
            id="decision", label=Label(zh="核准", en="Decision"), kind=Kind.OPEN, step=Step.VERIFY, owner="verifier",
            limit=WORKING_DAYS(3), source=HOUSE_LIMIT, verifying=True,
        ),
        State(id="granted", label=Label(zh="已批准", en="Granted"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="refused", label=Label(zh="不予批准", en="Refused"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="void", label=Label(zh="不受理或撤回", en="Not taken or withdrawn"), kind=Kind.VOID),
    ),
    moves=(
        Move(
            id="take", label=Label(zh="受理", en="Take"), at="received", to="review", who="dispatcher",
            sets=(Sets(attribute="approval", value="applied"),), assigns=True,
        ),
        Move(
            id="decline", label=Label(zh="不受理", en="Do not take"), at="received", to="void", who="dispatcher",
            needs=(REASON,),
        ),
        Move(
            id="propose", label=Label(zh="提出审查意见", en="Give the opinion"), at="review", to="decision",
            who="handler", needs=(DOCUMENT,), fields=(OPINION,),
        ),
        Move(
            id="withdraw", label=Label(zh="申请人撤回", en="Withdrawn by the applicant"), at="review", to="void",
            who="handler", needs=(REASON,), sets=(Sets(attribute="approval", value="none"),),
        ),
        Move(
            id="grant", label=Label(zh="批准", en="Grant"), at="decision", to="granted", who="verifier",
            fields=(
                Attribute(
                    id="until", label=Label(zh="批准至", en="Approved until"), value=Value.DATE, required=True
                ),
            ),
            sets=(Sets(attribute="approval", value="approved"), Sets(attribute="approved_until", field="until")),
        ),
        Move(
            id="refuse", label=Label(zh="不予批准", en="Refuse"), at="decision", to="refused", who="verifier",
            needs=(REASON,), sets=(Sets(attribute="approval", value="refused"),),
        ),
        Move(
            id="rework", label=Label(zh="退回补充审查", en="Back to review"), at="decision", to="review",
            who="verifier", needs=(REASON,),
        ),
    ),
)  # fmt: skip

SHOP_SIGN_FILING = CaseType(
    id="shop_sign_filing",
    label=Label(zh="店招备案", en="Shop-sign filing"),
    on="shop_sign",
    opened_by=("dispatcher", "town_staff", "grid_worker"),
    states=(
        State(
            id="received", label=Label(zh="待受理", en="Received"), kind=Kind.OPEN, step=Step.FILE, owner="town_staff",
            limit=WORKING_DAYS(2), source=HOUSE_LIMIT,
        ),
        State(
            id="check", label=Label(zh="现场核对", en="Check on site"), kind=Kind.OPEN, step=Step.HANDLE,
            owner="town_staff", limit=WORKING_DAYS(5), source=HOUSE_LIMIT, handling=True,
        ),
        State(
            id="confirmation", label=Label(zh="确认", en="Confirmation"), kind=Kind.OPEN, step=Step.VERIFY,
            owner="verifier", limit=WORKING_DAYS(2), source=HOUSE_LIMIT, verifying=True,
        ),
        State(id="filed", label=Label(zh="已备案", en="Filed"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="refused", label=Label(zh="不予备案", en="Refused"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="void", label=Label(zh="撤回", en="Withdrawn"), kind=Kind.VOID),
    ),
    moves=(
        Move(
            id="take", label=Label(zh="受理", en="Take"), at="received", to="check", who="town_staff",
            sets=(Sets(attribute="filing", value="applied"),),
        ),
        Move(
            id="withdraw", label=Label(zh="撤回", en="Withdraw"), at="received", to="void", who="town_staff",
            needs=(REASON,),
        ),
        Move(
            id="report", label=Label(zh="提交核对结果", en="Report the check"), at="check", to="confirmation",
            who="town_staff", needs=(PHOTO_AFTER,),
            fields=(
                Attribute(
                    id="text_matches", label=Label(zh="招牌文字与申报一致", en="Text as applied for"),
                    value=Value.BOOLEAN, required=True,
                ),
                OPINION,
            ),
        ),
        Move(
            id="file", label=Label(zh="予以备案", en="File"), at="confirmation", to="filed", who="verifier",
            sets=(Sets(attribute="filing", value="filed"), Sets(attribute="filed_on", now=True)),
        ),
        Move(
            id="refuse", label=Label(zh="不予备案", en="Refuse"), at="confirmation", to="refused", who="verifier",
            needs=(REASON,), sets=(Sets(attribute="filing", value="refused"),),
        ),
        Move(
            id="rework", label=Label(zh="退回重核", en="Check again"), at="confirmation", to="check", who="verifier",
            needs=(REASON,),
        ),
    ),
)  # fmt: skip

STREET_RENOVATION = CaseType(
    id="street_renovation",
    label=Label(zh="招牌路段改造", en="Renovation of a sign street"),
    on="sign_street",
    opened_by=("dispatcher", "handler", "leader", "town_staff"),
    states=(
        State(
            id="plan", label=Label(zh="方案", en="Planning"), kind=Kind.OPEN, step=Step.FILE, owner="handler",
            limit=WORKING_DAYS(60), source=HOUSE_LIMIT,
        ),
        State(
            id="build", label=Label(zh="施工", en="Works"), kind=Kind.OPEN, step=Step.HANDLE, owner="handler",
            limit=DAYS(180), source=HOUSE_LIMIT, handling=True,
        ),
        State(
            id="acceptance", label=Label(zh="验收", en="Acceptance"), kind=Kind.OPEN, step=Step.VERIFY,
            owner="verifier", limit=WORKING_DAYS(10), source=HOUSE_LIMIT, verifying=True,
        ),
        State(id="done", label=Label(zh="改造完成", en="Renovated"), kind=Kind.DONE, step=Step.EVALUATE),
        State(id="void", label=Label(zh="取消", en="Cancelled"), kind=Kind.VOID),
    ),
    moves=(
        Move(
            id="start", label=Label(zh="方案通过，开工", en="Plan agreed, start works"), at="plan", to="build",
            who="handler", needs=(DOCUMENT,),
            fields=(
                Attribute(
                    id="signs", label=Label(zh="改造招牌数", en="Signs to renovate"), value=Value.INTEGER,
                    required=True, minimum=1,
                ),
                Attribute(
                    id="character", label=Label(zh="特色", en="Character"), value=Value.CHOICE,
                    choices=(
                        Choice(id="trade", label=Label(zh="商", en="Trade")),
                        Choice(id="travel", label=Label(zh="旅", en="Travel")),
                        Choice(id="culture", label=Label(zh="文", en="Culture")),
                        Choice(id="sport", label=Label(zh="体", en="Sport")),
                        Choice(id="farming", label=Label(zh="农", en="Farming")),
                    ),
                ),
            ),
        ),
        Move(
            id="finish", label=Label(zh="完工报验", en="Works finished"), at="build", to="acceptance", who="handler",
            needs=(PHOTO_AFTER, DOCUMENT),
        ),
        Move(
            id="accept", label=Label(zh="验收通过", en="Accept"), at="acceptance", to="done", who="verifier",
            needs=(PHOTO_AFTER,), sets=(Sets(attribute="renovated_on", now=True),),
        ),
        Move(
            id="rework", label=Label(zh="整改重报", en="Rework"), at="acceptance", to="build", who="verifier",
            needs=(REASON,),
        ),
        Move(
            id="cancel", label=Label(zh="取消项目", en="Cancel"), at="plan", to="void", who="handler", needs=(REASON,)
        ),
    ),
)  # fmt: skip
