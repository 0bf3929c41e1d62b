"""`xiuhua check`: the faults of packs, schema, calendar and words, then those of the plan, all together."""

from __future__ import annotations

import argparse

from xiuhua.catalog import commands as catalog
from xiuhua.plans.commands import check_plan
from xiuhua.stack.commands import Command


def check(arguments: argparse.Namespace) -> int:
    """Print every fault; return 1 if there is an error."""
    status = catalog.check(arguments)
    faults = check_plan()
    for fault in faults:
        print(fault)
    return 1 if faults else status


CHECK = Command(
    says=catalog.CHECK.says,
    examples=catalog.CHECK.examples,
    arguments=catalog.CHECK.arguments,
    run=check,
)
