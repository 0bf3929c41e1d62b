"""What a command of the command line is: its words, its arguments and the function that does it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """One command. `says` is its one paragraph of help; `examples` are whole lines a reader may copy.

    arguments: adds the command's own arguments to its parser. run: does it and returns the exit status, 0 for done.
    """

    says: Label
    examples: tuple[str, ...]
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
