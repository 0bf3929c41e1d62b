"""What of the history of cases and round items an auditor may know: answers the post may not read are taken out."""

from __future__ import annotations

from collections.abc import Sequence

from xiuhua.cases.models import Case, RoundItem
from xiuhua.cases.queries.detail import readable
from xiuhua.cases.queries.rounds import readable_form
from xiuhua.kernel.actor import Actor
from xiuhua.ledger.models import History
from xiuhua.ledger.queries import ids_of


def make_cases_readable(actor: Actor, rows: Sequence[History]) -> None:
    """Take out of history rows of cases the answers that the actor may not read."""
    cases = {str(case.id): case for case in Case.objects.filter(id__in=ids_of(rows))}
    for row in rows:
        case = cases.get(row.entity_id)
        if case is not None:
            readable(actor, case, row)
        elif not actor.administrator:
            row.data = {name: value for name, value in row.data.items() if name != "fields"}


def make_items_readable(actor: Actor, rows: Sequence[History]) -> None:
    """Take out of history rows of round items the answers that the actor may not read."""
    items = {str(item.id): item for item in RoundItem.objects.filter(id__in=ids_of(rows))}
    for row in rows:
        item = items.get(row.entity_id)
        if item is not None and "form" in row.data:
            row.data = {**row.data, "form": readable_form(actor, item)}
        elif not actor.administrator:
            row.data = {name: value for name, value in row.data.items() if name != "form"}
