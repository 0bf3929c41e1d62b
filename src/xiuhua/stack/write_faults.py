"""A message server that met a full disk: it takes nothing more into the stream whose write failed until it is started
anew, though there is room again (nats-server 2.15: "Critical write error"). Who sends is not acknowledged meanwhile.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.log_tail import LogTail

FULL_BYTES = 1 << 20
ROOM_BYTES = 64 << 20
FAULT = re.compile(rb"critical write error|out of File resources|will be DISABLED", re.IGNORECASE)
WHY = Label(zh="磁盘曾写满，现已有空间", en="the disk was full and has room again")


class WriteFaults:
    """Watches the log of a message server and the room where it keeps its messages."""

    def __init__(self, log: Path, store: Path) -> None:
        # The log lies on the same disk as a rule, and may not have been able to tell.
        self._log = LogTail(log)
        self._store = store
        self._hurt = False

    def healed(self) -> Label | None:
        """Return why the server must be started anew now; None while it need not, or would find no room."""
        free = shutil.disk_usage(self._store).free
        self._hurt |= free < FULL_BYTES or any(FAULT.search(line) for line in self._log.lines())
        if not self._hurt or free < ROOM_BYTES:
            return None
        self._hurt = False
        return WHY
