"""Reading on in a log that another process writes."""

from __future__ import annotations

import os
from pathlib import Path

MOST_AT_ONCE = 1 << 20


class LogTail:
    """Reads on in a log from where it ended when we began; follows it when its writer begins a new file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._at = 0
        self._rest = b""
        found = self._stat()
        if found is not None:
            self._file, self._at = found.st_ino, found.st_size

    def lines(self) -> list[bytes]:
        """Return the whole lines that were written since this was last asked."""
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
        return lines

    def _stat(self) -> os.stat_result | None:
        try:
            return self._path.stat()
        except FileNotFoundError:
            return None
