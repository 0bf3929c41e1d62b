"""What an import would do: every row checked, compared with the register, and everything wrong found at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.objects import ObjectType, Writer
from xiuhua.kernel.words import Act, Privacy
from xiuhua.objects.checking import checker, date_of, not_writable
from xiuhua.objects.forms import VALID_FROM, VALID_TO, code_of, name_of
from xiuhua.objects.imports.overlaps import overlapping
from xiuhua.objects.imports.placing import place_rows
from xiuhua.objects.imports.register import (
    Known,
    area_paths,
    count_seen,
    ids_by_code,
    known_objects,
    linked_objects,
    seen_beside,
    unit_codes,
    unseen_targets,
)
from xiuhua.objects.imports.rows import Draft, Incoming, Problems, given_text
from xiuhua.objects.linking import key_links
from xiuhua.objects.masking import everywhere
from xiuhua.objects.places import area_without_place
from xiuhua.objects.problems import Wrong
from xiuhua.people.policy import may, sees
from xiuhua.people.queries import area_names

LINK_MARKS = str.maketrans({mark: ";" for mark in "；,，、|"})
Tell = Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`added` and `changed` are the good rows that would write; `changed` ones carry what differs, `kept` are as they
    were, `wrong` are the bad ones. `targets` are the ids of linked objects by link and code; `gone` counts what the
    file lacks, `lacking` are the first of it as (id, code, name).
    """

    declared: ObjectType
    incoming: Incoming
    added: Sequence[Draft]
    changed: Sequence[Draft]
    kept: Sequence[Draft]
    wrong: Sequence[Draft]
    problems: Problems
    targets: Mapping[str, Mapping[str, UUID]]
    gone: int
    lacking: Sequence[tuple[UUID, str, str]]


def plan_import(
    actor: Actor,
    declared: ObjectType,
    incoming: Incoming,
    *,
    writers: frozenset[Writer] = frozenset({Writer.IMPORT}),
    lock: bool = False,
    tell: Tell = lambda _: None,
) -> Plan:
    """Return what bringing these rows in would do. Nothing is stored; `lock` holds the rows that would change."""
    problems = Problems(incoming)
    for at in sorted(incoming.ragged):
        problems.add(at, "", None, Wrong("ragged"))
    codes = _codes(declared, incoming, problems)
    known = known_objects(declared.id, [code for code in codes if code], lock=lock)
    unseen = _take_out_unseen(actor, known)
    drafts = [Draft(at=at, code=code, known=known.get(code)) for at, code in enumerate(codes)]
    for draft in drafts:
        if draft.code in unseen:
            problems.add(draft.at, "code", draft.code, Wrong("code_elsewhere"))
    tell(0.15)
    _names(incoming, drafts, problems)
    _attributes(declared, incoming, drafts, problems, writers, everywhere(actor))
    tell(0.5)
    _units_and_periods(incoming, drafts, problems)
    place_rows(declared, incoming, drafts, problems)
    tell(0.7)
    _areas(actor, incoming, drafts, problems)
    targets = _links(actor, declared, incoming, drafts, problems)
    _allowed(actor, drafts, problems)
    if declared.never:
        overlapping(actor, declared, [draft for draft in drafts if problems.none(draft.at)], problems)
    _links_within(declared, drafts, targets, problems)
    tell(0.85)
    return _sorted_out(actor, declared, incoming, drafts, targets, problems)


def _take_out_unseen(actor: Actor, known: dict[str, Known]) -> frozenset[str]:
    """Take out what the actor does not see, so that nothing of it shows in what is said of a row; return the codes."""
    seen: dict[tuple[str, str], bool] = {}
    for one in known.values():
        place = one.area_path, one.unit_code
        if place not in seen:
            seen[place] = sees(actor, area_path=one.area_path, unit_code=one.unit_code)
    unseen = frozenset(code for code, one in known.items() if not seen[one.area_path, one.unit_code])
    for code in unseen:
        del known[code]
    return unseen


def _codes(declared: ObjectType, incoming: Incoming, problems: Problems) -> list[str]:
    first: dict[str, int] = {}
    codes: list[str] = []
    for at, raw in enumerate(incoming.columns["code"]):
        code = ""
        try:
            code = code_of(raw, declared)
            if code in first:
                raise Wrong("code_repeated", first=incoming.numbers[first[code]])
            first[code] = at
        except Wrong as wrong:
            problems.add(at, "code", raw, wrong)
        codes.append(code)
    return codes


def _names(incoming: Incoming, drafts: Sequence[Draft], problems: Problems) -> None:
    cells = incoming.columns.get("name")
    for draft in drafts:
        if cells is None:
            draft.name = draft.known.name if draft.known else draft.code
            continue
        try:
            draft.name = name_of("" if cells[draft.at] is None else cells[draft.at])
        except Wrong as wrong:
            problems.add(draft.at, "name", cells[draft.at], wrong)


def _attributes(
    declared: ObjectType,
    incoming: Incoming,
    drafts: Sequence[Draft],
    problems: Problems,
    writers: frozenset[Writer],
    readable: Privacy,
) -> None:
    for draft in drafts:
        draft.attributes = dict(draft.known.attributes) if draft.known else {}
    for attribute in declared.attributes:
        target = f"attr.{attribute.id}"
        cells = incoming.columns.get(target)
        if cells is None:
            if attribute.required and attribute.written_by & writers:
                for draft in drafts:
                    if draft.known is None:
                        problems.add(draft.at, target, None, Wrong("required", label=attribute.label))
            continue
        if not attribute.written_by & writers:
            problems.column(target, not_writable(attribute, min(writers)))
            continue
        if attribute.privacy.rank > readable.rank:
            problems.column(target, Wrong("hidden", label=attribute.label))
            continue
        check = checker(attribute)
        for draft, raw in zip(drafts, cells, strict=True):
            try:
                value = check(raw)
            except Wrong as wrong:
                problems.add(draft.at, target, raw, wrong)
                continue
            if value is not None:
                draft.attributes[attribute.id] = value
            else:
                draft.attributes.pop(attribute.id, None)
                if attribute.required:
                    problems.add(draft.at, target, raw, Wrong("required", label=attribute.label))


def _units_and_periods(incoming: Incoming, drafts: Sequence[Draft], problems: Problems) -> None:
    units = unit_codes() if "unit" in incoming.columns else {}
    for draft in drafts:
        if draft.known:
            draft.unit_code = draft.known.unit_code
            draft.valid_from, draft.valid_to = draft.known.valid_from, draft.known.valid_to
    for draft, raw in zip(drafts, incoming.columns.get("unit", ()), strict=False):
        word = given_text(raw)
        draft.unit_code = units.get(word, "")
        if word and not draft.unit_code:
            problems.add(draft.at, "unit", raw, Wrong("unit_unknown", given=word))
    for draft, raw in zip(drafts, incoming.columns.get("valid_from", ()), strict=False):
        draft.valid_from = _day(draft, "valid_from", raw, problems)
    for draft, raw in zip(drafts, incoming.columns.get("valid_to", ()), strict=False):
        draft.valid_to = _day(draft, "valid_to", raw, problems)
    for draft in drafts:
        start, end = draft.valid_from, draft.valid_to
        if start and end and end < start:
            problems.add(draft.at, "valid_to", end, Wrong("period_order", valid_from=start, valid_to=end))


def _day(draft: Draft, target: str, raw: object, problems: Problems) -> date | None:
    if not given_text(raw):
        return None
    try:
        return date_of(raw, label=VALID_FROM if target == "valid_from" else VALID_TO)
    except Wrong as wrong:
        problems.add(draft.at, target, raw, wrong)
        return None


def _areas(actor: Actor, incoming: Incoming, drafts: Sequence[Draft], problems: Problems) -> None:
    """A named area wins; else the place decides for what is new or moved; else it stays, or is the actor's own."""
    own = area_without_place(actor, Act.IMPORT)
    for draft in drafts:
        if not draft.area_path:
            draft.area_path = draft.known.area_path if draft.known else own
    cells = incoming.columns.get("area")
    if cells is None:
        return
    paths = area_paths()
    for draft, raw in zip(drafts, cells, strict=True):
        word = given_text(raw)
        if not word:
            continue
        found = paths.get(word, [])
        if len(found) == 1:
            draft.area_path = found[0]
        elif found:
            problems.add(draft.at, "area", raw, Wrong("area_ambiguous", given=word, count=len(found)))
        else:
            problems.add(draft.at, "area", raw, Wrong("area_unknown", given=word))


def _links(
    actor: Actor, declared: ObjectType, incoming: Incoming, drafts: Sequence[Draft], problems: Problems
) -> dict[str, dict[str, UUID]]:
    """Read the link columns onto the drafts; return the ids of what they name, by link and code."""
    targets: dict[str, dict[str, UUID]] = {}
    stored_links = key_links(declared)
    asked = bool(stored_links) and any(draft.known for draft in drafts)
    now = linked_objects(declared.id, stored_links) if asked else {}
    unseen = unseen_targets(actor, declared.id, stored_links) if asked else set()
    own = {draft.code for draft in drafts if draft.code}
    for link in stored_links.values():
        target = f"link.{link.id}"
        cells = incoming.columns.get(target)
        held: dict[str, UUID] = {}
        for draft in drafts:
            before = now.get((draft.known.id, link.id), {}) if draft.known else {}
            kept = {code: target_id for code, target_id in before.items() if target_id in unseen}
            draft.linked[link.id], draft.unseen[link.id] = frozenset(before), frozenset(kept)
            draft.links[link.id] = frozenset(before) if cells is None else _split(cells[draft.at])
            held |= kept
        if cells is None:
            if link.required:
                for draft in drafts:
                    if draft.known is None:
                        problems.add(draft.at, target, None, Wrong("required", label=link.label))
            continue
        named = {code for draft in drafts for code in draft.links[link.id]}
        targets[link.id] = ids_by_code(actor, link.to, sorted(named))
        reachable = targets[link.id].keys() | (own if link.to == declared.id else set())
        for draft in drafts:
            codes = draft.links[link.id]
            for code in sorted(codes - reachable):
                wrong = Wrong("link_unknown", label=link.label, given=code)
                problems.add(draft.at, target, cells[draft.at], wrong)
            if len(codes) > 1 and not link.many:
                wrong = Wrong("link_many", label=link.label, count=len(codes))
                problems.add(draft.at, target, cells[draft.at], wrong)
            elif codes and draft.unseen[link.id] and not link.many:
                problems.add(draft.at, target, cells[draft.at], Wrong("link_unseen", label=link.label))
            draft.links[link.id] = codes | draft.unseen[link.id]
            if not draft.links[link.id] and link.required:
                problems.add(draft.at, target, None, Wrong("required", label=link.label))
        targets[link.id] |= held
    return targets


def _links_within(
    declared: ObjectType,
    drafts: Sequence[Draft],
    targets: Mapping[str, Mapping[str, UUID]],
    problems: Problems,
) -> None:
    """A row that links to a row of the same file is bad if that one is, and so on along the chain."""
    inner = [link for link in key_links(declared).values() if link.to == declared.id and link.id in targets]
    found = bool(inner)
    while found:
        found = False
        good = {draft.code for draft in drafts if problems.none(draft.at)}
        for link in inner:
            for draft in drafts:
                missing = draft.links[link.id] - good - targets[link.id].keys()
                if missing and problems.none(draft.at):
                    found = True
                    for code in sorted(missing):
                        wrong = Wrong("link_unknown", label=link.label, given=code)
                        problems.add(draft.at, f"link.{link.id}", code, wrong)


def _allowed(actor: Actor, drafts: Sequence[Draft], problems: Problems) -> None:
    """Every row must lie where the actor may import, before and after."""
    if actor.administrator:
        return
    names = area_names()
    allowed: dict[tuple[str, str], bool] = {}

    def fine(area: str, unit: str) -> bool:
        if (area, unit) not in allowed:
            allowed[area, unit] = may(actor, Act.IMPORT, area_path=area, unit_code=unit)
        return allowed[area, unit]

    for draft in drafts:
        known = draft.known
        if known and not fine(known.area_path, known.unit_code):
            place = names.get(known.area_path, known.area_path)
            problems.add(draft.at, "code", draft.code, Wrong("not_yours", place=place))
        elif not fine(draft.area_path, draft.unit_code):
            place = names.get(draft.area_path, draft.area_path)
            problems.add(draft.at, "", None, Wrong("not_yours", place=place))


def _sorted_out(
    actor: Actor,
    declared: ObjectType,
    incoming: Incoming,
    drafts: Sequence[Draft],
    targets: Mapping[str, Mapping[str, UUID]],
    problems: Problems,
) -> Plan:
    added: list[Draft] = []
    changed: list[Draft] = []
    kept: list[Draft] = []
    wrong: list[Draft] = []
    for draft in drafts:
        if not problems.none(draft.at):
            wrong.append(draft)
        elif draft.known is None:
            added.append(draft)
        elif draft.moved or _differs(draft, draft.known):
            changed.append(draft)
        else:
            kept.append(draft)
    seen = len({draft.code for draft in drafts if draft.known})
    gone = max(0, count_seen(actor, declared.id) - seen)
    return Plan(
        declared=declared,
        incoming=incoming,
        added=added,
        changed=changed,
        kept=kept,
        wrong=wrong,
        problems=problems,
        targets=targets,
        gone=gone,
        lacking=seen_beside(actor, declared.id, {draft.code for draft in drafts}) if gone else (),
    )


def _differs(draft: Draft, known: Known) -> bool:
    return (
        draft.name != known.name
        or draft.attributes != known.attributes
        or draft.unit_code != known.unit_code
        or draft.area_path != known.area_path
        or draft.valid_from != known.valid_from
        or draft.valid_to != known.valid_to
        or draft.links != draft.linked
    )


def _split(raw: object) -> frozenset[str]:
    parts = (part.strip() for part in given_text(raw).translate(LINK_MARKS).split(";"))
    return frozenset(part for part in parts if part)
