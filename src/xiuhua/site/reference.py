"""Writes docs/reference and the kept help from the declarations: python -m xiuhua.site.reference."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import django

import xiuhua
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.loading import load
from xiuhua.catalog.reference import NOTE, render
from xiuhua.faces.sensorthings.conformance import page as sensorthings
from xiuhua.people.posts import CORE_POSTS
from xiuhua.site.command_line import parser_of
from xiuhua.site.command_table import ROWS
from xiuhua.site.helping import KEPT

HELP_COLUMNS = "100"
FOLDER = Path(xiuhua.__file__).resolve().parents[2] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return every generated page by its path under docs/reference. Only packs of the tree have one."""
    return {**render(_of_the_tree()), "commands.md": _commands(), "sensorthings.md": sensorthings()}


def write() -> list[Path]:
    """Write the pages and return their files."""
    written = []
    for name, text in pages().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    KEPT.write_text(json.dumps(helps(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [*written, KEPT]


def helps() -> dict[str, dict[str, str]]:
    """Return what the parsers print for --help, by language and command, subcommands too."""
    before = {name: os.environ.get(name) for name in ("XIUHUA_LANGUAGE", "COLUMNS")}
    try:
        os.environ["COLUMNS"] = HELP_COLUMNS
        tables: dict[str, dict[str, str]] = {}
        for spoken in ("zh", "en"):
            os.environ["XIUHUA_LANGUAGE"] = spoken
            tables[spoken] = {
                name: text for row in ROWS if not row.internal for name, text in _helps_of(parser_of(row)[1]).items()
            }
        return tables
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _helps_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    table = {parser.prog.removeprefix("xiuhua "): parser.format_help()}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                table |= _helps_of(below)
    return table


def _of_the_tree() -> Catalogue:
    return load(posts={post.id: post for post in CORE_POSTS})


def _commands() -> str:
    lines = ["# Commands · 命令", NOTE, "", "`xiuhua COMMAND --help` shows every option with examples.", ""]
    lines += ["| Command | Does | 作用 |", "|---|---|---|"]
    lines += [f"| `xiuhua {row.name}` | {row.help.en} | {row.help.zh} |" for row in ROWS if not row.internal]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
    django.setup()
    for file in write():
        print(file)
