"""`xiuhua check`: the faults of packs, plan, schema, calendar, words and of what this site alone has, all together."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from django.conf import settings

from xiuhua.catalog import commands as catalog
from xiuhua.http.sentences import sentence
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.plans.commands import check_plan
from xiuhua.readings.alarm_settings import alarms_file, read_alarm_settings
from xiuhua.stack.commands import Command
from xiuhua.stack.console import language
from xiuhua.stack.files_place import check_files


def check(arguments: argparse.Namespace) -> int:
    """Print every fault once; return 1 if there is an error."""
    catalogue = catalog.catalogue_of(arguments)
    return catalog.report(arguments, catalogue, (*catalog.findings_of(catalogue), *check_plan(catalogue), *_of_site()))


def _of_site() -> tuple[catalog.Finding, ...]:
    """Return what is wrong with what this site alone has: the place of its files, its own figures of alarms."""
    alarms = alarms_file(settings.CONFIG.data)
    checks: dict[str, Callable[[], object]] = {
        "XIUHUA_FILES_URL": lambda: check_files(settings.CONFIG), str(alarms): lambda: read_alarm_settings(alarms),
    }  # fmt: skip
    findings: list[catalog.Finding] = []
    for place, sound in checks.items():
        try:
            sound()
        except XiuhuaError as error:
            text = sentence(error.code, dict(error.params), language())
            findings.append(catalog.Finding(place=place, code=error.code, text=text, severity="error"))
    return tuple(findings)


CHECK = Command(
    says=catalog.CHECK.says,
    examples=catalog.CHECK.examples,
    arguments=catalog.CHECK.arguments,
    run=check,
)
