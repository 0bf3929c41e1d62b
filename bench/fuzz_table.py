"""What became of the messages of bench/fuzz.py: a row a way, and the table of them."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 3


@dataclass
class Row:
    """What became of one way's messages."""

    way: str
    messages: int = 0
    readings: int = 0
    stored: int = 0
    known: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    met: dict[str, str] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)
    way_said: Counter[str] = field(default_factory=Counter)
    rise_mib: float = 0.0

    def add(self, fates: dict[str, int]) -> None:
        """Count what the wall says."""
        for fate, count in fates.items():
            if fate == "stored":
                self.stored += count
            elif fate in ("repeated", "redelivered"):
                self.known += count
            else:
                self.refused[fate] += count

    def crash(self, error: Exception, on: str) -> None:
        """Note a crash; of those that say the same the first is shown with what it met."""
        what = f"{type(error).__name__}: {str(error)[:120]}"
        self.crashes[what] += 1
        self.met.setdefault(what, on)

    @property
    def sum(self) -> int:
        """Return how many readings have met a fate."""
        return self.stored + self.known + self.refused.total()

    @property
    def fits(self) -> bool:
        """Return whether every reading is accounted for."""
        return self.readings == self.sum and not self.misfits and not self.crashes


def rise_of(pid: int | str = "self") -> float:
    """Return the most memory that a process ever held, MiB."""
    if pid == "self":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    print(f"{'way':<34}{'messages':>9}{'readings':>10}{'stored':>9}{'known':>8}{'refused':>9}{'MiB':>6}  fits")
    for row in rows:
        print(
            f"{row.way:<34}{row.messages:>9,}{row.readings:>10,}{row.stored:>9,}{row.known:>8,}"
            f"{row.refused.total():>9,}{row.rise_mib:>6.0f}  {'yes' if row.fits else 'NO'}"
        )
        print("    " + ", ".join(f"{reason} {count:,}" for reason, count in sorted(row.refused.items())))
        for crash, count in row.crashes.most_common():
            print(f"    CRASH {count} × {crash} on {row.met.get(crash, '')}")
        for misfit in row.misfits[:SHOWN]:
            print(f"    MISFIT ({len(row.misfits)} in all) {misfit}")
    print("MiB: by how much the most memory ever held rose during the row, this process (wall) or the worker (wire)")
