"""Task 8 of the plan, its part on stops: bus stops, electronic stop signs and the bus fleet."""

from __future__ import annotations

from xiuhua.kernel.expressions import HasOpenCase, Linked
from xiuhua.kernel.indicators import share
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Label, Source
from xiuhua.packs.mobility.objects import BUS, BUS_STOP, ENERGY_SOURCE, OBJECTS, STOP_SIGN
from xiuhua.packs.mobility.stop_sign_repair import RULES, STOP_SIGN_REPAIR

PLAN = Source(standard="沪松府办〔2024〕44号", clause="第8项", confirmed=True)

PACK = Pack(
    objects=OBJECTS,
    cases=(STOP_SIGN_REPAIR,),
    rules=RULES,
    indicators=(
        share(
            id="new_energy_buses",
            label=Label(zh="公交车新能源车比例", en="New-energy share of buses"),
            meaning=Label(
                zh="在运营公交车中，纯电动、插电式混合动力和燃料电池车的占比",
                en="Of the buses in service, those battery electric, plug-in hybrid or fuel cell",
            ),
            of=BUS,
            where=BUS["in_service"].among(True),
            passes=BUS["energy"].among("battery_electric", "plug_in_hybrid", "fuel_cell"),
            source=ENERGY_SOURCE,
        ),
        share(
            id="stops_with_working_sign",
            label=Label(zh="电子站牌完好的公交站占比", en="Stops with a working electronic sign"),
            meaning=Label(
                zh="公交站中，至少有一块电子站牌心跳正常且无未结维修的占比",
                en="Of the bus stops, those with a sign whose heartbeat is fresh and which has no open repair",
            ),
            of=BUS_STOP,
            passes=Linked(
                link="stop",
                to="stop_sign",
                where=STOP_SIGN.stream("heartbeat", "fresh").among(True) & ~HasOpenCase(case_type="stop_sign_repair"),
            ),
            source=PLAN,
        ),
        share(
            id="sign_repairs_in_time",
            label=Label(zh="电子站牌按时修复率", en="Stop signs repaired in time"),
            meaning=Label(
                zh="已结案的电子站牌维修中，处置时限内完成的占比",
                en="Of the closed sign repairs, those handled in time",
            ),
            of=STOP_SIGN_REPAIR,
            where=STOP_SIGN_REPAIR.own("kind") == "done",
            passes=STOP_SIGN_REPAIR.clock("handle").among(True),
            at=STOP_SIGN_REPAIR.own("closed_at"),
            source=PLAN,
        ),
    ),
)
