"""The plan's part of `check`."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.commands import Finding
from xiuhua.people.actions.songjiang import district_units
from xiuhua.plans.checks import check, check_packs, check_units
from xiuhua.plans.loading import DEFAULT, load
from xiuhua.stack.console import language


def check_plan(catalogue: Catalogue) -> list[Finding]:
    """Return every fault of the plan's file, of its targets and units, and of the tasks that packs say they carry."""
    plan, faults = load(Path(settings.CONFIG.plan) if settings.CONFIG.plan else DEFAULT)
    if plan is not None:
        faults += check(plan, catalogue) + check_units(plan, district_units()) + check_packs(plan, catalogue)
    return [
        Finding(
            place=f"{fault.file}:{fault.line}", code=fault.code, severity=fault.severity,
            text=fault.message.in_language(language()),
        )
        for fault in sorted(faults, key=lambda fault: (fault.file, fault.line))
    ]  # fmt: skip
