"""Starts the site's processes in order, starts a crashed one again, holds some while asked, stops all in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xiuhua.kernel.errors import Unavailable
from xiuhua.kernel.words import Label
from xiuhua.stack.console import say
from xiuhua.stack.running import Part
from xiuhua.stack.starting import Started, turn_over

POLLED_EVERY_S = 0.1
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
HEALTHY_AFTER_S = 60.0
LOOKED_EVERY_S = 1.0


def _never() -> None:
    """A process that runs need not be started anew."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """How to run one process. log: what it prints. ready: whether the process of that id serves. anew: why it must be
    started anew though it runs, None if it need not.
    """

    name: str
    start: Callable[[], Started]
    log: Path
    ready: Callable[[int], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_wait_s: float = 10.0
    start_wait_s: float = 60.0
    anew: Callable[[], Label | None] = _never


@dataclass(kw_only=True, slots=True)
class _Child:
    program: Program
    process: Started | None = None
    part: Part
    again_at: float = 0.0
    looked_at: float = 0.0
    wait_s: float = FIRST_WAIT_S
    held: bool = False


@dataclass(slots=True)
class Supervisor:
    """Runs programs in the order they were added. changed: called after every change of a process's state."""

    changed: Callable[[list[Part]], None]
    stopping: bool = False
    _children: dict[str, _Child] = field(default_factory=dict)

    @property
    def parts(self) -> list[Part]:
        """Return what each process does now."""
        return [child.part for child in self._children.values()]

    def start(self, *programs: Program) -> None:
        """Start programs side by side and wait until all serve; raises Unavailable("stack.not_started")."""
        for program in programs:
            child = _Child(program=program, part=Part(name=program.name))
            self._children[program.name] = child
            self._spawn(child)
        for program in programs:
            self._await(self._children[program.name])

    def tend(self) -> None:
        """Look after all processes once: note who serves, start again who crashed."""
        for child in self._children.values():
            if child.held or self.stopping:
                continue
            if child.process is None:
                if time.monotonic() >= child.again_at:
                    self._spawn(child)
            elif child.process.poll() is not None:
                self._crashed(child)
            elif child.part.state == "starting" and child.program.ready(child.process.pid):
                self._state(child, "up")
            elif child.part.state == "up":
                if time.time() - child.part.since > HEALTHY_AFTER_S:
                    child.wait_s = FIRST_WAIT_S
                if time.monotonic() - child.looked_at > LOOKED_EVERY_S:
                    child.looked_at = time.monotonic()
                    self._renew(child)

    def hold(self, names: Sequence[str]) -> None:
        """Stop the named processes, last first, and leave them stopped until `release`."""
        for name in reversed([one for one in self._children if one in names]):
            child = self._children[name]
            if not child.held:
                child.held = True
                self._end(child, "held")

    def release(self) -> None:
        """Start again, in order, what `hold` stopped."""
        for child in self._children.values():
            if child.held:
                child.held = False
                self._spawn(child)
                self._await(child)

    def stop(self) -> None:
        """Stop all, last started first."""
        self.stopping = True
        for child in reversed(self._children.values()):
            self._end(child, "stopped")

    def _spawn(self, child: _Child) -> None:
        program = child.program
        turn_over(program.log)
        child.process = program.start()
        child.part.pid = child.process.pid
        self._state(child, "starting")

    def _await(self, child: _Child) -> None:
        program, until = child.program, time.monotonic() + child.program.start_wait_s
        while not self.stopping:
            process = child.process
            if process is None or process.poll() is not None or time.monotonic() > until:
                log = _telling(program.log)
                raise Unavailable("stack.not_started", part=program.name, log=str(log), tail=tail(log))
            if program.ready(process.pid):
                self._state(child, "up")
                return
            time.sleep(POLLED_EVERY_S / 2)

    def _renew(self, child: _Child) -> None:
        why = child.program.anew()
        if why is None:
            return
        say(
            Label(zh="  ! {name} 重新启动：{why_zh}", en="  ! {name} is started anew: {why_en}"),
            name=child.program.name, why_zh=why.zh, why_en=why.en,
        )  # fmt: skip
        self._end(child, "waiting")
        child.part.restarts += 1
        child.again_at = time.monotonic()

    def _crashed(self, child: _Child) -> None:
        status = (child.process.poll() if child.process is not None else 0) or 0
        child.process = None
        child.again_at = time.monotonic() + child.wait_s
        child.part.restarts += 1
        self._state(child, "waiting")
        if status < 0:
            how = Label(zh="被信号 {number} 终止", en="killed by signal {number}")
            told = how.zh.format(number=-status), how.en.format(number=-status)
        else:
            told = f"退出码 {status}", f"exit status {status}"
        say(
            Label(
                zh="  ! {name} 停了（{how_zh}），{wait:g} 秒后第 {times} 次重新启动；记录：{log}",
                en="  ! {name} stopped ({how_en}); started again in {wait:g} s (restart {times}); log: {log}",
            ),
            name=child.program.name, how_zh=told[0], how_en=told[1], wait=child.wait_s,
            times=child.part.restarts, log=child.program.log,
        )  # fmt: skip
        child.wait_s = min(child.wait_s * 2, LONGEST_WAIT_S)

    def _end(self, child: _Child, state: str) -> None:
        process, child.process = child.process, None
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(child.program.stop_signal)
            try:
                process.wait(child.program.stop_wait_s)
            except subprocess.TimeoutExpired:
                _kill_session(process)
                process.wait()
        self._state(child, state)

    def _state(self, child: _Child, state: str) -> None:
        child.part.state = state
        child.part.since = time.time()
        if state in ("held", "stopped", "waiting"):
            child.part.pid = 0
        self.changed(self.parts)


def tail(log: Path, lines: int = 12) -> str:
    """Return the last lines of a log file."""
    if not log.is_file():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _telling(log: Path) -> Path:
    """Return the file in which a process said why: what it printed, else what it logged."""
    logged = log.with_suffix(".log")
    return log if tail(log).strip() or not logged.is_file() else logged


def _kill_session(process: Started) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
