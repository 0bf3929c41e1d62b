"""The web process, which `up` runs."""

from __future__ import annotations

import argparse

import uvicorn

from xiuhua.kernel.words import Label
from xiuhua.site.asgi import application
from xiuhua.site.log import log_to_file
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.serving import no_arguments

OPEN_PAGES_WAIT_S = 3


def serve_web(arguments: argparse.Namespace) -> int:
    """Serve pages and API until stopped."""
    config = read_config()
    log_to_file(config, "web")
    uvicorn.run(
        application,
        host=config.address,
        port=config.http_port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # A live page keeps its connection for ever; stopping may not wait for it.
        timeout_graceful_shutdown=OPEN_PAGES_WAIT_S,
    )
    return 0


SERVE_WEB = Command(
    says=Label(zh="网页和接口进程，由 up 启动。", en="Serves pages and API; started by `up`."),
    examples=("xiuhua serve-web",),
    arguments=no_arguments,
    run=serve_web,
)
