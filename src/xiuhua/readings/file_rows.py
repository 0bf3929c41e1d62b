"""Readings in a file: one row each, as columns named stream, at, value, code, unit, quality, in any order.

`stream` is a stream's name as devices write it. `at` is ISO 8601, a time of the district where it has no offset, or
milliseconds since 1970 UTC; kept to the millisecond. Either `value` or `code`; `unit` where it is not the stream's own;
`quality` 0, empty or "good" for what its device trusts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from xiuhua.kernel.errors import Invalid
from xiuhua.objects.imports.files import MOST_BYTES, recognise
from xiuhua.objects.imports.reading import read_table
from xiuhua.objects.imports.tables import Table, check_size
from xiuhua.readings.decode import EPOCH, LONGEST_UNIT, MILLISECOND, NAN, NO_NUMBER, Sheet, Unreadable, unclear_in
from xiuhua.readings.history.parquet import engine
from xiuhua.readings.history.periods import zone
from xiuhua.readings.topics import LONGEST_NAME

NAMES = {
    "stream": ("stream", "数据流"),
    "at": ("at", "时间"),
    "value": ("value", "数值"),
    "code": ("code", "状态"),
    "unit": ("unit", "单位"),
    "quality": ("quality", "质量"),
}
NEEDED = ("stream", "at")
PARQUET = "parquet"
KINDS = ("csv", "xlsx")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MILLISECONDS = re.compile(r"-?\d{9,15}", re.ASCII)
_DAY_LETTERS = 10
GOOD = ("", "0", "0.0", "good")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRows:
    """A file's rows as one sheet, an entry each; `headers` says how the file calls each column that it has, `left_out`
    names those that mean nothing to us.
    """

    table: Table
    sheet: Sheet
    headers: dict[str, str]
    left_out: tuple[str, ...]
    sha256: str


def rows_of(path: Path) -> FileRows:
    """Return the rows of a CSV, XLSX or Parquet file; raises Invalid for a file that is none, or lacks a column."""
    table = _table(path)
    headers = {
        name: found
        for name, spellings in NAMES.items()
        if (found := next((one for one in table.columns if one.strip().lower() in spellings), None))
    }
    missing = [name for name in NEEDED if name not in headers]
    if "value" not in headers and "code" not in headers:
        missing.append("value / code")
    if missing:
        raise Invalid("readings.columns_missing", missing=", ".join(missing), columns=", ".join(table.columns))
    return FileRows(
        table=table,
        sheet=_sheet(table, headers),
        headers=headers,
        left_out=tuple(one for one in table.columns if one not in headers.values()),
        sha256=_sha256(path),
    )


def _table(path: Path) -> Table:
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    if not parquet:
        kind = recognise(path, path.name)
        if kind not in KINDS:
            raise Invalid("readings.file_unknown")
        return read_table(path, kind)
    if path.stat().st_size > MOST_BYTES:
        raise Invalid("objects.too_large", megabytes=MOST_BYTES // 1024**2)
    with engine() as duck:
        try:
            (count,) = duck.execute(
                "SELECT sum(num_rows)::bigint FROM parquet_file_metadata($path)", {"path": str(path)}
            ).fetchall()[0]
            found = duck.execute("SELECT * FROM read_parquet($path, hive_partitioning = false)", {"path": str(path)})
            columns = tuple(str(one[0]) for one in found.description or ())
            check_size(count, len(columns))
            rows = found.fetchall()
        except duckdb.Error as error:
            raise Invalid("objects.unreadable_file") from error
    if not rows:
        raise Invalid("objects.empty_file")
    return Table(columns=columns, cells=list(zip(*rows, strict=True)), numbers=range(1, len(rows) + 1))


def _sheet(table: Table, headers: dict[str, str]) -> Sheet:
    count = len(table.numbers)

    def column(name: str) -> Sequence[object]:
        return table.column(headers[name]) if name in headers else [None] * count

    here, pairs = zone(), dict[tuple[str, str], int]()
    stream, at = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.int64)
    value, bad, code = np.full(count, NAN), np.zeros(count, dtype=bool), [""] * count
    wrong: dict[int, Unreadable] = {}
    cells = zip(*(column(name) for name in NAMES), strict=True)
    for row, (name_, at_, value_, code_, unit_, quality_) in enumerate(cells):
        pair = (_text(name_)[: LONGEST_NAME + 1], _text(unit_)[:LONGEST_UNIT])
        stream[row] = pairs.setdefault(pair, len(pairs))
        code[row] = _text(code_)
        bad[row] = _text(quality_).lower() not in GOOD
        try:
            value[row] = _number(value_)
        except ValueError:
            wrong[row] = Unreadable(reason="value", detail=NO_NUMBER)
        try:
            at[row] = _milliseconds(at_, here)
        except (ValueError, OverflowError):
            wrong[row] = Unreadable(reason="time", detail=_text(at_)[:60])
    return Sheet(
        streams=tuple(name for name, _ in pairs), unit=tuple(unit for _, unit in pairs), stream=stream, at_ms=at,
        value=value, code=code, bad=bad, wrong=unclear_in(at, value, code) | wrong,
    )  # fmt: skip


def _text(cell: object) -> str:
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _number(cell: object) -> float:
    """Return a number, NaN for an empty cell; raises ValueError."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = _text(cell)
    if not text:
        return NAN
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _milliseconds(cell: object, here: ZoneInfo) -> int:
    """Return milliseconds since 1970 UTC; raises ValueError, OverflowError."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return int(cell)
    if not isinstance(cell, datetime):
        text = _text(cell)
        if _MILLISECONDS.fullmatch(text):
            return int(text)
        if len(text) <= _DAY_LETTERS:
            # A day alone is no moment.
            raise ValueError(text)
        cell = datetime.fromisoformat(text)
    if cell.tzinfo is None:
        cell = cell.replace(tzinfo=here)
    return (cell - EPOCH) // MILLISECOND


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
