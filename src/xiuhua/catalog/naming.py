"""Turns the short ids of a pack's tables into full ids, everywhere they are named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from xiuhua.kernel.cases import CaseType, Move, Round, State
from xiuhua.kernel.expressions import All, AnyOf, Compare, Condition, Field, HasOpenCase, Linked, Not, Root
from xiuhua.kernel.indicators import Indicator, Subject
from xiuhua.kernel.objects import Link, ObjectType
from xiuhua.kernel.packs import Analysis, Pack
from xiuhua.kernel.streams import Rule

REGISTERS = "registers"


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What a pack's short ids mean: its own rows by kind, the registers' types, and links by (type, link id)."""

    pack: str
    objects: frozenset[str]
    cases: frozenset[str]
    rounds: frozenset[str]
    posts: frozenset[str]
    registers: frozenset[str]
    links: Mapping[str, frozenset[str]]

    def object(self, name: str) -> str:
        """Return the full id of an object type: the pack's own, else the registers'."""
        if not name or "." in name:
            return name
        if name not in self.objects and name in self.registers:
            return f"{REGISTERS}.{name}"
        return f"{self.pack}.{name}"

    def row(self, name: str) -> str:
        """Return the full id of a row of the pack itself."""
        return name if not name or "." in name else f"{self.pack}.{name}"

    def post(self, name: str) -> str:
        """Return the pack's own post by its full id, any other post as it is."""
        return f"{self.pack}.{name}" if name in self.posts else name

    def link(self, name: str, subject: str, to: str) -> str:
        """Return the full id of a link between two types, declared by either of them."""
        if "." in name:
            return name
        if name not in self.links.get(subject, frozenset()) and name in self.links.get(to, frozenset()):
            return f"{to}.{name}"
        return f"{subject}.{name}"


def names_of(pack_id: str, pack: Pack, others: Mapping[str, Pack]) -> Names:
    """Return the names of a pack among all packs that were read."""
    links = {
        f"{other_id}.{kind.id}": frozenset(link.id for link in kind.links)
        for other_id, other in {**others, pack_id: pack}.items()
        for kind in other.objects
    }
    return Names(
        pack=pack_id,
        objects=frozenset(kind.id for kind in pack.objects),
        cases=frozenset(case.id for case in pack.cases),
        rounds=frozenset(one.id for one in pack.rounds),
        posts=frozenset(post.id for post in pack.posts),
        registers=frozenset(kind.id for kind in others[REGISTERS].objects) if REGISTERS in others else frozenset(),
        links=links,
    )


def with_full_ids(pack: Pack, names: Names) -> Pack:
    """Return the pack with every id in full."""
    case_on = {names.row(case.id): names.object(case.on) for case in pack.cases}
    round_of = {names.row(one.id): names.object(one.of) for one in pack.rounds}
    return Pack(
        objects=tuple(_object(kind, names) for kind in pack.objects),
        cases=tuple(_case(case, names) for case in pack.cases),
        rules=tuple(_rule(rule, names) for rule in pack.rules),
        rounds=tuple(_round(one, names) for one in pack.rounds),
        analyses=tuple(_analysis(one, names) for one in pack.analyses),
        indicators=tuple(_indicator(one, names, case_on, round_of) for one in pack.indicators),
        code_lists=tuple(replace(one, id=names.row(one.id)) for one in pack.code_lists),
        scales=tuple(replace(one, id=names.row(one.id)) for one in pack.scales),
        posts=tuple(replace(post, id=names.post(post.id)) for post in pack.posts),
    )


def _object(kind: ObjectType, names: Names) -> ObjectType:
    return replace(kind, id=names.row(kind.id), links=tuple(_link(link, names) for link in kind.links))


def _link(link: Link, names: Names) -> Link:
    return replace(link, to=names.object(link.to))


def _case(case: CaseType, names: Names) -> CaseType:
    return replace(
        case,
        id=names.row(case.id),
        on=names.object(case.on),
        states=tuple(_state(state, names) for state in case.states),
        moves=tuple(_move(move, names) for move in case.moves),
        opened_by=_posts(case.opened_by, names),
    )


def _state(state: State, names: Names) -> State:
    return replace(state, owner=names.post(state.owner))


def _move(move: Move, names: Names) -> Move:
    return replace(
        move,
        who=names.post(move.who),
        signers=_posts(move.signers, names),
        opens=names.row(move.opens),
        waits_for=names.row(move.waits_for),
    )


def _posts(posts: Iterable[str], names: Names) -> tuple[str, ...]:
    return tuple(names.post(post) for post in posts)


def _rule(rule: Rule, names: Names) -> Rule:
    also = tuple(replace(one, on=(names.object(one.on[0]), one.on[1])) for one in rule.also)
    return replace(
        rule, id=names.row(rule.id), on=(names.object(rule.on[0]), rule.on[1]), opens=names.row(rule.opens), also=also
    )


def _round(one: Round, names: Names) -> Round:
    of = names.object(one.of)
    return replace(
        one,
        id=names.row(one.id),
        of=of,
        where=_condition(one.where, names, of),
        fails=_condition(one.fails, names, of),
        opens=names.row(one.opens),
        who=names.post(one.who),
    )


def _analysis(one: Analysis, names: Names) -> Analysis:
    of = names.object(one.of)
    return replace(one, id=names.row(one.id), of=of, where=_condition(one.where, names, of), round=names.row(one.round))


def _indicator(one: Indicator, names: Names, case_on: Mapping[str, str], round_of: Mapping[str, str]) -> Indicator:
    if one.subject is Subject.OBJECT:
        of = subject = names.object(one.of)
    else:
        of = names.row(one.of)
        subject = case_on.get(of, "") if one.subject is Subject.CASE else round_of.get(of, "")
    return replace(
        one,
        id=names.row(one.id),
        of=of,
        where=_condition(one.where, names, subject),
        passes=_condition(one.passes, names, subject),
        value=_field(one.value, names),
        weight=_field(one.weight, names),
        at=_field(one.at, names),
    )


def _condition(condition: Condition | None, names: Names, subject: str) -> Condition | None:
    return None if condition is None else _full(condition, names, subject)


def _full(condition: Condition, names: Names, subject: str) -> Condition:
    match condition:
        case All(parts=parts):
            return All(parts=tuple(_full(part, names, subject) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(parts=tuple(_full(part, names, subject) for part in parts))
        case Not(part=part):
            return Not(part=_full(part, names, subject))
        case Compare():
            return replace(condition, field=_full_field(condition.field, names))
        case Linked():
            to = names.object(condition.to)
            return Linked(
                link=names.link(condition.link, subject, to), to=to, where=_condition(condition.where, names, to)
            )
        case HasOpenCase():
            return HasOpenCase(case_type=names.row(condition.case_type))
    return condition


def _field(field: Field | None, names: Names) -> Field | None:
    return None if field is None else _full_field(field, names)


def _full_field(field: Field, names: Names) -> Field:
    if "." in field.of:
        return field
    if field.root in (Root.CLOCK, Root.ITEM) or (
        field.of not in names.objects and field.of in names.cases | names.rounds
    ):
        return replace(field, of=names.row(field.of))
    return replace(field, of=names.object(field.of))
