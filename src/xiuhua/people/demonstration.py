"""Whether this site shows a demonstration; the room that keeps the objects knows."""

from __future__ import annotations

from collections.abc import Callable

_finder: list[Callable[[], bool]] = []


def use_demonstration_finder(find: Callable[[], bool]) -> None:
    """Name the function of the room above that knows of synthetic objects; done once at start."""
    _finder[:] = [find]


def is_demonstration() -> bool:
    """Return whether any object of the site is synthetic."""
    return any(find() for find in _finder)
