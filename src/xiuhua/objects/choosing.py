"""Which rows: filters, box, search and order as query conditions."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import BooleanField, Expression, F, FloatField, Func, Q, QuerySet, Value

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Attribute
from xiuhua.kernel.objects import Value as Kind
from xiuhua.kernel.words import Privacy
from xiuhua.objects.checking import checker
from xiuhua.objects.masking import choosable, everywhere
from xiuhua.objects.models import CityObject
from xiuhua.objects.problems import Wrong
from xiuhua.objects.words import asked

SORTS = {"code": "code", "name": "sort_key", "updated_at": "updated_at"}
Rows = QuerySet[CityObject]


def narrowed(
    actor: Actor, rows: Rows, type_id: str, filters: Mapping[str, object], box: tuple[float, float, float, float] | None
) -> Rows:
    """Return the rows of the type ("" for all declared) that meet the attribute filters and touch the box."""
    if type_id:
        declared = current().object_type(type_id)
        rows = rows.filter(type=type_id)
        for attribute_id, wanted in filters.items():
            rows = rows.filter(_meets(choosable(actor, declared, attribute_id), wanted))
    elif filters:
        raise Invalid("objects.filter_needs_type")
    else:
        rows = rows.filter(type__in=list(current().objects))
    return rows if box is None else rows.filter(meets_box(*box))


def searched(actor: Actor, rows: Rows, query: str) -> Rows:
    """Return the rows in which every word of the query stands; the index on grams finds them, the words prove them."""
    open_only = everywhere(actor).rank < Privacy.INTERNAL.rank
    for word, pieces in asked(query):
        if pieces:
            rows = rows.filter(grams__contains=pieces)
        if len(word) == 1:
            rows = rows.filter(Q(words__startswith=word) | Q(words__contains="\n" + word))
        else:
            rows = rows.filter(words__contains=word)
        if open_only:
            rows = rows.filter(Q(code__icontains=word) | Q(name__icontains=word))
    return rows


def sorted_by(actor: Actor, rows: Rows, type_id: str, sort: str) -> Rows:
    """Return the rows in order: code, name (by pinyin), updated_at or attr.<id>, "-" before it for the other way."""
    name = sort.removeprefix("-") or "code"
    down = sort.startswith("-")
    if name.startswith("attr."):
        if not type_id:
            raise Invalid("objects.filter_needs_type")
        attribute = choosable(actor, current().object_type(type_id), name.removeprefix("attr."))
        key = F(f"attributes__{attribute.id}")
        return rows.order_by(key.desc(nulls_last=True) if down else key.asc(nulls_last=True), "id")
    if name not in SORTS:
        raise Invalid("objects.no_sort", sort=sort)
    return rows.order_by(("-" if down else "") + SORTS[name], "id")


def meets_box(west: float, south: float, east: float, north: float) -> Func:
    """Return whether an object's bounds meet the box, written as the index object_box is."""

    def box(*corners: Expression | F) -> Func:
        (a, b, c, d) = corners
        points = (Func(a, b, function="point"), Func(c, d, function="point"))
        return Func(*points, function="box", output_field=FloatField())

    asked = box(Value(west), Value(south), Value(east), Value(north))
    own = box(F("west"), F("south"), F("east"), F("north"))
    return Func(own, asked, template="(%(expressions)s)", arg_joiner=" && ", output_field=BooleanField())


def _meets(attribute: Attribute, wanted: object) -> Q:
    """Return the condition of one filter: null for empty, a list for any of, {"min", "max"} for between, else equal;
    text for containing.
    """
    key = f"attributes__{attribute.id}"
    if wanted is None:
        return ~Q(attributes__has_key=attribute.id)
    if isinstance(wanted, list):
        some = Q(pk__in=[])
        for one in wanted:
            some |= _meets(attribute, one)
        return some
    if isinstance(wanted, dict):
        bounds = {"min": "gte", "max": "lte"}
        between = Q(attributes__has_key=attribute.id)
        for name, given in wanted.items():
            if name not in bounds:
                raise Invalid("objects.bad_filter", attribute=attribute.id)
            between &= Q(**{f"{key}__{bounds[name]}": _typed(attribute, given)})
        return between
    if attribute.value in (Kind.TEXT, Kind.LONG_TEXT):
        return Q(**{f"{key}__icontains": str(wanted)})
    return Q(attributes__contains={attribute.id: _typed(attribute, wanted)})


def _typed(attribute: Attribute, wanted: object) -> object:
    try:
        return checker(attribute)(wanted)
    except Wrong:
        raise Invalid("objects.bad_filter", attribute=attribute.id) from None
