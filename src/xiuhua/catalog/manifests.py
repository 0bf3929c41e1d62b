"""A pack's manifest: its identity, read and checked before any of its Python runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from xiuhua.catalog.catalogue import Fault, Manifest
from xiuhua.catalog.messages import MESSAGES
from xiuhua.kernel.words import Label

NAME = re.compile(r"[a-z][a-z0-9_]*")
KEYS = {"id", "title", "tasks", "lead", "support", "needs", "verified"}


def read_manifest(folder: Path) -> Manifest | tuple[Fault, ...]:
    """Return the manifest of a pack folder, or all that is wrong with it."""
    file = folder / "manifest.toml"
    if not file.is_file():
        return (_fault(folder, "catalog.manifest_missing", 1),)
    text = file.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else 1
        return (_fault(folder, "catalog.manifest_unreadable", line, problem=str(error)),)
    faults = tuple(
        _fault(folder, "catalog.manifest_field", _line(text, field), field=field, problem=problem)
        for field, problem in _problems(table)
    )
    if faults:
        return faults
    return Manifest(
        id=table["id"],
        title=Label(zh=table["title"]["zh"], en=table["title"]["en"]),
        tasks=tuple(table.get("tasks", ())),
        lead=tuple(table.get("lead", ())),
        support=tuple(table.get("support", ())),
        needs=tuple(table.get("needs", ())),
        verified=table.get("verified", False),
        folder=folder,
    )


def _problems(table: dict[str, object]) -> Iterator[tuple[str, str]]:
    for key in sorted(table.keys() - KEYS):
        yield key, "no such field"
    name = table.get("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "id", "snake_case, letters first"
    elif name == "registers":
        yield "id", "reserved"
    title = table.get("title")
    if not isinstance(title, dict) or not all(isinstance(title.get(key), str) and title[key] for key in ("zh", "en")):
        yield "title", "zh, en"
    if not _all(table.get("tasks", []), int):
        yield "tasks", "[7, 8]"
    for key in ("lead", "support", "needs"):
        if not _all(table.get(key, []), str):
            yield key, '["…"]'
    if not isinstance(table.get("verified", False), bool):
        yield "verified", "true, false"


def _all(values: object, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) for value in values)


def _line(text: str, field: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\[?{re.escape(field)}\b", line.strip()):
            return number
    return 1


def _fault(folder: Path, code: str, line: int, **params: object) -> Fault:
    message = MESSAGES[code]
    return Fault(
        pack=folder.name,
        where="manifest.toml",
        code=code,
        message=Label(zh=message.zh.format(**params), en=message.en.format(**params)),
        file=str(folder / "manifest.toml"),
        line=line,
    )
