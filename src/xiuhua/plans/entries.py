"""YAML with the line of every entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

Plain = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A value of the file and its line: a mapping, a list, or a plain value (dates stay text)."""

    line: int
    value: dict[str, Entry] | list[Entry] | Plain

    def items(self) -> Iterator[Entry]:
        """Yield the entries of a list; nothing for anything else."""
        if isinstance(self.value, list):
            yield from self.value

    def keys(self) -> dict[str, Entry]:
        """Return the entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}


class DuplicateKey(yaml.MarkedYAMLError):
    """A key stands twice in one mapping."""


def parse(text: str) -> Entry:
    """Return the file as entries; raises yaml.MarkedYAMLError."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return Entry(line=1, value={}) if node is None else _entry(node)


def _entry(node: yaml.Node) -> Entry:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        table: dict[str, Entry] = {}
        for key, value in node.value:
            if key.value in table:
                raise DuplicateKey(problem=f"duplicate key {key.value}", problem_mark=key.start_mark)
            table[key.value] = _entry(value)
        return Entry(line=line, value=table)
    if isinstance(node, yaml.SequenceNode):
        return Entry(line=line, value=[_entry(one) for one in node.value])
    return Entry(line=line, value=_plain(node))


def _plain(node: yaml.Node) -> Plain:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "int":
        return int(text.replace("_", ""))
    if kind == "float":
        return float(text.replace("_", ""))
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    return None if kind == "null" else text
