"""`xiuhua engine [NAME]`: the engines, and what each of their functions takes and gives."""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import xiuhua.engines
from xiuhua.kernel.engines import Port
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.words import Label
from xiuhua.stack.commands import Command
from xiuhua.stack.console import language, say, words

LINE = Label(zh="  {name:<16}{says}", en="  {name:<16}{says}")
TAKES = Label(zh="    输入", en="    takes")
GIVES = Label(zh="    输出", en="    gives")
OPTIONAL = Label(zh="，可省", en=", optional")


def engine_names() -> tuple[str, ...]:
    """Return the names of all engines."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(xiuhua.engines.__path__) if found.ispkg))


def engine(arguments: argparse.Namespace) -> int:
    """List the engines, or tell what one of them takes, gives and stands on."""
    if not arguments.name:
        for name in engine_names():
            say(LINE, name=name, says=_first_line(name))
        return 0
    if arguments.name not in engine_names():
        raise NotFound("site.no_engine", name=arguments.name, names=", ".join(engine_names()))
    module = importlib.import_module(f"xiuhua.engines.{arguments.name}")
    print(inspect.getdoc(module))
    for name, ports in module.INPUTS.items():
        print(f"\n{name}: {(inspect.getdoc(getattr(module, name)) or '').splitlines()[0]}")
        for heading, rows in ((TAKES, ports), (GIVES, module.OUTPUTS[name])):
            say(heading)
            print("\n".join(_lines(rows)))
    return 0


def _lines(ports: tuple[Port, ...]) -> Iterator[str]:
    for port in ports:
        unit = f", {port.quantity.unit}" if port.quantity and port.quantity.unit else ""
        optional = words(OPTIONAL) if port.optional else ""
        yield f"      {port.name:<16}{port.shape}{unit}{optional}  {port.meaning.in_language(language())}"


def _first_line(name: str) -> str:
    return (inspect.getdoc(importlib.import_module(f"xiuhua.engines.{name}")) or "").splitlines()[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `engine`."""
    parser.add_argument("name", nargs="?", default="", metavar="NAME")


ENGINE = Command(
    says=Label(
        zh="列出算法；给出名称时，列出它每个函数的输入、输出、单位和出处。",
        en="Lists the engines; with a name, what each function of that engine takes and gives, in which unit, and "
        "where it comes from.",
    ),
    examples=("xiuhua engine", "xiuhua engine sampling"),
    arguments=add_arguments,
    run=engine,
)
