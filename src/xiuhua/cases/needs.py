"""What a move asks for, and what of it the case holds already."""

from __future__ import annotations

from collections.abc import Collection

from xiuhua.cases.models import Case, Evidence
from xiuhua.files.content import PHOTOS
from xiuhua.kernel.cases import Move, Need, NeedKind


def held(case: Case) -> frozenset[tuple[str, str]]:
    """Return the (need, move it was used for) pairs of the case's evidence."""
    return frozenset(Evidence.objects.filter(case_id=case.id).values_list("need", "used_for"))


def is_met(need: Need, move: Move, evidence: Collection[tuple[str, str]]) -> bool:
    """Return whether the case holds evidence for the need that this move has not used before; a reason never lies
    there beforehand.
    """
    return need.kind is not NeedKind.REASON and any(
        given == need.id and used_for != move.id for given, used_for in evidence
    )


def missing(case: Case, move: Move, *, reason: str) -> list[Need]:
    """Return the move's needs that are not met."""
    evidence = held(case)
    return [
        need
        for need in move.needs
        if not (reason.strip() if need.kind is NeedKind.REASON else is_met(need, move, evidence))
    ]


def fits(need: Need, media_type: str) -> bool:
    """Return whether a file of that content may stand for the need."""
    return need.kind is NeedKind.FILE or (need.kind is NeedKind.PHOTO and media_type in PHOTOS)
