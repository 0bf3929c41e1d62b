"""Ids in one form and used once; names in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xiuhua.catalog.checks.report import Report
from xiuhua.catalog.manifests import NAME
from xiuhua.kernel.cases import CaseType
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Label

Named = tuple[tuple[str, ...], Label]
CHINESE, ENGLISH = Label(zh="中文", en="Chinese"), Label(zh="英文", en="English")


def check_labels(pack: Pack, report: Report) -> None:
    """Report ids that are malformed or used twice, and labels that are empty in a language."""
    _once((row.id for row in (*pack.objects, *pack.cases, *pack.rounds)), (), report)
    _once((row.id for row in pack.rules), (), report)
    _once((row.id for row in pack.analyses), (), report)
    _once((row.id for row in pack.indicators), (), report)
    _once((row.id for row in (*pack.code_lists, *pack.scales)), (), report)
    _once((row.id for row in pack.posts), (), report)
    for place, label in _named(pack):
        if not NAME.fullmatch(place[-1]):
            report.fault("catalog.id_form", *place, id=place[-1])
        for text, language in ((label.zh, CHINESE), (label.en, ENGLISH)):
            if not text.strip():
                report.fault("catalog.label_missing", *place, language=language)
    for kind in pack.objects:
        _once((one.id for one in (*kind.attributes, *kind.links)), (kind.id,), report)
        _once((one.id for one in kind.streams), (kind.id,), report)
    for case in pack.cases:
        _once((one.id for one in (*case.states, *case.clocks)), (case.id,), report)
        _once((one.id for one in case.moves), (case.id,), report)
        _once((one.id for one in case.fields), (case.id,), report)
        _needs_agree(case, report)
    for one in pack.rounds:
        _once((attribute.id for attribute in one.form), (one.id,), report)


def _once(ids: Iterable[str], place: tuple[str, ...], report: Report) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            report.fault("catalog.id_twice", *place, one, id=one)
        seen.add(one)


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
        for part in (*kind.links, *kind.streams):
            yield (kind.id, part.id), part.label
    for case in pack.cases:
        yield (case.id,), case.label
        yield from _attributes((case.id,), case.fields)
        for piece in (*case.states, *case.clocks):
            yield (case.id, piece.id), piece.label
        for move in case.moves:
            yield (case.id, move.id), move.label
            yield from _attributes((case.id, move.id), move.fields)
            for need in move.needs:
                yield (case.id, move.id, need.id), need.label
    for one in pack.rounds:
        yield (one.id,), one.label
        yield from _attributes((one.id,), one.form)
    for analysis in pack.analyses:
        yield (analysis.id,), analysis.label
        yield from _attributes((analysis.id,), analysis.parameters)
    for indicator in pack.indicators:
        yield (indicator.id,), indicator.label
        yield (indicator.id,), indicator.meaning
    for row in (*pack.rules, *pack.posts):
        yield (row.id,), row.label
    for scheme in (*pack.code_lists, *pack.scales):
        yield (scheme.id,), scheme.label


def _attributes(place: tuple[str, ...], attributes: Iterable[Attribute]) -> Iterator[Named]:
    for attribute in attributes:
        yield (*place, attribute.id), attribute.label
        for choice in attribute.choices:
            yield (*place, attribute.id, choice.id), choice.label
