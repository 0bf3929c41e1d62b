"""What a pack hands to the synthetic district: the things it makes, how they report, and the troubles planted in them.

A pack's `testbed.make(random, towns, today)` is pure: the random generator and the day are arguments, times are offsets
in seconds from the district's start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xiuhua.kernel.expressions import Scalar

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """A town to be filled. `outline` holds the outer rings of its polygons (lon, lat); `lon`, `lat` its centre."""

    code: str
    name: str
    area_path: str
    lon: float
    lat: float
    outline: tuple[Ring, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One synthetic thing. `type` and link ids are the pack's own short ids; links hold codes; dates are ISO text.

    `area_path` is the town it was made for; a thing with geometry may be placed anew by it. `geometry` is GeoJSON.
    `earlier` is the register's own past: until that day (ISO) these attributes were as given there, None for unfilled;
    the district is loaded month by month, so that trends are computed from rows and not drawn.
    """

    type: str
    code: str
    name: str
    area_path: str
    unit_code: str
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    geometry: Mapping[str, object] | None = None
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    valid_from: str = ""
    valid_to: str = ""
    earlier: tuple[tuple[str, Mapping[str, Scalar | None]], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """How a stream of a type sounds while all is well: every thing sends `code`, or a number around `mean`; the things
    tell the versions of `firmware` in turn.
    """

    type: str
    stream: str
    every_s: float
    code: str = ""
    mean: float | None = None
    spread: float = 0.0
    firmware: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A planted trouble: from `starts_s` after the district's start, for `lasts_s`, the thing sends nothing in all its
    streams (`silent`), or the stream the state `sends_code`, the number `sends_value`, or numbers that move away by
    `drifts_by` in a day.
    `truth` is the rule that must notice it. A silence that starts before 0 by more than the stream's limit has been
    noticed already when the district opens.
    """

    type: str
    code: str
    stream: str
    starts_s: float
    lasts_s: float
    truth: str
    silent: bool = False
    sends_code: str = ""
    sends_value: float | None = None
    drifts_by: float | None = None

    def strikes(self, feed: Feed) -> bool:
        """Say whether this feed of the thing shows the trouble."""
        return self.type == feed.type and (self.silent or self.stream == feed.stream)


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A case of `case` on the thing of that code that is under way when the demonstration opens."""

    case: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """All that one pack puts into the synthetic district. Things come in an order in which links can be made."""

    things: tuple[Made, ...]
    feeds: tuple[Feed, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    begun: tuple[Begun, ...] = ()


def points_in(random: np.random.Generator, town: Town, n: int) -> list[tuple[float, float]]:
    """Return `n` points (lon, lat) spread evenly over the town's outline."""
    corners = np.array([corner for ring in town.outline for corner in ring])
    low, high = corners.min(axis=0), corners.max(axis=0)
    points: list[tuple[float, float]] = []
    while len(points) < n:
        tries = random.uniform(low, high, size=(4 * (n - len(points)) + 16, 2))
        inside = np.zeros(len(tries), dtype=bool)
        for ring in town.outline:
            inside ^= _inside(tries, np.array(ring))
        points.extend((round(float(lon), 6), round(float(lat), 6)) for lon, lat in tries[inside])
    return points[:n]


def shared_out(random: np.random.Generator, *, total: int, parts: int) -> list[int]:
    """Return how many of `total` each of `parts` gets, unevenly as towns are."""
    weights = random.uniform(0.5, 1.5, size=parts)
    return [int(number) for number in random.multinomial(total, weights / weights.sum())]


def _inside(points: NDArray[np.float64], ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points lie inside a ring: those with an odd number of edges to their right."""
    ahead = np.roll(ring, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    crosses = (ring[:, 1] > y) != (ahead[:, 1] > y)
    rise = np.where(ahead[:, 1] == ring[:, 1], 1.0, ahead[:, 1] - ring[:, 1])
    at = ring[:, 0] + (y - ring[:, 1]) * (ahead[:, 0] - ring[:, 0]) / rise
    odd: NDArray[np.bool_] = (crosses & (x < at)).sum(axis=1) % 2 == 1
    return odd
