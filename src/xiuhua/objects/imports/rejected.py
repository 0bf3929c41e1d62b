"""The bad rows of a file as CSV: as they were, with what is wrong."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import cast

import shapely

from xiuhua.objects.guarding import guarded
from xiuhua.objects.imports.rows import Problems, given_text
from xiuhua.objects.imports.tables import Table

ADDED = ("行号 Row", "问题", "Problems")


def write_rejected(path: Path, table: Table, problems: Problems) -> None:
    """Write the bad rows of the table, each with its number in the file and its problems in both languages."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        wkt = ("wkt",) if table.shapes is not None else ()
        writer.writerow([guarded(name) for name in (*ADDED, *table.columns, *wkt)])
        for at in problems.rows:
            cells = [given_text(column[at]) for column in table.cells]
            if table.shapes is not None:
                cells.append(shapely.to_wkt(table.shapes[at]) or "")
            row = [str(table.numbers[at]), _said(problems, at, "zh"), _said(problems, at, "en"), *cells]
            writer.writerow([guarded(cell) for cell in row])


def _said(problems: Problems, at: int, language: str) -> str:
    parts = []
    for problem in problems.of(at):
        said = problem.said()
        words = [cast(dict[str, str], said[part])[language] for part in ("problem", "remedy")]
        parts.append((f"[{problem.where}] " if problem.where else "") + " → ".join(words))
    return "; ".join(parts)
