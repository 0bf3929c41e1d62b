"""Task 7 of the plan: outdoor advertising and shop signs."""

from __future__ import annotations

from xiuhua.kernel.packs import Pack
from xiuhua.packs.signs.approvals import AD_APPROVAL, SHOP_SIGN_FILING, STREET_RENOVATION
from xiuhua.packs.signs.indicators import INDICATORS
from xiuhua.packs.signs.inspections import (
    BILLBOARD_GALE_ROUND,
    BILLBOARD_INSPECTION,
    SAMPLING_DRAW,
    SAMPLING_INSPECTION,
    SHOP_SIGN_GALE_ROUND,
)
from xiuhua.packs.signs.objects import OBJECTS
from xiuhua.packs.signs.repairs import BILLBOARD_REPAIR, SHOP_SIGN_REPAIR

PACK = Pack(
    objects=OBJECTS,
    cases=(AD_APPROVAL, SHOP_SIGN_FILING, STREET_RENOVATION, BILLBOARD_REPAIR, SHOP_SIGN_REPAIR),
    rounds=(BILLBOARD_INSPECTION, SAMPLING_INSPECTION, BILLBOARD_GALE_ROUND, SHOP_SIGN_GALE_ROUND),
    analyses=(SAMPLING_DRAW,),
    indicators=INDICATORS,
)
