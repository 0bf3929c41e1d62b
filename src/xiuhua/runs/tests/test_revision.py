"""A run says which state of the program it was, however the program came to the machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from xiuhua.runs.revision import commit_of


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    return subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_checkout_and_a_second_working_tree_name_their_commit(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    try:
        git(first, "init", "-q")
    except FileNotFoundError:
        pytest.skip("git is not on this machine")
    git(first, "commit", "-q", "--allow-empty", "-m", "one")
    git(first, "worktree", "add", "-q", "-b", "other", str(second))
    git(second, "commit", "-q", "--allow-empty", "-m", "two")
    assert commit_of(first / ".git") == git(first, "rev-parse", "HEAD")
    assert commit_of(second / ".git") == git(second, "rev-parse", "HEAD")
    git(first, "pack-refs", "--all")
    assert commit_of(second / ".git") == git(second, "rev-parse", "HEAD")


def test_a_folder_without_a_history_names_none(tmp_path: Path) -> None:
    assert commit_of(tmp_path / ".git") == ""
