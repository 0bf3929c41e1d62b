"""Chinese map coordinates: GCJ-02 and BD-09 to and from WGS 84, arrays in, arrays out."""

from xiuhua.engines.coordinates.offsets import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

__all__ = ["bd09_to_gcj02", "bd09_to_wgs84", "gcj02_to_bd09", "gcj02_to_wgs84", "wgs84_to_bd09", "wgs84_to_gcj02"]
