"""Which indicators a change of the world may touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.kernel.expressions import All, AnyOf, Compare, Condition, Field, HasOpenCase, Linked, Moment, Not, Root
from xiuhua.kernel.indicators import Indicator, Subject

ANY_CASE = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reads:
    """Full ids of what an indicator reads: object types, case types (ANY_CASE: all), rounds, types of streams, and
    whether the mere passing of time can change it.
    """

    objects: frozenset[str]
    cases: frozenset[str]
    rounds: frozenset[str]
    streams: frozenset[str]
    timed: bool


@dataclass(kw_only=True, slots=True)
class _Found:
    objects: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    rounds: set[str] = field(default_factory=set)
    streams: set[str] = field(default_factory=set)
    timed: bool = False


def reads(indicator: Indicator, catalogue: Catalogue) -> Reads:
    """Return what the indicator reads."""
    found = _Found()
    if indicator.subject is Subject.OBJECT:
        found.objects.add(indicator.of)
        found.timed = catalogue.object_type(indicator.of).period
    elif indicator.subject is Subject.CASE:
        found.cases.add(indicator.of)
    else:
        found.rounds.add(indicator.of)
    for one in (indicator.value, indicator.weight, indicator.at):
        if one is not None:
            _read_field(one, catalogue, found)
    for condition in (indicator.where, indicator.passes):
        for part in _parts(condition):
            _read_part(part, catalogue, found)
    return Reads(
        objects=frozenset(found.objects), cases=frozenset(found.cases), rounds=frozenset(found.rounds),
        streams=frozenset(found.streams), timed=found.timed,
    )  # fmt: skip


def _read_part(part: Condition, catalogue: Catalogue, found: _Found) -> None:
    match part:
        case Compare():
            _read_field(part.field, catalogue, found)
            found.timed = found.timed or isinstance(part.value, Moment)
        case Linked():
            found.objects.update((part.to, part.link.rpartition(".")[0]))
        case HasOpenCase():
            found.cases.add(part.case_type)


def _read_field(one: Field, catalogue: Catalogue, found: _Found) -> None:
    if one.root is Root.STREAM:
        found.streams.add(one.of)
    elif one.of in catalogue.objects:
        found.objects.add(one.of)


def _parts(condition: Condition | None) -> Iterator[Condition]:
    match condition:
        case All(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _parts(part)
        case Not(part=part):
            yield from _parts(part)
        case Linked(where=where):
            yield condition
            yield from _parts(where)
        case None:
            return
        case _:
            yield condition


class Touched:
    """Finds the indicators that a change touches, in one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._reads = {one.id: reads(one, catalogue) for one in catalogue.indicators.values()}

    def by_object(self, type_id: str) -> set[str]:
        """Return the indicators that read objects of the type."""
        return {one for one, read in self._reads.items() if type_id in read.objects}

    def by_case(self, type_id: str) -> set[str]:
        """Return the indicators that read cases of the type."""
        return {one for one, read in self._reads.items() if type_id in read.cases or ANY_CASE in read.cases}

    def by_round(self, round_id: str) -> set[str]:
        """Return the indicators that read rounds of that kind."""
        return {one for one, read in self._reads.items() if round_id in read.rounds}

    def by_stream(self, type_id: str = "") -> set[str]:
        """Return the indicators that read streams (of the type, if given)."""
        return {one for one, read in self._reads.items() if read.streams and (not type_id or type_id in read.streams)}

    def by_time(self) -> set[str]:
        """Return the indicators that the passing of time changes."""
        return {one for one, read in self._reads.items() if read.timed}
