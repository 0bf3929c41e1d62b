"""What an engine publishes of each of its functions: what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.quantities import Quantity
from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """One argument or result of an engine's function.

    `shape` is "()" for a single value and "(n,)" and the like for arrays and tuples; `quantity` gives the unit and is
    empty for codes, choices and counts; `example` is a value with which every input's function runs.
    """

    name: str
    meaning: Label
    shape: str = "()"
    quantity: Quantity | None = None
    optional: bool = False
    example: object = None
