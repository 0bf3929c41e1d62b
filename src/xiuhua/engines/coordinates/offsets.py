"""The GCJ-02 offset and the BD-09 rotation over it; inverses by fixed-point iteration.

Neither system is published by its owner: the series below is the one every public implementation carries
(wandergis/coordtransform and others, ellipsoid a = 6 378 245 m, e² = 0.00669342162296594323). Longitudes and latitudes
in degrees. Outside the rectangle 72.004–137.8347° E, 0.8293–55.8271° N the offset is none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees = NDArray[np.float64]

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
BD_TURN = np.pi * 3000.0 / 180.0
ITERATIONS = 30
TOLERANCE_DEG = 1e-11


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 longitudes and latitudes, in degrees."""
    x, y = _arrays(lon, lat)
    east, north = _offset(x, y)
    return x + east, y + north


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return WGS 84 longitudes and latitudes, in degrees, within 1e-9° of the exact inverse."""
    return _inverse(wgs84_to_gcj02, lon, lat)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return BD-09 longitudes and latitudes, in degrees."""
    x, y = _arrays(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return GCJ-02 longitudes and latitudes, in degrees, within 1e-9° of the exact inverse."""
    return _inverse(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return BD-09 longitudes and latitudes, in degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """Return WGS 84 longitudes and latitudes, in degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _arrays(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _inverse(
    forward: Callable[[ArrayLike, ArrayLike], tuple[Degrees, Degrees]], lon: ArrayLike, lat: ArrayLike
) -> tuple[Degrees, Degrees]:
    wanted_x, wanted_y = _arrays(lon, lat)
    x, y = wanted_x.copy(), wanted_y.copy()
    for _ in range(ITERATIONS):
        got_x, got_y = forward(x, y)
        miss_x, miss_y = wanted_x - got_x, wanted_y - got_y
        x, y = x + miss_x, y + miss_y
        if not np.any(np.maximum(np.abs(miss_x), np.abs(miss_y)) > TOLERANCE_DEG):
            break
    return x, y


def _offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    shared = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (shared + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (shared + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    curve = 1.0 - ECCENTRICITY_SQUARED * np.sin(np.radians(lat)) ** 2
    meridian_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (curve * np.sqrt(curve))
    parallel_m = SEMI_MAJOR_M / np.sqrt(curve) * np.cos(np.radians(lat))
    inside = (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)
    return np.where(inside, np.degrees(east / parallel_m), 0.0), np.where(inside, np.degrees(north / meridian_m), 0.0)
