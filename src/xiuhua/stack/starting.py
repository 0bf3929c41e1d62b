"""Two ways to start a process that ends with us: a program of its own, or a fork of a nursery of our code."""

from __future__ import annotations

import argparse
import ctypes
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

TIED = Path(__file__).with_name("tied.py")
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LARGEST_LOG = 5_000_000
LEFT_ALONE_FOR_S = 5.0


class Started(Protocol):
    """A process under way."""

    @property
    def pid(self) -> int:
        """Return its process id."""

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal, or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""


def tied(death_signal: signal.Signals, command: Sequence[str], *, uid: int = -1, gid: int = -1) -> list[str]:
    """Return the command, so started that the kernel sends it that signal when we are gone."""
    return [sys.executable, "-I", "-S", str(TIED), str(int(death_signal)), str(uid), str(gid), *command]


def program(command: Sequence[str], log: Path) -> Callable[[], Started]:
    """Return how to start a program whose words go to a log."""

    def start() -> Started:
        with log.open("ab") as words:
            return subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd="/",
                # A Ctrl-C at the terminal goes to us alone, so that we stop the processes in order.
                start_new_session=True,
            )

    return start


class Nursery:
    """A process that loads our code once and forks the site's own processes: they start at once and share its memory.

    modules: loaded in this order, from `open` on, with the environment as it is then.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(modules))

    def open(self) -> None:
        """Begin to load; `start` waits for it by itself."""
        forkserver.ensure_running()

    def start(self, place: str, name: str, arguments: argparse.Namespace, log: Path | None) -> Started:
        """Fork a process that calls the function at `place` ("module:function") and exits with what it returns."""
        process = self._context.Process(target=_become, args=(place, name, arguments, log), name=name)
        process.start()
        return _Forked(process)


class _Forked:
    def __init__(self, process: BaseProcess) -> None:
        self._process = process
        self.pid = process.pid or 0

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)


def _become(place: str, name: str, arguments: argparse.Namespace, log: Path | None) -> None:
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        system.prctl(PR_SET_NAME, f"xiuhua-{name}".encode())
    os.setsid()
    threading.Thread(name="parent", target=_end_with_parent, daemon=True).start()
    if log is not None:
        with log.open("ab") as words:
            os.dup2(words.fileno(), sys.stdout.fileno())
            os.dup2(words.fileno(), sys.stderr.fileno())
    module, function = place.split(":")
    sys.exit(getattr(importlib.import_module(module), function)(arguments))


def _end_with_parent() -> None:
    # The kernel ties a fork to the nursery; the nursery lives as long as its forks, and they as long as `up`.
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEFT_ALONE_FOR_S)
        os.kill(os.getpid(), signal.SIGKILL)


def turn_over(log: Path) -> None:
    """Move a log that grew large aside before a process writes on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.1"))
