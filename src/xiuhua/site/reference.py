"""Writes docs/reference from the declarations: python -m xiuhua.site.reference."""

from __future__ import annotations

import os
from pathlib import Path

import django

import xiuhua
from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.loading import load
from xiuhua.catalog.reference import NOTE, render
from xiuhua.people.posts import CORE_POSTS
from xiuhua.site.command_table import ROWS

FOLDER = Path(xiuhua.__file__).resolve().parents[2] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Return every generated page by its path under docs/reference. Only packs of the tree have one."""
    return {**render(_of_the_tree()), "commands.md": _commands()}


def write() -> list[Path]:
    """Write the pages and return their files."""
    written = []
    for name, text in pages().items():
        file = FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


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
