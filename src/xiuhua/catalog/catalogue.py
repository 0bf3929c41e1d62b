"""The frozen catalogue: every declared word by its full id ("pack.id"), checked once at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from xiuhua.kernel.cases import CaseType, Round
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.objects import CodeList, ObjectType, Scale
from xiuhua.kernel.packs import Analysis, Pack
from xiuhua.kernel.streams import Rule, Stream
from xiuhua.kernel.words import Label, Post


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing wrong with a declaration, with the place to mend it. An "off" fault is no error: the row waits for a
    pack that is not there.
    """

    pack: str
    where: str
    code: str
    message: Label
    file: str
    line: int
    severity: str = "error"


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A pack's identity, read before its Python is imported."""

    id: str
    title: Label
    tasks: tuple[int, ...]
    lead: tuple[str, ...]
    needs: tuple[str, ...]
    verified: bool
    folder: Path
    support: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedPack:
    """A pack in force."""

    manifest: Manifest
    pack: Pack


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All declarations in force, by full id. Ids inside the values are full ids too (links' `to`, `Rule.on`,
    `Rule.opens`, `CaseType.on`, `Move.opens`, `Round.of`, `Field.of`, `Linked.link`, …): the loader has resolved them.
    Ids of parts (attribute, stream, state, move, `Rule.on[1]`) stay short. `off` are the full ids of rows that wait for
    a pack that is not there.
    """

    packs: Mapping[str, LoadedPack]
    objects: Mapping[str, ObjectType]
    cases: Mapping[str, CaseType]
    rules: Mapping[str, Rule]
    rounds: Mapping[str, Round]
    analyses: Mapping[str, Analysis]
    indicators: Mapping[str, Indicator]
    code_lists: Mapping[str, CodeList]
    scales: Mapping[str, Scale]
    posts: Mapping[str, Post]
    faults: tuple[Fault, ...] = field(default=())
    off: frozenset[str] = field(default=frozenset())

    def object_type(self, full_id: str) -> ObjectType:
        """Return the object type; raises NotFound."""
        return _find(self.objects, full_id, "object_type")

    def case_type(self, full_id: str) -> CaseType:
        """Return the case type; raises NotFound."""
        return _find(self.cases, full_id, "case_type")

    def indicator(self, full_id: str) -> Indicator:
        """Return the indicator; raises NotFound."""
        return _find(self.indicators, full_id, "indicator")

    def stream(self, full_id: str) -> Stream:
        """Return the stream of full id pack.type.stream; raises NotFound."""
        type_id, _, stream_id = full_id.rpartition(".")
        for stream in self.object_type(type_id).streams:
            if stream.id == stream_id:
                return stream
        raise NotFound("catalog.unknown", kind="stream", id=full_id)


T = TypeVar("T")


def _find(table: Mapping[str, T], full_id: str, kind: str) -> T:
    try:
        return table[full_id]
    except KeyError:
        raise NotFound("catalog.unknown", kind=kind, id=full_id) from None


_in_force: list[Catalogue] = []


def install(catalogue: Catalogue) -> None:
    """Make the catalogue the one in force; called once at start, and by tests that need another."""
    _in_force[:] = [catalogue]


def current() -> Catalogue:
    """Return the catalogue in force."""
    return _in_force[0]
