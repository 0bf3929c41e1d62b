"""Every example in help and docs can be typed: its options exist, and what it names is declared."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shlex
from importlib import resources
from pathlib import Path

import pytest

from xiuhua.catalog.catalogue import current
from xiuhua.people.actions.songjiang import district_units
from xiuhua.people.posts import all_posts
from xiuhua.site.command_line import parser_of
from xiuhua.site.command_table import ROWS, find
from xiuhua.stack.commands import Command

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"^(?:\./)?xiuhua ([a-z].*?)(?:\s+# .*)?$", re.MULTILINE)
# Followed command by command, in its own surroundings, by test_walk_through.
FOLLOWED = ROOT / "docs" / "extend" / "add-a-scenario.md"
AREAS = {row["code"] for row in json.loads((resources.files("xiuhua.people") / "data/areas.json").read_text())["areas"]}
TARGETS = {"code", "name", "unit", "area", "lon", "lat"}


def examples() -> list[str]:
    """Return the examples of every command and the command lines of every page, without the program's name."""
    lines = []
    for row in ROWS:
        command: Command = getattr(importlib.import_module(row.module), row.constant)
        lines += [line.removeprefix("xiuhua ") for line in command.examples]
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        if page != FOLLOWED:
            lines += LINE.findall(page.read_text(encoding="utf-8"))
    return sorted(set(lines))


def taken(line: str) -> tuple[str, argparse.Namespace]:
    """Return the command's name and its words as its own parser takes them."""
    words = shlex.split(line.partition(" > ")[0])
    row = find(words)
    assert row is not None, line
    return row.name, parser_of(row)[1].parse_args(words[len(row.name.split()) :])


@pytest.mark.parametrize("line", examples())
def test_an_example_names_only_what_is_there(line: str) -> None:
    name, words = taken(line)
    if name in ("import", "export"):
        declared = current().object_type(words.type)
        attributes = {attribute.id for attribute in declared.attributes}
    if name == "import":
        links = {f"link.{link.id}" for link in declared.links}
        for pair in words.map:
            assert pair.partition("=")[2] in TARGETS | links | {f"attr.{one}" for one in attributes}, pair
    if name == "export":
        assert json.loads(words.filter).keys() <= attributes
        assert not words.area or words.area.rstrip("/").rpartition("/")[2] in AREAS
    if name == "user" and words.verb in ("grant", "revoke"):
        assert words.post in all_posts() and words.unit in district_units() and words.area in AREAS


def test_types_named_in_the_help_of_arguments_are_declared() -> None:
    named = set()
    for row in ROWS:
        named |= set(re.findall(r"e\.g\. ([a-z_]+\.[a-z_]+)\b", parser_of(row)[1].format_help()))
    assert named and named <= current().objects.keys()


def test_the_pages_have_examples() -> None:
    assert len(examples()) > 30
