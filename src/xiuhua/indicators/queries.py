"""Reads of this room: the number, its ranking and its rows, each only of what the actor may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from xiuhua.catalog.catalogue import current
from xiuhua.catalog.checks.conditions import Scope
from xiuhua.indicators.figures import NO_DATA, Figure, figure
from xiuhua.indicators.models import IndicatorValue, RowSet, Stale
from xiuhua.indicators.open_cases import OpenCase, cases_of
from xiuhua.indicators.reasons import Reasons, readable
from xiuhua.indicators.rows import Row, hashes, in_period, is_district, is_town, unpacked
from xiuhua.indicators.since import failing_since
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.words import Act
from xiuhua.people.policy import clearance, sees
from xiuhua.people.queries import area_of

EVER = datetime(1, 1, 1, tzinfo=UTC)


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


EVERYTHING = Narrowed()


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A stored value with the figure of what the actor sees of it; `whole` says that this is the whole district."""

    indicator: Indicator
    stored: IndicatorValue | None
    figure: Figure
    whole: bool
    stale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """The figure of one town or unit."""

    key: str
    figure: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class RowPage:
    """Rows of a value with the cases that work on them, and since when its undated rows have been failing."""

    indicator: Indicator
    rows: list[Row]
    total: int
    cases: dict[str, list[OpenCase]] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)


def area_path(area: str) -> str:
    """Return an area's path, given as a path or as a code; raises NotFound for an unknown code."""
    return area if not area or "/" in area else area_of(area).path


def opened(actor: Actor, indicator_id: str, narrowed: Narrowed) -> Opened:
    """Return the indicator's newest value over the rows that the actor sees; raises NotFound if nobody declares it."""
    indicator = current().indicator(indicator_id)
    stored = newest(indicator_id)
    stale = Stale.objects.filter(indicator=indicator_id).exists()
    return Opened(
        indicator=indicator, stored=stored, figure=figure_of(actor, indicator, stored, narrowed),
        whole=narrowed.everything and _sees_whole(actor), stale=stale,
    )  # fmt: skip


def opened_many(actor: Actor, indicator_ids: Collection[str], narrowed: Narrowed = EVERYTHING) -> dict[str, Opened]:
    """Return the newest values of several declared indicators, by id; unknown ids are left out."""
    declared = current().indicators
    stale = set(Stale.objects.filter(indicator__in=indicator_ids).values_list("indicator", flat=True))
    stored = {value.indicator: value for value in last_values(indicator_ids, [(EVER, EVER.replace(year=9999))])}
    whole = narrowed.everything and _sees_whole(actor)
    return {
        one: Opened(
            indicator=declared[one], stored=stored.get(one), whole=whole, stale=one in stale,
            figure=figure_of(actor, declared[one], stored.get(one), narrowed),
        )
        for one in indicator_ids
        if one in declared
    }  # fmt: skip


def last_values(indicator_ids: Collection[str], spans: Collection[tuple[datetime, datetime]]) -> list[IndicatorValue]:
    """Return the last value of each indicator in each span of time (from, before), each found by the index alone."""
    return list(
        IndicatorValue.objects.raw(
            "SELECT v.* FROM unnest(%s::text[]) i(id) "
            "CROSS JOIN unnest(%s::timestamptz[], %s::timestamptz[]) s(since, before) "
            "CROSS JOIN LATERAL (SELECT * FROM indicators_indicatorvalue w WHERE w.indicator = i.id "
            "AND w.at >= s.since AND w.at < s.before ORDER BY w.at DESC, w.id DESC LIMIT 1) v",
            [list(indicator_ids), [since for since, _ in spans], [before for _, before in spans]],
        )
    )


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
    unit = _only_unit(actor)
    if narrowed.everything and unit:
        return Figure(**stored.by_unit[unit]) if unit in stored.by_unit else NO_DATA
    if not narrowed.unit and not narrowed.period:
        area = narrowed.area or _only_area(actor)
        if is_town(area) and area in stored.by_area and _sees_area(actor, area):
            return Figure(**stored.by_area[area])
    return figure(indicator, rows_of(actor, stored, narrowed))


def rows_of(actor: Actor, stored: IndicatorValue, narrowed: Narrowed, *, act: Act = Act.SEE) -> list[Row]:
    """Return the rows of a stored value, as they were, that the actor may see (or do `act` to), by thing."""
    behind = hashes(row_sets_of(stored, narrowed))
    found = [
        row
        for data in RowSet.objects.filter(hash__in=behind).values_list("rows", flat=True)
        for row in unpacked(bytes(data))
    ]
    allowed = Allowed(actor, act)
    return sorted(
        (row for row in found if _asked_for(row, narrowed) and allowed.row(row)), key=lambda row: (row.code, row.thing)
    )


def row_sets_of(stored: IndicatorValue, narrowed: Narrowed) -> dict[str, str]:
    """Return the row sets, by town, in which the narrowed rows lie."""
    return {
        town: digest
        for town, digest in stored.row_sets.items()
        if town.startswith(narrowed.area) or narrowed.area.startswith(town)
    }


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
    undated = [row for row in page if row.at is None and row.passes is not True]
    return RowPage(
        indicator=indicator,
        rows=page,
        total=len(found),
        cases=cases_of(actor, indicator, page),
        since=failing_since(stored, undated) if stored else {},
    )


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
    """Return the row without figures and facts whose attribute the actor may not read there."""
    rank = clearance(actor, area_path=row.area_path, unit_code=row.unit_code).rank
    hidden = {
        name
        for name, attribute in (("value", _read(indicator, "value")), ("weight", _read(indicator, "weight")))
        if attribute is not None and attribute.privacy.rank > rank
    }
    return replace(
        row,
        value=None if "value" in hidden else row.value,
        weight=None if "weight" in hidden else row.weight,
        facts=readable(indicator.passes, row.facts, Scope(catalogue=current(), subject=indicator.of), rank=rank),
    )


def reasons(indicator: Indicator) -> Reasons:
    """Return what words the failures of the indicator's rows."""
    return Reasons(indicator, current())


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


def _sees_whole(actor: Actor) -> bool:
    return actor.administrator or any(
        Act.SEE in grant.acts and not grant.own_unit_only and is_district(grant.area_path) for grant in actor.grants
    )


def _only_area(actor: Actor) -> str:
    """Return the path that is all the actor sees, if it is one area; "" otherwise."""
    paths = {grant.area_path for grant in actor.grants if Act.SEE in grant.acts}
    whole = not actor.administrator and not any(grant.own_unit_only for grant in actor.grants)
    return paths.pop() if whole and len(paths) == 1 else ""


def _only_unit(actor: Actor) -> str:
    """Return the unit whose rows anywhere in the district are all the actor sees, if it is so; "" otherwise."""
    seeing = [grant for grant in actor.grants if Act.SEE in grant.acts]
    units = {grant.unit for grant in seeing}
    own = all(grant.own_unit_only and is_district(grant.area_path) for grant in seeing)
    return units.pop() if own and len(units) == 1 and not actor.administrator else ""


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
