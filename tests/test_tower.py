"""The tower of pyproject.toml holds: imports go downwards only, science and packs are pure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_imports_keep_to_the_tower() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_room_is_a_floor_of_the_tower() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = text.partition("layers = [")[2].partition("]")[0]
    rooms = {folder.name for folder in (ROOT / "src/xiuhua").iterdir() if (folder / "__init__.py").is_file()}
    assert rooms == set(layers.replace('"', " ").replace(",", " ").replace("|", " ").split())
