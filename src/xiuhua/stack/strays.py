"""Processes of ours that outlived a killed `up`: known by a mark in their environment."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

WAIT_S = 10.0
MARK = "XIUHUA_SITE"


def stop_strays(data: Path) -> list[int]:
    """Stop processes left on this data folder and wait for them to be gone; returns their ids."""
    strays = [process for process in psutil.process_iter() if _serves(process, data)]
    for process in strays:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(strays, timeout=WAIT_S)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=WAIT_S)
    return [process.pid for process in strays]


def _serves(process: psutil.Process, data: Path) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.pid != os.getpid() and process.environ().get(MARK) == str(data)
    return False
