"""The commands `check` and `new-pack`."""

from __future__ import annotations

import argparse
import importlib
import json
import string
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import timezone

import xiuhua.packs
from xiuhua.catalog.calendars import check_names, missing_years, reached_years, working_calendar
from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.catalog.loading import load
from xiuhua.catalog.manifests import line_of_field
from xiuhua.catalog.scaffold import write_pack
from xiuhua.http.errors import SENTENCES, sentence
from xiuhua.kernel.errors import Conflict, Fault
from xiuhua.kernel.words import Label
from xiuhua.people.actions.songjiang import district_units
from xiuhua.people.posts import CORE_POSTS
from xiuhua.stack.commands import Command
from xiuhua.stack.console import language, say, words

NO_CALENDAR = Label(
    zh="工作日历缺 {year} 年，跨入该年的时限算不出来：把国务院公布的放假和调休写进 {file}"
    "（写法见 docs/operate/calendar.md），或更新 chinesecalendar",
    en="The working calendar lacks {year}, so no limit that reaches it can be computed: write the published holidays "
    "and make-up days into {file} (docs/operate/calendar.md says how), or update chinesecalendar",
)
NO_UNIT = Label(
    zh="{field} 里的单位 {unit} 不在单位表中；改正代码（xiuhua check 只认区内单位的代码，如 lhsr）",
    en="{field} names the unit {unit}, which is not in the table of units; mend the code (such as lhsr)",
)
NO_MIGRATION = Label(
    zh="{room} 的存储结构与声明不符：缺少迁移 {migration}",
    en="{room} is not stored as declared: migration {migration} is missing",
)
NO_WORDS = Label(zh="{code} 的句子缺少{problem}", en="The sentence of {code} lacks {problem}")
FOUND = Label(
    zh="场景包 {packs} 个，问题 {faults} 处，提示 {off} 处", en="{packs} packs, {faults} faults, {off} notices"
)
WRITTEN = Label(zh="已写好 {folder}；运行 xiuhua check 查看", en="Written: {folder}; look with xiuhua check")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of the report. Only errors fail the check."""

    place: str
    code: str
    text: str
    severity: str


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `check`."""
    parser.add_argument("folder", nargs="*", type=Path, help="pack folders to check besides those in force")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def catalogue_of(arguments: argparse.Namespace) -> Catalogue:
    """Return the catalogue of the packs in force and of those that the command line names besides."""
    folders = (*settings.CONFIG.packs, *arguments.folder)
    return load(folders=folders, posts={post.id: post for post in CORE_POSTS})


def findings_of(catalogue: Catalogue) -> tuple[Finding, ...]:
    """Return every fault of packs, schema, calendar and words."""
    return (
        *_of_packs(catalogue),
        *_of_units(catalogue),
        *of_calendar(catalogue, timezone.now()),
        *_of_schema(),
        *_of_words(),
    )


def check(arguments: argparse.Namespace) -> int:
    """Print every fault of packs, schema, calendar and words together; return 1 if there is an error."""
    catalogue = catalogue_of(arguments)
    return report(arguments, catalogue, findings_of(catalogue))


def report(arguments: argparse.Namespace, catalogue: Catalogue, findings: Sequence[Finding]) -> int:
    """Print the findings, their count last; return 1 if there is an error."""
    errors = sum(1 for one in findings if one.severity == "error")
    if arguments.json:
        print(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=1))
    else:
        for one in findings:
            print(f"{one.place}: {one.text} [{one.code}]")
        say(FOUND, packs=len(catalogue.packs), faults=errors, off=len(findings) - errors)
    return 1 if errors else 0


def _of_packs(catalogue: Catalogue) -> list[Finding]:
    return [
        Finding(
            place=f"{fault.file}:{fault.line}", code=fault.code, severity=fault.severity,
            text=fault.message.in_language(language()),
        )
        for fault in catalogue.faults
    ]  # fmt: skip


def _of_units(catalogue: Catalogue) -> list[Finding]:
    known = district_units()
    return [
        Finding(
            place=f"{loaded.manifest.folder / 'manifest.toml'}:{line_of_field(loaded.manifest.folder, field)}",
            code="catalog.unit_unknown", severity="error", text=words(NO_UNIT, field=field, unit=unit),
        )
        for loaded in catalogue.packs.values()
        for field, units in (("lead", loaded.manifest.lead), ("support", loaded.manifest.support))
        for unit in units
        if unit not in known
    ]  # fmt: skip


def of_calendar(catalogue: Catalogue, now: datetime) -> list[Finding]:
    """Return what is wrong with the working calendar: a year that a limit can reach by now is a fault, the next one a
    notice as soon as it should be published.
    """
    folder = settings.CONFIG.data / "calendars"
    try:
        check_names()
        known = working_calendar().years
        soon = missing_years(now)
    except Fault as fault:
        text = sentence(fault.code, dict(fault.params), language())
        return [Finding(place=str(folder), code=fault.code, text=text, severity="error")]
    reached = [year for year in reached_years(catalogue, now) if year not in known]
    return [
        Finding(
            place=str(folder / f"{year}.json"), code="catalog.calendar_missing",
            text=words(NO_CALENDAR, year=year, file=folder / f"{year}.json"),
            severity="error" if year in reached else "off",
        )
        for year in sorted({*reached, *soon})
    ]  # fmt: skip


def _of_schema() -> list[Finding]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    return [
        Finding(
            place=room, code="catalog.migration_missing", severity="error",
            text=words(NO_MIGRATION, room=room, migration=migration.name),
        )
        for room, migrations in changes.items()
        for migration in migrations
    ]  # fmt: skip


def _of_words() -> list[Finding]:
    importlib.import_module(settings.ROOT_URLCONF)
    findings = []
    for code, label in sorted(SENTENCES.items()):
        problem = ""
        if not label.zh.strip() or not label.en.strip():
            problem = "zh, en"
        elif _places(label.zh) != _places(label.en):
            problem = ", ".join(sorted(_places(label.zh) ^ _places(label.en)))
        if problem:
            text = words(NO_WORDS, code=code, problem=problem)
            findings.append(Finding(place=code, code="catalog.words_missing", text=text, severity="error"))
    return findings


def _places(text: str) -> set[str]:
    """Return the places of a sentence; one that has a word for each language (post, post_en) is one place."""
    return {name.removesuffix("_zh").removesuffix("_en") for _, name, _, _ in string.Formatter().parse(text) if name}


def new_pack_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `new-pack`."""
    parser.add_argument("id", help="lower-case letters, digits and underscores")
    parser.add_argument("--zh", default="", help="Chinese title (the id if left out)")
    parser.add_argument("--en", default="", help="English title (the id if left out)")
    parser.add_argument("--folder", type=Path, help="where to put it (the first of XIUHUA_PACKS, else the tree)")


def new_pack(arguments: argparse.Namespace) -> int:
    """Write a small pack that works at once; raises Conflict for an id that another pack has."""
    taken = {pack_id: loaded.manifest.folder for pack_id, loaded in current().packs.items()}
    if arguments.id in taken:
        raise Conflict("catalog.pack_id_taken", id=arguments.id, folder=str(taken[arguments.id]))
    place = arguments.folder or next(iter(settings.CONFIG.packs), Path(next(iter(xiuhua.packs.__path__))))
    written = write_pack(
        arguments.id, zh=arguments.zh or arguments.id, en=arguments.en or arguments.id, place=Path(place)
    )
    for file in written:
        print(file)
    say(WRITTEN, folder=written[0].parent)
    return 0


CHECK = Command(
    says=Label(
        zh="检查全部场景包、计划、存储结构、工作日历和译文；所有问题连同文件和行号一次列出，有错误时退出码为 1。",
        en="Check packs, plan, schema, calendar and translation; every fault is listed at once with file and line. "
        "The exit status is 1 if there is an error.",
    ),
    examples=("xiuhua check", "xiuhua check ~/my-packs/kerbs", "xiuhua check --json"),
    arguments=check_arguments,
    run=check,
)
NEW_PACK = Command(
    says=Label(
        zh="写出一个可直接使用的小场景包：台账、事项、指标和示例，供修改。",
        en="Write a small pack that works at once (register, case, indicator, example), to be changed into yours.",
    ),
    examples=("xiuhua new-pack kerbs --zh 路缘石 --en Kerb", "xiuhua new-pack kerbs --folder ~/my-packs"),
    arguments=new_pack_arguments,
    run=new_pack,
)
