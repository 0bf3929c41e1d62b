"""Measures: each quantity has one SI unit inside; conversion happens at the walls."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """Another unit that a device may send: stored = sent × factor + offset."""

    symbol: str
    factor: float
    offset: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A measure, the unit it is stored in, and the units it may be sent in."""

    id: str
    label: Label
    unit: str
    also: tuple[Unit, ...] = ()

    def conversion(self, symbol: str) -> tuple[float, float] | None:
        """Return factor and offset from the unit of that symbol to the stored one; None if it is no unit of this."""
        if symbol in ("", self.unit):
            return 1.0, 0.0
        return next(((unit.factor, unit.offset) for unit in self.also if unit.symbol == symbol), None)


LENGTH = Quantity(
    id="length",
    label=Label(zh="长度", en="Length"),
    unit="m",
    also=(Unit(symbol="mm", factor=0.001), Unit(symbol="cm", factor=0.01), Unit(symbol="km", factor=1000.0)),
)
AREA = Quantity(
    id="area",
    label=Label(zh="面积", en="Area"),
    unit="m²",
    also=(Unit(symbol="km²", factor=1e6), Unit(symbol="ha", factor=1e4)),
)
ANGLE = Quantity(
    id="angle",
    label=Label(zh="角度", en="Angle"),
    unit="rad",
    also=(Unit(symbol="°", factor=0.017453292519943295), Unit(symbol="deg", factor=0.017453292519943295)),
)
TEMPERATURE = Quantity(
    id="temperature",
    label=Label(zh="温度", en="Temperature"),
    unit="K",
    also=(Unit(symbol="°C", factor=1.0, offset=273.15), Unit(symbol="degC", factor=1.0, offset=273.15)),
)
VOLTAGE = Quantity(
    id="voltage",
    label=Label(zh="电压", en="Voltage"),
    unit="V",
    also=(Unit(symbol="mV", factor=0.001), Unit(symbol="kV", factor=1000.0)),
)
SPEED = Quantity(
    id="speed", label=Label(zh="速度", en="Speed"), unit="m/s", also=(Unit(symbol="km/h", factor=1 / 3.6),)
)
RATIO = Quantity(id="ratio", label=Label(zh="比率", en="Ratio"), unit="1", also=(Unit(symbol="%", factor=0.01),))
COUNT = Quantity(id="count", label=Label(zh="数量", en="Count"), unit="1")
DURATION = Quantity(
    id="duration",
    label=Label(zh="时长", en="Duration"),
    unit="s",
    also=(Unit(symbol="ms", factor=0.001), Unit(symbol="min", factor=60.0), Unit(symbol="h", factor=3600.0)),
)
