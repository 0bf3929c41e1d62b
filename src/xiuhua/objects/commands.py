"""Commands of the registers: a file in, a file out."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.words import Label
from xiuhua.objects import exporting, import_actions, importing
from xiuhua.objects.exports.writers import WRITERS
from xiuhua.objects.import_queries import one_import, rejected_path
from xiuhua.objects.imports.files import ENDINGS
from xiuhua.objects.imports.offers import said_done
from xiuhua.objects.imports.repairs import repairs_from
from xiuhua.objects.models import ImportJob
from xiuhua.objects.queries import Choice
from xiuhua.stack.commands import Command
from xiuhua.stack.console import complain, language, say, step, words
from xiuhua.stack.paths import require_readable, require_writable

PIECE = 1024 * 1024
SHOWN_ERRORS = 20
READING = Label(zh="读取并检查", en="Reading and checking")
WRITING = Label(zh="写入登记册", en="Writing into the register")
EXPORTING = Label(zh="导出", en="Exporting")
COLUMN = Label(zh="  {column} → {to}（{ground}）", en="  {column} → {to} ({ground})")
UNMAPPED = Label(zh="  {column} → 不导入（{ground}）", en="  {column} → left out ({ground})")
COUNTS = Label(
    zh="共 {rows} 行：新增 {added}，修改 {changed}，不变 {unchanged}，有错 {wrong}；登记册有而文件没有 {gone}",
    en="{rows} rows: {added} added, {changed} changed, {unchanged} unchanged, {wrong} wrong; {gone} not in the file",
)
ERROR = Label(
    zh="  第 {row} 行 {column}“{value}”：{problem}；{remedy}", en="  row {row} {column} {value}: {problem}; {remedy}"
)
MORE = Label(zh="  另有 {count} 处", en="  and {count} more")
NOTHING = Label(
    zh="未写入任何数据；改正文件，或加 --keep-good 文件名 只导入正确的行",
    en="Nothing was written; correct the file, or add --keep-good FILE to take the good rows only",
)
REJECTED = Label(zh="被拒绝的行在 {path}", en="The rejected rows are in {path}")
DONE = Label(zh="已导入 {type}", en="Imported into {type}")
OFFER = Label(zh="  可修正 {rows} 行：{what}  --repair {name}", en="  repairs {rows} rows: {what}  --repair {name}")
REPAIRED = Label(zh="  已修正 {rows} 行：{what}", en="  repaired {rows} rows: {what}")
REPAIRS_HELP = "a repair that the preview offers, e.g. number_repeated or read_dates:attr.built:dmy"
ASK = Label(zh="写入？[y/N] ", en="Write? [y/N] ")
EXPORTED = Label(zh="已导出 {count} 件到 {path}", en="Exported {count} things to {path}")


def import_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `import TYPE FILE`."""
    parser.add_argument("type", help="object type, e.g. mobility.bus_stop")
    parser.add_argument("file", type=Path)
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=TO", help="code, name, lon, attr.<id>, …")
    parser.add_argument("--crs", default="", help="CGCS2000, WGS84, GCJ-02, BD-09, EPSG:n")
    parser.add_argument("--sheet", default="", help="sheet or layer")
    parser.add_argument("--repair", action="append", default=[], metavar="KIND[:TARGET[:ORDER]]", help=REPAIRS_HELP)
    parser.add_argument("--keep-good", type=Path, metavar="FILE", help="take the good rows, write the others here")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def import_objects(arguments: argparse.Namespace) -> int:
    """Import a file into a register; 1 if nothing was written."""
    actor = system_actor("command-line")
    require_readable(arguments.file)
    if arguments.keep_good is not None:
        require_writable(arguments.keep_good)
    job = _previewed(actor, arguments)
    counts: dict[str, Any] = job.counts or {}
    say(COUNTS, **counts)
    _tell_errors(job)
    keep_good = arguments.keep_good is not None
    if job.errors and not keep_good:
        complain(NOTHING)
        return 1
    if not arguments.yes and sys.stdin.isatty() and not input(words(ASK)).strip().lower().startswith("y"):
        return 1
    import_actions.begin(job, actor, keep_good=keep_good)
    with step(WRITING):
        importing.run_import(UUID(str(job.id)))
    job = one_import(actor, UUID(str(job.id)))
    if job.state != "done":
        raise Invalid(job.fault or "objects.import_failed", count=job.errors_total)
    if keep_good and job.rejected:
        shutil.copyfile(rejected_path(job.id), arguments.keep_good)
        say(REJECTED, path=arguments.keep_good)
    say(DONE, type=job.type)
    return 0


def export_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export TYPE FILE`."""
    parser.add_argument("type", help="object type, e.g. mobility.bus_stop")
    parser.add_argument("file", type=Path, help=".csv, .xlsx, .geojson, .gpkg or .zip (Shapefile)")
    parser.add_argument("--area", default="", help="only this area: the beginning of its path, e.g. 310117/310117001/")
    parser.add_argument("--filter", default="{}", help="JSON, e.g. '{\"shelter\": true}'")
    parser.add_argument("--q", default="", help="only what this search finds")


def export_objects(arguments: argparse.Namespace) -> int:
    """Export a register to a file whose ending tells the format."""
    current().object_type(arguments.type)
    ending = arguments.file.suffix.lower()
    kind = next((kind for kind, endings in ENDINGS.items() if ending in endings and kind in WRITERS), ending.strip("."))
    try:
        filters = json.loads(arguments.filter)
    except ValueError:
        raise Invalid("objects.bad_filter", attribute=arguments.filter) from None
    require_writable(arguments.file)
    choice = Choice(type=arguments.type, q=arguments.q, area=arguments.area, filters=filters)
    with step(EXPORTING):
        count = exporting.export_objects(
            system_actor("command-line"), choice, sort="", kind=kind, path=arguments.file, language=language()
        )
    say(EXPORTED, count=count, path=arguments.file)
    return 0


def _previewed(actor: Actor, arguments: argparse.Namespace) -> ImportJob:
    with step(READING), arguments.file.open("rb") as stream:
        job = import_actions.upload(
            actor,
            type_id=arguments.type,
            filename=arguments.file.name,
            chunks=iter(lambda: stream.read(PIECE), b""),
            sheet=arguments.sheet,
        )
        mapping = {**job.mapping, **_chosen(arguments.map)}
        for guess in job.guesses:
            column, to = guess["column"], mapping[guess["column"]]
            ground = guess["ground"][language()] if to == guess["to"] else "--map"
            say(COLUMN if to else UNMAPPED, column=column, to=to, ground=ground)
        repairs = [_repair(text) for text in arguments.repair]
        job = import_actions.preview(
            actor, UUID(str(job.id)), mapping=mapping, crs=arguments.crs, sheet="", repairs=repairs
        )
    for one in job.repairs:
        (done,) = repairs_from([one])
        label = said_done(current().object_type(job.type), done)
        say(REPAIRED, rows=one["rows"], what=label.in_language(language()))
    return job


def _repair(text: str) -> dict[str, str]:
    kind, _, rest = text.partition(":")
    target, _, to = rest.partition(":")
    return {"kind": kind, "target": target or "code", "value": "", "to": to}


def _chosen(pairs: list[str]) -> dict[str, str]:
    chosen = {}
    for pair in pairs:
        column, mark, to = pair.rpartition("=")
        if not mark:
            raise Invalid("objects.no_target", target=pair, type="--map")
        chosen[column] = to
    return chosen


def _tell_errors(job: ImportJob) -> None:
    tongue = language()
    for error in job.errors[:SHOWN_ERRORS]:
        complain(
            ERROR, row=error["row"], column=error["column"], value=error["value"], problem=error["problem"][tongue],
            remedy=error["remedy"][tongue],
        )  # fmt: skip
    if job.errors_total > SHOWN_ERRORS:
        complain(MORE, count=job.errors_total - SHOWN_ERRORS)
    for offer in job.offers:
        if not offer["options"]:
            name = ":".join(part for part in (offer["kind"], offer["target"], offer["to"]) if part)
            complain(OFFER, rows=offer["rows"], what=offer["label"][tongue], name=name)


IMPORT_OBJECTS = Command(
    says=Label(
        zh="把 CSV、XLSX、GeoJSON、GeoPackage 或压缩的 Shapefile 导入登记册：先猜列、预览并列出全部错误，再一次写入；"
        "按编号更新，有错则整份不写。",
        en="Import a CSV, XLSX, GeoJSON, GeoPackage or zipped Shapefile into a register: columns are guessed, all that "
        "is wrong is listed, then everything is written at once, by code; if anything is wrong, nothing is.",
    ),
    examples=(
        "xiuhua import mobility.bus_stop stops.csv --crs WGS84",
        'xiuhua import mobility.bus_stop stops.xlsx --crs GCJ-02 --map "站牌编号=code" --keep-good rejected.csv --yes',
    ),
    arguments=import_arguments,
    run=import_objects,
)
EXPORT_OBJECTS = Command(
    says=Label(
        zh="把登记册导出为文件，格式由扩展名决定，坐标为 CGCS2000。",
        en="Export a register to a file; its ending tells the format, positions are CGCS2000.",
    ),
    examples=(
        "xiuhua export mobility.bus_stop stops.xlsx",
        "xiuhua export mobility.bus_stop west.gpkg --area 310117/310117001/",
    ),
    arguments=export_arguments,
    run=export_objects,
)
