"""The door of the message server: it asks us about everyone who connects (auth callout), and we end whom we no longer
know. Questions are answered many at a time; several workers share them.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import nats
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from nats.aio.client import Client
from nats.aio.msg import Msg

from xiuhua.readings.judging import LASTS, LONGEST_NAME, Caller, Judge, caller_in, revoked_since
from xiuhua.readings.trespass import LogReader
from xiuhua.stack.nats_address import nats_address
from xiuhua.stack.nats_server import ADMITTED_WITHIN_S, SYSTEM_USER, issuer
from xiuhua.stack.secrets import read_secret

log = logging.getLogger(__name__)

QUESTIONS = "$SYS.REQ.USER.AUTH"
KEY_CHANGED = "live.device_key.changed"
WRITTEN_EVERY_S = 2.0
LOOKED_EVERY_S = 30.0
AGAIN_AFTER_S = 0.3
WATCHED_EVERY_S = 0.5
ANSWERS_WITHIN_S = 0.3
MOST_CONNECTIONS = 1024
# A key may be revoked while somebody is let in with it: those of the last looks are looked at again.
LOOKED_BACK = timedelta(seconds=3 * LOOKED_EVERY_S)

T = TypeVar("T")
Question = tuple[Msg, Caller, float]


class Door:
    """One worker's door; all its database work runs in one thread of its own, so that it waits for no readings. Of
    several workers one `watches` what the server's log tells. `now` goes by the server's clock: it ends what we grant.
    """

    def __init__(
        self,
        data: Path,
        nats_url: str,
        *,
        watches: Callable[[], bool] = lambda: True,
        now: Callable[[], datetime] = timezone.now,
    ) -> None:
        self._address = nats_address(nats_url)
        self._address["user"] = SYSTEM_USER
        self._address["password"] = read_secret(data, "nats_system")
        self._judge = Judge(issuer(data))
        self._log = LogReader(data / "logs" / "nats.log")
        self._watches = watches
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door")
        self._waiting: list[Question] = []
        self._arrived = asyncio.Event()
        self._changed = asyncio.Event()
        self._now = now
        self._since = now() - LASTS

    @contextlib.asynccontextmanager
    async def open(self, client: Client) -> AsyncIterator[None]:
        """Answer for those who connect, as long as the body runs."""
        self._since = min(self._since, self._now() - LASTS)
        await client.subscribe(QUESTIONS, queue="door", cb=self._hear)
        await client.subscribe(KEY_CHANGED, cb=self._notice)
        await client.flush()
        tasks = [
            asyncio.create_task(self._for_ever(work))
            for work in (lambda: self._answer(client), self._write_down, self._show_out, self._watch)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Let go of the database."""
        await self._in_thread(_disconnect)
        self._thread.shutdown()

    async def _for_ever(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await work()
            except (OSError, TimeoutError, nats.errors.Error) as error:
                log.warning("the message server does not answer at the door", extra={"problem": repr(error)})
                await asyncio.sleep(LOOKED_EVERY_S / 10)
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer", extra={"problem": str(error)})
                await self._in_thread(_disconnect)
                await asyncio.sleep(AGAIN_AFTER_S)
            except Exception:
                log.exception("at the door")
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _hear(self, message: Msg) -> None:
        caller = caller_in(message.data)
        if caller is not None:
            self._waiting.append((message, caller, time.monotonic()))
            self._arrived.set()

    async def _notice(self, _message: Msg) -> None:
        self._changed.set()

    async def _answer(self, client: Client) -> None:
        await self._arrived.wait()
        self._arrived.clear()
        latest = time.monotonic() - ADMITTED_WITHIN_S
        asked, self._waiting = [one for one in self._waiting if one[2] > latest], []
        try:
            found = await self._in_thread(lambda: self._judge.answers([one[1] for one in asked], now=self._now()))
        except DatabaseFault:
            # They are answered once the database is back, if they still wait then.
            self._waiting = [*asked, *self._waiting]
            self._arrived.set()
            raise
        for (message, caller, _), (answer, why) in zip(asked, found, strict=True):
            if why:
                log.warning("turned away", extra={"key": caller.name[:LONGEST_NAME], "host": caller.host, "why": why})
            await client.publish(message.reply, answer.encode())

    async def _write_down(self) -> None:
        await asyncio.sleep(WRITTEN_EVERY_S)
        await self._in_thread(lambda: self._judge.write_down(now=self._now()))

    async def _show_out(self) -> None:
        """End the connections of keys that were revoked."""
        looked_at = self._now()
        names = await self._in_thread(lambda: revoked_since(self._since))
        if names:
            async with self._system() as system:
                for name in names:
                    for one in await _connections(system, {"user": name}):
                        log.info("the connection of a revoked key was ended", extra={"key": name})
                        await _kick(system, one)
        self._since = looked_at - LOOKED_BACK
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), LOOKED_EVERY_S)
        self._changed.clear()

    async def _watch(self) -> None:
        """Note who sent what its key does not speak for, and end its connection where it was acknowledged."""
        await asyncio.sleep(WATCHED_EVERY_S)
        found = self._log.trespasses()
        if not found or not self._watches():
            return
        subjects = {one.connection: one.subject for one in found}
        async with self._system() as system:
            for number, subject in subjects.items():
                mqtt = any(one.mqtt for one in found if one.connection == number)
                count = sum(one.connection == number for one in found)
                known = await _connections(system, {"cid": number})
                name = known[0].user if known else ""
                log.warning("a message outside of its key's rights", extra={"key": name, "subject": subject[:300]})
                await self._in_thread(functools.partial(self._judge.trespassed, name, count, now=self._now()))
                for one in known if mqtt else ():
                    await _kick(system, one)

    @contextlib.asynccontextmanager
    async def _system(self) -> AsyncIterator[Client]:
        """Give a connection to the server's system account for the body."""
        system = await nats.connect(**self._address, connect_timeout=3, allow_reconnect=False, error_cb=_quiet)
        try:
            yield system
        finally:
            await system.close()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Connection:
    """Somebody connected: with which server, its number there, and the name of its key."""

    server: str
    number: int
    user: str


async def _connections(system: Client, which: dict[str, object]) -> list[_Connection]:
    """Return the connections of that user or number on all servers that answer in time."""
    inbox = system.new_inbox()
    found: list[_Connection] = []

    async def take(message: Msg) -> None:
        answer = json.loads(message.data)
        found.extend(
            _Connection(server=answer["server"]["id"], number=one["cid"], user=one.get("authorized_user", ""))
            for one in answer.get("data", {}).get("connections") or ()
        )

    heard = await system.subscribe(inbox, cb=take)
    question = {"auth": True, "limit": MOST_CONNECTIONS, **which}
    await system.publish("$SYS.REQ.SERVER.PING.CONNZ", json.dumps(question).encode(), reply=inbox)
    await asyncio.sleep(ANSWERS_WITHIN_S)
    await heard.unsubscribe()
    return found


async def _kick(system: Client, one: _Connection) -> None:
    with contextlib.suppress(TimeoutError):
        await system.request(f"$SYS.REQ.SERVER.{one.server}.KICK", json.dumps({"cid": one.number}).encode(), timeout=1)


def _disconnect() -> None:
    # The connection is the calling thread's own, so it is looked up there.
    connection.close()


async def _quiet(_error: Exception) -> None:
    """Leave the report to whoever called: the error is raised as well."""
