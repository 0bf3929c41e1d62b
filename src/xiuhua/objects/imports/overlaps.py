"""What may not be valid together, among the rows of a file and against the register, before the database refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.objects import Link, ObjectType
from xiuhua.objects.imports.register import held_links
from xiuhua.objects.imports.rows import Draft, Problems
from xiuhua.objects.linking import key_links
from xiuhua.objects.problems import Wrong


def overlapping(actor: Actor, declared: ObjectType, drafts: Sequence[Draft], problems: Problems) -> None:
    """Tell of every row whose period meets an earlier row's, or a thing's of the register, on the same target."""
    rewritten = {draft.known.id for draft in drafts if draft.known}
    for link in key_links(declared).values():
        if link.id in declared.never:
            _on_link(actor, declared, link, drafts, rewritten, problems)


def _on_link(
    actor: Actor, declared: ObjectType, link: Link, drafts: Sequence[Draft], rewritten: set[UUID], problems: Problems
) -> None:
    taken: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
    for code, links in held_links(actor, declared.id, link.id).items():
        taken[code] = [
            (*_whole(held.valid_from, held.valid_to), held.source) for held in links if held.source_id not in rewritten
        ]
    for draft in drafts:
        start, end = _whole(draft.valid_from, draft.valid_to)
        for code in sorted(draft.links[link.id]):
            other = next((who for first, last, who in taken[code] if first <= end and start <= last), None)
            if other is None:
                taken[code].append((start, end, draft.code))
            else:
                shown = "—" if code in draft.unseen[link.id] else code
                wrong = Wrong("overlap", other=other, label=link.label, target=shown)
                problems.add(draft.at, f"link.{link.id}", shown, wrong)


def _whole(valid_from: date | None, valid_to: date | None) -> tuple[date, date]:
    """Return the period with an open side at the end of time."""
    return valid_from or date.min, valid_to or date.max
