"""Measures: each quantity has one SI unit inside; conversion happens at the walls."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measure and the unit it is stored in."""

    id: str
    label: Label
    unit: str


LENGTH = Quantity(id="length", label=Label(zh="长度", en="Length"), unit="m")
AREA = Quantity(id="area", label=Label(zh="面积", en="Area"), unit="m²")
ANGLE = Quantity(id="angle", label=Label(zh="角度", en="Angle"), unit="rad")
TEMPERATURE = Quantity(id="temperature", label=Label(zh="温度", en="Temperature"), unit="K")
VOLTAGE = Quantity(id="voltage", label=Label(zh="电压", en="Voltage"), unit="V")
SPEED = Quantity(id="speed", label=Label(zh="速度", en="Speed"), unit="m/s")
RATIO = Quantity(id="ratio", label=Label(zh="比率", en="Ratio"), unit="1")
COUNT = Quantity(id="count", label=Label(zh="数量", en="Count"), unit="1")
DURATION = Quantity(id="duration", label=Label(zh="时长", en="Duration"), unit="s")
