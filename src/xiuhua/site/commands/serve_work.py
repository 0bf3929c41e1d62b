"""The background process, which `up` runs."""

from __future__ import annotations

import argparse

from xiuhua.kernel.words import Label
from xiuhua.site.log import log_to_file
from xiuhua.site.worker import work
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.serving import mark_ready, no_arguments, stop_on_signal


def serve_work(arguments: argparse.Namespace) -> int:
    """Deliver events, keep clocks and run jobs until stopped."""
    config = read_config()
    log_to_file(config, "work")
    stop = stop_on_signal()
    mark_ready(config.data, "work")
    work(config.nats_url, stop)
    return 0


SERVE_WORK = Command(
    says=Label(zh="后台工作进程，由 up 启动。", en="Does background work; started by `up`."),
    examples=("xiuhua serve-work",),
    arguments=no_arguments,
    run=serve_work,
)
