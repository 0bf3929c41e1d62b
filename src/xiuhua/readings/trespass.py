"""Messages outside of what their sender's key speaks for, as the message server's log tells of them.

MQTT 3.1.1 knows no refusal of a message: the server acknowledges it all the same (as 3.3.5-2 allows) and drops it. Only
its log says so; the door ends the connection then, so that the sender is not left believing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

VIOLATION = re.compile(rb'- (mid|cid):(\d+) - .*Publish Violation - Subject "(.*)"')
MOST_AT_ONCE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Trespass:
    """One dropped message: of which connection, whether that speaks MQTT, under which subject."""

    connection: int
    mqtt: bool
    subject: str


class LogReader:
    """Reads on in a log from where it ended when we began; follows it when the server begins a new file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._at = 0
        self._rest = b""
        found = self._stat()
        if found is not None:
            self._file, self._at = found.st_ino, found.st_size

    def trespasses(self) -> list[Trespass]:
        """Return what the log tells anew."""
        found = self._stat()
        if found is None:
            return []
        if found.st_ino != self._file or found.st_size < self._at:
            self._file, self._at, self._rest = found.st_ino, 0, b""
        with self._path.open("rb") as file:
            file.seek(self._at)
            said = file.read(MOST_AT_ONCE)
        self._at += len(said)
        *lines, self._rest = (self._rest + said).split(b"\n")
        return [
            Trespass(connection=int(told[2]), mqtt=told[1] == b"mid", subject=told[3].decode(errors="replace"))
            for told in map(VIOLATION.search, lines)
            if told is not None
        ]

    def _stat(self) -> os.stat_result | None:
        try:
            return self._path.stat()
        except FileNotFoundError:
            return None
