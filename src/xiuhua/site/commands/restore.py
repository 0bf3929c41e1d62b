"""`xiuhua restore FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.backup import restore
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.console import say


def run(arguments: argparse.Namespace) -> int:
    """Restore and say what came back."""
    config = read_config()
    manifest = restore(config, arguments.file.absolute())
    say(
        Label(
            zh="已恢复到 {data}：{moment} 的 {rows:,} 行，行数逐表核对一致；用 xiuhua up --data {data} 启动",
            en="Restored into {data}: {rows:,} rows of {moment}, counted table by table; "
            "start it with xiuhua up --data {data}",
        ),
        data=config.data, moment=manifest.moment, rows=sum(manifest.rows.values()),
    )  # fmt: skip
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `restore`."""
    parser.add_argument("file", metavar="FILE", type=Path)


RESTORE = Command(
    says=Label(
        zh="从备份恢复到一个空目录：先校验，全部就位后才启用；目录不空则拒绝。",
        en="Restores a backup into an empty folder: everything is checked first, and put to use only when it is whole. "
        "A folder that holds anything is refused.",
    ),
    examples=("xiuhua restore --data /srv/xiuhua-new /srv/backup/monday.tar",),
    arguments=add_arguments,
    run=run,
)
