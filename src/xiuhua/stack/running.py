"""What runs on a data folder: its lock, and the file that says so."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xiuhua.kernel.errors import Conflict

TRIED_FOR_S = 1.0


@dataclass(kw_only=True, slots=True)
class Part:
    """One process of the site. state: starting, up, held, waiting (to be started again), stopped."""

    name: str
    pid: int = 0
    state: str = "stopped"
    since: float = 0.0
    restarts: int = 0


@dataclass(kw_only=True, slots=True)
class Site:
    """What `up` writes down about itself; holds no secret. database: URL of the embedded server, by its socket."""

    pid: int
    started: float
    address: str
    http_port: int
    mqtt_address: str
    mqtt_port: int
    nats_port: int
    database: str
    ready: bool = False
    parts: list[Part] = field(default_factory=list)


def run_folder(data: Path) -> Path:
    """Return data/run, made for its owner only."""
    folder = data / "run"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write_site(data: Path, site: Site) -> None:
    """Write down what runs, in one step."""
    fresh = run_folder(data) / f".site.{os.getpid()}"
    fresh.write_text(json.dumps(asdict(site), indent=1))
    fresh.replace(data / "run" / "site.json")


def read_site(data: Path) -> Site | None:
    """Return what runs on this folder, or None where no `up` holds it."""
    path = data / "run" / "site.json"
    if holder(data) is None or not path.is_file():
        return None
    found = json.loads(path.read_text())
    parts = [Part(**part) for part in found.pop("parts")]
    return Site(**found, parts=parts)


def holder(data: Path) -> int | None:
    """Return the process id of the `up` (or backup, restore, …) that holds the folder, or None."""
    path = data / "run" / "lock"
    if not path.is_file():
        return None
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(path.read_text().strip() or "0")
    return None


@contextlib.contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the folder for this process; raises Conflict("stack.already_running") naming who holds it."""
    path = run_folder(data) / "lock"
    with path.open("a+") as lock:
        until = time.monotonic() + TRIED_FOR_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # A reader of the lock holds it for an instant; an `up` holds it for good.
                if time.monotonic() > until:
                    pid = path.read_text().strip()
                    raise Conflict("stack.already_running", data=str(data), pid=pid) from None
                time.sleep(0.05)
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
