"""Rest for the garbage collector while a file is in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collections() -> Iterator[None]:
    """Hold collections off: they would walk hundreds of thousands of live rows, none of them cyclic, over and over."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
