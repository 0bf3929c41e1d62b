"""The ingest process, which `up` runs."""

from __future__ import annotations

import argparse

from xiuhua.kernel.words import Label
from xiuhua.readings import worker
from xiuhua.site.log import log_to_file
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.console import words
from xiuhua.stack.serving import mark_ready, stop_on_signal


def serve_ingest(arguments: argparse.Namespace) -> int:
    """Take readings into the records until stopped."""
    config = read_config()
    log_to_file(config, arguments.name)
    stop = stop_on_signal()
    worker.run(
        config.data,
        config.nats_url,
        stop,
        name=arguments.name,
        listening=lambda: mark_ready(config.data, arguments.name),
    )
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name of this one among several."""
    parser.add_argument(
        "--name", default="ingest", help=words(Label(zh="进程名（ingest）", en="name of the process (ingest)"))
    )


SERVE_INGEST = Command(
    says=Label(zh="数据接入进程，由 up 启动。", en="Takes readings in; started by `up`."),
    examples=("xiuhua serve-ingest", "xiuhua serve-ingest --name ingest-2"),
    arguments=add_arguments,
    run=serve_ingest,
)
