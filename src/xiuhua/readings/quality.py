"""What is known against a reading, as bits of one number: 0 is good; from UNUSABLE on it is kept and not counted on."""

from __future__ import annotations

from enum import IntFlag


class Quality(IntFlag):
    """The bits of a reading's quality."""

    LATE = 1
    """Came more than a minute after its own time."""
    OUT_OF_ORDER = 2
    """Older than what its stream had reported before."""
    CLOCK_AHEAD = 4
    """Its time lay ahead of ours, within what is allowed."""
    AFTER_GAP = 8
    """The first after a silence longer than the stream's limit."""
    OUT_OF_RANGE = 64
    """Outside what the stream can truly say."""
    DISTRUSTED = 128
    """Its own device said not to trust it."""


UNUSABLE = 64
