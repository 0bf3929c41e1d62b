"""`import readings FILE`: old readings out of a file."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from django.utils import timezone

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.words import Label
from xiuhua.objects.guarding import guarded
from xiuhua.objects.imports.rows import given_text
from xiuhua.readings.back_fill import BackFill, RowFault, back_fill
from xiuhua.readings.file_rows import FileRows, rows_of
from xiuhua.readings.row_texts import ROW_TEXTS
from xiuhua.stack.commands import Command
from xiuhua.stack.console import complain, language, say, step
from xiuhua.stack.paths import require_readable, require_writable

SHOWN_FAULTS = 20
ADDED_COLUMNS = ("行号 Row", "问题 Problem")
READING = Label(zh="读取文件", en="Reading the file")
WRITING = Label(zh="检查并写入", en="Checking and writing")
LEFT_OUT = Label(zh="  {column} → 不导入", en="  {column} → left out")
COUNTS = Label(
    zh="共 {rows} 行：新增 {added}，已有 {unchanged}，有错 {wrong}",
    en="{rows} rows: {added} added, {unchanged} there already, {wrong} wrong",
)
FAULT = Label(
    zh="  第 {row} 行 {column}“{value}”：{problem}；{why}；{remedy}",
    en="  row {row} {column} {value!r}: {problem}; {why}; {remedy}",
)
MORE = Label(zh="  另有 {count} 行", en="  and {count} more rows")
NOTHING = Label(
    zh="未写入任何读数；改正文件，或加 --keep-good 文件名 只导入正确的行",
    en="Nothing was written; correct the file, or add --keep-good FILE to take the good rows only",
)
REJECTED = Label(zh="有错的行在 {path}", en="The rows with faults are in {path}")
DONE = Label(
    zh="已写入历史；汇总随后更新（已归档的日子在一小时内），不产生告警，不改最新值",
    en="Written into history; rollups follow (of archived days within the hour); no alarm comes, latest values stay",
)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=".csv, .xlsx, .parquet: stream, at, value | code, unit, quality")
    parser.add_argument("--keep-good", type=Path, metavar="FILE", help="take the good rows, write the others here")


def import_readings(arguments: argparse.Namespace) -> int:
    """Import readings; 1 if nothing was written."""
    require_readable(arguments.file)
    if arguments.keep_good is not None:
        require_writable(arguments.keep_good)
    with step(READING):
        rows = rows_of(arguments.file)
    for column in rows.left_out:
        say(LEFT_OUT, column=column)
    with step(WRITING) as shown:
        done = back_fill(
            system_actor("command-line"), rows, name=arguments.file.name, keep_good=arguments.keep_good is not None,
            now=timezone.now(), tell=shown.at,
        )  # fmt: skip
    say(COUNTS, rows=len(rows.table.numbers), added=done.added, unchanged=done.unchanged, wrong=len(done.faults))
    faults = sorted(done.faults.items())
    for row, fault in faults[:SHOWN_FAULTS]:
        complain(FAULT, **_words(rows, row, fault, language()))
    if len(faults) > SHOWN_FAULTS:
        complain(MORE, count=len(faults) - SHOWN_FAULTS)
    if not done.written:
        complain(NOTHING)
        return 1
    if faults:
        write_faults(arguments.keep_good, rows, done)
        say(REJECTED, path=arguments.keep_good)
    say(DONE)
    return 0


def write_faults(path: Path, rows: FileRows, done: BackFill) -> None:
    """Write the rows with faults as CSV: as they were, with their number in the file and what is wrong."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([guarded(name) for name in (*ADDED_COLUMNS, *rows.table.columns)])
        for row, fault in sorted(done.faults.items()):
            said = "; ".join(
                "{problem} → {remedy}".format(**_words(rows, row, fault, tongue)) for tongue in ("zh", "en")
            )
            cells = [given_text(column[row]) for column in rows.table.cells]
            writer.writerow([guarded(cell) for cell in (str(rows.table.numbers[row]), said, *cells)])


def _words(rows: FileRows, row: int, fault: RowFault, tongue: str) -> dict[str, str]:
    text = ROW_TEXTS[fault.reason]
    column = rows.headers.get(text.column, rows.headers.get("code", text.column))
    return {
        "row": str(rows.table.numbers[row]),
        "column": column,
        "value": given_text(rows.table.column(column)[row])[:80] if column in rows.table.columns else "",
        **{
            part: getattr(text, part).in_language(tongue).format(detail=fault.detail)
            for part in ("problem", "why", "remedy")
        },
    }


IMPORT_READINGS = Command(
    says=Label(
        zh="把 CSV、XLSX 或 Parquet 文件中的旧读数写入历史：列为 stream、at、value 或 code，可有 unit、quality；"
        "有错则整份不写，同一读数只存一次，不产生告警。",
        en="Writes old readings out of a CSV, XLSX or Parquet file into history: columns stream, at, value or code, "
        "and if needed unit and quality. If any row is wrong nothing is written; a reading is stored once; no alarms.",
    ),
    examples=(
        "xiuhua import readings voltage-2026-10.csv",
        "xiuhua import readings october.parquet --keep-good rejected.csv",
    ),
    arguments=_arguments,
    run=import_readings,
)
