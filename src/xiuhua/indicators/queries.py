"""Reads of this room: the number, its trend, its ranking and its rows, each only of what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import TruncMonth

from xiuhua.cases.models import Case, RoundItem
from xiuhua.catalog.catalogue import current
from xiuhua.indicators.figures import NO_DATA, Figure, figure
from xiuhua.indicators.models import IndicatorValue, RowSet, Stale
from xiuhua.indicators.reasons import Reasons
from xiuhua.indicators.rows import BEIJING, Row, hashes, in_period, is_town, unpacked
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.kernel.indicators import Indicator, Subject
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.words import Act
from xiuhua.people.policy import clearance, sees, visible
from xiuhua.people.queries import area_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """Which rows are asked for: under an area path, of a unit, dated in a period (2026, 2026-Q3, 2026-11)."""

    area: str = ""
    unit: str = ""
    period: str = ""

    @property
    def everything(self) -> bool:
        """Return whether nothing narrows the rows."""
        return not (self.area or self.unit or self.period)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A stored value with the figure of what the actor sees of it."""

    indicator: Indicator
    stored: IndicatorValue | None
    figure: Figure
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """The figure of one town or unit."""

    key: str
    figure: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase:
    """A case that works on a row's thing."""

    id: UUID
    number: str
    type: str
    state: str
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RowPage:
    """Rows of a value with the cases that stand on their things."""

    indicator: Indicator
    rows: list[Row]
    total: int
    cases: dict[str, list[OpenCase]] = field(default_factory=dict)


def area_path(area: str) -> str:
    """Return an area's path, given as a path or as a code; raises NotFound for an unknown code."""
    return area if not area or "/" in area else area_of(area).path


def opened(actor: Actor, indicator_id: str, narrowed: Narrowed) -> Opened:
    """Return the indicator's newest value over the rows that the actor sees; raises NotFound if nobody declares it."""
    indicator = current().indicator(indicator_id)
    stored = newest(indicator_id)
    stale = Stale.objects.filter(indicator=indicator_id).exists()
    return Opened(indicator=indicator, stored=stored, figure=figure_of(actor, indicator, stored, narrowed), stale=stale)


def opened_many(actor: Actor, indicator_ids: Collection[str]) -> dict[str, Opened]:
    """Return the newest values of several declared indicators, by id; unknown ids are left out."""
    declared = current().indicators
    stale = set(Stale.objects.filter(indicator__in=indicator_ids).values_list("indicator", flat=True))
    stored = {
        value.indicator: value
        for value in IndicatorValue.objects.filter(indicator__in=indicator_ids)
        .order_by("indicator", "-at", "-id")
        .distinct("indicator")
    }
    return {
        one: Opened(
            indicator=declared[one], stored=stored.get(one), stale=one in stale,
            figure=figure_of(actor, declared[one], stored.get(one), Narrowed()),
        )
        for one in indicator_ids
        if one in declared
    }  # fmt: skip


def newest(indicator_id: str) -> IndicatorValue | None:
    """Return the newest stored value."""
    return IndicatorValue.objects.filter(indicator=indicator_id).order_by("-at", "-id").first()


def figure_of(actor: Actor, indicator: Indicator, stored: IndicatorValue | None, narrowed: Narrowed) -> Figure:
    """Return the figure of a stored value over the narrowed rows that the actor sees: from the stored figures where
    they say it, else from the rows.
    """
    if stored is None:
        return NO_DATA
    if narrowed.everything and sees_all(actor, stored):
        return Figure(value=stored.value, numerator=stored.numerator, denominator=stored.denominator)
    if not narrowed.unit and not narrowed.period:
        area = narrowed.area or _only_area(actor)
        if is_town(area) and area in stored.by_area and _sees_area(actor, area):
            return Figure(**stored.by_area[area])
    return figure(indicator, rows_of(actor, stored, narrowed))


def rows_of(actor: Actor, stored: IndicatorValue, narrowed: Narrowed, *, act: Act = Act.SEE) -> list[Row]:
    """Return the rows of a stored value, as they were, that the actor may see (or do `act` to), by thing."""
    towns = {
        town: digest
        for town, digest in stored.row_sets.items()
        if town.startswith(narrowed.area) or narrowed.area.startswith(town)
    }
    found = [
        row
        for data in RowSet.objects.filter(hash__in=hashes(towns)).values_list("rows", flat=True)
        for row in unpacked(bytes(data))
    ]
    allowed = Allowed(actor, act)
    return sorted(
        (row for row in found if _asked_for(row, narrowed) and allowed.row(row)), key=lambda row: (row.code, row.thing)
    )


def trend(actor: Actor, indicator_id: str, *, months: int, now: datetime) -> list[tuple[IndicatorValue, Figure]]:
    """Return the stored values of the last months, oldest first, over what the actor sees; of each day the last."""
    indicator = current().indicator(indicator_id)
    since = now - timedelta(days=31 * months)
    last_of_day: dict[str, IndicatorValue] = {}
    for stored in IndicatorValue.objects.filter(indicator=indicator_id, at__gte=since).order_by("at", "id"):
        last_of_day[stored.at.date().isoformat()] = stored
    return [(stored, figure_of(actor, indicator, stored, Narrowed())) for stored in last_of_day.values()]


def monthly(
    actor: Actor, indicator_ids: Collection[str], *, months: int, now: datetime
) -> dict[str, list[float | None]]:
    """Return for each declared indicator the last value of each of the past months, oldest first, the present one last;
    None for a month without a value.
    """
    declared = current().indicators
    here = now.astimezone(BEIJING)
    wanted = [
        f"{year:04d}-{month + 1:02d}"
        for year, month in (divmod(here.year * 12 + here.month - 1 - back, 12) for back in reversed(range(months)))
    ]
    since = datetime.fromisoformat(f"{wanted[0]}-01").replace(tzinfo=BEIJING)
    last = (
        IndicatorValue.objects.filter(indicator__in=indicator_ids, at__gte=since)
        .annotate(month=TruncMonth("at", tzinfo=BEIJING))
        .order_by("indicator", "month", "-at", "-id")
        .distinct("indicator", "month")
    )
    found = {
        (stored.indicator, stored.at.astimezone(BEIJING).strftime("%Y-%m")): figure_of(
            actor, declared[stored.indicator], stored, Narrowed()
        ).value
        for stored in last
        if stored.indicator in declared
    }
    return {one: [found.get((one, month)) for month in wanted] for one in indicator_ids}


def by_town_of(actor: Actor, indicator_ids: Collection[str]) -> dict[str, dict[str, Figure]]:
    """Return the figures of several indicators by town path, then by indicator, of the towns the actor sees."""
    towns: dict[str, dict[str, Figure]] = {}
    for one in indicator_ids:
        for found in by_area(actor, one, Narrowed()):
            towns.setdefault(found.key, {})[one] = found.figure
    return dict(sorted(towns.items()))


def by_area(actor: Actor, indicator_id: str, narrowed: Narrowed) -> list[Share]:
    """Return the figure of each town that the actor sees something of, by path."""
    return _shares(actor, indicator_id, narrowed, towns=True)


def by_unit(actor: Actor, indicator_id: str, narrowed: Narrowed) -> list[Share]:
    """Return the figure of each unit that the actor sees something of, by code."""
    return _shares(actor, indicator_id, narrowed, towns=False)


def rows(
    actor: Actor,
    indicator_id: str,
    narrowed: Narrowed,
    *,
    passes: bool | None,
    value_id: int | None,
    window: slice,
) -> RowPage:
    """Return a page of the rows behind the newest value, or behind the value `value_id` as they were; raises NotFound.
    A row whose answer is unknown does not pass.
    """
    indicator = current().indicator(indicator_id)
    stored = value_of(indicator_id, value_id)
    found = [] if stored is None else passing(rows_of(actor, stored, narrowed), passes)
    page = [masked(actor, indicator, row) for row in found[window]]
    return RowPage(indicator=indicator, rows=page, total=len(found), cases=cases_of(actor, indicator, page))


def value_of(indicator_id: str, value_id: int | None) -> IndicatorValue | None:
    """Return the stored value of that id, the newest if none is named; raises NotFound."""
    if value_id is None:
        return newest(indicator_id)
    stored = IndicatorValue.objects.filter(indicator=indicator_id, id=value_id).first()
    if stored is None:
        raise NotFound("indicators.no_value", id=value_id)
    return stored


def passing(found: Iterable[Row], passes: bool | None) -> list[Row]:
    """Return the rows that pass, or do not, or all."""
    return [row for row in found if passes is None or (row.passes is True) is passes]


def masked(actor: Actor, indicator: Indicator, row: Row) -> Row:
    """Return the row without figures whose attribute the actor may not read there."""
    rank = clearance(actor, area_path=row.area_path, unit_code=row.unit_code).rank
    hidden = {
        name
        for name, attribute in (("value", _read(indicator, "value")), ("weight", _read(indicator, "weight")))
        if attribute is not None and attribute.privacy.rank > rank
    }
    if not hidden:
        return row
    return Row(
        thing=row.thing, code=row.code, name=row.name, area_path=row.area_path, unit_code=row.unit_code, at=row.at,
        value=None if "value" in hidden else row.value, weight=None if "weight" in hidden else row.weight,
        passes=row.passes, leaves=row.leaves,
    )  # fmt: skip


def reasons(indicator: Indicator) -> Reasons:
    """Return what words the failures of the indicator's rows."""
    return Reasons(indicator, current())


def cases_of(actor: Actor, indicator: Indicator, page: Sequence[Row]) -> dict[str, list[OpenCase]]:
    """Return the cases that work on the rows' things, by thing: open ones on an object, the case itself for a case,
    the one opened for a round's item.
    """
    things = [UUID(row.thing) for row in page]
    seen = Case.objects.filter(visible(actor)).order_by("due_at", "opened_at")
    found: list[tuple[str, Case]]
    if indicator.subject is Subject.OBJECT:
        found = [(str(case.object_id), case) for case in seen.filter(object_id__in=things, kind="open")]
    elif indicator.subject is Subject.CASE:
        found = [(str(case.id), case) for case in seen.filter(id__in=things)]
    elif indicator.subject is Subject.ITEM:
        items = dict(RoundItem.objects.filter(id__in=things, case_id__isnull=False).values_list("case_id", "id"))
        found = [(str(items[case.id]), case) for case in seen.filter(id__in=list(items))]
    else:
        found = []
    cases: dict[str, list[OpenCase]] = {}
    for thing, case in found:
        one = OpenCase(id=case.id, number=case.number, type=case.type, state=case.state, due_at=case.due_at)
        cases.setdefault(thing, []).append(one)
    return cases


class Allowed:
    """Answers whether the actor may see a row (or do something to it); equal places are asked once."""

    def __init__(self, actor: Actor, act: Act = Act.SEE) -> None:
        self._actor = actor
        self._act = act
        self._known: dict[tuple[str, str], bool] = {}

    def row(self, row: Row) -> bool:
        """Return whether the row may be seen."""
        key = (row.area_path, row.unit_code)
        if key not in self._known:
            self._known[key] = self._ask(row)
        return self._known[key]

    def _ask(self, row: Row) -> bool:
        if not sees(self._actor, area_path=row.area_path, unit_code=row.unit_code):
            return False
        return self._actor.administrator or any(
            self._act in grant.acts
            and row.area_path.startswith(grant.area_path)
            and (not grant.own_unit_only or grant.unit == row.unit_code)
            for grant in self._actor.grants
        )


def sees_all(actor: Actor, stored: IndicatorValue) -> bool:
    """Return whether the actor sees every row of the stored value."""
    return all(_sees_area(actor, town) for town in stored.row_sets)


def _sees_area(actor: Actor, path: str) -> bool:
    return actor.administrator or any(
        Act.SEE in grant.acts and not grant.own_unit_only and path.startswith(grant.area_path) for grant in actor.grants
    )


def _only_area(actor: Actor) -> str:
    """Return the path that is all the actor sees, if it is one area; "" otherwise."""
    paths = {grant.area_path for grant in actor.grants if Act.SEE in grant.acts}
    whole = not actor.administrator and not any(grant.own_unit_only for grant in actor.grants)
    return paths.pop() if whole and len(paths) == 1 else ""


def _asked_for(row: Row, narrowed: Narrowed) -> bool:
    return (
        row.area_path.startswith(narrowed.area)
        and (not narrowed.unit or row.unit_code == narrowed.unit)
        and (not narrowed.period or in_period(row, narrowed.period))
    )


def _shares(actor: Actor, indicator_id: str, narrowed: Narrowed, *, towns: bool) -> list[Share]:
    indicator = current().indicator(indicator_id)
    stored = newest(indicator_id)
    if stored is None:
        return []
    if narrowed.everything and sees_all(actor, stored):
        kept = stored.by_area if towns else stored.by_unit
        return [Share(key=key, figure=Figure(**one)) for key, one in sorted(kept.items()) if is_town(key) or not towns]
    groups: dict[str, list[Row]] = {}
    for row in rows_of(actor, stored, narrowed):
        groups.setdefault(row.town if towns else row.unit_code, []).append(row)
    return [
        Share(key=key, figure=figure(indicator, found))
        for key, found in sorted(groups.items())
        if (is_town(key) if towns else key)
    ]


def _read(indicator: Indicator, part: str) -> Attribute | None:
    read = indicator.value if part == "value" else indicator.weight
    kind = current().objects.get(read.of) if read is not None else None
    if read is None or kind is None:
        return None
    return next((one for one in kind.attributes if one.id == read.name), None)


def checked_period(period: str) -> str:
    """Return the period; raises Invalid for what is not a year, quarter, month or day."""
    year, _, rest = period.partition("-")
    good = not period or (
        len(year) == 4
        and year.isdigit()
        and (rest in ("", "Q1", "Q2", "Q3", "Q4") or all(one.isdigit() and len(one) == 2 for one in rest.split("-")))
    )
    if not good:
        raise Invalid("indicators.period", period=period)
    return period
