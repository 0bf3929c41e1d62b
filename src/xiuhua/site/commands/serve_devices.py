"""The process of the demonstration's devices, which `up` runs."""

from __future__ import annotations

import argparse
import logging
import threading

from django.db import OperationalError

from xiuhua.kernel.words import Label
from xiuhua.site.log import log_to_file
from xiuhua.stack.commands import Command
from xiuhua.stack.config import Config, read_config
from xiuhua.stack.serving import mark_ready, no_arguments, stop_on_signal
from xiuhua.testbed import devices
from xiuhua.testbed.synthetic import kept_recipe

log = logging.getLogger(__name__)

LOOKED_EVERY_S = 2.0


def serve_devices(arguments: argparse.Namespace) -> int:
    """Send what the synthetic devices report while a demonstration is loaded, until stopped."""
    config = read_config()
    log_to_file(config, "devices")
    stop = stop_on_signal()
    mark_ready(config.data, "devices")
    while not stop.is_set():
        if kept_recipe(config.data) is None:
            stop.wait(LOOKED_EVERY_S)
            continue
        over = threading.Event()
        watch = threading.Thread(target=_watch, args=(config, stop, over))
        watch.start()
        try:
            devices.run(config, over)
        except OperationalError as error:
            log.warning("the database is away", extra={"problem": str(error)})
            stop.wait(LOOKED_EVERY_S)
        finally:
            over.set()
            watch.join()
    return 0


def _watch(config: Config, stop: threading.Event, over: threading.Event) -> None:
    """End the sending when we are told to stop or the demonstration is taken out."""
    while not over.is_set() and not stop.is_set() and kept_recipe(config.data) is not None:
        stop.wait(LOOKED_EVERY_S / 4)
    over.set()


SERVE_DEVICES = Command(
    says=Label(zh="演示设备进程，由 up 启动。", en="Runs the synthetic devices; started by `up`."),
    examples=("xiuhua serve-devices",),
    arguments=no_arguments,
    run=serve_devices,
)
