"""A file as a table: columns of raw cells, row numbers as in the file, geometry and its coordinate system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xiuhua.kernel.errors import Invalid
from xiuhua.objects.shapes import Shapes

MOST_ROWS = 1_000_000
MOST_COLUMNS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`cells` holds one list a column, `numbers` each row's number as a reader of the file counts, `ragged` the places
    of rows with more cells than the header. `crs` is empty where the file does not say.
    """

    columns: tuple[str, ...]
    cells: Sequence[Sequence[object]]
    numbers: Sequence[int]
    ragged: frozenset[int] = frozenset()
    shapes: Shapes | None = None
    crs: str = ""
    sheets: tuple[str, ...] = ()
    sheet: str = ""

    def column(self, name: str) -> Sequence[object]:
        """Return the cells of a column."""
        return self.cells[self.columns.index(name)]


def from_rows(rows: Sequence[Sequence[object]], *, sheets: tuple[str, ...] = (), sheet: str = "") -> Table:
    """Return the table of a sheet: the first row that is not blank is the header, blank rows are left out."""
    header_at = next((at for at, row in enumerate(rows) if not _blank(row)), None)
    if header_at is None:
        raise Invalid("objects.empty_file")
    header = _names(rows[header_at])
    width = len(header)
    kept = [(at + 1, row) for at, row in enumerate(rows) if at > header_at and not _blank(row)]
    check_size(len(kept), width)
    ragged = frozenset(at for at, (_, row) in enumerate(kept) if len(row) > width and not _blank(row[width:]))
    padded = [row[:width] if len(row) >= width else [*row, *[None] * (width - len(row))] for _, row in kept]
    cells: list[Sequence[object]] = [list(column) for column in zip(*padded, strict=True)]
    return Table(
        columns=header,
        cells=cells or [[] for _ in header],
        numbers=[number for number, _ in kept],
        ragged=ragged,
        sheets=sheets,
        sheet=sheet,
    )


def check_size(rows: int, columns: int) -> None:
    """Raise Invalid("objects.too_many_rows") for more than one import can hold."""
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise Invalid("objects.too_many_rows", rows=MOST_ROWS, columns=MOST_COLUMNS)


def _names(row: Sequence[object]) -> tuple[str, ...]:
    """Return the header's names; an empty one gets its column's number, a repeated one a count."""
    names: list[str] = []
    texts = ["" if cell is None else " ".join(str(cell).split()) for cell in row]
    while texts and not texts[-1]:
        texts.pop()
    for number, text in enumerate(texts, start=1):
        name = wanted = text or f"#{number}"
        count = 1
        while name in names:
            count += 1
            name = f"{wanted} ({count})"
        names.append(name)
    return tuple(names)


def _blank(row: Sequence[object]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in row)
