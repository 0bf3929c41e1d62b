"""Rules: one condition on a stream that exists, a grade, a source, and a case that stands on the same thing."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.streams import Reports, Rule


def check_rules(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report rules that can never hold or say nothing."""
    for rule in pack.rules:
        name = rule.id.partition(".")[2]
        given = (rule.above is not None, rule.below is not None, bool(rule.among), rule.silent)
        if sum(given) != 1:
            report.fault("catalog.rule_condition", name)
        _check_stream(rule, name, catalogue, report)
        opened = catalogue.cases.get(rule.opens)
        if opened is not None and opened.on != rule.on[0]:
            report.fault("catalog.rule_opens_other", name, id=rule.opens, type=rule.on[0])
        if not 1 <= rule.grade <= 4:
            report.fault("catalog.rule_grade", name)
        if not rule.source.standard.strip():
            report.fault("catalog.source_missing", name)


def _check_stream(rule: Rule, name: str, catalogue: Catalogue, report: Report) -> None:
    kind = catalogue.objects.get(rule.on[0])
    if kind is None:
        return
    stream = next((one for one in kind.streams if one.id == rule.on[1]), None)
    if stream is None:
        report.fault("catalog.rule_stream", name, id=f"{rule.on[0]}.{rule.on[1]}")
        return
    compares = rule.above is not None or rule.below is not None
    if (compares and stream.reports is not Reports.NUMBER) or (rule.among and stream.reports is not Reports.STATE):
        report.fault("catalog.rule_kind", name)
