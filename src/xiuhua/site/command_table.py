"""The one table of commands. Standard library only, so that help answers before anything is installed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum

from xiuhua.kernel.words import Label


class Needs(IntEnum):
    """What stands ready before a command runs."""

    NOTHING = 0
    DECLARATIONS = 1
    DATABASE = 2
    RUNNING_SITE = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One command: its words, the module that holds it and the name of its Command there."""

    name: str
    module: str
    constant: str
    needs: Needs
    help: Label
    internal: bool = False


def _row(name: str, place: str, needs: Needs, zh: str, en: str, *, internal: bool = False) -> Row:
    module, constant = place.split(":")
    return Row(
        name=name, module=f"xiuhua.{module}", constant=constant, needs=needs, help=Label(zh=zh, en=en),
        internal=internal,
    )  # fmt: skip


ROWS = (
    _row("up", "site.commands.up:UP", Needs.NOTHING, "启动整个站点", "start the whole site"),
    _row("test", "site.commands.test:TEST", Needs.NOTHING, "运行全部检查和测试", "run every check and test"),
    _row("status", "site.commands.status:STATUS", Needs.NOTHING, "查看站点的运行情况", "show how the site is doing"),
    _row("check", "site.commands.check:CHECK", Needs.DECLARATIONS, "检查场景包、计划、结构、日历和译文",
         "check packs, plan, schema, calendar and translation"),
    _row("new-pack", "catalog.commands:NEW_PACK", Needs.DECLARATIONS, "新建一个场景包", "write a new pack's folder"),
    _row("import", "objects.commands:IMPORT_OBJECTS", Needs.DATABASE, "导入登记册", "import a register from a file"),
    _row("import areas", "people.commands:IMPORT_AREAS", Needs.DATABASE, "导入区划边界", "import real boundaries"),
    _row("import readings", "readings.commands:IMPORT_READINGS", Needs.DATABASE, "导入历史读数",
         "import old readings from a file"),
    _row("export", "objects.commands:EXPORT_OBJECTS", Needs.DATABASE, "导出登记册", "export a register to a file"),
    _row("user", "people.commands:USER", Needs.DATABASE, "管理用户和岗位", "manage people and their posts"),
    _row("demo", "testbed.commands:DEMO", Needs.DATABASE, "演示区：载入、变速、取出",
         "the demonstration: load, speed up, take out"),
    _row("audit verify", "ledger.commands:AUDIT_VERIFY", Needs.DATABASE, "核验留痕", "verify the sealed history"),
    _row("engine", "site.commands.engine:ENGINE", Needs.NOTHING, "查看算法的输入、输出和出处",
         "show what an engine takes and gives"),
    _row("door", "site.commands.door:DOOR", Needs.NOTHING, "自备 NATS 的准入配置", "what a NATS of your own must know"),
    _row("backup", "site.commands.backup:BACKUP", Needs.NOTHING, "备份到一个文件", "write a backup to one file"),
    _row("restore", "site.commands.restore:RESTORE", Needs.NOTHING, "从备份恢复", "restore from a backup"),
    _row("prepare", "site.commands.prepare:PREPARE", Needs.DECLARATIONS, "建库载入", "make ready", internal=True),
    _row("serve-web", "site.commands.serve_web:SERVE_WEB", Needs.DECLARATIONS, "网页进程", "web", internal=True),
    _row("serve-ingest", "site.commands.serve_ingest:SERVE_INGEST", Needs.DECLARATIONS, "接入", "ingest",
         internal=True),
    _row("serve-work", "site.commands.serve_work:SERVE_WORK", Needs.DECLARATIONS, "后台工作", "work", internal=True),
    _row("serve-devices", "site.commands.serve_devices:SERVE_DEVICES", Needs.DECLARATIONS, "演示设备", "devices",
         internal=True),
)  # fmt: skip


def find(words: list[str]) -> Row | None:
    """Return the row whose name the words begin with; of two, the longer name."""
    rows = [row for row in ROWS if words[: len(row.name.split())] == row.name.split()]
    return max(rows, key=lambda row: len(row.name), default=None)


def group(words: list[str]) -> list[Row]:
    """Return the rows that share their first word with the words, where that word alone is no command."""
    return [row for row in ROWS if words and len(row.name.split()) > 1 and row.name.split()[0] == words[0]]


def group_help(rows: list[Row], language: str) -> str:
    """Return the help of a word that only begins commands."""
    zh = language == "zh"
    wide = max(len(row.name) for row in rows) + 2
    first = rows[0].name.split()[0]
    lines = [f"用法：xiuhua {first} …" if zh else f"usage: xiuhua {first} …", ""]
    lines += [f"  {row.name:<{wide}}{row.help.in_language(language)}" for row in rows]
    lines += ["", "例：" if zh else "examples:", *(f"  xiuhua {row.name}" for row in rows)]
    return "\n".join(lines)


def no_such(words: list[str], language: str) -> str:
    """Return what is said to words that begin no command, with the commands there are."""
    near = get_close_matches(words[0], [row.name for row in ROWS if not row.internal], n=1)
    if language == "zh":
        told = f"没有命令 {words[0]}" + (f"；是不是 {near[0]}？" if near else "")
    else:
        told = f"There is no command {words[0]}" + (f"; did you mean {near[0]}?" if near else "")
    return f"{told}\n\n{overview(language)}"


def overview(language: str) -> str:
    """Return the help of the whole command line."""
    zh = language == "zh"
    lines = [
        "用法：xiuhua 命令 [选项]" if zh else "usage: xiuhua COMMAND [options]",
        "",
        "绣花：把城市精细化管理计划变成运行的系统"
        if zh
        else "Xiuhua turns a city's fine-management plan into a running system.",
        "",
    ]
    shown = [row for row in ROWS if not row.internal]
    wide = max(len(row.name) for row in shown) + 2
    lines += [f"  {row.name:<{wide}}{row.help.in_language(language)}" for row in shown]
    lines += [
        "",
        "每个命令都有 --help 和 --data 目录（默认 .data）" if zh
        else "Every command takes --help, and --data DIR for the folder that holds all state (.data).",
        "",
        "例：" if zh else "Examples:",
        "  ./xiuhua up",
        "  ./xiuhua status",
    ]  # fmt: skip
    return "\n".join(lines)
