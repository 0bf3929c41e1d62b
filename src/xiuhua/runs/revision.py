"""Which state of the program ran: the commit of a checkout, else the version of the installed package."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path

import xiuhua


@cache
def revision() -> str:
    """Return the commit's forty digits, or the package's version."""
    for folder in Path(xiuhua.__file__).resolve().parents:
        commit = _commit(folder / ".git")
        if commit:
            return commit
    return version("xiuhua")


def _commit(git: Path) -> str:
    if not (git / "HEAD").is_file():
        return ""
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    if (git / name).is_file():
        return (git / name).read_text().strip()
    packed = git / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
