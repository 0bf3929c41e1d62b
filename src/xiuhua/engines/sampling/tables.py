"""Code letters and single-sampling plans: GB/T 2828.1-2012 (= ISO 2859-1:1999) tables 1 and 2-A, 2-B, 2-C.

Table 2-A (normal) is built by the standard's own diagonal structure and proved cell by cell against a published copy.
Tables 2-B (tightened) and 2-C (reduced) are built the same way from memory of the standard: not confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from xiuhua.kernel.words import Source


class Level(StrEnum):
    """Inspection levels of table 1."""

    S1 = "S-1"
    S2 = "S-2"
    S3 = "S-3"
    S4 = "S-4"
    ONE = "I"
    TWO = "II"
    THREE = "III"


class Severity(StrEnum):
    """How strictly lots are judged now."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"


AQLS: tuple[float, ...] = (0.65, 1.0, 1.5, 2.5, 4.0, 6.5)
"""The acceptance quality limits offered, in percent nonconforming."""

_LOTS_UP_TO = (
    8, 15, 25, 50, 90, 150, 280, 500, 1_200, 3_200, 10_000, 35_000, 150_000, 500_000,
)  # fmt: skip
_LETTERS_BY_LEVEL = {
    Level.S1: "AAAABBBBCCCCDDD",
    Level.S2: "AAABBBCCCDDDEEE",
    Level.S3: "AABBCCDDEEFFGGH",
    Level.S4: "AABCCDEEFGGHJJK",
    Level.ONE: "AABCCDEFGHJKLMN",
    Level.TWO: "ABCDEFGHJKLMNPQ",
    Level.THREE: "BCDEFGHJKLMNPQR",
}
LETTERS = "ABCDEFGHJKLMNPQR"
_SIZES = {
    Severity.NORMAL: (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
    Severity.TIGHTENED: (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
    Severity.REDUCED: (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800),
}
_UP, _DOWN = "up", "down"
_ALONG: dict[Severity, tuple[int | str, ...]] = {
    Severity.NORMAL: (0, _UP, _DOWN, 1, 2, 3, 5, 7, 10, 14, 21),
    Severity.TIGHTENED: (_DOWN, 0, _DOWN, _DOWN, 1, 2, 3, 5, 8, 12, 18),
    Severity.REDUCED: (0, _UP, _DOWN, 1, 2, 3, 4, 5, 6, 8, 10),
}
"""What stands in a letter's row from the column of its normal 0/1 plan rightwards: acceptance number or arrow."""

_COLUMN_OF_A = len(AQLS) - 1
"""Letter A has its normal 0/1 plan at AQL 6.5; each following letter one column further left."""

_SOURCES = {
    Severity.NORMAL: Source(standard="GB/T 2828.1", edition="2012", clause="表2-A", confirmed=True),
    Severity.TIGHTENED: Source(standard="GB/T 2828.1", edition="2012", clause="表2-B", confirmed=False),
    Severity.REDUCED: Source(standard="GB/T 2828.1", edition="2012", clause="表2-C", confirmed=False),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A single-sampling plan for one lot: inspect `n`, accept at `accept` nonconforming or fewer, refuse at `reject`.

    `letter` is the code letter of the lot, `plan_letter` the one whose plan the table's arrows lead to, `plan_n` its
    sample size in the table.
    """

    letter: str
    plan_letter: str
    severity: Severity
    aql: float
    n: int
    plan_n: int
    accept: int
    reject: int
    whole_lot: bool
    source: Source

    @property
    def confirmed(self) -> bool:
        """Return whether the table that the plan was read from has been checked against the standard."""
        return self.source.confirmed


def code_letter(*, lot_size: int, level: Level) -> str:
    """Return the sample-size code letter of table 1; raises ValueError for an empty lot."""
    if lot_size < 1:
        raise ValueError("a lot has at least one item")
    row = sum(lot_size > limit for limit in _LOTS_UP_TO)
    return _LETTERS_BY_LEVEL[level][row]


def table_plan(*, letter: str, aql: float, severity: Severity) -> tuple[str, int, int, int]:
    """Return (letter after arrows, n, Ac, Re); raises ValueError for a letter or AQL that the table lacks."""
    if letter not in LETTERS or aql not in AQLS:
        raise ValueError(f"the table has no plan for letter {letter} and AQL {aql}")
    row, column = LETTERS.index(letter), AQLS.index(aql)
    step = 0
    while isinstance(cell := _cell(row, column, severity), str):
        if step == 0:
            step = 1 if cell == _DOWN else -1
        row += step
        if not 0 <= row < len(LETTERS):
            raise ValueError(f"the arrows of AQL {aql} lead out of the table from letter {letter}")
    return LETTERS[row], _SIZES[severity][row], cell, cell + 1


def plan(*, lot_size: int, level: Level, aql: float, severity: Severity) -> Plan:
    """Return the plan for a lot; `aql` in percent. A sample as large as the lot means that every item is inspected."""
    letter = code_letter(lot_size=lot_size, level=level)
    plan_letter, n, accept, reject = table_plan(letter=letter, aql=aql, severity=severity)
    return Plan(
        letter=letter, plan_letter=plan_letter, severity=severity, aql=aql, n=min(n, lot_size), plan_n=n, accept=accept,
        reject=reject, whole_lot=n >= lot_size, source=_SOURCES[severity],
    )  # fmt: skip


def one_step_tighter(*, aql: float) -> float | None:
    """Return the next smaller AQL of the table, or None at its edge."""
    return next((smaller for smaller, larger in pairwise(AQLS) if larger == aql), None)


def _cell(row: int, column: int, severity: Severity) -> int | str:
    along = _ALONG[severity]
    offset = column - (_COLUMN_OF_A - row)
    if offset < 0:
        return _DOWN
    return along[offset] if offset < len(along) else _UP
