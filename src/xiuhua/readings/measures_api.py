"""HTTP of how good the alarms are, and of the storm that goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Schema
from pydantic import Field

from xiuhua.catalog import catalogue
from xiuhua.engines import alarm_measures as engine
from xiuhua.http.signed_in import actor_of
from xiuhua.http.words import Label, SourceNote, label, source_note
from xiuhua.kernel.words import Label as Words
from xiuhua.kernel.words import Source
from xiuhua.readings.alarm_settings import alarm_settings, alarm_settings_fault
from xiuhua.readings.measures import measures, storm_seen

BOUNDS = Source(standard="ANSI/ISA-18.2 (IEC 62682)", edition="2016", clause="16", confirmed=False)


class MeasuresQuestion(Schema):
    """Over how many hours up to now, under an area."""

    hours: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    area: Annotated[str, Field(max_length=100)] = ""


class RatesView(Schema):
    """Alarms a desk: the mean an hour, the most in ten minutes, the share of the time in flood."""

    mean_an_hour: float
    peak: float
    flood_share: float


class Bucket(Schema):
    """Alarms a desk in the ten minutes from `at`: as they came, and those shown after folding."""

    at: datetime
    raw: float
    shown: float


class RuleMeasureView(Schema):
    """A rule, how many of the alarms are its, their share, and how many of its alarms chatter or stand."""

    rule: str
    label: Label
    count: int
    share: float
    chattering: int
    standing: int


class Bounds(Schema):
    """What the standard holds for good, and where it says so."""

    acceptable_an_hour: float
    manageable_an_hour: float
    flood_above: float
    flood_share: float
    source: SourceNote


class MeasuresView(Schema):
    """The measures of alarms over [begin, end), each of the alarms that the reader sees. `settings_fault` is what is
    wrong with the site's own figures, if anything; the last good ones are in force.
    """

    begin: datetime
    end: datetime
    operators: int
    total: int
    raw: RatesView
    shown: RatesView
    buckets: list[Bucket]
    chattering: int
    standing: int
    stale: int
    grades: dict[str, int]
    worst: list[RuleMeasureView]
    worst_share: float
    bounds: Bounds
    settings_fault: str


class StormView(Schema):
    """Whether a storm goes on: since when, grades from `holds` on are held back, how many of the reader's were; how
    many came in the last ten minutes as they came and after folding; it ends at no more than `ends_at` a desk.
    """

    since: datetime | None
    holds: int | None
    held: int
    peak: float | None
    raw: int
    shown: int
    ends_at: float


def alarm_measures(request: HttpRequest, question: Query[MeasuresQuestion]) -> MeasuresView:
    """Measure the alarms of the last hours."""
    found = measures(actor_of(request), hours=question.hours, area=question.area, now=timezone.now())
    rules = catalogue.current().rules
    step = (found.end - found.begin) / len(found.raw.buckets)
    fault = alarm_settings_fault()
    return MeasuresView(
        settings_fault=str(fault.params["problem"]) if fault else "",
        begin=found.begin, end=found.end, operators=found.operators, total=found.total, raw=_rates(found.raw),
        shown=_rates(found.shown),
        buckets=[
            Bucket(at=found.begin + number * step, raw=float(raw), shown=float(shown))
            for number, (raw, shown) in enumerate(zip(found.raw.buckets, found.shown.buckets, strict=True))
        ],
        chattering=found.chattering, standing=found.standing, stale=found.stale, grades=found.grades,
        worst=[
            RuleMeasureView(
                rule=one.rule, count=one.count, share=one.share, chattering=one.chattering, standing=one.standing,
                label=label(rules[one.rule].label if one.rule in rules else Words(zh=one.rule, en=one.rule)),
            )
            for one in found.worst
        ],
        worst_share=found.worst_share,
        bounds=Bounds(
            acceptable_an_hour=engine.ACCEPTABLE_AN_HOUR, manageable_an_hour=engine.MANAGEABLE_AN_HOUR,
            flood_above=engine.FLOOD_ABOVE, flood_share=engine.FLOOD_SHARE, source=source_note(BOUNDS),
        ),
    )  # fmt: skip


def get_storm(request: HttpRequest) -> StormView:
    """Say whether a storm goes on and what it holds back."""
    seen, ends_at = storm_seen(actor_of(request), now=timezone.now()), alarm_settings().storm_below
    if seen is None:
        return StormView(since=None, holds=None, held=0, peak=None, raw=0, shown=0, ends_at=ends_at)
    return StormView(
        since=seen.storm.began_at, holds=seen.storm.holds, held=seen.held, peak=seen.storm.peak, raw=seen.raw,
        shown=seen.shown, ends_at=ends_at,
    )  # fmt: skip


def _rates(rates: engine.Rates) -> RatesView:
    return RatesView(mean_an_hour=rates.mean_an_hour, peak=rates.peak, flood_share=rates.flood_share)
