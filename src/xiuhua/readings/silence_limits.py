"""After how long a stream counts as silent, by rule in force."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.catalog.in_force import rules_in_force
from xiuhua.catalog.limits import silence_limit, stream_or_none
from xiuhua.readings.rules import stream_of


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceLimit:
    """A rule's limit on a stream; `shift_s` is how much later than the stream's own limit, which the latest value
    carries.
    """

    stream: str
    seconds: float
    shift_s: float


def silence_limits() -> dict[str, SilenceLimit]:
    """Return the limit of each rule on silence in force."""
    now = rules_in_force()
    found: dict[str, SilenceLimit] = {}
    for rule in now.rules.values():
        stream = stream_or_none(rule.on, now.catalogue) if rule.silent else None
        limit = silence_limit(rule, stream)
        if stream is not None and limit is not None:
            found[rule.id] = SilenceLimit(
                stream=stream_of(rule), seconds=limit.seconds, shift_s=limit.seconds - stream.silent_after.seconds
            )
    return found
