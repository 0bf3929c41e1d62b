"""Ids in one form and used once; names in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from xiuhua.catalog.checks.report import Report
from xiuhua.catalog.manifests import NAME
from xiuhua.kernel.cases import CaseType
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Label

Named = tuple[tuple[str, ...], Label]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


class _HasLabel(_HasId, Protocol):
    @property
    def label(self) -> Label: ...


CHINESE, ENGLISH = Label(zh="中文", en="Chinese"), Label(zh="英文", en="English")


def check_labels(pack: Pack, report: Report) -> None:
    """Report ids that are malformed or used twice, and labels that are empty in a language."""
    _once((), report, pack.objects, pack.cases, pack.rounds)
    _once((), report, pack.rules)
    _once((), report, pack.analyses)
    _once((), report, pack.indicators)
    _once((), report, pack.code_lists, pack.scales)
    _once((), report, pack.posts)
    for place, label in _named(pack):
        if not NAME.fullmatch(place[-1]):
            report.fault("catalog.id_form", *place, id=place[-1])
        for text, language in ((label.zh, CHINESE), (label.en, ENGLISH)):
            if not text.strip():
                report.fault("catalog.label_missing", *place, language=language)
    for kind in pack.objects:
        _once((kind.id,), report, kind.attributes, kind.links)
        _once((kind.id,), report, kind.streams)
    for case in pack.cases:
        _once((case.id,), report, case.states, case.clocks)
        _once((case.id,), report, case.moves)
        _once((case.id,), report, case.fields)
        _needs_agree(case, report)
    for one in pack.rounds:
        _once((one.id,), report, one.form)


def _once(place: tuple[str, ...], report: Report, *tables: Iterable[_HasId]) -> None:
    seen: set[str] = set()
    for table in tables:
        for row in table:
            if row.id in seen:
                report.fault("catalog.id_twice", *place, row.id, id=row.id)
            seen.add(row.id)


def _needs_agree(case: CaseType, report: Report) -> None:
    kinds: dict[str, str] = {}
    for move in case.moves:
        for need in move.needs:
            if kinds.setdefault(need.id, need.kind) != need.kind:
                report.fault("catalog.need_kind", case.id, move.id, id=need.id)


def _named(pack: Pack) -> Iterator[Named]:
    for kind in pack.objects:
        yield (kind.id,), kind.label
        yield from _attributes((kind.id,), kind.attributes)
        yield from _rows((kind.id,), kind.links, kind.streams)
        yield from (((kind.id, stream.id), code.label) for stream in kind.streams for code in stream.codes)
    for case in pack.cases:
        yield (case.id,), case.label
        yield from _attributes((case.id,), case.fields)
        yield from _rows((case.id,), case.states, case.clocks)
        for move in case.moves:
            yield (case.id, move.id), move.label
            yield from _attributes((case.id, move.id), move.fields)
            yield from _rows((case.id, move.id), move.needs)
    for one in pack.rounds:
        yield (one.id,), one.label
        yield from _attributes((one.id,), one.form)
    for analysis in pack.analyses:
        yield (analysis.id,), analysis.label
        yield from _attributes((analysis.id,), analysis.parameters)
    for indicator in pack.indicators:
        yield (indicator.id,), indicator.label
        yield (indicator.id,), indicator.meaning
    yield from _rows((), pack.rules, pack.posts, pack.code_lists, pack.scales)


def _rows(place: tuple[str, ...], *tables: Iterable[_HasLabel]) -> Iterator[Named]:
    for table in tables:
        for row in table:
            yield (*place, row.id), row.label


def _attributes(place: tuple[str, ...], attributes: Iterable[Attribute]) -> Iterator[Named]:
    for attribute in attributes:
        yield (*place, attribute.id), attribute.label
        yield from _rows((*place, attribute.id), attribute.choices)
