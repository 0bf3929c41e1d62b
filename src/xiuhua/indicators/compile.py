"""Turns a declared indicator into one SQL query with one row per thing counted.

Values are parameters, always; identifiers come from the fixed tables below and never from a declaration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from xiuhua.cases.models import Case, CaseClock, RoundItem, RoundRun
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.checks.conditions import Scope
from xiuhua.indicators.questions import is_found, leaves_of, ways_of
from xiuhua.kernel.errors import Fault
from xiuhua.kernel.expressions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Field,
    HasOpenCase,
    Linked,
    Moment,
    Not,
    Operator,
    Root,
    Scalar,
)
from xiuhua.kernel.indicators import Indicator, Subject
from xiuhua.kernel.objects import Value
from xiuhua.objects.models import CityObject, FoundLink, ObjectLink
from xiuhua.readings.models import Datastream, Latest

Parameter: TypeAlias = str | float | bool | datetime | date | list[str] | list[float] | list[bool] | None

OBJECTS = CityObject._meta.db_table
LINKS = ObjectLink._meta.db_table
FOUND = FoundLink._meta.db_table
STREAMS = Datastream._meta.db_table
LATEST = Latest._meta.db_table
CASES = Case._meta.db_table
CLOCKS = CaseClock._meta.db_table
ROUNDS = RoundRun._meta.db_table
ITEMS = RoundItem._meta.db_table

OBJECT_COLUMNS = {name: name for name in ("code", "name", "valid_from", "valid_to", "created_at")}
CASE_COLUMNS = {name: name for name in ("state", "kind", "opened_at", "closed_at", "grade")}
ROUND_COLUMNS = {name: name for name in ("outcome", "opened_at", "due_at", "closed_at")}
ITEM_COLUMNS = {name: name for name in ("passes", "filled_at")}

TYPES = {
    Value.TEXT: "text", Value.LONG_TEXT: "text", Value.CHOICE: "text", Value.NUMBER: "double precision",
    Value.INTEGER: "double precision", Value.BOOLEAN: "boolean", Value.DATE: "date", Value.TIME: "timestamptz",
}  # fmt: skip
SIGNS = {
    Operator.EQUAL: "=", Operator.NOT_EQUAL: "<>", Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.MORE: ">",
    Operator.AT_LEAST: ">=",
}  # fmt: skip
BEIJING = "Asia/Shanghai"
MOST_LINKED = 3
"""Of how many unlike things at the far end of a link a row keeps the facts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sql:
    """A piece of SQL and the parameters of its places, in order."""

    text: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """What a condition is asked of: `scope` knows the fields, `thing` is the alias of its row, `on` that of the object
    it is or stands on, `kind` what it is.
    """

    scope: Scope
    kind: Subject
    thing: str
    on: str
    object_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """One way to walk a link: the aliases of the link's row and of the thing at its far end, and its columns."""

    keep: str
    far: str
    here: str
    there: str


def compile_indicator(indicator: Indicator, catalogue: Catalogue, *, now: datetime, today: date) -> Sql:
    """Return the query: thing, code, name, area_path, unit_code, at, value, weight, passes, leaves (the answers of the
    single questions of `passes`, in the order of `leaves_of`), facts (what they were answered from, see `Facts`; NULL
    where the row passes), by thing.
    """
    return _Compiler(catalogue, now=now, today=today).query(indicator)


class _Compiler:
    def __init__(self, catalogue: Catalogue, *, now: datetime, today: date) -> None:
        self._catalogue = catalogue
        self._now = now
        self._today = today
        self._aliases = 0

    def query(self, indicator: Indicator) -> Sql:
        asked, source, identity = self._subject(indicator)
        parts = [
            self._column(indicator.at, asked, "at"),
            self._column(indicator.value, asked, "value"),
            self._column(indicator.weight, asked, "weight"),
            _named(self._condition(indicator.passes, asked) if indicator.passes else Sql(text="true"), "passes"),
            _named(self._leaves(indicator.passes, asked), "leaves"),
            _named(self._facts_of_failing(indicator.passes, asked), "facts"),
        ]
        columns = _joined(parts, ", ")
        chosen = [source]
        if indicator.where is not None:
            chosen.append(self._condition(indicator.where, asked))
        where = _joined(chosen, " AND ")
        return Sql(
            text=f"SELECT {identity}, {columns.text} {_from(where.text)} ORDER BY {asked.thing}.id",
            parameters=(*columns.parameters, *where.parameters),
        )

    def _subject(self, indicator: Indicator) -> tuple[_Asked, Sql, str]:
        scope = Scope(catalogue=self._catalogue, subject=indicator.of)
        place = "t.area_path, t.unit_code"
        if indicator.subject is Subject.OBJECT:
            asked = _Asked(scope=scope, kind=indicator.subject, thing="t", on="t", object_type=indicator.of)
            source = Sql(text=f"{OBJECTS} t WHERE t.type = %s AND t.removed_at IS NULL", parameters=(indicator.of,))
            if self._catalogue.object_type(indicator.of).period:
                valid = "(t.valid_from IS NULL OR t.valid_from <= %s) AND (t.valid_to IS NULL OR t.valid_to >= %s)"
                source = _joined([source, Sql(text=valid, parameters=(self._today, self._today))], " AND ")
            return asked, source, f"t.id::text AS thing, t.code AS code, t.name AS name, {place}"
        on = scope.types[-1] if len(scope.types) > 1 else ""
        asked = _Asked(scope=scope, kind=indicator.subject, thing="t", on="o", object_type=on)
        if indicator.subject is Subject.CASE:
            source = Sql(
                text=f"{CASES} t LEFT JOIN {OBJECTS} o ON o.id = t.object_id WHERE t.type = %s",
                parameters=(indicator.of,),
            )
            return asked, source, f"t.id::text AS thing, t.number AS code, t.title AS name, {place}"
        if indicator.subject is Subject.ITEM:
            source = Sql(
                text=f"{ITEMS} t JOIN {ROUNDS} r ON r.id = t.round_run_id "
                f"LEFT JOIN {OBJECTS} o ON o.id = t.object_id WHERE t.round = %s",
                parameters=(indicator.of,),
            )
            return asked, source, f"t.id::text AS thing, t.object_code AS code, t.object_name AS name, {place}"
        source = Sql(text=f"{ROUNDS} t WHERE t.round = %s", parameters=(indicator.of,))
        return asked, source, f"t.id::text AS thing, '' AS code, t.title AS name, {place}"

    def _column(self, field: Field | None, asked: _Asked, name: str) -> Sql:
        if field is None:
            empty = "NULL::timestamptz" if name == "at" else "NULL::double precision"
            return Sql(text=f"{empty} AS {name}")
        sql, kind = self._field(field, asked)
        if name == "at" and kind is Value.DATE:
            sql = _midnight(sql)
        return _named(sql, name)

    def _leaves(self, condition: Condition | None, asked: _Asked) -> Sql:
        inside = _joined([self._condition(leaf, asked) for leaf in leaves_of(condition)], ", ")
        return Sql(text=f"ARRAY[{inside.text}]::boolean[]", parameters=inside.parameters)

    def _facts_of_failing(self, passes: Condition | None, asked: _Asked) -> Sql:
        if passes is None:
            return Sql(text="NULL::jsonb")
        holds, facts = self._condition(passes, asked), self._facts(passes, asked)
        return Sql(
            text=f"CASE WHEN {holds.text} THEN NULL ELSE {facts.text} END",
            parameters=(*holds.parameters, *facts.parameters),
        )

    def _facts(self, condition: Condition | None, asked: _Asked) -> Sql:
        inside = _joined([self._fact(leaf, asked) for leaf in leaves_of(condition)], ", ")
        return Sql(text=f"jsonb_build_array({inside.text})", parameters=inside.parameters)

    def _fact(self, leaf: Condition, asked: _Asked) -> Sql:
        if isinstance(leaf, Linked):
            return self._facts_of_linked(leaf, asked)
        # What a stream reports changes by the minute; kept, it would make every row set a new one.
        if isinstance(leaf, Compare) and leaf.field.root not in (Root.STREAM, Root.CLOCK):
            return self._field(leaf.field, asked)[0]
        return Sql(text="NULL::text")

    def _facts_of_linked(self, linked: Linked, asked: _Asked) -> Sql:
        found = []
        for way in self._ways(linked, asked):
            there = self._there(linked, way)
            leaves, facts = self._leaves(linked.where, there), self._facts(linked.where, there)
            source = self._far(linked, way, asked)
            found.append(
                Sql(
                    text=f"SELECT jsonb_build_array({leaves.text}, {facts.text}) AS fact {source.text}",
                    parameters=(*leaves.parameters, *facts.parameters, *source.parameters),
                )
            )
        each = _joined(found, " UNION ")
        some = f"SELECT DISTINCT u.fact {_from(f'({each.text}) u')} ORDER BY u.fact LIMIT {MOST_LINKED}"
        text = f"(SELECT COALESCE(jsonb_agg(n.fact ORDER BY n.fact), '[]') {_from(f'({some}) n')})"
        return Sql(text=text, parameters=each.parameters)

    def _condition(self, condition: Condition, asked: _Asked) -> Sql:
        match condition:
            case All(parts=parts):
                return _bracketed(_joined([self._condition(part, asked) for part in parts], " AND "))
            case AnyOf(parts=parts):
                return _bracketed(_joined([self._condition(part, asked) for part in parts], " OR "))
            case Not(part=part):
                inner = self._condition(part, asked)
                return Sql(text=f"(NOT {inner.text})", parameters=inner.parameters)
            case Compare():
                return self._compare(condition, asked)
            case Linked():
                return self._linked(condition, asked)
            case HasOpenCase(case_type=case_type):
                text = f"EXISTS (SELECT 1 {_from(CASES)} h WHERE h.object_id = {asked.on}.id AND h.kind = 'open'"
                if not case_type:
                    return Sql(text=text + ")")
                return Sql(text=text + " AND h.type = %s)", parameters=(case_type,))
        raise Fault("indicators.not_compilable", what=type(condition).__name__)

    def _compare(self, compare: Compare, asked: _Asked) -> Sql:
        sql, kind = self._field(compare.field, asked)
        if compare.operator is Operator.FILLED:
            return Sql(text=f"({sql.text} IS NOT NULL)", parameters=sql.parameters)
        if compare.operator is Operator.AMONG:
            values = compare.value if isinstance(compare.value, tuple) else ()
            return Sql(
                text=f"({sql.text} = ANY(%s::{TYPES[kind]}[]))", parameters=(*sql.parameters, _listed(values, kind))
            )
        parameter: Parameter
        if compare.value is Moment.TODAY:
            if kind is Value.TIME:
                sql = Sql(text=f"({sql.text} AT TIME ZONE '{BEIJING}')::date", parameters=sql.parameters)
            parameter, cast = self._today, "date"
        elif compare.value is Moment.NOW:
            if kind is Value.DATE:
                sql = _midnight(sql)
            parameter, cast = self._now, "timestamptz"
        else:
            parameter, cast = _single(compare.value, kind), TYPES[kind]
        text = f"({sql.text} {SIGNS[compare.operator]} %s::{cast})"
        return Sql(text=text, parameters=(*sql.parameters, parameter))

    def _linked(self, linked: Linked, asked: _Asked) -> Sql:
        found = []
        for way in self._ways(linked, asked):
            source = self._far(linked, way, asked)
            text, parameters = f"EXISTS (SELECT 1 {source.text}", source.parameters
            if linked.where is not None:
                inner = self._condition(linked.where, self._there(linked, way))
                text, parameters = f"{text} AND {inner.text}", (*parameters, *inner.parameters)
            found.append(Sql(text=text + ")", parameters=parameters))
        return _bracketed(_joined(found, " OR "))

    def _ways(self, linked: Linked, asked: _Asked) -> list[_Way]:
        """Return the ways in which a link is walked from the thing asked; raises Fault if there is none."""
        ways = []
        for forward in ways_of(linked, asked.object_type, self._catalogue):
            self._aliases += 1
            here, there = ("source_id", "target_id") if forward else ("target_id", "source_id")
            ways.append(_Way(keep=f"k{self._aliases}", far=f"l{self._aliases}", here=here, there=there))
        if not ways:
            raise Fault("indicators.not_compilable", what=linked.link)
        return ways

    def _there(self, linked: Linked, way: _Way) -> _Asked:
        scope = Scope(catalogue=self._catalogue, subject=linked.to)
        return _Asked(scope=scope, kind=Subject.OBJECT, thing=way.far, on=way.far, object_type=linked.to)

    def _far(self, linked: Linked, way: _Way, asked: _Asked) -> Sql:
        table = FOUND if is_found(linked, self._catalogue) else LINKS
        return Sql(
            text=f"{_from(table)} {way.keep} JOIN {OBJECTS} {way.far} ON {way.far}.id = {way.keep}.{way.there} "
            f"WHERE {way.keep}.{way.here} = {asked.on}.id AND {way.keep}.link = %s AND {way.far}.removed_at IS NULL",
            parameters=(linked.link,),
        )

    def _field(self, field: Field, asked: _Asked) -> tuple[Sql, Value]:
        kind = asked.scope.kind(field)
        if kind is None:
            raise Fault("indicators.not_compilable", what=f"{field.of}.{field.name}")
        of_thing = field.of == asked.scope.subject
        alias = asked.thing if of_thing else asked.on
        if field.root is Root.STREAM:
            return self._stream(field, alias), kind
        if field.root is Root.CLOCK:
            text = f"(SELECT bool_and(c.kept) {_from(CLOCKS)} c WHERE c.case_id = {alias}.id AND c.clock = %s)"
            return Sql(text=text, parameters=(field.name,)), kind
        subject = asked.kind if of_thing else Subject.OBJECT
        if field.root is Root.OWN:
            return Sql(text=_own(field.name, alias, subject)), kind
        store = {Subject.OBJECT: "attributes", Subject.CASE: "fields", Subject.ITEM: "form"}[subject]
        return _from_json(f"{alias}.{store}", field.name, kind), kind

    def _stream(self, field: Field, alias: str) -> Sql:
        found = (
            f"{_from(STREAMS)} d JOIN {LATEST} s ON s.datastream_id = d.id "
            f"WHERE d.object_id = {alias}.id AND d.stream = %s"
        )
        stream = f"{field.of}.{field.name}"
        if field.part == "fresh":
            # A device that never reported is not fresh: that is known.
            text = f"COALESCE((SELECT s.silent_at > %s {found}), false)"
            return Sql(text=text, parameters=(self._now, stream))
        column = "NULLIF(s.code, '')" if field.part == "code" else "s.value"
        return Sql(text=f"(SELECT {column} {found})", parameters=(stream,))


def _from(table: str) -> str:
    return f"FROM {table}"


def _own(name: str, alias: str, subject: Subject) -> str:
    if subject is Subject.OBJECT:
        return f"{alias}.{OBJECT_COLUMNS[name]}"
    if subject is Subject.CASE:
        return f"{alias}.{CASE_COLUMNS[name]}"
    if subject is Subject.ITEM and name in ITEM_COLUMNS:
        return f"{alias}.{ITEM_COLUMNS[name]}"
    column = f"{'r' if subject is Subject.ITEM else alias}.{ROUND_COLUMNS[name]}"
    return f"NULLIF({column}, '')" if name == "outcome" else column


def _from_json(store: str, name: str, kind: Value) -> Sql:
    """Return a value kept as JSON; one that is not of its declared kind counts as not there."""
    if kind in (Value.NUMBER, Value.INTEGER):
        text = f"CASE WHEN jsonb_typeof({store}->%s) = 'number' THEN ({store}->>%s)::double precision END"
    elif kind is Value.BOOLEAN:
        text = f"CASE WHEN jsonb_typeof({store}->%s) = 'boolean' THEN ({store}->>%s)::boolean END"
    elif kind in (Value.DATE, Value.TIME):
        cast = TYPES[kind]
        text = f"CASE WHEN pg_input_is_valid({store}->>%s, '{cast}') THEN ({store}->>%s)::{cast} END"
    else:
        return Sql(text=f"NULLIF({store}->>%s, '')", parameters=(name,))
    return Sql(text=f"({text})", parameters=(name, name))


def _single(value: object, kind: Value) -> Parameter:
    if kind in (Value.NUMBER, Value.INTEGER) and isinstance(value, int | float):
        return float(value)
    if isinstance(value, bool | str):
        return value
    raise Fault("indicators.not_compilable", what=repr(value))


def _listed(values: Sequence[Scalar], kind: Value) -> Parameter:
    if kind is Value.BOOLEAN:
        return [bool(value) for value in values]
    if kind in (Value.NUMBER, Value.INTEGER):
        return [float(value) for value in values]
    return [str(value) for value in values]


def _midnight(sql: Sql) -> Sql:
    return Sql(text=f"({sql.text}::timestamp AT TIME ZONE '{BEIJING}')", parameters=sql.parameters)


def _named(sql: Sql, name: str) -> Sql:
    return Sql(text=f"{sql.text} AS {name}", parameters=sql.parameters)


def _bracketed(sql: Sql) -> Sql:
    return Sql(text=f"({sql.text})", parameters=sql.parameters)


def _joined(parts: Sequence[Sql], between: str) -> Sql:
    return Sql(
        text=between.join(part.text for part in parts),
        parameters=tuple(parameter for part in parts for parameter in part.parameters),
    )
