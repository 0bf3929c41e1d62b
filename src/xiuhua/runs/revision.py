"""Which state of the program ran: the commit of a checkout, else the version of the package."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import xiuhua


@cache
def revision() -> str:
    """Return the commit's forty digits, or the package's version."""
    folders = Path(xiuhua.__file__).resolve().parents
    for folder in folders:
        commit = commit_of(folder / ".git")
        if commit:
            return commit
    try:
        return version("xiuhua")
    except PackageNotFoundError:
        # Sources without a history, used where they lie.
        for folder in folders:
            if (folder / "pyproject.toml").is_file():
                return str(tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"])
        raise


def commit_of(git: Path) -> str:
    """Return the commit that a repository's folder, or a working tree's file that names it, stands at; "" if none."""
    if git.is_file():
        git = (git.parent / git.read_text().removeprefix("gitdir: ").strip()).resolve()
    if not (git / "HEAD").is_file():
        return ""
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    common = git / "commondir"
    shared = (git / common.read_text().strip()).resolve() if common.is_file() else git
    if (shared / name).is_file():
        return (shared / name).read_text().strip()
    packed = shared / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), "")
