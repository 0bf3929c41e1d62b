"""A pack: the tables that make a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from xiuhua.kernel.cases import CaseType, Round
from xiuhua.kernel.expressions import Condition, Scalar
from xiuhua.kernel.indicators import Indicator
from xiuhua.kernel.objects import Attribute, CodeList, ObjectType, Scale
from xiuhua.kernel.streams import Rule
from xiuhua.kernel.words import Label, Post, Source


class Output(StrEnum):
    """Where an analysis puts what it found."""

    PROPOSAL = "proposal"
    ROWS = "rows"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What an analysis returns: figures for the reader, the chosen codes, and per-row reasons (code, label)."""

    figures: Mapping[str, Scalar]
    chosen: tuple[str, ...] = ()
    reasons: Mapping[str, Label] = field(default_factory=dict)
    notes: tuple[Label, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """Binds an engine to data. `of`/`where` is the input query, narrowed to one area, frozen by code order;
    `run(codes, parameters, seed)` is a pure module-level function of the pack; a PROPOSAL that a person accepts
    becomes a round of type `round`. `history` asks for the results of earlier rounds of that type in the area
    (newest last) as parameters["history"]: a tuple of "accepted" / "rejected", and their figures, those of the run
    with `defects` found, as parameters["history_figures"].
    """

    id: str
    label: Label
    of: str
    where: Condition | None = None
    parameters: tuple[Attribute, ...] = ()
    run: Callable[[tuple[str, ...], Mapping[str, object], int], Finding]
    output: Output = Output.PROPOSAL
    round: str = ""
    history: bool = False
    judge: Callable[[Mapping[str, object], int], str] | None = None
    version: str = "1"
    source: Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """The tables of one scenario; its identity stands in manifest.toml."""

    objects: tuple[ObjectType, ...] = ()
    cases: tuple[CaseType, ...] = ()
    rules: tuple[Rule, ...] = ()
    rounds: tuple[Round, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    code_lists: tuple[CodeList, ...] = ()
    scales: tuple[Scale, ...] = ()
    posts: tuple[Post, ...] = ()


class Bound(StrEnum):
    """Which side of the figure meets a target."""

    AT_LEAST = "≥"
    MORE = ">"
    AT_MOST = "≤"
    EQUAL = "="


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A plan task's figure: indicator, bound, value and date; lives only in plans/*.yaml. A target without a figure
    trends and ranks; `read_as` says that the plan says "all" and we read it as a figure.
    """

    id: str
    label: Label
    indicator: str
    bound: Bound | None
    figure: float | None
    unit: str
    due: str
    printed: bool
    read_as: bool = False
