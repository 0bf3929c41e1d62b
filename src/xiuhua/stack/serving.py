"""What the processes that `up` runs have in common: how they say that they serve, and how they are told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from xiuhua.stack.running import run_folder


def mark_ready(data: Path, name: str) -> None:
    """Say that this process, which is the part of that name, serves."""
    (run_folder(data) / f"{name}.ready").write_text(str(os.getpid()))


def marked_ready(data: Path, name: str) -> Callable[[int], bool]:
    """Return the question whether the process of an id has said so."""
    path = run_folder(data) / f"{name}.ready"

    def ready(pid: int) -> bool:
        return path.is_file() and path.read_text() == str(pid)

    return ready


def stop_on_signal() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: the environment says it all."""
