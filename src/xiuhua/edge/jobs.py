"""What this room does by itself, at a node only: handing up, and the copy down."""

from __future__ import annotations

from collections.abc import Callable

from xiuhua.edge.calling import copy_down, hand_up

EVERY: tuple[tuple[float, Callable[[], None]], ...] = ((1.0, hand_up), (10.0, copy_down))
