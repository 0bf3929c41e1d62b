"""Bus stops, their electronic signs, and the bus fleet."""

from __future__ import annotations

from xiuhua.kernel.durations import HOURS, MINUTES, SECONDS
from xiuhua.kernel.objects import Attribute, Choice, Geometry, Link, ObjectType, Value, Writer
from xiuhua.kernel.quantities import COUNT, RATIO, VOLTAGE
from xiuhua.kernel.streams import Reports, Stream
from xiuhua.kernel.words import Label, Source

BATTERY_LOW = 0.2
BY_IMPORT = frozenset({Writer.IMPORT})

FAULTS = (
    Choice(id="E1", label=Label(zh="屏幕故障", en="Screen failed")),
    Choice(id="E2", label=Label(zh="通信故障", en="Network failed")),
    Choice(id="E3", label=Label(zh="供电故障", en="Power failed")),
    Choice(id="E4", label=Label(zh="控制板故障", en="Controller failed")),
    Choice(id="E5", label=Label(zh="箱门打开", en="Door open")),
)
FAULT_CODES = tuple(fault.id for fault in FAULTS)

BUS_STOP = ObjectType(
    id="bus_stop",
    label=Label(zh="公交站", en="Bus stop"),
    attributes=(
        Attribute(
            id="routes", label=Label(zh="停靠线路数", en="Routes calling"), value=Value.INTEGER, quantity=COUNT,
            minimum=0,
        ),
        Attribute(id="shelter", label=Label(zh="有候车亭", en="Has a shelter"), value=Value.BOOLEAN),
        Attribute(id="direction", label=Label(zh="方向", en="Direction"), listed=False),
    ),
    icon="bus_stop",
)  # fmt: skip

STOP_SIGN = ObjectType(
    id="stop_sign",
    label=Label(zh="电子站牌", en="Electronic stop sign"),
    attributes=(
        Attribute(
            id="kind", label=Label(zh="型式", en="Kind"), value=Value.CHOICE,
            choices=(
                Choice(id="lcd", label=Label(zh="液晶", en="LCD")),
                Choice(id="led", label=Label(zh="LED 点阵", en="LED matrix")),
                Choice(id="epaper", label=Label(zh="电子墨水屏", en="E-paper")),
            ),
        ),
        Attribute(id="supplier", label=Label(zh="供应单位", en="Supplier")),
        Attribute(id="model", label=Label(zh="型号", en="Model"), listed=False),
        Attribute(id="installed_on", label=Label(zh="安装日期", en="Installed on"), value=Value.DATE),
    ),
    links=(Link(id="stop", label=Label(zh="所在公交站", en="At stop"), to="bus_stop", required=True),),
    streams=(
        Stream(
            id="heartbeat", label=Label(zh="心跳", en="Heartbeat"), reports=Reports.STATE, cadence=SECONDS(60),
            silent_after=MINUTES(15),
        ),
        Stream(
            id="fault", label=Label(zh="故障码", en="Fault code"), reports=Reports.STATE, cadence=MINUTES(5),
            silent_after=HOURS(6), codes=(Choice(id="0", label=Label(zh="正常", en="Sound")), *FAULTS),
        ),
        Stream(
            id="voltage", label=Label(zh="供电电压", en="Supply voltage"), reports=Reports.NUMBER, quantity=VOLTAGE,
            cadence=MINUTES(5), silent_after=HOURS(6),
        ),
        Stream(
            id="battery", label=Label(zh="备用电池电量", en="Backup battery"), reports=Reports.NUMBER,
            quantity=RATIO, cadence=HOURS(1), silent_after=HOURS(6), least=0.0, most=1.0, battery_low=BATTERY_LOW,
        ),
    ),
    icon="stop_sign",
)  # fmt: skip

ENERGY_SOURCE = Source(
    standard="新能源汽车生产企业及产品准入管理规定", edition="工信部令第39号（2020年修改）", clause="第三条",
    confirmed=False,
)  # fmt: skip

BUS = ObjectType(
    id="bus",
    label=Label(zh="公交车", en="Bus"),
    geometry=Geometry.NONE,
    attributes=(
        Attribute(id="plate", label=Label(zh="车牌", en="Plate"), written_by=BY_IMPORT),
        Attribute(
            id="energy", label=Label(zh="能源种类", en="Energy"), value=Value.CHOICE, written_by=BY_IMPORT,
            choices=(
                Choice(id="battery_electric", label=Label(zh="纯电动", en="Battery electric")),
                Choice(id="plug_in_hybrid", label=Label(zh="插电式混合动力", en="Plug-in hybrid")),
                Choice(id="fuel_cell", label=Label(zh="燃料电池", en="Fuel cell")),
                Choice(id="hybrid", label=Label(zh="普通混合动力", en="Hybrid without plug")),
                Choice(id="diesel", label=Label(zh="柴油", en="Diesel")),
                Choice(id="gas", label=Label(zh="天然气", en="Natural gas")),
            ),
            source=ENERGY_SOURCE,
        ),
        Attribute(
            id="in_service", label=Label(zh="在运营", en="In service"), value=Value.BOOLEAN, written_by=BY_IMPORT
        ),
        Attribute(
            id="registered_on", label=Label(zh="登记日期", en="Registered on"), value=Value.DATE, written_by=BY_IMPORT
        ),
    ),
    icon="bus",
)  # fmt: skip

OBJECTS = (BUS_STOP, STOP_SIGN, BUS)
