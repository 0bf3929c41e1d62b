"""Text that a spreadsheet would run as a formula, made harmless and back again. Pure."""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """Return the text with a ' before it if a spreadsheet would take it for a formula."""
    return "'" + text if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """Return the text without the ' that `guarded` put before it."""
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text
