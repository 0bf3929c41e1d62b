"""HTTP of this room."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema

from xiuhua.catalog.catalogue import current
from xiuhua.http.errors import language_of
from xiuhua.http.paging import Page, Paging
from xiuhua.http.signed_in import actor_of
from xiuhua.http.words import Label, label, source_note_or_none
from xiuhua.indicators import actions, queries, trends
from xiuhua.indicators.export import export
from xiuhua.indicators.open_cases import OpenCase
from xiuhua.indicators.queries import Narrowed, Opened, RowPage
from xiuhua.indicators.schemas import (
    AreaFigure,
    IndicatorRow,
    IndicatorSummary,
    IndicatorView,
    RowCase,
    TrendPoint,
    UnitFigure,
)
from xiuhua.people.queries import area_names, unit_names

router = Router(tags=["indicators"])
LISTED_MONTHS = 12

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Narrowing(Schema):
    """Which rows: under an area (path or code), of a unit, dated in a period (2026, 2026-Q3, 2026-11)."""

    area: str = ""
    unit: str = ""
    period: str = ""

    def narrowed(self) -> Narrowed:
        """Return the same for the room's reads; raises NotFound for an unknown area, Invalid for a bad period."""
        return Narrowed(area=queries.area_path(self.area), unit=self.unit, period=queries.checked_period(self.period))


@router.get("/indicators", response=list[IndicatorSummary])
def get_indicators(request: HttpRequest, narrowing: Query[Narrowing], of: str = "") -> list[IndicatorSummary]:
    """Return every declared number, or those of one type of thing, over what the caller sees, with 12 months."""
    found = trends.listed(actor_of(request), narrowing.narrowed(), of=of, months=LISTED_MONTHS, now=timezone.now())
    return [IndicatorSummary(**view(one).model_dump(), trend=trend) for one, trend in found]


@router.get("/indicators/{indicator_id}", response=IndicatorView)
def get_indicator(request: HttpRequest, indicator_id: str, narrowing: Query[Narrowing]) -> IndicatorView:
    """Return the number over what the caller sees."""
    return view(queries.opened(actor_of(request), indicator_id, narrowing.narrowed()))


@router.get("/indicators/{indicator_id}/trend", response=list[TrendPoint])
def get_trend(
    request: HttpRequest, indicator_id: str, narrowing: Query[Narrowing], months: int = 24
) -> list[TrendPoint]:
    """Return the stored values of the last months, oldest first; no value where there were no such rows on that day."""
    found = trends.trend(
        actor_of(request), indicator_id, narrowing.narrowed(), months=min(max(months, 1), 120), now=timezone.now()
    )
    return [
        TrendPoint(
            at=stored.at, value=one.value, numerator=one.numerator, denominator=one.denominator,
            version=stored.version, value_id=stored.pk,
        )
        for stored, one in found
    ]  # fmt: skip


@router.get("/indicators/{indicator_id}/by-area", response=list[AreaFigure])
def get_by_area(request: HttpRequest, indicator_id: str, narrowing: Query[Narrowing]) -> list[AreaFigure]:
    """Return the figure of each town."""
    names = area_names()
    return [
        AreaFigure(
            area_path=one.key, area_name=names.get(one.key, one.key), value=one.figure.value,
            numerator=one.figure.numerator, denominator=one.figure.denominator,
        )
        for one in queries.by_area(actor_of(request), indicator_id, narrowing.narrowed())
    ]  # fmt: skip


@router.get("/indicators/{indicator_id}/by-unit", response=list[UnitFigure])
def get_by_unit(request: HttpRequest, indicator_id: str, narrowing: Query[Narrowing]) -> list[UnitFigure]:
    """Return the figure of each unit."""
    names = unit_names()
    return [
        UnitFigure(
            unit_code=one.key, unit_name=names.get(one.key, one.key), value=one.figure.value,
            numerator=one.figure.numerator, denominator=one.figure.denominator,
        )
        for one in queries.by_unit(actor_of(request), indicator_id, narrowing.narrowed())
    ]  # fmt: skip


@router.get("/indicators/{indicator_id}/rows", response=Page[IndicatorRow])
def get_rows(
    request: HttpRequest,
    indicator_id: str,
    narrowing: Query[Narrowing],
    paging: Query[Paging],
    passes: bool | None = None,
    value_id: int | None = None,
) -> Page[IndicatorRow]:
    """Return the rows behind the newest value, or behind the value `value_id` as they were."""
    found = queries.rows(
        actor_of(request), indicator_id, narrowing.narrowed(), passes=passes, value_id=value_id, window=paging.window
    )
    return Page[IndicatorRow](items=_rows(found), total=found.total, page=paging.page, size=paging.size)


@router.get("/indicators/{indicator_id}/export")
def get_export(
    request: HttpRequest,
    indicator_id: str,
    narrowing: Query[Narrowing],
    format: Literal["csv", "xlsx"] = "csv",
    passes: bool | None = None,
) -> HttpResponse:
    """Return the rows as a file."""
    data = export(
        actor_of(request), indicator_id, narrowing.narrowed(), passes=passes, form=format,
        language=language_of(request),
    )  # fmt: skip
    response = HttpResponse(data, content_type=MEDIA_TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{indicator_id}.{format}"'
    return response


@router.post("/indicators/{indicator_id}/recompute", response=IndicatorView)
def recompute(request: HttpRequest, indicator_id: str) -> IndicatorView:
    """Compute the number now."""
    actor = actor_of(request)
    actions.recompute(actor, indicator_id)
    return view(queries.opened(actor, indicator_id, Narrowed()))


def view(opened: Opened) -> IndicatorView:
    """Return a number as an answer carries it."""
    indicator, stored = opened.indicator, opened.stored
    return IndicatorView(
        id=indicator.id,
        label=label(indicator.label),
        meaning=label(indicator.meaning),
        unit=indicator.unit,
        measure=indicator.measure,
        version=indicator.version,
        value=opened.figure.value,
        numerator=opened.figure.numerator,
        denominator=opened.figure.denominator,
        at=stored.at if stored else None,
        stale=opened.stale,
        value_id=stored.pk if stored else None,
        source=source_note_or_none(indicator.source),
        of=indicator.of,
        subject=indicator.subject,
    )


def _rows(found: RowPage) -> list[IndicatorRow]:
    areas, units, why = area_names(), unit_names(), queries.reasons(found.indicator)
    rows = []
    for row in found.rows:
        fails = row.passes is not True
        reason = why.reason(row.leaves, row.facts) if fails else None
        kind = why.kind(row.leaves, row.facts) if fails else None
        rows.append(
            IndicatorRow(
                thing=row.thing, subject=found.indicator.subject, code=row.code, name=row.name,
                area_path=row.area_path, area_name=areas.get(row.area_path, row.area_path),
                unit_code=row.unit_code, unit_name=units.get(row.unit_code, row.unit_code),
                at=datetime.fromisoformat(row.at) if row.at else found.since.get(row.thing),
                value=row.value, weight=row.weight, passes=row.passes,
                reason=label(reason) if reason else None,
                reason_kind=label(kind) if kind else None,
                cases=[_case(case) for case in found.cases.get(row.thing, [])],
            )
        )  # fmt: skip
    return rows


def _case(case: OpenCase) -> RowCase:
    declared = current().cases.get(case.type)
    state = next((one.label for one in declared.states if one.id == case.state), None) if declared else None
    return RowCase(
        id=case.id, number=case.number, due_at=case.due_at, at_risk_at=case.at_risk_at, paused=case.paused,
        state_label=label(state) if state else Label(zh=case.state, en=case.state),
    )  # fmt: skip
