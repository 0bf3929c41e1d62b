"""The command line: finds the command's row, makes ready what it needs, runs it, and words its failures."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import django
from django.core.management import call_command

from xiuhua.http.sentences import sentence, sentences
from xiuhua.kernel.errors import Conflict, XiuhuaError
from xiuhua.site.command_table import Needs, Row, find, group, group_help, no_such, overview
from xiuhua.site.helping import HELP, asks_for_help, take_data
from xiuhua.site.log import log_to_file
from xiuhua.site.words import PROBLEMS
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.console import language
from xiuhua.stack.paths import worded
from xiuhua.stack.reaching import records, running_site
from xiuhua.stack.words import PROBLEMS as STACK_PROBLEMS

sentences(STACK_PROBLEMS)
sentences(PROBLEMS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    words, data = take_data(list(sys.argv[1:] if arguments is None else arguments))
    if data is not None:
        os.environ["XIUHUA_DATA"] = str(Path(data).absolute())
    if not words or words[0] in HELP:
        print(overview(language()))
        return 0
    row = find(words)
    if row is None:
        below = group(words)
        asked = bool(below) and asks_for_help(words)
        print(
            group_help(below, language()) if below else no_such(words, language()),
            file=sys.stdout if asked else sys.stderr,
        )
        return 0 if asked else 2
    try:
        with ready(min(row.needs, Needs.DECLARATIONS) if asks_for_help(words) else row.needs):
            return run(row, words[len(row.name.split()) :])
    except XiuhuaError as error:
        print(sentence(error.code, dict(error.params), language()), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our words has gone; what is left of them goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        problem = worded(error)
        print(sentence(problem.code, dict(problem.params), language()), file=sys.stderr)
        return 1


def run(row: Row, words: list[str]) -> int:
    """Load a row's command, parse its words and do it."""
    command, parser = parser_of(row)
    return command.run(parser.parse_args(words))


def parser_of(row: Row) -> tuple[Command, argparse.ArgumentParser]:
    """Load a row's command; return it with the parser of its words."""
    command: Command = getattr(importlib.import_module(row.module), row.constant)
    parser = argparse.ArgumentParser(
        prog=f"xiuhua {row.name}",
        description=command.says.in_language(language()),
        epilog="\n".join(("例：" if language() == "zh" else "examples:", *(f"  {line}" for line in command.examples))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.arguments(parser)
    parser.add_argument(
        "--data", metavar="DIR", help="存放全部数据的目录" if language() == "zh" else "the folder that holds all state"
    )
    return command, parser


@contextlib.contextmanager
def ready(needs: Needs) -> Iterator[None]:
    """Make ready what a command needs while the block runs."""
    if needs is Needs.NOTHING:
        yield
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
    if needs is Needs.DECLARATIONS:
        # What is wrong with packs and plan is what `check` prints; it need not be told twice.
        logging.getLogger("xiuhua").addHandler(logging.NullHandler())
        django.setup()
        yield
        return
    config = read_config()
    site = running_site(config)
    if needs is Needs.RUNNING_SITE and site is None:
        raise Conflict("stack.not_running", data=str(config.data))
    with records(config, site) as environment:
        os.environ.update(environment)
        log_to_file(config, "command")
        django.setup()
        if site is None:
            call_command("migrate", verbosity=0, interactive=False)
        yield


if __name__ == "__main__":
    sys.exit(main())
