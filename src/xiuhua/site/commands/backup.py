"""`xiuhua backup FILE`."""

from __future__ import annotations

import argparse
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.backup import backup
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.console import say


def run(arguments: argparse.Namespace) -> int:
    """Write the backup and say what it came to."""
    written = backup(read_config(), arguments.file.absolute())
    say(
        Label(
            zh="已备份到 {file}：{rows:,} 行，{size:.1f} MB；接入暂停 {held:.1f} 秒",
            en="Backed up to {file}: {rows:,} rows, {size:.1f} MB; ingest stood still for {held:.1f} s",
        ),
        file=arguments.file, rows=written.rows, size=written.size / 1e6, held=written.held_s,
    )  # fmt: skip
    if not written.streams:
        say(
            Label(
                zh="数据流在 XIUHUA_NATS_URL 的服务器上，不在此备份内，在那里另行备份",
                en="The streams lie on the server of XIUHUA_NATS_URL and are not in this backup: back them up there",
            )
        )
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `backup`."""
    parser.add_argument("file", metavar="FILE", type=Path)


BACKUP = Command(
    says=Label(
        zh="把记录、数据流和文件在同一时刻的状态写入一个文件，站点运行与否都可以。文件含站点密钥，只有所有者可读。",
        en="Writes records, streams and files as they are at one moment to one file, whether the site runs or not. "
        "The file holds the site's secrets; only its owner may read it.",
    ),
    examples=("xiuhua backup /srv/backup/monday.tar", "xiuhua backup --data /srv/xiuhua monday.tar"),
    arguments=add_arguments,
    run=run,
)
