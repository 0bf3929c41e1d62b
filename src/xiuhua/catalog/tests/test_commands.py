"""`check` and `new-pack`, as their users see them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from xiuhua.catalog.commands import CHECK, NEW_PACK
from xiuhua.catalog.tests.sample import changed, line_of
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.stack.commands import Command


def run(command: Command, *line: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(line))


def test_a_new_pack_passes_the_check_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(NEW_PACK, "kerbs", "--zh", "路缘石", "--en", "Kerb", "--folder", str(tmp_path)) == 0
    assert {"manifest.toml", "README.md", "pack.py"} <= {file.name for file in (tmp_path / "kerbs").iterdir()}
    capsys.readouterr()
    run(CHECK, "--json", str(tmp_path / "kerbs"))
    assert [one for one in json.loads(capsys.readouterr().out) if "kerbs" in one["place"]] == []


def test_a_new_pack_needs_a_good_id_and_a_free_place(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        run(NEW_PACK, "Kerbs", "--folder", str(tmp_path))
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    with pytest.raises(Conflict):
        run(NEW_PACK, "kerbs", "--folder", str(tmp_path))


def test_check_prints_file_and_line_of_every_fault_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    folder = tmp_path / "kerbs"
    changed(folder, ('owner="handler", ', ""), ('on="thing"', 'on="ghost"'))
    capsys.readouterr()
    assert run(CHECK, str(folder)) == 1
    printed = capsys.readouterr().out
    line = line_of(folder, "REPAIR = CaseType(")
    assert f"{folder / 'pack.py'}:{line}: " in printed
    assert "[catalog.state_no_owner]" in printed
    assert "[catalog.reference_unknown]" in printed
