"""`xiuhua check`: the faults of packs, plan, schema, calendar, words and the place of files, all together."""

from __future__ import annotations

import argparse

from django.conf import settings

from xiuhua.catalog import commands as catalog
from xiuhua.http.sentences import sentence
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.plans.commands import check_plan
from xiuhua.stack.commands import Command
from xiuhua.stack.console import language
from xiuhua.stack.files_place import check_files


def check(arguments: argparse.Namespace) -> int:
    """Print every fault once; return 1 if there is an error."""
    catalogue = catalog.catalogue_of(arguments)
    return catalog.report(arguments, catalogue, (*catalog.findings_of(catalogue), *check_plan(catalogue), *_of_files()))


def _of_files() -> tuple[catalog.Finding, ...]:
    try:
        check_files(settings.CONFIG)
    except XiuhuaError as error:
        text = sentence(error.code, dict(error.params), language())
        return (catalog.Finding(place="XIUHUA_FILES_URL", code=error.code, text=text, severity="error"),)
    return ()


CHECK = Command(
    says=catalog.CHECK.says,
    examples=catalog.CHECK.examples,
    arguments=catalog.CHECK.arguments,
    run=check,
)
