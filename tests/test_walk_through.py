"""docs/extend/add-a-scenario.md, followed step by step as a newcomer would: its files written, its commands run."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xiuhua.catalog.loading import load
from xiuhua.engines.working_time import published_calendar
from xiuhua.people.posts import CORE_POSTS

from . import walk_through

POSTS = {post.id: post for post in CORE_POSTS}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A newcomer's home folder, with the two commands of the page on the path."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, module in {"xiuhua": " -m xiuhua.site.command_line", "python": ""}.items():
        tool = tools / name
        tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{module} "$@"\n')
        tool.chmod(0o755)
    return tmp_path


def keep_calendars(data: Path) -> None:
    """Give the site the years that `check` may ask for on the day of this test, whatever day that is."""
    (data / "calendars").mkdir(parents=True)
    this = datetime.now(UTC).year
    for year in sorted({this, this + 1} - published_calendar().years.keys()):
        days = {"holidays": [f"{year}-01-01"], "make_up_days": []}
        (data / "calendars" / f"{year}.json").write_text(json.dumps(days))


def test_the_page_is_followed_from_the_first_command_to_the_last(home: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}
    environment = {
        **kept,
        "HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{kept['PATH']}",
        "XIUHUA_LANGUAGE": "en",
        "XIUHUA_DATA": str(home / "data"),
    }
    keep_calendars(Path(environment["XIUHUA_DATA"]))
    said: list[str] = []
    settings = ""
    written: dict[str, str] = {}
    for block in walk_through.blocks():
        if block.file:
            place = home if block.file == "trial-plan.yaml" else home / "my-packs"
            before = written.get(block.file)
            written[block.file] = block.text if before is None else f"{before}\n\n{block.text}"
            (place / block.file).write_text(written[block.file], encoding="utf-8")
        if block.kind != "sh":
            continue
        settings += "".join(line + "\n" for line in block.text.splitlines() if line.startswith("export "))
        done = subprocess.run(
            ["sh", "-e", "-c", settings + block.text],
            cwd=walk_through.ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    assert "covers/pack.py" in said[0] and "3 packs, 0 faults" in said[0]
    assert "1 passed" in said[1]
    assert "3 packs, 0 faults" in said[2]


def test_the_pack_of_the_page_loads_without_a_fault(tmp_path: Path) -> None:
    walk_through.write_pack(tmp_path)
    catalogue = load(folders=(tmp_path,), posts=POSTS)
    assert [fault for fault in catalogue.faults if fault.severity == "error"] == []
    assert catalogue.object_type("covers.cover").geometry == "point"
    assert catalogue.rules["covers.tilted"].opens == "covers.repair"
    assert catalogue.indicator("covers.sound").unit == "%"


def test_a_fault_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    pack = walk_through.write_pack(tmp_path) / "pack.py"
    text = pack.read_text(encoding="utf-8").replace(
        'who="verifier",\n             clears_alarm', 'who="handler",\n clears_alarm'
    )
    pack.write_text(text, encoding="utf-8")
    catalogue = load(folders=(tmp_path,), posts=POSTS)
    (fault,) = [fault for fault in catalogue.faults if fault.severity == "error"]
    assert (fault.pack, fault.code) == ("covers", "catalog.handler_verifies")
    assert fault.file == str(pack) and "accept" in text.splitlines()[fault.line - 1]
    assert "covers" not in catalogue.packs and "signs" in catalogue.packs
