"""The ingest process: fetch, store, acknowledge; in that order and for ever."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import nats
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from xiuhua.readings.claims import Claims
from xiuhua.readings.door import Door
from xiuhua.readings.gathering import Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.latest import find_latest_again
from xiuhua.readings.listen import ACK_WAIT_SECONDS, CONSUMERS, FEED_STREAM, MQTT_STREAM, connect, cut_off, make_places
from xiuhua.readings.pulling import Pull, message_of
from xiuhua.readings.telling import tell_of_readings
from xiuhua.stack.nats_address import replicas

log = logging.getLogger(__name__)

AT_ONCE = 4000
BYTES_AT_ONCE = 16 * 1024 * 1024
LOOK_SECONDS = 1.0
# Less is the way there and back.
CLOCKS_APART = timedelta(seconds=2)
TOLD_SECONDS = 0.25
CUT_SECONDS = 5.0
FORGET_SECONDS = 300.0
LONGEST_WAIT_SECONDS = 10.0
# Messages that come one by one are stored together: a transaction costs as much for one as for a hundred.
GATHER_SECONDS = 0.05
ENOUGH_MESSAGES = 500
ENOUGH_BYTES = 512 * 1024

T = TypeVar("T")


class Stopped(Exception):
    """Told to stop while the database was away; what was not stored is not acknowledged and comes again."""


def run(
    data: Path,
    nats_url: str,
    stop: threading.Event,
    *,
    name: str = "ingest",
    listening: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = timezone.now,
) -> None:
    """Let devices in and take readings until `stop` is set: finishes the batch in hand, then returns. Waits out a
    database or a NATS server that is away. `name` is shown as who holds which partition; `listening` is called when
    devices are let in. `clock` is this machine's, which may be wrong: we go by the message server's, which says when
    each message came.
    """
    asyncio.run(_Worker(data, nats_url, stop, name, listening, clock).run())


class _Worker:
    """One life of the process. All database work runs in one thread, whose connection it is."""

    def __init__(
        self,
        data: Path,
        nats_url: str,
        stop: threading.Event,
        name: str,
        listening: Callable[[], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._nats_url = nats_url
        self._stop = stop
        self._clock = clock
        self._behind = timedelta()
        self._door = Door(data, nats_url, watches=lambda: 0 in self._claims.held, now=self._now)
        self._listening = listening
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ingest")
        self._claims = Claims(f"{name}@{socket.gethostname()}-{os.getpid()}")
        self._changed: set[tuple[str, str]] = set()
        self._in_work: list[Msg] = []
        self._broken = False
        self._database_away = False
        self._floors: dict[Place, int] = {}
        self._targets: dict[Place, tuple[datetime, int]] = {}

    async def run(self) -> None:
        wait = 0.5
        while not self._stop.is_set():
            try:
                client = await connect(self._nats_url, error_cb=_log_error, disconnected_cb=self._line_broke)
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
        await self._door.close()

    async def _read(self, client: Client) -> None:
        self._broken, self._in_work = False, []
        await make_places(client, replicas(self._nats_url))
        await self._set_clock(client)
        streams = client.jetstream()
        created = await _creation_times(streams)
        ingest = Ingest()
        for topic in ("live.object.changed", "live.objects.imported"):
            await client.subscribe(topic, cb=self._notice)
        arrived = asyncio.Event()
        pulls: dict[str, Pull] = {}
        async with in_background(self._keep(client, pulls)), self._door.open(client):
            log.info("listening")
            self._listening()
            await self._go_on(client, streams, ingest, pulls, created, arrived)
        await self._patiently(functools.partial(ingest.bring_latest, wait=True))
        await self._patiently(self._claims.leave)
        await client.flush(timeout=2)

    async def _go_on(
        self,
        client: Client,
        streams: JetStreamContext,
        ingest: Ingest,
        pulls: dict[str, Pull],
        created: Mapping[str, datetime],
        arrived: asyncio.Event,
    ) -> None:
        clock = asyncio.get_running_loop().time
        looked, cut, forgot, told = 0.0, clock(), clock(), 0.0
        while not self._stop.is_set():
            if self._broken:
                # What was on its way when the line broke comes again, and newer messages must not pass it.
                self._broken = False
                for name in list(pulls):
                    await pulls.pop(name).end()
                looked = 0.0
            if not client.is_connected:
                if client.is_closed:
                    raise nats.errors.ConnectionClosedError
                await self._sleep(0.1)
                continue
            if clock() - looked > LOOK_SECONDS:
                looked = clock()
                await self._set_clock(client)
                await self._take_share(client, ingest, pulls, created, arrived)
                await self._see_how_far(streams, ingest, list(pulls.values()))
            if clock() - cut > CUT_SECONDS:
                cut = clock()
                for name in (MQTT_STREAM, FEED_STREAM) if 0 in self._claims.held else ():
                    await cut_off(streams, name)
            if self._changed or clock() - forgot > FORGET_SECONDS:
                everything = clock() - forgot > FORGET_SECONDS
                forgot = clock() if everything else forgot
                changed, self._changed = self._changed, set()
                await self._patiently(functools.partial(_forget, ingest, set() if everything else changed))
            if clock() - told > TOLD_SECONDS and (places := ingest.latest.take_places()):
                told = clock()
                await tell_of_readings(client, places)
            arrived.clear()
            for pull in pulls.values():
                await pull.settle(streams)
                await pull.ask()
            count = sum(pull.count for pull in pulls.values())
            if not count:
                await self._rest(arrived)
                continue
            if count < ENOUGH_MESSAGES and sum(pull.size for pull in pulls.values()) < ENOUGH_BYTES:
                await asyncio.sleep(GATHER_SECONDS)
            given = _handed_on(pulls.values())
            messages = [message_of(message, pull.place) for pull, message in given]
            self._in_work = [message for _, message in given]
            take = functools.partial(ingest.take_or_set_aside, messages, floors=self._floors, now=self._now)
            await self._patiently(take)
            for message in self._in_work:
                await client.publish(message.reply, b"+ACK")
            self._in_work = []

    async def _keep(self, client: Client, pulls: Mapping[str, Pull]) -> None:
        """Say again and again that what we hold is in work, so that the server does not give it a second time; but not
        while the database is away: with it our right to the partitions is gone, and whoever has them next needs it all.
        """
        while True:
            await asyncio.sleep(ACK_WAIT_SECONDS / 3)
            if self._database_away:
                continue
            waiting = [message for pull in pulls.values() for message in pull.waiting()]
            for message in (*self._in_work, *waiting):
                await client.publish(message.reply, b"+WPI")

    async def _take_share(
        self,
        client: Client,
        ingest: Ingest,
        pulls: dict[str, Pull],
        created: Mapping[str, datetime],
        arrived: asyncio.Event,
    ) -> None:
        """Read the partitions that are ours now, and no others."""
        held = await self._patiently(lambda: self._claims.look(now=self._now()))
        for name in [name for name, pull in pulls.items() if pull.consumer.partition not in held]:
            await pulls.pop(name).end()
        begun: list[Pull] = []
        for consumer in CONSUMERS:
            if consumer.partition in held and consumer.name not in pulls:
                place = Place(consumer=consumer.name, stream_created=created[consumer.stream])
                begun.append(Pull(client, consumer, place, arrived))
        if begun:
            places = [pull.place for pull in begun]
            await self._patiently(lambda: find_latest_again(places))
            await self._patiently(ingest.take_over)
        for pull in begun:
            await pull.begin()
            pulls[pull.consumer.name] = pull

    async def _see_how_far(self, streams: JetStreamContext, ingest: Ingest, pulls: Sequence[Pull]) -> None:
        """Note up to which time everything sent is stored: all that stood in the stream when we looked before."""
        ends = {name: (await streams.stream_info(name)).state.last_seq for name in (MQTT_STREAM, FEED_STREAM)}
        caught_up: dict[datetime, list[Place]] = {}
        for pull in pulls:
            asked_at = self._now()
            seen = await streams.consumer_info(pull.consumer.stream, pull.consumer.name)
            floor = seen.ack_floor.stream_seq if seen.ack_floor else 0
            self._floors[pull.place] = floor
            if not seen.num_pending and not seen.num_ack_pending:
                caught_up.setdefault(asked_at, []).append(pull.place)
                self._targets.pop(pull.place, None)
                continue
            before, target = self._targets.get(pull.place, (asked_at, ends[pull.consumer.stream]))
            if floor >= target:
                caught_up.setdefault(before, []).append(pull.place)
                before, target = asked_at, ends[pull.consumer.stream]
            self._targets[pull.place] = (before, target)
        for at, places in caught_up.items():
            await self._patiently(functools.partial(ingest.caught_up, places, at))

    async def _patiently(self, work: Callable[[], T]) -> T:
        """Do database work, again and again while the database is away; gives up only when told to stop."""
        wait = 0.2
        while True:
            try:
                done = await self._in_thread(work)
            except (OperationalError, InterfaceError) as error:
                # A new session holds no partition: what we were given goes back, to whoever has them now.
                self._database_away = self._broken = True
                log.warning("the database does not answer", extra={"problem": str(error)})
                await self._in_thread(_disconnect)
                if self._stop.is_set():
                    raise Stopped from error
                await self._sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)
            else:
                self._database_away = False
                return done

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _rest(self, arrived: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(arrived.wait(), 0.2)
        except TimeoutError:
            return

    async def _sleep(self, seconds: float) -> None:
        until = asyncio.get_running_loop().time() + seconds
        while not self._stop.is_set() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.1)

    def _now(self) -> datetime:
        return self._clock() + self._behind

    async def _set_clock(self, client: Client) -> None:
        """See how far our clock is behind the message server's."""
        before = self._clock()
        answer = json.loads((await client.request(f"$JS.API.STREAM.INFO.{FEED_STREAM}", timeout=5)).data)
        if "ts" in answer:
            behind = datetime.fromisoformat(answer["ts"]) - (before + (self._clock() - before) / 2)
            self._behind = behind if abs(behind) > CLOCKS_APART else timedelta()

    async def _line_broke(self) -> None:
        self._broken = True

    async def _notice(self, message: Msg) -> None:
        said = json.loads(message.data)
        code = "" if said.get("batch") else str(said.get("code", ""))
        self._changed.add((str(said.get("type", "")), code))


@contextlib.asynccontextmanager
async def in_background(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do work beside the body and end it with the body."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


async def _creation_times(streams: JetStreamContext) -> dict[str, datetime]:
    created: dict[str, datetime] = {}
    for name in (MQTT_STREAM, FEED_STREAM):
        at = (await streams.stream_info(name)).created
        if at is None:
            raise NotFoundError
        created[name] = at
    return created


def _handed_on(pulls: Iterable[Pull]) -> list[tuple[Pull, Msg]]:
    """Return messages in turn from every consumer, as many as one transaction should hold."""
    given: list[tuple[Pull, Msg]] = []
    size = 0
    for pull in pulls:
        for message in pull.hand_on(AT_ONCE - len(given)):
            given.append((pull, message))
            size += len(message.data)
        if len(given) >= AT_ONCE or size >= BYTES_AT_ONCE:
            break
    return given


def _forget(ingest: Ingest, changed: set[tuple[str, str]]) -> None:
    if changed and all(type_id and code for type_id, code in changed):
        for type_id, code in changed:
            ingest.directory.forget_object(type_id, code)
    else:
        ingest.forget()


def _disconnect() -> None:
    # The connection is the calling thread's own, so it is looked up there.
    connection.close()


async def _log_error(error: Exception) -> None:
    log.warning("NATS", extra={"problem": repr(error)})
