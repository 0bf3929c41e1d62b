"""`xiuhua check`: the faults of packs, schema, calendar and words, then those of the plan, all together."""

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
    """Print every fault; return 1 if there is an error."""
    status = catalog.check(arguments)
    faults = check_plan()
    for fault in faults:
        print(fault)
    silent = _of_files()
    if silent:
        print(silent)
    return 1 if faults or silent else status


def _of_files() -> str:
    try:
        check_files(settings.CONFIG)
    except XiuhuaError as error:
        return sentence(error.code, dict(error.params), language())
    return ""


CHECK = Command(
    says=catalog.CHECK.says,
    examples=catalog.CHECK.examples,
    arguments=catalog.CHECK.arguments,
    run=check,
)
