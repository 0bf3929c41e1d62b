"""What a pack's testbed makes: a synthetic district with troubles whose truth is known. Pure; testbed stores it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """A town to fill: its outline as (lon, lat) rings, outer first, and its area in km²."""

    code: str
    name: str
    area_path: str
    unit_code: str
    outline: tuple[tuple[tuple[float, float], ...], ...]
    area_km2: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """One synthetic object. `since` are attribute values it took on later days (day, values), oldest first: the
    register's own history, replayed so that trends are computed from rows and not drawn.
    """

    type: str
    code: str
    name: str
    attributes: Mapping[str, str | float | bool | None]
    lon: float | None = None
    lat: float | None = None
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    since: tuple[tuple[date, Mapping[str, str | float | bool | None]], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """What the synthetic device of object `code` sends on a stream while it is well: a number around `value` with
    standard deviation `spread`, or the state `state`; every `every_s` seconds.
    """

    type: str
    code: str
    stream: str
    every_s: float
    value: float | None = None
    spread: float = 0.0
    state: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A planted trouble: from `start_s` to `end_s` of the run the stream is silent, or sends `value` or `state`.
    `rule` is the id of the rule that ought to notice.
    """

    type: str
    code: str
    stream: str
    start_s: float
    end_s: float
    rule: str
    silent: bool = False
    value: float | None = None
    state: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """A synthetic operator unit that owns objects of the pack."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """All that one pack adds to the synthetic district. Ids inside are short ids of the pack."""

    operators: tuple[Operator, ...] = ()
    objects: tuple[Made, ...] = ()
    signals: tuple[Signal, ...] = ()
    troubles: tuple[Trouble, ...] = ()
