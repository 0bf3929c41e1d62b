"""What a row names must exist; another pack's things stand in the manifest's needs."""

from __future__ import annotations

from collections.abc import Iterator

from xiuhua.catalog.catalogue import Catalogue, LoadedPack
from xiuhua.catalog.checks.report import OF_KIND, Report
from xiuhua.catalog.naming import REGISTERS
from xiuhua.catalog.references import Row, needed
from xiuhua.kernel.indicators import Subject
from xiuhua.kernel.packs import Output, Pack

Named = tuple[tuple[str, ...], str, str]


def check_references(loaded: LoadedPack, catalogue: Catalogue, report: Report) -> None:
    """Report ids that name nothing, and other packs' ids that the manifest does not declare."""
    tables: dict[str, frozenset[str]] = {
        "object_type": frozenset(catalogue.objects),
        "case_type": frozenset(catalogue.cases),
        "round": frozenset(catalogue.rounds),
    }
    for place, kind, full_id in _named(loaded.pack):
        if full_id and full_id not in tables[kind]:
            report.fault("catalog.reference_unknown", *place, kind=OF_KIND[kind], id=full_id)
    for place, full_id in _all(loaded.pack):
        owner = full_id.partition(".")[0]
        if owner and owner not in (loaded.manifest.id, REGISTERS) and not _declared(full_id, loaded.manifest.needs):
            report.fault("catalog.need_undeclared", *place, id=full_id)
    for place, post in _posts(loaded.pack):
        if post not in catalogue.posts:
            report.fault("catalog.post_unknown", *place, id=post)


def _declared(full_id: str, needs: tuple[str, ...]) -> bool:
    return any(full_id == need or full_id.startswith(need + ".") for need in needs)


def _named(pack: Pack) -> Iterator[Named]:
    for kind in pack.objects:
        for link in kind.links:
            yield (_short(kind.id), link.id), "object_type", link.to
    for case in pack.cases:
        yield (_short(case.id),), "object_type", case.on
        for move in case.moves:
            yield (_short(case.id), move.id), "case_type", move.opens
            yield (_short(case.id), move.id), "case_type", move.waits_for
    for rule in pack.rules:
        for full_id in (rule.on[0], *(one.on[0] for one in rule.also)):
            yield (_short(rule.id),), "object_type", full_id
        yield (_short(rule.id),), "case_type", rule.opens
    for one in pack.rounds:
        yield (_short(one.id),), "object_type", one.of
        yield (_short(one.id),), "case_type", one.opens
    for analysis in pack.analyses:
        yield (_short(analysis.id),), "object_type", analysis.of
        if analysis.output is Output.PROPOSAL or analysis.round:
            yield (_short(analysis.id),), "round", analysis.round or "—"
    for indicator in pack.indicators:
        subject = {Subject.OBJECT: "object_type", Subject.CASE: "case_type"}.get(indicator.subject, "round")
        yield (_short(indicator.id),), subject, indicator.of


def _all(pack: Pack) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, _, full_id in _named(pack):
        if full_id != "—":
            yield place, full_id
    rows: tuple[Row, ...] = (*pack.rounds, *pack.analyses, *pack.indicators)
    for row in rows:
        named = {full_id for place, _, full_id in _named(pack) if place == (_short(row.id),)}
        for full_id in dict.fromkeys(needed(row)):
            if full_id not in named:
                yield (_short(row.id),), full_id


def _posts(pack: Pack) -> Iterator[tuple[tuple[str, ...], str]]:
    for case in pack.cases:
        for post in case.opened_by:
            yield (_short(case.id),), post
        for state in case.states:
            if state.owner:
                yield (_short(case.id), state.id), state.owner
        for move in case.moves:
            for post in (move.who, *move.signers):
                yield (_short(case.id), move.id), post
    for one in pack.rounds:
        yield (_short(one.id),), one.who


def _short(full_id: str) -> str:
    return full_id.partition(".")[2]
