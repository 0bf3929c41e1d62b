"""A trial of the stream with real servers: devices over MQTT, the real ingest process, and whatever is done to them.

Used small by the tests and at full size by bench/ingest_kill.py.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import nats
import orjson
from django.db import connection
from nats.js.api import ConsumerInfo

from xiuhua.kernel.actor import system_actor
from xiuhua.objects.models import CityObject
from xiuhua.readings.datastreams import ensure_datastreams
from xiuhua.readings.door import Door
from xiuhua.readings.key_actions import make_key
from xiuhua.readings.listen import ACK_WAIT_SECONDS, CONSUMERS, MQTT_STREAM, prepare
from xiuhua.readings.models import DeviceKey
from xiuhua.readings.topics import Address, topic_of
from xiuhua.stack.nats_address import nats_address
from xiuhua.stack.nats_server import Nats, server_path

SIGN = "mobility.stop_sign"
KEY = "trial"
TOWN = "310117/310117001/"
# Between two messages while the devices wait for a kill.
SLOW_S = 0.05


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def database_url() -> str:
    """Return the URL of the database this process talks to."""
    row = connection.settings_dict
    return f"postgresql:///{row['NAME']}?host={row['HOST']}&user={row['USER']}&port={row['PORT']}"


@dataclass(kw_only=True)
class Servers:
    """NATS on a folder of its own, and the ingest process; both may be killed and started again. `secret` is that of
    the devices' key, which speaks for every stop sign; the clock of the ingest process is wrong by `ingest_clock_s`.
    """

    data: Path
    sync: str = "always"
    certificate: str = ""
    key: str = ""
    ingest_clock_s: float = 0.0
    secret: str = field(init=False)
    nats: Nats = field(init=False)
    _server: subprocess.Popen[bytes] | None = None
    _ingest: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.nats = Nats(
            data=self.data, port=free_port(), mqtt_address="127.0.0.1", mqtt_port=free_port(), largest_store=8 << 30,
            sync=self.sync, certificate=self.certificate, key=self.key,
        )  # fmt: skip
        DeviceKey.objects.filter(name=KEY).delete()
        _, self.secret = make_key(system_actor("trial"), name=KEY, types=[SIGN], now=datetime.now(UTC))

    @property
    def url(self) -> str:
        """Return where the ingest process finds NATS."""
        return self.nats.url

    @property
    def mqtt_port(self) -> int:
        """Return where a device that connects is sent."""
        return self.nats.mqtt_port

    def start_nats(self) -> None:
        """Start NATS and wait until it answers."""
        self.nats.write_config()
        self._server = subprocess.Popen([server_path(), "--config", self.nats.config])
        wait_for_ports(self.nats.port, self.nats.mqtt_port)
        prepare(self.url)

    def kill_nats(self) -> None:
        """Kill NATS as a power cut would."""
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def start_ingest(self) -> None:
        """Start the ingest process as a site does."""
        environment = {
            **os.environ,
            "XIUHUA_DATA": str(self.data),
            "XIUHUA_DATABASE_URL": database_url(),
            "XIUHUA_NATS_URL": self.url,
        }
        self._ingest = subprocess.Popen(
            [sys.executable, "-m", "xiuhua.readings.tests.ingest_process", str(self.ingest_clock_s)],
            env=environment, start_new_session=True,
        )  # fmt: skip

    def wait_for_ingest(self) -> None:
        """Wait until the ingest process asks for messages."""
        while not all(one.num_waiting for one in asyncio.run(consumers(self))):
            self.check_ingest()
            time.sleep(0.1)

    def check_ingest(self) -> None:
        """Raise if the ingest process ended by itself."""
        if self._ingest is None or self._ingest.poll() is not None:
            raise RuntimeError("the ingest process ended by itself")

    def kill_ingest(self) -> None:
        """Kill the ingest process with no chance to finish anything."""
        assert self._ingest is not None
        os.killpg(self._ingest.pid, signal.SIGKILL)
        self._ingest.wait()

    def stop_ingest(self) -> int:
        """Ask the ingest process to finish; return its exit status."""
        assert self._ingest is not None
        self._ingest.terminate()
        return self._ingest.wait(20)

    def stop(self) -> None:
        """End whatever still runs."""
        for process in (self._ingest, self._server):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def wait_for_ports(*ports: int) -> None:
    """Wait until somebody listens on each, five seconds at most for one."""
    for port in ports:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)


@contextmanager
def door_alone(servers: Servers) -> Iterator[None]:
    """Let devices in while nobody takes their messages out."""
    opened, over = threading.Event(), threading.Event()

    async def stand() -> None:
        client, door = await nats.connect(**nats_address(servers.url)), Door(servers.data, servers.url)
        async with door.open(client):
            opened.set()
            while not over.is_set():
                await asyncio.sleep(0.05)
        await door.close()
        await client.close()

    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    opened.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


def register_signs(count: int) -> list[str]:
    """Put stop signs into the register, some with awkward codes, and return their codes."""
    awkward = ("SJ.001", "站牌 2/甲", "50%+#")
    codes = [*awkward, *(f"ZP-{number:05d}" for number in range(len(awkward), count))][:count]
    CityObject.objects.bulk_create(
        [CityObject(type=SIGN, code=code, name=code, area_path=TOWN, unit_code="bus", origin="test") for code in codes]
    )
    ensure_datastreams(SIGN)
    return codes


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What the devices send: `messages` in all over `seconds`, by `connections` clients for the signs in turn."""

    messages: int
    seconds: float
    connections: int
    codes: list[str]
    start: datetime

    def voltage(self, number: int) -> float:
        """Return the value of a message; each has its own."""
        return 220 + number / 1_000_000

    def at(self, number: int) -> datetime:
        """Return the time of a message's reading."""
        return self.start + timedelta(milliseconds=number)

    def code(self, number: int) -> str:
        """Return the sign a message is about."""
        return self.codes[number % len(self.codes)]


@dataclass(kw_only=True)
class Progress:
    """How far the sending and the killing have come: the devices slow down rather than finish before the last kill."""

    kills: int = 0
    killed: int = 0
    sent: int = 0

    def too_far(self, messages: int) -> bool:
        """Return whether the devices are further than the kills."""
        return self.sent * (self.kills + 1) > messages * (self.killed + 1)


async def send(sending: Sending, servers: Servers, progress: Progress) -> int:
    """Send it all with QoS 1 over persistent sessions; what is not acknowledged is sent again until it is. Returns how
    many had to be sent again.
    """
    begin = time.monotonic()
    again = itertools.count()

    async def device(which: int) -> None:
        waiting = list(range(which, sending.messages, sending.connections))
        while waiting:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    "127.0.0.1", servers.mqtt_port, username=KEY, timeout=5,
                    password=servers.secret, identifier=f"trial-{which}",
                    clean_session=False, protocol=aiomqtt.ProtocolVersion.V311,
                ) as client:  # fmt: skip
                    while waiting:
                        number = waiting[0]
                        due = begin + sending.seconds * number / sending.messages
                        await asyncio.sleep(max(0.0, due - time.monotonic()))
                        if progress.too_far(sending.messages):
                            await asyncio.sleep(SLOW_S * sending.connections)
                        topic = topic_of(Address(type=SIGN, code=sending.code(number), stream="voltage"))
                        reading = {"at": sending.at(number).isoformat(), "value": sending.voltage(number)}
                        await client.publish(topic, orjson.dumps(reading), qos=1)
                        waiting.pop(0)
                        progress.sent += 1
            if waiting:
                next(again)
                await asyncio.sleep(0.2)

    await asyncio.gather(*(device(which) for which in range(sending.connections)))
    return next(again)


async def consumers(servers: Servers) -> list[ConsumerInfo]:
    """Return how far the consumers of devices' messages have come, by the server's own account."""
    client = await nats.connect(**nats_address(servers.url))
    try:
        streams = client.jetstream()
        return [await streams.consumer_info(one.stream, one.name) for one in CONSUMERS if one.stream == MQTT_STREAM]
    finally:
        await client.close()


@dataclass(frozen=True, kw_only=True)
class Kill:
    """One kill of the ingest process: when, how many messages had been sent by then, and how many of them this very
    process had been given and had not acknowledged: what waits now, less the least that waited during its life, which
    earlier processes may have left behind.
    """

    after_s: float
    sent: int
    in_hand: int


async def kill_ingest_often(servers: Servers, kills: int, seconds: float, progress: Progress) -> list[Kill]:
    """Kill the ingest process that many times, at the earliest spread over `seconds`, each time with messages in its
    hands, and start it again.
    """
    begin = time.monotonic()
    done: list[Kill] = []
    progress.kills = kills
    while len(done) < kills:
        due = begin + seconds * (len(done) + 0.5) / kills
        left_behind = await unacknowledged(servers)
        servers.start_ingest()
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        while (now := await unacknowledged(servers)) <= left_behind:
            left_behind = min(left_behind, now)
            servers.check_ingest()
            await asyncio.sleep(0.01)
        servers.kill_ingest()
        await asyncio.sleep(0.05)
        in_hand = await unacknowledged(servers) - left_behind
        if in_hand > 0:
            done.append(Kill(after_s=time.monotonic() - begin, sent=progress.sent, in_hand=in_hand))
            progress.killed = len(done)
    servers.start_ingest()
    return done


async def unacknowledged(servers: Servers) -> int:
    """Return how many messages were delivered and are not acknowledged, by the server's own account."""
    return sum(one.num_ack_pending or 0 for one in await consumers(servers))


async def wait_for_all(servers: Servers, seconds: float) -> bool:
    """Wait until the consumer has acknowledged everything; return whether it did in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(one.num_pending or one.num_ack_pending for one in await consumers(servers)):
            return True
        await asyncio.sleep(0.2)
    return False


@dataclass(frozen=True, kw_only=True)
class Count:
    """What lies in the database against what was sent."""

    rows: int
    twice: int
    missing: int
    foreign: int
    quarantined: int
    fates: dict[str, int]

    def exact(self, messages: int) -> bool:
        """Return whether every message is there exactly once, and nothing else."""
        return (self.rows, self.twice, self.missing, self.foreign, self.quarantined) == (messages, 0, 0, 0, 0)


def count(sending: Sending) -> Count:
    """Compare the readings in the database with those sent, one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.object_code, r.at, r.value
            FROM readings_reading r JOIN readings_datastream d ON d.id = r.datastream_id
            """
        )
        rows = [(code, at.astimezone(UTC), value) for code, at, value in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM readings_quarantine")
        (quarantined,) = cursor.fetchone()
        cursor.execute("SELECT fate, count FROM readings_ingestcount")
        fates = dict(cursor.fetchall())
    sent = {(sending.code(n), sending.at(n), sending.voltage(n)) for n in range(sending.messages)}
    return Count(
        rows=len(rows), twice=len(rows) - len(set(rows)), missing=len(sent - set(rows)), foreign=len(set(rows) - sent),
        quarantined=quarantined, fates=fates,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a trial."""

    count: Count
    kills: list[Kill]
    sent_again: int
    sent_in_s: float
    settled: bool


Trouble = Callable[[Progress], Awaitable[list[Kill]]]


async def _both(sending: Sending, servers: Servers, trouble: Trouble) -> tuple[int, list[Kill]]:
    progress = Progress()
    again, kills = await asyncio.gather(send(sending, servers, progress), trouble(progress))
    return again, kills


def run_trial(sending: Sending, servers: Servers, trouble: Trouble) -> Outcome:
    """Send while the trouble happens, wait until everything is acknowledged, and count."""
    begin = time.monotonic()
    again, kills = asyncio.run(_both(sending, servers, trouble))
    sent_in_s = time.monotonic() - begin
    settled = asyncio.run(wait_for_all(servers, 3 * ACK_WAIT_SECONDS + 20))
    return Outcome(count=count(sending), kills=kills, sent_again=again, sent_in_s=sent_in_s, settled=settled)
