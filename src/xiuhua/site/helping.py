"""Help without anything installed: what every command's parser prints, kept beside this file. Standard library only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from xiuhua.site.command_table import group, group_help, no_such, overview
from xiuhua.stack.console import language

HELP = ("-h", "--help", "help")
KEPT = Path(__file__).with_name("help.json")


def help_of(words: list[str], spoken: str) -> str | None:
    """Return the help of the command whose name a line begins with, of several the longest; None without one."""
    table: dict[str, str] = json.loads(KEPT.read_text(encoding="utf-8"))[spoken]
    names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((table[name] for name in names if name in table), None)


def asks_for_help(words: list[str]) -> bool:
    """Say whether a command line only asks for help."""
    return any(word in HELP[:2] for word in words)


def take_data(words: list[str]) -> tuple[list[str], str | None]:
    """Take `--data DIR` out of a command line, wherever it stands."""
    rest: list[str] = []
    data: str | None = None
    upcoming = iter(words)
    for word in upcoming:
        if word == "--data":
            data = next(upcoming, data)
        elif word.startswith("--data="):
            data = word.removeprefix("--data=")
        else:
            rest.append(word)
    return rest, data


def main(arguments: list[str]) -> int:
    """Print the help a command line asks for and return its exit status."""
    words = [word for word in take_data(arguments)[0] if word not in HELP and not word.startswith("-")]
    if not words:
        print(overview(language()))
        return 0
    found = help_of(words, language())
    if found is None and (below := group(words)):
        print(group_help(below, language()))
        return 0
    print(no_such(words, language()) if found is None else found, end="\n" if found is None else "",
          file=sys.stderr if found is None else sys.stdout)  # fmt: skip
    return 2 if found is None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
