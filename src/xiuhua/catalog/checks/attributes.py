"""Object types: attributes that can be filled, links that can be walked, streams that can go silent."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.report import Report
from xiuhua.kernel.durations import Duration
from xiuhua.kernel.durations import Kind as Counted
from xiuhua.kernel.objects import Attribute, Choice, Geometry, ObjectType, Relation, Value
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.streams import Reports

NUMBERS = (Value.NUMBER, Value.INTEGER)


def check_types(pack: Pack, catalogue: Catalogue, report: Report) -> None:
    """Report what is wrong with object types and with the attributes of any form."""
    for kind in pack.objects:
        place = (kind.id.partition(".")[2],)
        check_attributes(kind.attributes, place, report)
        _check_links(kind, place, catalogue, report)
        _check_pattern(kind.code_pattern, place, report)
        for stream in kind.streams:
            if not (_lasts(stream.cadence) and _lasts(stream.silent_after)):
                report.fault("catalog.stream_time", *place, stream.id)
            if stream.codes and stream.reports is not Reports.STATE:
                report.fault("catalog.codes_idle", *place, stream.id)
            _check_once(stream.codes, (*place, stream.id), report)
    for case in pack.cases:
        place = (case.id.partition(".")[2],)
        check_attributes(case.fields, place, report)
        for move in case.moves:
            check_attributes(move.fields, (*place, move.id), report)
    for one in pack.rounds:
        check_attributes(one.form, (one.id.partition(".")[2],), report)
    for analysis in pack.analyses:
        check_attributes(analysis.parameters, (analysis.id.partition(".")[2],), report)


def check_attributes(attributes: Iterable[Attribute], place: tuple[str, ...], report: Report) -> None:
    """Report attributes whose kind, choices, unit, range or pattern do not fit together."""
    for attribute in attributes:
        here = (*place, attribute.id)
        if attribute.value is Value.CHOICE and not attribute.choices:
            report.fault("catalog.choice_empty", *here)
        if attribute.value is not Value.CHOICE and attribute.choices:
            report.fault("catalog.choice_idle", *here)
        if attribute.quantity is not None and attribute.value not in NUMBERS:
            report.fault("catalog.quantity_idle", *here)
        if attribute.minimum is not None and attribute.maximum is not None and attribute.minimum > attribute.maximum:
            report.fault("catalog.range_empty", *here)
        _check_once(attribute.choices, here, report)
        _check_pattern(attribute.pattern, here, report)


def _check_once(choices: Iterable[Choice], place: tuple[str, ...], report: Report) -> None:
    seen: set[str] = set()
    for choice in choices:
        if choice.id in seen:
            report.fault("catalog.id_twice", *place, choice.id, id=choice.id)
        seen.add(choice.id)


def _check_pattern(pattern: str, place: tuple[str, ...], report: Report) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        report.fault("catalog.pattern_broken", *place, problem=str(error))


def _check_links(kind: ObjectType, place: tuple[str, ...], catalogue: Catalogue, report: Report) -> None:
    for link in kind.links:
        if link.within_m and link.relation not in (Relation.NEAR, Relation.ON):
            report.fault("catalog.link_idle", *place, link.id, setting="within_m")
        if link.relation is Relation.KEY:
            continue
        if link.relation is Relation.UPSTREAM:
            report.fault("catalog.link_upstream", *place, link.id)
        if link.required:
            report.fault("catalog.link_idle", *place, link.id, setting="required")
        if link.id in kind.never:
            report.fault("catalog.link_idle", *place, link.id, setting="never")
        if link.relation is Relation.NEAR and not link.within_m:
            report.fault("catalog.link_near", *place, link.id)
        target = catalogue.objects.get(link.to)
        for one in (kind, target):
            if one is not None and one.geometry is Geometry.NONE:
                report.fault("catalog.link_shape", *place, link.id, id=one.id)
    for name in kind.never:
        if all(link.id != name for link in kind.links):
            report.fault("catalog.never_unknown", *place, id=name)


def _lasts(duration: Duration) -> bool:
    return duration.kind is Counted.CALENDAR and duration.amount > 0
