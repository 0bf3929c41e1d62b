"""Background work: events out of the outbox, periodic work of every room, and queued jobs."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import nats
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections, connections
from nats.aio.client import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from xiuhua.ledger.relay import deliver
from xiuhua.stack.nats_address import nats_address

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, object]], None]
OUTBOX_LOOKED_AT_EVERY_S = 0.25
AFTER_A_FAILURE_S = 5.0
JOBS_AT_ONCE = 2
JOBS_MAY_FINISH_S = 3.0
LEFT_AFTER_S = JOBS_MAY_FINISH_S + 2.0
PUBLISH_WAIT_S = 5.0
WATCHED_EVERY_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Jobs:
    """What the rooms want done: handlers by topic, functions with the seconds between two calls, last acts."""

    handlers: Mapping[str, Sequence[Handler]]
    every: Sequence[tuple[float, Callable[[], None]]]
    at_stop: Sequence[Callable[[], None]]


def gather(modules: Sequence[ModuleType]) -> Jobs:
    """Merge what the rooms' jobs modules declare."""
    handlers: dict[str, list[Handler]] = {}
    every: list[tuple[float, Callable[[], None]]] = []
    at_stop: list[Callable[[], None]] = []
    for module in modules:
        for topic, functions in getattr(module, "HANDLERS", {}).items():
            handlers.setdefault(topic, []).extend(functions)
        every.extend(getattr(module, "EVERY", ()))
        at_stop.extend(getattr(module, "AT_STOP", ()))
    return Jobs(handlers=handlers, every=every, at_stop=at_stop)


def job_modules() -> list[ModuleType]:
    """Return the jobs modules of the rooms that have one."""
    names = (f"xiuhua.{room}.jobs" for room in settings.ROOMS)
    return [importlib.import_module(name) for name in names if importlib.util.find_spec(name) is not None]


def work(nats_url: str, stop: threading.Event) -> None:
    """Work until `stop` is set; raises when a part of the work cannot go on."""
    jobs = gather(job_modules())
    threading.Thread(name="leaving", target=leave, args=(stop, LEFT_AFTER_S, os._exit), daemon=True).start()
    asyncio.run(_work(jobs, nats_url, stop))
    for function in jobs.at_stop:
        attempt(function)
    connections.close_all()


def leave(stop: threading.Event, seconds: float, exit_now: Callable[[int], object]) -> None:
    """End the process some seconds after `stop`, whatever still works in it: its transactions are rolled back, and the
    next start takes the work up again as after a crash.
    """
    stop.wait()
    time.sleep(seconds)
    log.warning("work was still under way and is left to the next start")
    exit_now(0)


async def _work(jobs: Jobs, nats_url: str, stop: threading.Event) -> None:
    # Screens hear events by plain NATS: one lost while the server is away is made good by the next reload.
    client = await nats.connect(
        **nats_address(nats_url), name="xiuhua work", max_reconnect_attempts=-1, allow_reconnect=True
    )
    loop = asyncio.get_running_loop()
    threads = [
        threading.Thread(name="outbox", target=relay, args=(jobs, partial(publish, loop, client), stop)),
        *(
            threading.Thread(name=f"{function.__module__}.{function.__name__}", target=repeat, args=(s, function, stop))
            for s, function in jobs.every
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        await _run_jobs(stop)
    finally:
        stop.set()
        until = loop.time() + JOBS_MAY_FINISH_S
        for thread in threads:
            await asyncio.to_thread(thread.join, max(0.0, until - loop.time()))
        await client.close()


async def _run_jobs(stop: threading.Event) -> None:
    connector = app.connector
    if not isinstance(connector, DjangoConnector):
        raise TypeError(f"not Django's connector: {connector!r}")
    with app.replace_connector(connector.get_worker_connector()) as own:
        async with own.open_async():
            worker = asyncio.create_task(
                own.run_worker_async(
                    concurrency=JOBS_AT_ONCE,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=JOBS_MAY_FINISH_S,
                    delete_jobs="successful",
                )
            )
            while not stop.is_set() and not worker.done():
                await asyncio.sleep(WATCHED_EVERY_S)
            if worker.done():
                worker.result()
                raise RuntimeError("the job worker ended by itself")
            worker.cancel()
            await asyncio.wait([worker], timeout=JOBS_MAY_FINISH_S)


def publish(loop: asyncio.AbstractEventLoop, client: Client, topic: str, payload: Mapping[str, object]) -> None:
    """Tell the screens of an event; called from any thread."""
    data = json.dumps(payload, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    sent: Future[None] = asyncio.run_coroutine_threadsafe(client.publish(f"live.{topic}", data), loop)
    sent.result(PUBLISH_WAIT_S)


def relay(jobs: Jobs, send: Callable[[str, Mapping[str, object]], None], stop: threading.Event) -> None:
    """Deliver the outbox's events as they come, until `stop`."""

    def once() -> None:
        while not stop.is_set() and deliver(jobs.handlers, send) > 0:
            pass

    repeat(OUTBOX_LOOKED_AT_EVERY_S, once, stop)


def repeat(seconds: float, function: Callable[[], None], stop: threading.Event) -> None:
    """Call a function every so many seconds until `stop`; a failure is logged and waited out."""
    wait = min(seconds, 1.0)
    while not stop.wait(wait):
        wait = seconds if attempt(function) else max(seconds, AFTER_A_FAILURE_S)
    connections.close_all()


def attempt(function: Callable[[], None]) -> bool:
    """Call a function; say whether it came through. One room's failure may not end the work of all others."""
    close_old_connections()
    try:
        function()
    except Exception:
        log.exception("work failed", extra={"work": f"{function.__module__}.{function.__name__}"})
        return False
    return True
