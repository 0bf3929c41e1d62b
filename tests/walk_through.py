"""The walk-through "add a scenario in an hour", taken apart into the files it shows and the commands it gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "extend" / "add-a-scenario.md"
BLOCK = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<file>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """One fenced block. A block with a file belongs to that file, in the page's order; `sh` is to be run."""

    kind: str
    file: str
    text: str


def blocks() -> list[Block]:
    """Return the page's blocks in order."""
    found = BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    return [Block(kind=one["kind"], file=one["file"] or "", text=one["text"]) for one in found]


def files() -> dict[str, str]:
    """Return each file that the page shows, whole."""
    whole: dict[str, str] = {}
    for block in blocks():
        if block.file:
            whole[block.file] = "\n\n".join([whole[block.file], block.text]) if block.file in whole else block.text
    return whole


def write_pack(place: Path) -> Path:
    """Write the page's pack under `place` and return its folder."""
    for name, text in files().items():
        if name.startswith("covers/"):
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return place / "covers"
