"""Drift of a device against its neighbours: the Theil-Sen slope of its difference from their median, and its interval.

Source: Theil, Proc. KNAW 53 (1950); Sen, JASA 63 (1968) 1379-1389. The neighbours say what is true of a place.
"""

from collections.abc import Mapping

import numpy as np

from xiuhua.engines.drift.against import LEAST_HOURS, LEAST_NEIGHBOURS, Drift, drift
from xiuhua.engines.drift.slope import Slope, theil_sen
from xiuhua.kernel.engines import Port
from xiuhua.kernel.words import Label

__all__ = [
    "INPUTS",
    "LEAST_HOURS",
    "LEAST_NEIGHBOURS",
    "OUTPUTS",
    "Drift",
    "Slope",
    "drift",
    "theil_sen",
]

_EXAMPLE = np.add.outer(np.arange(6.0), np.sin(np.arange(72.0)))
_HOURLY = Port(
    name="hourly", meaning=Label(zh="每台设备每小时均值，缺的为 NaN", en="Hourly means by device, NaN where none"),
    shape="(n, hours)", example=_EXAMPLE,
)  # fmt: skip
_X = Port(name="x", meaning=Label(zh="东向坐标", en="Easting"), shape="(n,)", example=np.arange(6.0))
_Y = Port(name="y", meaning=Label(zh="北向坐标", en="Northing"), shape="(n,)", example=np.zeros(6))
_K = Port(name="k", meaning=Label(zh="邻居数", en="How many neighbours"), example=5)
_SLOPES = (
    Port(name="slope", meaning=Label(zh="每小时变化", en="Change an hour"), shape="(n,)"),
    Port(name="low", meaning=Label(zh="95% 区间下端", en="Lower end of the 95 % interval"), shape="(n,)"),
    Port(name="high", meaning=Label(zh="95% 区间上端", en="Upper end of the 95 % interval"), shape="(n,)"),
)
_SERIES = Port(
    name="y", meaning=Label(zh="各时刻的值，缺的为 NaN", en="Values at steps of one, NaN where none"), shape="(n,)",
    example=np.arange(10.0),
)  # fmt: skip

INPUTS: Mapping[str, tuple[Port, ...]] = {"drift": (_HOURLY, _X, _Y, _K), "theil_sen": (_SERIES,)}
OUTPUTS: Mapping[str, tuple[Port, ...]] = {"drift": _SLOPES, "theil_sen": _SLOPES}
