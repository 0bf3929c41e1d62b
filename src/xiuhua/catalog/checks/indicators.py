"""Indicators: answerable from rows, and never typed in."""

from __future__ import annotations

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.attributes import NUMBERS
from xiuhua.catalog.checks.conditions import Scope, check_condition, check_field
from xiuhua.catalog.checks.report import Report
from xiuhua.catalog.references import fields_in
from xiuhua.kernel.expressions import Root
from xiuhua.kernel.indicators import Indicator, Measure
from xiuhua.kernel.objects import Value, Writer
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Privacy

NEEDS: dict[Measure, tuple[str, ...]] = {
    Measure.SHARE: ("passes",),
    Measure.RATIO: ("value", "weight"),
    Measure.COUNT: (),
    Measure.SUM: ("value",),
    Measure.MEAN: ("value",),
    Measure.PERCENTILE: ("value", "percent"),
}


def check_indicators(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report indicators that no query can answer, and attributes behind a number that a form may write."""
    for indicator in pack.indicators:
        place = (indicator.id.partition(".")[2],)
        scope = Scope(catalogue=catalogue, subject=indicator.of)
        for part in NEEDS[indicator.measure]:
            if getattr(indicator, part) is None:
                report.fault("catalog.measure_incomplete", *place, part=part)
        if indicator.percent is not None and not 0 <= indicator.percent <= 100:
            report.fault("catalog.measure_incomplete", *place, part="percent 0–100")
        for condition in (indicator.where, indicator.passes):
            check_condition(condition, scope, place, report)
        for field in (indicator.value, indicator.weight):
            kind = check_field(field, scope, place, report) if field is not None else None
            if field is not None and kind is not None and kind not in NUMBERS:
                report.fault("catalog.measure_number", *place, id=f"{field.of}.{field.name}")
            attribute = scope.attribute(field) if field is not None else None
            if attribute is not None and attribute.privacy in (Privacy.PERSONAL, Privacy.SENSITIVE):
                report.fault("catalog.private_figure", *place, id=f"{indicator.of}.{attribute.id}")
        if indicator.at is not None:
            kind = check_field(indicator.at, scope, place, report)
            if kind not in (None, Value.DATE, Value.TIME):
                report.fault("catalog.field_compare", *place, id=f"{indicator.at.of}.{indicator.at.name}", value="at")
        _check_writers(indicator, scope, place, report)


def _check_writers(indicator: Indicator, scope: Scope, place: tuple[str, ...], report: Report) -> None:
    told: set[tuple[str, str]] = set()
    read = (indicator.value, indicator.weight, *fields_in(indicator.where), *fields_in(indicator.passes))
    for field in read:
        if field is None or field.root is not Root.ATTRIBUTE or (field.of, field.name) in told:
            continue
        told.add((field.of, field.name))
        kind = scope.catalogue.objects.get(field.of)
        attribute = next((one for one in kind.attributes if one.id == field.name), None) if kind else None
        if attribute is not None and Writer.FORM in attribute.written_by:
            report.fault("catalog.typed_in", *place, id=f"{field.of}.{field.name}")
