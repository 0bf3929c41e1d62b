"""Whether the newest readings mean an alarm: declared rules on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from xiuhua.kernel.streams import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Newest:
    """The newest reading of a datastream; `stream` is the full id."""

    datastream_id: int
    stream: str
    object_id: UUID
    at: datetime
    value: float | None
    code: str
    silent_at: datetime


def stream_of(rule: Rule) -> str:
    """Return the full id of the stream a rule is on."""
    return f"{rule.on[0]}.{rule.on[1]}"


def rules_by_stream(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Return the rules of each stream, by its full id."""
    table: dict[str, list[Rule]] = {}
    for rule in rules:
        table.setdefault(stream_of(rule), []).append(rule)
    return table


def holds(rule: Rule, values: NDArray[np.float64], codes: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return for each reading whether a threshold or code rule holds; a missing number (NaN) never does."""
    if rule.above is not None:
        return values > rule.above
    if rule.below is not None:
        return values < rule.below
    return np.isin(codes, np.array(rule.among, dtype=np.str_))


def judge(
    newest: Sequence[Newest], rules: Mapping[str, Sequence[Rule]], now: datetime
) -> list[tuple[Rule, Newest, bool]]:
    """Return every rule on every reading and whether it holds. A reading ends silence, unless it came too late to."""
    judged: list[tuple[Rule, Newest, bool]] = []
    streams: dict[str, list[Newest]] = {}
    for one in newest:
        if one.stream in rules:
            streams.setdefault(one.stream, []).append(one)
    for stream, readings in streams.items():
        values = np.array([np.nan if one.value is None else one.value for one in readings])
        codes = np.array([one.code for one in readings], dtype=np.str_)
        for rule in rules[stream]:
            if rule.silent:
                judged += [(rule, one, False) for one in readings if one.silent_at > now]
            else:
                judged += [
                    (rule, one, bool(held)) for one, held in zip(readings, holds(rule, values, codes), strict=True)
                ]
    return judged
