"""Processes of ours that outlived a killed `up`: known by a mark in their environment."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

# Each of ours survives a kill at any moment; waiting longer only delays the start.
WAIT_S = 1.0
LOOKED_EVERY_S = 0.05
MARK = "XIUHUA_SITE"


def stop_strays(data: Path) -> list[int]:
    """Stop processes left on this data folder and wait for them to be gone; returns their ids."""
    strays = [process for process in psutil.process_iter() if _serves(process, data)]
    for process in strays:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    alive = left_after(strays, WAIT_S)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    left_after(alive, WAIT_S)
    return [process.pid for process in strays]


def left_after(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return which still run after at most that time. One that has ended but was not collected by its parent, which
    may be a container's first process that collects nobody, runs no more.
    """
    until = time.monotonic() + seconds
    while True:
        left = [process for process in processes if _runs(process)]
        if not left or time.monotonic() > until:
            return left
        time.sleep(LOOKED_EVERY_S)


def _runs(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _serves(process: psutil.Process, data: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.pid != os.getpid() and process.environ().get(MARK) == str(data)
    return False
