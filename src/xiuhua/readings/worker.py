"""The ingest process: fetch, store, acknowledge; in that order and for ever."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import nats
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from xiuhua.readings.ingest import Ingest, Message, Place
from xiuhua.readings.listen import ACK_WAIT_SECONDS, CONSUMER, STREAM, connect, make_places

log = logging.getLogger(__name__)

BATCH = 1000
GATHER_SECONDS = 0.2
LOOK_SECONDS = 2.0
FORGET_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 10.0

T = TypeVar("T")


class Stopped(Exception):
    """Told to stop while the database was away; what was not stored is not acknowledged and comes again."""


def run(nats_url: str, stop: threading.Event) -> None:
    """Take readings in until `stop` is set: finishes the batch in hand, then returns. Waits out a database or a NATS
    server that is away.
    """
    asyncio.run(_Worker(nats_url, stop).run())


class _Worker:
    """One life of the process. All database work runs in one thread, whose connection it is."""

    def __init__(self, nats_url: str, stop: threading.Event) -> None:
        self._nats_url = nats_url
        self._stop = stop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest")
        self._objects_changed = False
        self._floor = 0

    async def run(self) -> None:
        wait = 0.5
        while not self._stop.is_set():
            try:
                client = await connect(self._nats_url, error_cb=_log_error)
            except (OSError, TimeoutError, nats.errors.Error) as error:
                log.warning("NATS does not answer", extra={"problem": type(error).__name__})
                await self._sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
                continue
            try:
                await self._read(client)
            except Stopped:
                log.warning("stopped with readings in hand; they come again")
            except (TimeoutError, nats.errors.Error) as error:
                log.warning("reading the stream was interrupted: %r", error)
                await self._sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            finally:
                await client.close()
        await self._in_thread(_disconnect)
        self._thread.shutdown()

    async def _read(self, client: Client) -> None:
        await make_places(client)
        streams = client.jetstream()
        created = (await streams.stream_info(STREAM)).created
        if created is None:
            raise NotFoundError
        ingest = Ingest(Place(consumer=CONSUMER, stream_created=created))
        for topic in ("live.object.changed", "live.objects.imported"):
            await client.subscribe(topic, cb=self._notice)
        pull = await streams.pull_subscribe_bind(CONSUMER, STREAM)
        clock = asyncio.get_running_loop().time
        forgot = clock()
        looked = 0.0
        # What an earlier life fetched and did not acknowledge comes again only after this time.
        all_here = clock() + ACK_WAIT_SECONDS + 1
        log.info("listening")
        while not self._stop.is_set():
            if self._objects_changed or clock() - forgot > FORGET_SECONDS:
                self._objects_changed, forgot = False, clock()
                ingest.directory.forget()
            asked_at = timezone.now()
            try:
                messages = await pull.fetch(BATCH, timeout=GATHER_SECONDS)
            except TimeoutError:
                messages = []
            if messages:
                await self._store(ingest, messages)
                for message in messages:
                    await message.ack()
            if clock() - looked > LOOK_SECONDS:
                looked = clock()
                seen = await streams.consumer_info(STREAM, CONSUMER)
                self._floor = seen.ack_floor.stream_seq if seen.ack_floor else 0
                if len(messages) < BATCH and clock() > all_here:
                    await self._patiently(functools.partial(ingest.caught_up, asked_at))
        await client.flush(timeout=2)

    async def _store(self, ingest: Ingest, fetched: Sequence[Msg]) -> None:
        messages = [
            Message(
                subject=message.subject,
                payload=message.data,
                sequence=message.metadata.sequence.stream,
                stored_at=message.metadata.timestamp,
            )
            for message in fetched
        ]
        await self._patiently(functools.partial(self._take, ingest, messages))

    def _take(self, ingest: Ingest, messages: Sequence[Message]) -> None:
        """Store the batch; where the database refuses it, store message by message and set aside what it refuses."""
        try:
            ingest.take(messages, floor=self._floor, now=timezone.now())
        except (OperationalError, InterfaceError):
            raise
        except DatabaseError as refusal:
            log.warning("a batch was refused", extra={"problem": str(refusal)})
            ingest.directory.forget()
            for message in messages:
                try:
                    ingest.take([message], floor=self._floor, now=timezone.now())
                except (OperationalError, InterfaceError):
                    raise
                except DatabaseError as error:
                    ingest.refuse(message, floor=self._floor, now=timezone.now(), problem=str(error))

    async def _patiently(self, work: Callable[[], None]) -> None:
        """Do database work, again and again while the database is away; gives up only when told to stop."""
        wait = 0.2
        while True:
            try:
                return await self._in_thread(work)
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer", extra={"problem": str(error)})
                await self._in_thread(_disconnect)
                if self._stop.is_set():
                    raise Stopped from error
                await self._sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _sleep(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while not self._stop.is_set() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.1)

    async def _notice(self, _: Msg) -> None:
        self._objects_changed = True


def _disconnect() -> None:
    # The connection is the calling thread's own, so it is looked up there.
    connection.close()


async def _log_error(error: Exception) -> None:
    log.warning("NATS", extra={"problem": repr(error)})
