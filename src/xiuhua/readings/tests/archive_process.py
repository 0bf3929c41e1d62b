"""One pass of the archive in a process of its own, which kills itself at the step named: see `STEPS`."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

STEPS = (
    "_stage", "_set_aside", "make_durable", "make_durable:2", "publish", "publish:2", "_bring_back", "roll_pairs",
    "note_refused", "after TRUNCATE", "sweep:2", "",
)  # fmt: skip
"""A function of the archive at whose n-th call the process dies, or a statement after which it does; "" for none."""


def main(step: str, now: datetime, hot_days: int) -> None:
    """Archive what is due at `now`."""
    django.setup()
    archive = importlib.import_module("xiuhua.readings.history.archive")
    connection = importlib.import_module("django.db").connection
    name, _, count = step.partition(":")
    left = [int(count or 1)]

    def die() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watching(execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, context: Any) -> Any:
        answer = execute(statement, parameters, many, context)
        if step == "after TRUNCATE" and "TRUNCATE" in str(statement) and "readings_reading" in str(statement):
            die()
        return answer

    if hasattr(archive, name):
        work = getattr(archive, name)

        def dying(*arguments: Any, **more: Any) -> Any:
            die()
            return work(*arguments, **more)

        setattr(archive, name, dying)
    with connection.execute_wrapper(watching):
        archive.archive(now=now, hot_days=hot_days)


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]))
