"""`xiuhua test`: every check and test of the project, one after the other, and what came of each."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xiuhua.kernel.errors import Conflict
from xiuhua.kernel.words import Label
from xiuhua.stack.commands import Command
from xiuhua.stack.console import complain, say
from xiuhua.stack.environment import Environment, NotSetUp
from xiuhua.stack.pages import build_pages, find_npm, install_parts

ROOT = Path(__file__).resolve().parents[4]
SETTINGS_LEFT_OUT = ("XIUHUA_DATA", "XIUHUA_NATS_URL", "XIUHUA_FILES_URL", "XIUHUA_PACKS", "XIUHUA_PLAN")


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check by name; `run` says whether it passed."""

    name: str
    run: Callable[[], bool]


def test(arguments: argparse.Namespace) -> int:
    """Run the checks and return 0 if all passed."""
    if not (ROOT / "requirements-dev.lock").is_file():
        raise Conflict("site.no_sources", folder=str(ROOT))
    checks = [check for check in _checks(arguments.rest) if not arguments.only or check.name in arguments.only]
    results: list[tuple[str, bool, float]] = []
    for check in checks:
        print(f"\n── {check.name}", flush=True)
        began = time.monotonic()
        results.append((check.name, check.run(), time.monotonic() - began))
    print()
    for name, passed, seconds in results:
        print(f"  {'✓' if passed else '✗'} {name:<14}{seconds:7.1f} s")
    failed = sum(1 for _, passed, _ in results if not passed)
    if failed or not results:
        complain(Label(zh="{failed} 项未通过", en="{failed} checks failed"), failed=failed)
        return 1
    say(Label(zh="全部通过", en="All passed."))
    return 0


def _checks(rest: Sequence[str]) -> list[Check]:
    python = [sys.executable, "-m"]
    checks = [
        Check(name="format", run=_tool(*python, "ruff", "format", "--check", "src", "tests", "bench", "xiuhua")),
        Check(name="lint", run=_tool(*python, "ruff", "check", "src", "tests", "bench", "xiuhua")),
        Check(name="tower", run=_tool(str(Path(sys.executable).with_name("lint-imports")))),
        Check(name="types", run=_tool(*python, "mypy")),
    ]
    if (ROOT / "web" / "package.json").is_file():
        checks += [Check(name="pages", run=_pages_checked), Check(name="pages built", run=_pages_built)]
    # The pages stand before the tests that walk through them.
    return [*checks, Check(name="tests", run=_tool(*python, "pytest", "-q", *rest))]


def _tool(*command: str) -> Callable[[], bool]:
    return lambda: _passes(command, ROOT, {})


def _pages_checked() -> bool:
    environment = Environment(root=ROOT, tools=True)
    try:
        npm, path = find_npm(environment)
        install_parts(ROOT / "web", npm, path)
    except NotSetUp as problem:
        complain(Label(zh="{problem}", en="{problem}"), problem=problem)
        return False
    return _passes((npm, "run", "check"), ROOT / "web", path)


def _pages_built() -> bool:
    try:
        build_pages(Environment(root=ROOT, tools=True))
    except NotSetUp as problem:
        complain(Label(zh="{problem}", en="{problem}"), problem=problem)
        return False
    return True


def _passes(command: Sequence[str], folder: Path, extra: dict[str, str]) -> bool:
    # A site's own settings must not reach the tests; a database server given for them may.
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS_LEFT_OUT}
    return subprocess.run(command, cwd=folder, env={**environment, **extra}, check=False).returncode == 0  # noqa: S603


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `test`."""
    parser.add_argument(
        "--only", action="append", metavar="CHECK", help="format, lint, tower, types, pages, pages built, tests"
    )
    parser.add_argument("rest", nargs="*", metavar="PYTEST", help="passed on to pytest, after --")


TEST = Command(
    says=Label(
        zh="运行全部检查：格式、规范、分层、类型、页面、测试。测试自带 PostgreSQL 和 NATS，不碰站点数据。",
        en="Runs every check: format, lint, tower, types, pages, tests. The tests bring their own PostgreSQL and NATS "
        "and touch no site.",
    ),
    examples=("xiuhua test", "xiuhua test --only types --only tests", "xiuhua test --only tests -- src/xiuhua/stack"),
    arguments=add_arguments,
    run=test,
)
