"""Where packs are: the package's own folder, folders named by the site, and pip packages under an entry point."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

import xiuhua.packs
import xiuhua.registers
from xiuhua.catalog.catalogue import Fault
from xiuhua.catalog.messages import MESSAGES
from xiuhua.kernel.words import Label

GROUP = "xiuhua.packs"


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A pack's folder, and the package it is imported as (empty: by path, under a name made from its id)."""

    folder: Path
    package: str = ""


def find_packs(folders: Sequence[Path]) -> tuple[list[Found], list[Fault]]:
    """Return all pack folders in order (the tree's, the named ones, the installed ones) and the folders missing."""
    found = [
        Found(folder=folder, package=f"xiuhua.packs.{folder.name}")
        for place in xiuhua.packs.__path__
        for folder in _pack_folders(Path(place))
    ]
    faults: list[Fault] = []
    for folder in folders:
        if not folder.is_dir():
            faults.append(_missing(str(folder)))
        elif (folder / "manifest.toml").is_file():
            found.append(Found(folder=folder))
        else:
            found.extend(Found(folder=inner) for inner in _pack_folders(folder))
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        place = _package_folder(point.module)
        if place is None:
            faults.append(_missing(f"{point.name} = {point.module}"))
        else:
            found.append(Found(folder=place, package=point.module))
    return found, faults


def register_modules() -> list[tuple[str, Path]]:
    """Return (module, file) of every register in the tree."""
    return [
        (f"xiuhua.registers.{file.stem}", file)
        for place in xiuhua.registers.__path__
        for file in sorted(Path(place).glob("*.py"))
        if file.stem != "__init__"
    ]


def _pack_folders(place: Path) -> list[Path]:
    return sorted(
        folder
        for folder in place.iterdir()
        if folder.is_dir() and ((folder / "manifest.toml").is_file() or (folder / "pack.py").is_file())
    )


def _package_folder(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _missing(folder: str) -> Fault:
    message = MESSAGES["catalog.folder_missing"]
    return Fault(
        pack="", where=folder, code="catalog.folder_missing", file=folder, line=1,
        message=Label(zh=message.zh.format(folder=folder), en=message.en.format(folder=folder)),
    )  # fmt: skip
