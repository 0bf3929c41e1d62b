"""Chinese map coordinates: GCJ-02 and BD-09 to and from WGS 84, arrays in, arrays out. Source: the series and ellipsoid
that public implementations carry (see offsets), neither system being published by its owner.
"""

from collections.abc import Mapping

import numpy as np

from xiuhua.engines.coordinates.offsets import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from xiuhua.kernel.engines import Port
from xiuhua.kernel.words import Label

__all__ = [
    "INPUTS",
    "OUTPUTS",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

_LON = Port(
    name="lon", meaning=Label(zh="经度（度）", en="Longitude, degrees"), shape="(n,)", example=np.array([121.2])
)
_LAT = Port(name="lat", meaning=Label(zh="纬度（度）", en="Latitude, degrees"), shape="(n,)", example=np.array([31.0]))
_CALLS = ("wgs84_to_gcj02", "gcj02_to_wgs84", "gcj02_to_bd09", "bd09_to_gcj02", "wgs84_to_bd09", "bd09_to_wgs84")

INPUTS: Mapping[str, tuple[Port, ...]] = dict.fromkeys(_CALLS, (_LON, _LAT))
OUTPUTS: Mapping[str, tuple[Port, ...]] = dict.fromkeys(_CALLS, (_LON, _LAT))
