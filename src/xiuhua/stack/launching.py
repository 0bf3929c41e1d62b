"""What the launcher does with a bare Python: environment, pages, command line. Standard library only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.console import complain
from xiuhua.stack.environment import Environment, NotSetUp, prepare_environment
from xiuhua.stack.pages import build_pages

NEEDS_PAGES = ("up",)
NEEDS_TOOLS = ("test",)


def launch(root: Path, arguments: list[str]) -> None:
    """Set up what the command needs and become it; exits with a sentence where that fails."""
    command = first_word(arguments)
    environment = Environment(root=root, tools=command in NEEDS_TOOLS)
    try:
        prepare_environment(environment)
        if command in NEEDS_PAGES:
            build_pages(environment)
    except NotSetUp as problem:
        complain(Label(zh="{problem}", en="{problem}"), problem=problem)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.stdout.flush()
    python = str(environment.python)
    os.execv(python, [python, "-m", "xiuhua.site.command_line", *arguments])  # noqa: S606


def first_word(arguments: list[str]) -> str:
    """Return the command's name, skipping `--data DIR` before it."""
    words = iter(arguments)
    for word in words:
        if word == "--data":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


if __name__ == "__main__":
    launch(Path(__file__).resolve().parents[3], sys.argv[1:])
