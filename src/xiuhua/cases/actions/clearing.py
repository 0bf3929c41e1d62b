"""Taking out everything of one origin: how the demonstration leaves a site."""

from __future__ import annotations

from django.db import transaction

from xiuhua.cases.models import Case, Evidence, RoundRun
from xiuhua.files.actions import forget
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Invalid
from xiuhua.ledger.actions import Change, record
from xiuhua.runs.models import Run

SYNTHETIC = "synthetic:"


def remove_origin(origin: str) -> int:
    """Take out the cases, rounds and runs of a synthetic origin, and files nothing else holds; return how many cases
    there were. Raises Invalid for another origin.
    """
    if not origin.startswith(SYNTHETIC):
        raise Invalid("cases.not_synthetic", origin=origin)
    with transaction.atomic():
        cases = Case.objects.filter(origin=origin)
        count = cases.count()
        laid = Evidence.objects.filter(case__origin=origin)
        hashes = set(laid.values_list("file_hash", flat=True))
        cases.delete()
        hashes -= set(Evidence.objects.filter(file_hash__in=hashes).values_list("file_hash", flat=True))
        RoundRun.objects.filter(origin=origin).delete()
        Run.objects.filter(origin=origin).delete()
        record(system_actor("cases"), Change(action="removed", entity="cases", entity_id=origin, data={"count": count}))
        transaction.on_commit(lambda: forget(hashes))
    return count
