"""Asking a running site to hold some of its processes for a while: a file that names them and who asks."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from xiuhua.kernel.errors import Unavailable
from xiuhua.stack.running import Site, read_site, run_folder

HELD_WITHIN_S = 60.0
PARTITION_LOCK = 7_301_100
"""The advisory lock of the first partition of messages; the others follow it."""
ARCHIVE_LOCK = 7_301_002
"""The advisory lock of the records under which files of readings come to count, are replaced or deleted."""


def writers(site: Site) -> list[str]:
    """Return those processes of a site that write streams or read them, however many ingest processes there are."""
    return [part.name for part in site.parts if part.name.partition("-")[0] in ("nats", "ingest", "work")]


def wanted_hold(data: Path) -> tuple[str, ...]:
    """Return the processes to be held now; none once the asker has gone."""
    path = data / "run" / "hold.json"
    if not path.is_file():
        return ()
    wish = json.loads(path.read_text())
    if not psutil.pid_exists(wish["by"]):
        path.unlink(missing_ok=True)
        return ()
    return tuple(wish["parts"])


@contextlib.contextmanager
def held(data: Path, *names: str) -> Iterator[None]:
    """Have the running site hold processes for the block; raises Unavailable("backup.not_paused")."""
    path = run_folder(data) / "hold.json"
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({"by": os.getpid(), "parts": names}))
    fresh.replace(path)
    try:
        until = time.monotonic() + HELD_WITHIN_S
        while True:
            site = read_site(data)
            states = {part.name: part.state for part in site.parts} if site else {}
            if all(states.get(name) == "held" for name in names):
                break
            if time.monotonic() > until or site is None:
                raise Unavailable("backup.not_paused", seconds=int(HELD_WITHIN_S))
            time.sleep(0.05)
        yield
    finally:
        path.unlink(missing_ok=True)
