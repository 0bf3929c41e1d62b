"""HTTP of history: readings over time, latest values, how long what is kept. `list_readings` answers on a path that
also takes readings in, and so is routed beside that one, in the room's own api.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from xiuhua.catalog import catalogue
from xiuhua.http.signed_in import actor_of
from xiuhua.kernel.errors import NotFound
from xiuhua.readings.history import retention
from xiuhua.readings.history.across import across
from xiuhua.readings.history.latest import latest
from xiuhua.readings.history.periods import DAY, RAW, RESOLUTIONS
from xiuhua.readings.history.schemas import (
    AcrossQuestion,
    AcrossView,
    LatestQuestion,
    LatestView,
    LossView,
    RetentionQuestion,
    RetentionRow,
    RetentionWish,
    SeriesQuestion,
)
from xiuhua.readings.history.series import Point, series

router = Router(tags=["readings"])
AHEAD = timedelta(minutes=10)
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)


def list_readings(request: HttpRequest, question: Query[SeriesQuestion]) -> HttpResponse:
    """Give a datastream over a span, as finely as the span allows."""
    begin, end = _span(question.begin, question.end)
    found = series(
        actor_of(request), question.datastream, begin=begin, end=end, resolution=question.resolution.value,
        points=question.points,
    )  # fmt: skip
    raw = found.step_s == RAW
    return _answer(
        {
            "datastream": found.datastream.id,
            "stream": found.datastream.stream,
            "unit": _unit(found.datastream.stream),
            "begin": found.begin,
            "end": found.end,
            "step_seconds": found.step_s,
            "tiers": found.tiers,
            "cut": found.cut,
            "readings": [_reading(point) for point in found.points] if raw else [],
            "periods": [] if raw else [_period(point) for point in found.points],
        }
    )


@router.get("/readings/across", response=AcrossView)
def readings_across(request: HttpRequest, question: Query[AcrossQuestion]) -> HttpResponse:
    """Give one curve over all streams of a kind."""
    begin, end = _span(question.begin, question.end)
    found = across(
        actor_of(request), question.stream, area=question.area, begin=begin, end=end,
        step_s=RESOLUTIONS[question.resolution.value], each=False,
    )  # fmt: skip
    columns = {name: getattr(found, name) for name in ("at", "count", "usable", "mean", "low", "high")}
    return _answer(
        {
            "stream": question.stream, "unit": _unit(question.stream), "streams": found.streams,
            "step_seconds": found.step_s, **columns,
        }
    )  # fmt: skip


@router.get("/streams/latest", response=LatestView)
def latest_values(request: HttpRequest, question: Query[LatestQuestion]) -> HttpResponse:
    """Give what every stream reported last, many thousands at once."""
    return HttpResponse(latest(actor_of(request), **question.dict()), content_type="application/json")


@router.get("/readings/retention", response=list[RetentionRow])
def list_retention(request: HttpRequest) -> list[retention.Policy]:
    """List how long kinds of streams are kept; those not listed are kept for ever."""
    return retention.policies()


@router.get("/readings/retention/preview", response=LossView)
def preview_retention(request: HttpRequest, question: Query[RetentionQuestion]) -> retention.Loss:
    """Say what a rule would delete now."""
    return retention.preview(
        actor_of(request), question.kind, raw_days=question.raw_days, rollup_days=question.rollup_days,
        now=timezone.now(),
    )  # fmt: skip


@router.put("/readings/retention/{kind}", response=RetentionRow)
def set_retention(request: HttpRequest, kind: str, given: RetentionWish) -> retention.Policy:
    """Put a rule in force."""
    return retention.set_policy(actor_of(request), kind, **given.dict(), now=timezone.now())


def _span(begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    now = timezone.now()
    end = end or now + AHEAD
    return begin or max(min(end, now), EARLIEST) - DAY, end


def _reading(point: Point) -> dict[str, object]:
    return {"at": point.at, "value": point.value, "code": point.code, "quality": point.quality}


def _period(point: Point) -> dict[str, object]:
    return {
        "at": point.at, "count": point.count, "usable": point.usable, "mean": point.value, "low": point.low,
        "high": point.high, "quality": point.quality, "code": point.code, "codes": point.codes,
    }  # fmt: skip


def _unit(stream: str) -> str:
    try:
        quantity = catalogue.current().stream(stream).quantity
    except NotFound:
        return ""
    return quantity.unit if quantity else ""


def _answer(shown: dict[str, Any]) -> HttpResponse:
    """Return an answer of many rows: what the schema says, written without making an object of each."""
    return HttpResponse(
        orjson.dumps(shown, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC),
        content_type="application/json",
    )
