"""Synthetic outlines where none are public: Voronoi cells, cut so that they fill what lies above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

GOLDEN = (0.7548776662466927, 0.5698402909980532)
"""Steps of the R2 sequence (M. Roberts, 2018): evenly spread points without randomness."""
RELAXATIONS = 3

ALIKE = np.array([np.cos(np.radians(31.03)), 1.0])
"""Scales degrees so that both axes are of like length in the district. Linear, so straight edges stay straight and
cells of one level meet those of the next exactly.
"""


def cells_round(seeds: NDArray[np.float64], outline: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the outline divided among the seeds (n × 2, degrees), each point to its nearest seed."""
    return [_in_degrees(cell) for cell in _divide(seeds * ALIKE, _alike(outline))]


def _alike(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points * ALIKE)


def _in_degrees(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points / ALIKE)


def even_cells(count: int, outline: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the outline divided into `count` cells of like size, always the same ones, from north to south."""
    shape = _alike(outline)
    cells = _divide(_spread(count, shape), shape)
    for _ in range(RELAXATIONS):
        cells = _divide(shapely.get_coordinates(shapely.centroid(cells)), shape)
    middles = shapely.get_coordinates(shapely.centroid(cells))
    order = np.lexsort((middles[:, 0], -middles[:, 1]))
    return [_in_degrees(cells[number]) for number in order]


def _divide(seeds: NDArray[np.float64], shape: shapely.Geometry) -> Sequence[shapely.Geometry]:
    if len(seeds) == 1:
        return [shape]
    cells = shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shape, ordered=True)
    cut = shapely.intersection(shapely.get_parts(cells), shape)
    return [_only_areas(cell) for cell in cut]


def _only_areas(shape: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _spread(count: int, shape: shapely.Geometry) -> NDArray[np.float64]:
    west, south, east, north = shapely.bounds(shape)
    found: list[tuple[float, float]] = []
    step = 0
    while len(found) < count:
        step += 1
        x = west + (0.5 + GOLDEN[0] * step) % 1.0 * (east - west)
        y = south + (0.5 + GOLDEN[1] * step) % 1.0 * (north - south)
        if shapely.contains_xy(shape, x, y):
            found.append((x, y))
    return np.array(found)
