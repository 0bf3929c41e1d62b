"""The rows of an import: as mapped, as drafted, and what is wrong with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from xiuhua.objects.checking import Typed, text_of
from xiuhua.objects.imports.register import Known
from xiuhua.objects.problem_texts import TEXTS
from xiuhua.objects.problems import Problem, Wrong, problem_of
from xiuhua.objects.shapes import CGCS2000, Shape, Shapes

HEADER = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A mapped file: `columns` target → raw cells, `headers` target → the column's name in the file, `numbers` the
    rows' numbers there. `shapes` (the file's own) and lon, lat, wkt columns are in `crs`.
    """

    columns: Mapping[str, Sequence[object]]
    headers: Mapping[str, str]
    numbers: Sequence[int]
    ragged: frozenset[int] = frozenset()
    shapes: Shapes | None = None
    crs: str = CGCS2000


@dataclass(kw_only=True, slots=True)
class Draft:
    """One row on its way: what it will be, what is `known` of it, whether its geometry `moved`. By link id: `links` are
    the codes it will link to, `linked` those of now, `unseen` those of them beyond the actor's sight, which stay.
    """

    at: int
    code: str
    known: Known | None
    name: str = ""
    attributes: dict[str, Typed] = field(default_factory=dict)
    unit_code: str = ""
    area_path: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    shape: Shape | None = None
    moved: bool = False
    links: dict[str, frozenset[str]] = field(default_factory=dict)
    linked: dict[str, frozenset[str]] = field(default_factory=dict)
    unseen: dict[str, frozenset[str]] = field(default_factory=dict)


class Problems:
    """Everything wrong with a file, by row; HEADER stands for a whole column."""

    def __init__(self, incoming: Incoming) -> None:
        self._headers = incoming.headers
        self._numbers = incoming.numbers
        self._found: dict[int, list[Problem]] = defaultdict(list)
        self._on: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def add(self, at: int, target: str, value: object, wrong: Wrong) -> None:
        """Keep what is wrong with a row's value for a target."""
        where = self._headers.get(target) or target.partition(".")[2] or target
        self._found[at].append(problem_of(wrong, where=where, value=value, target=target))
        self._on[target][wrong.code].append(at)

    def column(self, target: str, wrong: Wrong) -> None:
        """Keep what is wrong with a whole column."""
        self.add(HEADER, target, None, wrong)

    def on(self, target: str) -> frozenset[str]:
        """Return the codes of the problems that values for a target have."""
        return frozenset(self._on.get(target, ()))

    def rows_on(self, target: str, codes: frozenset[str]) -> list[int]:
        """Return the places of the rows whose value for the target has a problem of one of the codes."""
        return sorted(at for code, rows in self._on.get(target, {}).items() if code in codes for at in rows)

    def none(self, at: int) -> bool:
        """Return whether nothing is wrong with the row."""
        return at not in self._found

    def of(self, at: int) -> Sequence[Problem]:
        """Return what is wrong with the row."""
        return self._found.get(at, ())

    @property
    def whole(self) -> bool:
        """Return whether a column is wrong, so that no row can be taken."""
        return HEADER in self._found

    @property
    def rows(self) -> list[int]:
        """Return the places of the bad rows."""
        return sorted(at for at in self._found if at != HEADER)

    @property
    def total(self) -> int:
        """Return how many problems there are."""
        return sum(len(problems) for problems in self._found.values())

    def kinds(self) -> list[dict[str, object]]:
        """Return each kind of problem with its name and count, the most frequent first."""
        counts = Counter(problem.code for problems in self._found.values() for problem in problems)
        return [
            {"code": code, "label": {"zh": TEXTS[code].kind.zh, "en": TEXTS[code].kind.en}, "count": count}
            for code, count in counts.most_common()
        ]

    def said(self) -> Iterator[dict[str, object]]:
        """Return every problem with its sentences, in the order of the file; row 1 is the header."""
        for at in sorted(self._found):
            number = 1 if at == HEADER else self._numbers[at]
            for problem in self._found[at]:
                yield {"row": number, "column": problem.where, "target": problem.target, **problem.said()}

    def first(self, most: int) -> list[dict[str, object]]:
        """Return the first `most` problems of each kind with their sentences, in the order of the file."""
        shown: Counter[object] = Counter()
        kept = []
        for problem in self.said():
            shown[problem["code"]] += 1
            if shown[problem["code"]] <= most:
                kept.append(problem)
        return kept


def given_text(raw: object) -> str:
    """Return a cell as text, "" for an empty one."""
    return "" if raw is None or raw != raw else text_of(raw)
