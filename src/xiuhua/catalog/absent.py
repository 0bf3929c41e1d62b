"""Turns off, visibly, the rows that need a pack which is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from xiuhua.catalog.references import Row, needed
from xiuhua.kernel.cases import CaseType, Round
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.packs import Pack


@dataclass(frozen=True, kw_only=True, slots=True)
class Off:
    """A row (or a part of one, in `part`) that waits for `needs`."""

    pack: str
    row: str
    part: str
    needs: str


def turn_off(packs: Mapping[str, Pack]) -> tuple[dict[str, Pack], tuple[Off, ...]]:
    """Return the packs without the rows that need an absent pack, and what was turned off. A row that needs a row
    turned off is turned off too; what is only optional (a link, a case that a move or an alarm would open) is taken
    out of its row.
    """
    off: list[Off] = []
    gone: set[str] = set()

    def absent(full_id: str) -> bool:
        return bool(full_id) and (full_id in gone or full_id.partition(".")[0] not in packs)

    found = True
    while found:
        found = False
        for pack_id, pack in packs.items():
            for row in _rows(pack):
                missing = next((one for one in needed(row) if absent(one)), "")
                if missing and row.id not in gone:
                    gone.add(row.id)
                    off.append(Off(pack=pack_id, row=row.id, part="", needs=missing))
                    found = True
    return {pack_id: _trimmed(pack_id, pack, gone, absent, off) for pack_id, pack in packs.items()}, tuple(off)


def _rows(pack: Pack) -> tuple[Row, ...]:
    return (*pack.cases, *pack.rules, *pack.rounds, *pack.analyses, *pack.indicators)


def _trimmed(pack_id: str, pack: Pack, gone: set[str], absent: Callable[[str], bool], off: list[Off]) -> Pack:
    def kept(row: str, part: str, needs: str) -> str:
        if absent(needs):
            off.append(Off(pack=pack_id, row=row, part=part, needs=needs))
            return ""
        return needs

    def trim_object(kind: ObjectType) -> ObjectType:
        links = tuple(link for link in kind.links if kept(kind.id, link.id, link.to))
        names = {link.id for link in links}
        declared = {link.id for link in kind.links}
        return replace(kind, links=links, never=tuple(one for one in kind.never if one in names or one not in declared))

    def trim_case(case: CaseType) -> CaseType:
        moves = tuple(
            replace(
                move,
                opens=kept(case.id, move.id, move.opens),
                waits_for=kept(case.id, move.id, move.waits_for),
            )
            for move in case.moves
        )
        return replace(case, moves=moves)

    def trim_round(one: Round) -> Round:
        return replace(one, opens=kept(one.id, "opens", one.opens))

    return replace(
        pack,
        objects=tuple(trim_object(kind) for kind in pack.objects),
        cases=tuple(trim_case(case) for case in pack.cases if case.id not in gone),
        rules=tuple(
            replace(rule, opens=kept(rule.id, "opens", rule.opens)) for rule in pack.rules if rule.id not in gone
        ),
        rounds=tuple(trim_round(one) for one in pack.rounds if one.id not in gone),
        analyses=tuple(one for one in pack.analyses if one.id not in gone),
        indicators=tuple(one for one in pack.indicators if one.id not in gone),
    )
