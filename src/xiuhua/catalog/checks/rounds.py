"""Rounds and analyses: what they choose from, what they ask, what they rest on."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.conditions import Scope, check_at_hand, check_condition
from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.packs import Pack


def check_rounds(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report rounds and analyses whose choice or defect condition cannot be asked."""
    for one in pack.rounds:
        place = (one.id.partition(".")[2],)
        check_condition(one.where, Scope(catalogue=catalogue, subject=one.of), place, report)
        check_condition(one.fails, Scope(catalogue=catalogue, subject=one.id), place, report)
        check_at_hand(one.where, place, report)
        check_at_hand(one.fails, place, report, form=True)
        opened = catalogue.cases.get(one.opens)
        if opened is not None and opened.on != one.of:
            report.fault("catalog.rule_opens_other", *place, id=one.opens, type=one.of)
    for analysis in pack.analyses:
        place = (analysis.id.partition(".")[2],)
        check_condition(analysis.where, Scope(catalogue=catalogue, subject=analysis.of), place, report)
        check_at_hand(analysis.where, place, report)
        if not analysis.source.standard.strip():
            report.fault("catalog.source_missing", *place)
        chosen = catalogue.rounds.get(analysis.round)
        if chosen is not None and chosen.of != analysis.of:
            report.fault("catalog.rule_opens_other", *place, id=analysis.round, type=analysis.of)
    schemes = (*((one.id, one.source) for one in pack.code_lists), *((one.id, one.source) for one in pack.scales))
    for full_id, source in schemes:
        if not source.standard.strip():
            report.fault("catalog.source_missing", full_id.partition(".")[2])
