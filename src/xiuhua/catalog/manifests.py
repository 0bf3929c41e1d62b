"""A pack's manifest: its identity, read and checked before any of its Python runs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
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


NO_FIELD = Label(zh="没有这个字段，删去或改正拼写", en="there is no such field; take it out or mend its spelling")
NO_ID = Label(
    zh="只用小写字母、数字和下划线，以字母开头", en="lower-case letters, digits and underscores, a letter first"
)
RESERVED = Label(zh="这个编号由系统保留，另取一个", en="this id is the system's own; take another")
NO_TITLE = Label(zh="须有 zh 和 en 两个名称", en="it must give both zh and en")
NO_NUMBERS = Label(
    zh="须是任务编号的列表，数字不加引号，如 [7, 8]", en="a list of task numbers without quotes, such as [7, 8]"
)
NO_TEXTS = Label(zh='须是文字的列表，如 ["lhsr"]', en='a list of texts, such as ["lhsr"]')
NO_YES = Label(zh="须是 true 或 false", en="it must be true or false")


def _problems(table: dict[str, object]) -> Iterator[tuple[str, Label]]:
    for key in sorted(table.keys() - KEYS):
        yield key, NO_FIELD
    name = table.get("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "id", NO_ID
    elif name == "registers":
        yield "id", RESERVED
    title = table.get("title")
    if not isinstance(title, dict) or not all(isinstance(title.get(key), str) and title[key] for key in ("zh", "en")):
        yield "title", NO_TITLE
    if not _all(table.get("tasks", []), int):
        yield "tasks", NO_NUMBERS
    for key in ("lead", "support", "needs"):
        if not _all(table.get(key, []), str):
            yield key, NO_TEXTS
    if not isinstance(table.get("verified", False), bool):
        yield "verified", NO_YES


def _all(values: object, kind: type) -> bool:
    return isinstance(values, list) and all(isinstance(value, kind) and not isinstance(value, bool) for value in values)


def line_of_field(folder: Path, field: str) -> int:
    """Return the line of the pack's manifest.toml on which a field stands."""
    return _line((folder / "manifest.toml").read_text(encoding="utf-8"), field)


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
        message=Label(zh=message.zh.format(**_in(params, "zh")), en=message.en.format(**_in(params, "en"))),
        file=str(folder / "manifest.toml"),
        line=line,
    )


def _in(params: Mapping[str, object], language: str) -> dict[str, object]:
    return {key: word.in_language(language) if isinstance(word, Label) else word for key, word in params.items()}
