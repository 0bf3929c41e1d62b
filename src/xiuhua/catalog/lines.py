"""Where a declaration stands in a pack's files: the line of the call that carries its id."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class _Call:
    """One call with an id keyword, and the ids of the calls it stands in, from the outermost."""

    id: str
    inside: tuple[str, ...]
    file: Path
    line: int


class Lines:
    """The declarations of a folder (or of named files) by id."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._first = files[0] if files else Path()
        self._calls: list[_Call] = []
        self._words: dict[str, tuple[Path, int]] = {}
        for file in files:
            try:
                tree = ast.parse(file.read_text(encoding="utf-8"))
            except (SyntaxError, OSError, ValueError):
                continue
            self._calls.extend(_calls(tree, (), file))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    self._words.setdefault(node.value, (file, node.lineno))

    def find(self, path: tuple[str, ...]) -> tuple[str, int]:
        """Return file and line of the declaration named by its ids from the outermost ("repair", "sent"): the call
        itself, else the first place where its id is written, else the same for what it stands in.
        """
        for depth in range(len(path), 0, -1):
            inside, last = path[: depth - 1], path[depth - 1]
            found = [call for call in self._calls if call.id == last]
            if found:
                best = max(found, key=lambda call: (_shared(call.inside, inside), -call.line))
                return str(best.file), best.line
            if last in self._words:
                file, line = self._words[last]
                return str(file), line
        return str(self._first), 1


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(1 for part in other if part in one)


def _calls(node: ast.AST, inside: tuple[str, ...], file: Path) -> Iterator[_Call]:
    deeper = inside
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            value = keyword.value
            if keyword.arg == "id" and isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield _Call(id=value.value, inside=inside, file=file, line=node.lineno)
                deeper = (*inside, value.value)
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, deeper, file)
