"""What people see on the terminal: one line a step, in the language of their locale."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from xiuhua.kernel.words import Label

SHOWN_AFTER_S = 2.0
REPEATED_AFTER_S = 10.0


def language() -> str:
    """Return "zh" or "en": XIUHUA_LANGUAGE, else the locale; English where neither says Chinese."""
    for name in ("XIUHUA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def words(label: Label, **params: object) -> str:
    """Return the label in the terminal's language with its {places} filled."""
    return label.in_language(language()).format(**params)


def say(label: Label, **params: object) -> None:
    """Print one line to the person at the terminal."""
    print(words(label, **params), flush=True)


def complain(label: Label, **params: object) -> None:
    """Print one line to standard error."""
    print(words(label, **params), file=sys.stderr, flush=True)


class Step:
    """A step under way; `at` tells how far it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._began = time.monotonic()
        self._far = ""
        self._shown = 0.0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._tell, daemon=True)
        self._watch.start()

    def at(self, done: int, total: int) -> None:
        """Say how far the step is; printed at most every ten seconds."""
        self._far = f" {done:,} / {total:,}"

    def _tell(self) -> None:
        wait = SHOWN_AFTER_S
        while not self._over.wait(wait):
            self._shown = time.monotonic()
            print(f"  … {self._text}{self._far} ({self._shown - self._began:.0f} s)", flush=True)
            wait = REPEATED_AFTER_S

    def end(self) -> None:
        """Stop telling; print how long it took where it was shown before."""
        self._over.set()
        self._watch.join()
        if self._shown:
            print(f"  ✓ {self._text} ({time.monotonic() - self._began:.1f} s)", flush=True)


@contextmanager
def step(label: Label, **params: object) -> Iterator[Step]:
    """Show a step that lasts over two seconds while the block runs."""
    shown = Step(words(label, **params))
    try:
        yield shown
    finally:
        shown.end()
