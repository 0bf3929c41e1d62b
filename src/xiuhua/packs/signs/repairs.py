"""Mending what an inspection found, alike for billboards and shop signs."""

from __future__ import annotations

from xiuhua.kernel.cases import PHOTO_AFTER, PHOTO_BEFORE, REASON, CaseType, Kind, Move, State, Step
from xiuhua.kernel.durations import WORKING_DAYS, WORKING_HOURS
from xiuhua.kernel.objects import Attribute, Choice, Value
from xiuhua.kernel.words import Label
from xiuhua.packs.signs.approvals import HOUSE_LIMIT


def _repair(*, id: str, label: Label, on: str) -> CaseType:
    return CaseType(
        id=id,
        label=label,
        on=on,
        danger=True,
        opened_by=("dispatcher", "inspector", "town_staff", "grid_worker", "handler"),
        states=(
            State(
                id="order", label=Label(zh="待派单", en="To be ordered"), kind=Kind.OPEN, step=Step.DISPATCH,
                owner="dispatcher", limit=WORKING_HOURS(4), source=HOUSE_LIMIT,
            ),
            State(
                id="repair", label=Label(zh="整改", en="Repair"), kind=Kind.OPEN, step=Step.HANDLE, owner="handler",
                limit=WORKING_DAYS(5), source=HOUSE_LIMIT, handling=True,
            ),
            State(
                id="check", label=Label(zh="复查", en="Check"), kind=Kind.OPEN, step=Step.VERIFY, owner="verifier",
                limit=WORKING_DAYS(2), source=HOUSE_LIMIT, verifying=True,
            ),
            State(id="closed", label=Label(zh="销号", en="Closed"), kind=Kind.DONE, step=Step.EVALUATE),
            State(id="void", label=Label(zh="作废", en="Void"), kind=Kind.VOID),
        ),
        moves=(
            Move(
                id="send", label=Label(zh="派单", en="Send"), at="order", to="repair", who="dispatcher", assigns=True
            ),
            Move(
                id="cancel", label=Label(zh="作废", en="Cancel"), at="order", to="void", who="dispatcher",
                needs=(REASON,),
            ),
            Move(
                id="return", label=Label(zh="退回重派", en="Return: not ours"), at="repair", to="order", who="handler",
                needs=(REASON,),
            ),
            Move(
                id="finish", label=Label(zh="整改完成", en="Finish"), at="repair", to="check", who="handler",
                needs=(PHOTO_BEFORE, PHOTO_AFTER),
                fields=(
                    Attribute(
                        id="outcome", label=Label(zh="处理方式", en="Outcome"), value=Value.CHOICE, required=True,
                        choices=(
                            Choice(id="repaired", label=Label(zh="维修", en="Repaired")),
                            Choice(id="reinforced", label=Label(zh="加固", en="Reinforced")),
                            Choice(id="removed", label=Label(zh="拆除", en="Taken down")),
                        ),
                    ),
                ),
            ),
            Move(
                id="accept", label=Label(zh="复查合格", en="Accept"), at="check", to="closed", who="verifier",
                clears_alarm=True,
            ),
            Move(
                id="rework", label=Label(zh="返工", en="Rework"), at="check", to="repair", who="verifier",
                needs=(REASON,),
            ),
        ),
    )  # fmt: skip


BILLBOARD_REPAIR = _repair(
    id="billboard_repair", label=Label(zh="户外广告隐患整改", en="Billboard defect repair"), on="billboard"
)
SHOP_SIGN_REPAIR = _repair(
    id="shop_sign_repair", label=Label(zh="店招隐患整改", en="Shop-sign defect repair"), on="shop_sign"
)
