"""Switching between normal, tightened and reduced inspection: GB/T 2828.1-2012 clauses 9.3 and 9.4 (not confirmed)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xiuhua.engines.sampling.tables import Severity
from xiuhua.kernel.words import Source

SOURCE = Source(standard="GB/T 2828.1", edition="2012", clause="9.3–9.4", confirmed=False)
REDUCED_FROM_SCORE = 30
STOP_AFTER_REFUSED = 5
_TIGHTEN_REFUSED, _TIGHTEN_AMONG = 2, 5
_NORMAL_AFTER_ACCEPTED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Lot:
    """What came of one lot. `accept` is the Ac of its plan; `accepted_tighter` says whether the sample would also have
    passed the plan one AQL step tighter (empty: not known). They feed the switching score only.
    """

    accepted: bool
    accept: int | None = None
    accepted_tighter: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a series of lots stands: the severity for the next lot, the switching score, and whether to stop."""

    severity: Severity
    score: int
    refused_under_tightened: int
    stopped: bool


def standing_after(*, lots: Sequence[Lot], reduced_allowed: bool = False, resumed: bool = False) -> Standing:
    """Return where the series stands after `lots` (oldest first).

    `reduced_allowed`: production is steady and the authority agrees, without which inspection never becomes reduced.
    `resumed`: the supplier has mended things since a stop, so the next lot is inspected, tightened. A lot that follows
    a stop is taken as inspected after such a resumption.
    """
    state = _Series(reduced_allowed=reduced_allowed)
    for lot in lots:
        state = state.after(lot)
    return state.resumed().standing() if resumed else state.standing()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Series:
    reduced_allowed: bool
    severity: Severity = Severity.NORMAL
    recent: tuple[bool, ...] = ()
    score: int = 0
    refused: int = 0

    def standing(self) -> Standing:
        stopped = self.refused >= STOP_AFTER_REFUSED
        return Standing(severity=self.severity, score=self.score, refused_under_tightened=self.refused, stopped=stopped)

    def resumed(self) -> _Series:
        if self.refused < STOP_AFTER_REFUSED:
            return self
        return _Series(reduced_allowed=self.reduced_allowed, severity=Severity.TIGHTENED)

    def after(self, lot: Lot) -> _Series:
        series = self.resumed()
        if series.severity is Severity.TIGHTENED:
            return series._tightened(lot)
        if series.severity is Severity.REDUCED:
            return series if lot.accepted else _Series(reduced_allowed=self.reduced_allowed, recent=(False,))
        return series._normal(lot)

    def _normal(self, lot: Lot) -> _Series:
        recent = (*self.recent, lot.accepted)[-_TIGHTEN_AMONG:]
        if recent.count(False) >= _TIGHTEN_REFUSED:
            return _Series(reduced_allowed=self.reduced_allowed, severity=Severity.TIGHTENED)
        score = self.score + points if (points := _points(lot)) else 0
        if score >= REDUCED_FROM_SCORE and self.reduced_allowed:
            return _Series(reduced_allowed=True, severity=Severity.REDUCED)
        return _Series(reduced_allowed=self.reduced_allowed, recent=recent, score=score)

    def _tightened(self, lot: Lot) -> _Series:
        recent = (*self.recent, lot.accepted)[-_NORMAL_AFTER_ACCEPTED:]
        if len(recent) == _NORMAL_AFTER_ACCEPTED and all(recent):
            return _Series(reduced_allowed=self.reduced_allowed)
        return _Series(
            reduced_allowed=self.reduced_allowed, severity=Severity.TIGHTENED, recent=recent,
            refused=self.refused + (not lot.accepted),
        )  # fmt: skip


def _points(lot: Lot) -> int:
    if not lot.accepted or lot.accept is None:
        return 0
    if lot.accept < 2:
        return 2
    return 3 if lot.accepted_tighter else 0
