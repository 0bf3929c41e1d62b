"""The plan's part of `check`."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from xiuhua.catalog.catalogue import current
from xiuhua.plans.checks import check
from xiuhua.plans.loading import DEFAULT, load
from xiuhua.stack.console import language


def check_plan() -> list[str]:
    """Return every fault of the plan's file and of its targets, as "file:line: text"."""
    plan, faults = load(Path(settings.CONFIG.plan) if settings.CONFIG.plan else DEFAULT)
    if plan is not None:
        faults += check(plan, current())
    return [
        f"{fault.file}:{fault.line}: {fault.message.in_language(language())} [{fault.code}]"
        for fault in sorted(faults, key=lambda fault: fault.line)
    ]
