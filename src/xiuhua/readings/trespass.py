"""Messages outside of what their sender's key speaks for, as the message server's log tells of them.

MQTT 3.1.1 knows no refusal of a message: the server acknowledges it all the same (as 3.3.5-2 allows) and drops it. Only
its log says so; the door ends the connection then, so that the sender is not left believing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xiuhua.stack.log_tail import LogTail

VIOLATION = re.compile(rb'- (mid|cid):(\d+) - .*Publish Violation - Subject "(.*)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Trespass:
    """One dropped message: of which connection, whether that speaks MQTT, under which subject."""

    connection: int
    mqtt: bool
    subject: str


class LogReader:
    """Finds what is told anew of trespasses in the message server's log."""

    def __init__(self, path: Path) -> None:
        self._log = LogTail(path)

    def trespasses(self) -> list[Trespass]:
        """Return what the log tells anew."""
        return [
            Trespass(connection=int(told[2]), mqtt=told[1] == b"mid", subject=told[3].decode(errors="replace"))
            for told in map(VIOLATION.search, self._log.lines())
            if told is not None
        ]
