"""Processes are started in order, started again after a crash, held, and stopped from the last to the first."""

import dataclasses
import itertools
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from xiuhua.kernel.errors import Unavailable
from xiuhua.kernel.words import Label
from xiuhua.stack.running import Part
from xiuhua.stack.starting import program, tied
from xiuhua.stack.supervisor import Program, Supervisor

SLEEPS = "import time; time.sleep(600)"
TELLS_ITS_END = """
import pathlib, signal, sys, time
def end(*_):
    with open(sys.argv[1], "a") as told:
        told.write(sys.argv[2])
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1] + sys.argv[2]).touch()
time.sleep(600)
"""


def a_program(folder: Path, name: str, code: str = SLEEPS, *arguments: str) -> Program:
    log = folder / f"{name}.out"
    command = tied(signal.SIGTERM, [sys.executable, "-c", code, *arguments])
    return Program(name=name, start=program(command, log), log=log, ready=lambda _pid: True)


def tended(supervisor: Supervisor, until: float) -> None:
    while time.monotonic() < until:
        supervisor.tend()
        time.sleep(0.02)


def test_a_killed_process_is_started_again_and_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    supervisor = Supervisor(changed=lambda _parts: None)
    supervisor.start(a_program(tmp_path, "web"))
    first = supervisor.parts[0].pid
    os.kill(first, signal.SIGKILL)
    tended(supervisor, time.monotonic() + 1.5)
    part = supervisor.parts[0]
    supervisor.stop()
    assert part.restarts == 1 and first != part.pid
    said = capsys.readouterr().out
    assert "web" in said and "9" in said and str(tmp_path / "web.out") in said


def test_a_process_that_must_be_started_anew_is_and_it_is_said_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = iter([None, Label(zh="磁盘曾写满", en="the disk was full"), None])
    supervisor = Supervisor(changed=lambda _parts: None)
    supervisor.start(dataclasses.replace(a_program(tmp_path, "nats"), anew=lambda: next(reasons, None)))
    first = supervisor.parts[0].pid
    tended(supervisor, time.monotonic() + 2.5)
    part = supervisor.parts[0]
    supervisor.stop()
    assert (part.restarts, psutil.pid_exists(first)) == (1, False) and part.pid != first
    assert "nats" in (said := capsys.readouterr().out) and ("磁盘曾写满" in said or "the disk was full" in said)


def test_one_that_keeps_crashing_is_waited_for_longer_and_longer(tmp_path: Path) -> None:
    starts: list[float] = []

    def changed(parts: list[Part]) -> None:
        if parts[0].state == "starting":
            starts.append(time.monotonic())

    supervisor = Supervisor(changed=changed)
    dying = a_program(tmp_path, "work", "import time; time.sleep(0.1)")
    supervisor.start(dying)
    tended(supervisor, time.monotonic() + 4)
    supervisor.stop()
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(gaps) >= 2 and gaps[1] > gaps[0] * 1.5


def test_the_last_started_is_stopped_first(tmp_path: Path) -> None:
    told = tmp_path / "told"
    supervisor = Supervisor(changed=lambda _parts: None)
    for name in "abc":
        supervisor.start(a_program(tmp_path, name, TELLS_ITS_END, str(told), name))
    while not all(Path(f"{told}{name}").exists() for name in "abc"):
        time.sleep(0.02)
    supervisor.stop()
    assert told.read_text() == "cba"


def test_held_processes_stay_stopped_until_released(tmp_path: Path) -> None:
    supervisor = Supervisor(changed=lambda _parts: None)
    supervisor.start(a_program(tmp_path, "nats"), a_program(tmp_path, "web"))
    before = [part.pid for part in supervisor.parts]
    supervisor.hold(["nats"])
    tended(supervisor, time.monotonic() + 0.8)
    assert supervisor.parts[0].state == "held"
    assert not psutil.pid_exists(before[0]) and supervisor.parts[1].pid == before[1]
    supervisor.release()
    after = supervisor.parts[0]
    assert after.state == "up" and psutil.pid_exists(after.pid) and after.restarts == 0
    supervisor.stop()


def test_one_that_cannot_start_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(changed=lambda _parts: None)
    broken = a_program(tmp_path, "nats", "import sys; sys.exit('no such port')")
    never = Program(name="nats", start=broken.start, log=broken.log, ready=lambda _pid: False)
    with pytest.raises(Unavailable) as refusal:
        supervisor.start(never)
    assert "no such port" in str(refusal.value.params["tail"])


def test_processes_end_with_one_that_is_killed(tmp_path: Path) -> None:
    keeper = f"""
import pathlib, signal, sys, time
from xiuhua.stack.starting import program, tied
log = pathlib.Path({str(tmp_path / "child.out")!r})
child = program(tied(signal.SIGTERM, [sys.executable, "-c", {SLEEPS!r}]), log)()
pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(child.pid))
time.sleep(600)
"""
    parent = program([sys.executable, "-c", keeper], tmp_path / "parent.out")()
    until = time.monotonic() + 20
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until, (tmp_path / "parent.out").read_text()
        time.sleep(0.05)
    child = psutil.Process(int((tmp_path / "pid").read_text()))
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    child.wait(10)


def test_one_that_does_not_start_is_told_by_the_log_in_which_it_said_why(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text('{"message": "address already in use"}\n')
    silent = a_program(tmp_path, "web", "raise SystemExit(1)")
    never = Program(name="web", start=silent.start, log=silent.log, ready=lambda _pid: False)
    with pytest.raises(Unavailable) as refusal:
        Supervisor(changed=lambda _parts: None).start(never)
    assert refusal.value.params["log"] == str(tmp_path / "web.log")
    assert "address already in use" in str(refusal.value.params["tail"])
