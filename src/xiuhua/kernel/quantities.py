"""Measures: each quantity has one SI unit inside; conversion happens at the walls."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
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
    also: tuple[Conversion, ...] = ()

    def conversion(self, symbol: str) -> tuple[float, float] | None:
        """Return factor and offset from the unit of that symbol to the stored one; None if it is no unit of this."""
        if symbol in ("", self.unit):
            return 1.0, 0.0
        return next(((one.factor, one.offset) for one in self.also if one.symbol == symbol), None)


LENGTH = Quantity(
    id="length",
    label=Label(zh="长度", en="Length"),
    unit="m",
    also=(
        Conversion(symbol="mm", factor=0.001),
        Conversion(symbol="cm", factor=0.01),
        Conversion(symbol="km", factor=1000.0),
    ),
)
AREA = Quantity(
    id="area",
    label=Label(zh="面积", en="Area"),
    unit="m²",
    also=(Conversion(symbol="km²", factor=1e6), Conversion(symbol="ha", factor=1e4)),
)
ANGLE = Quantity(
    id="angle",
    label=Label(zh="角度", en="Angle"),
    unit="rad",
    also=(Conversion(symbol="°", factor=0.017453292519943295), Conversion(symbol="deg", factor=0.017453292519943295)),
)
TEMPERATURE = Quantity(
    id="temperature",
    label=Label(zh="温度", en="Temperature"),
    unit="K",
    also=(Conversion(symbol="°C", factor=1.0, offset=273.15), Conversion(symbol="degC", factor=1.0, offset=273.15)),
)
VOLTAGE = Quantity(
    id="voltage",
    label=Label(zh="电压", en="Voltage"),
    unit="V",
    also=(Conversion(symbol="mV", factor=0.001), Conversion(symbol="kV", factor=1000.0)),
)
SPEED = Quantity(
    id="speed", label=Label(zh="速度", en="Speed"), unit="m/s", also=(Conversion(symbol="km/h", factor=1 / 3.6),)
)
RATIO = Quantity(id="ratio", label=Label(zh="比率", en="Ratio"), unit="1", also=(Conversion(symbol="%", factor=0.01),))
COUNT = Quantity(id="count", label=Label(zh="数量", en="Count"), unit="1")
DURATION = Quantity(
    id="duration",
    label=Label(zh="时长", en="Duration"),
    unit="s",
    also=(
        Conversion(symbol="ms", factor=0.001),
        Conversion(symbol="min", factor=60.0),
        Conversion(symbol="h", factor=3600.0),
    ),
)
