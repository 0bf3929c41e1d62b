"""Processes that a killed `up` left: stopped quickly, also stubborn ones and those that nobody collects."""

import os
import subprocess
import sys
import time
from pathlib import Path

from xiuhua.stack.strays import MARK, WAIT_S, stop_strays

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('.', flush=True); time.sleep(600)"
DOCILE = "import time; print('.', flush=True); time.sleep(600)"


def stray(code: str, data: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, MARK: str(data)}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == ".\n"
    return process


def test_one_that_nobody_collects_is_not_waited_for(tmp_path: Path) -> None:
    process = stray(DOCILE, tmp_path)
    began = time.monotonic()
    assert stop_strays(tmp_path) == [process.pid]
    # Whoever started it, this test, has not collected it yet.
    assert time.monotonic() - began < WAIT_S
    process.communicate()


def test_one_that_will_not_go_is_killed_and_others_are_left_alone(tmp_path: Path) -> None:
    process, other = stray(STUBBORN, tmp_path), stray(DOCILE, tmp_path / "other")
    try:
        assert stop_strays(tmp_path) == [process.pid]
        assert process.wait(10) == -9
        assert other.poll() is None
    finally:
        other.kill()
        other.communicate()
        process.communicate()
