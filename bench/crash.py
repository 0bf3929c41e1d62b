"""Kill every process of a whole site at random moments while readings arrive, and count: nothing lost, nothing twice.

    python bench/crash.py [--readings 1000000] [--kills 100] [--only NAME] [--ingest 3] [--seed 1]
                          [--device-shift 0] [--disk-mb 0]

A site of its own (`up --empty`) in a temporary folder. Gateways send sheets over MQTT with QoS 1, single devices one
reading a message; both keep their sessions and send again what was not acknowledged. Broker, ingest, records, web,
background work and devices are killed with SIGKILL, whichever is up, at moments drawn from the seed; `up` starts them
again. Senders and kills wait for each other: the kills spread over all that is sent.

--only: kill no other processes than those whose names begin so (postgres, nats, ingest, ...).
--device-shift: how many hours the clocks of every other sender go wrong by (-1: behind, stored and marked as late; 1:
ahead, refused and counted). --disk-mb: the data folder lies on a tmpfs of that size (needs the right to mount), which
is filled in the middle and freed after 15 s.

Exit status 1 unless every reading is stored once, per stream in the order sent, with equal sums, or, where its clock
was too far ahead, is kept in quarantine; and the chain of the history verifies.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import django
import msgspec
import numpy as np
import psycopg

from xiuhua.stack.ports import any_free
from xiuhua.stack.running import read_site

STREAMS = 800
SINGLE_STREAMS = 40
GATEWAYS = 16
MOMENTS = 4
SINGLES_PART = 200
FULL_FOR_S = 15.0
CALL = (sys.executable, "-m", "xiuhua.site.command_line")


@dataclass(kw_only=True)
class Load:
    """What is sent: `sheets` of each gateway, `singles` of each single device; readings count their senders' steps."""

    names: list[str]
    secrets: dict[str, str]
    start_ms: int
    sheets: int
    singles: int
    kills: int
    shift_ms: int
    sent: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    full: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def readings(self) -> int:
        """Return how many readings are sent in all."""
        return STREAMS * MOMENTS * self.sheets + SINGLE_STREAMS * self.singles

    def at_ms(self, stream: int, step: int | np.ndarray[Any, Any]) -> Any:
        """Return the times of a stream's steps, by its sender's clock."""
        sender = stream * GATEWAYS // STREAMS if stream < STREAMS else stream
        return self.start_ms + 100 * step + (self.shift_ms if sender % 2 else 0)

    def value(self, stream: int, step: int | np.ndarray[Any, Any]) -> Any:
        """Return the values of a stream's steps: no two alike."""
        return 200 + stream * 0.01 + step * 1e-7

    def steps(self, stream: int) -> int:
        """Return how many readings a stream says."""
        return MOMENTS * self.sheets if stream < STREAMS else self.singles

    def ahead(self, stream: int) -> bool:
        """Return whether a stream's clock is too far ahead to be believed."""
        return self.shift_ms > 600_000 and self.at_ms(stream, 0) != self.start_ms

    async def turn(self) -> None:
        """Wait while the senders are further than the kills."""
        while self.sent * (self.kills + 1) > self.readings * (self.killed.total() + 1):
            await asyncio.sleep(0.05)


def main() -> int:
    """Run the trial and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", default="")
    parser.add_argument("--ingest", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device-shift", type=float, default=0.0)
    parser.add_argument("--disk-mb", type=int, default=0)
    arguments = parser.parse_args()
    logging.getLogger("mqtt").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="xiuhua-crash-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with small_disk(data, arguments.disk_mb), running(Path(folder), data, arguments.ingest):
            return trial(arguments, data)


@contextlib.contextmanager
def small_disk(data: Path, size_mb: int) -> Iterator[None]:
    """Lay the data folder on a file system of that size for the block."""
    if not size_mb:
        yield
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", data], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", data], check=True)


@contextlib.contextmanager
def running(folder: Path, data: Path, ingest: int) -> Iterator[None]:
    """Run a site for the block and stop it in order."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}
    ports = ("--port", str(any_free()), "--mqtt-port", str(any_free()))
    with (folder / "up.log").open("w") as words:
        command = [*CALL, "up", "--empty", "--data", str(data), "--ingest", str(ingest), *ports]
        process = subprocess.Popen(command, env=environment, stdout=words, stderr=words)
    try:
        while (site := read_site(data)) is None or not site.ready:
            if process.poll() is not None:
                raise RuntimeError((folder / "up.log").read_text())
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def trial(arguments: argparse.Namespace, data: Path) -> int:
    """Send, kill, settle, count, print."""
    site = read_site(data)
    assert site is not None
    load = made(arguments, data, site.database)
    began = time.monotonic()
    asyncio.run(both(load, arguments, data, site.mqtt_port))
    took = time.monotonic() - began
    expected = sum(load.steps(one) for one in range(len(load.names)) if not load.ahead(one))
    settled = settle(site.database, expected, load.readings - expected)
    moved = measure_move(data, site.database) if arguments.ingest > 1 else 0.0
    found = counted(load, site.database)
    verified = subprocess.run([*CALL, "audit", "verify", "--data", str(data)], capture_output=True, check=False)
    exact = (
        found["rows"] == found["in order"] == expected
        and not found["missing"] and not found["foreign"] and found["sums equal"]
        and found["refused for their clock"] == load.readings - expected == found["in quarantine"]
        and verified.returncode == 0 and load.killed.total() >= arguments.kills
    )  # fmt: skip
    table = {
        "readings sent (PUBACK received)": load.readings,
        "sending and killing lasted, s": round(took, 1),
        "kills": load.killed.total(),
        **{f"  {name}": count for name, count in sorted(load.killed.items())},
        "all stored after the last kill, s": "never" if settled is None else round(settled, 1),
        **found,
        "partitions of a killed ingest held again, s": round(moved, 1),
        "history verifies": verified.returncode == 0,
        "exactly once": exact,
        "stored / sent": f"{(found['rows'] + found['refused for their clock']) / load.readings:.6f}",
    }
    for name, figure in table.items():
        print(f"{name:<46} {figure}")
    return 0 if exact else 1


def made(arguments: argparse.Namespace, data: Path, database: str) -> Load:
    """Register the streams and make the keys."""
    os.environ.update(
        {"XIUHUA_DATA": str(data), "XIUHUA_DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "xiuhua.site.settings"}
    )
    django.setup()
    kit: Any = importlib.import_module("xiuhua.readings.tests.trial")
    topics: Any = importlib.import_module("xiuhua.readings.topics")
    make_key: Any = importlib.import_module("xiuhua.readings.key_actions").make_key
    actor: Any = importlib.import_module("xiuhua.kernel.actor").system_actor("bench")
    now: Any = importlib.import_module("django.utils.timezone").now()
    codes = kit.register_signs(STREAMS + SINGLE_STREAMS)
    names = [topics.name_of(topics.Address(type=kit.SIGN, code=code, stream="voltage")) for code in codes]
    keys = ["single", *(f"gateway-{number}" for number in range(GATEWAYS))]
    secrets = {key: make_key(actor, name=key, types=[kit.SIGN], now=now)[1] for key in keys}
    importlib.import_module("django.db").connection.close()
    singles = max(1, arguments.readings // SINGLES_PART // SINGLE_STREAMS)
    sheets = max(1, -(-(arguments.readings - singles * SINGLE_STREAMS) // (STREAMS * MOMENTS)))
    return Load(
        names=names, secrets=secrets, start_ms=int(now.timestamp() * 1000) - 1_200_000, sheets=sheets, singles=singles,
        kills=arguments.kills, shift_ms=int(arguments.device_shift * 3_600_000),
    )  # fmt: skip


async def both(load: Load, arguments: argparse.Namespace, data: Path, port: int) -> None:
    """Send from everybody while processes are killed."""
    senders = [send(load, port, f"gateway-{one}", gateway_messages(load, one)) for one in range(GATEWAYS)]
    senders += [send(load, port, "single", single_messages(load, one), str(one)) for one in range(SINGLE_STREAMS)]
    troubles = [kill_often(load, arguments, data)]
    if arguments.disk_mb:
        troubles.append(fill(load, data))
    await asyncio.gather(*senders, *troubles)


def gateway_messages(load: Load, gateway: int) -> Iterator[tuple[str, bytes, int]]:
    """Yield a gateway's messages in order: topic, payload, how many readings."""
    mine = range(gateway * STREAMS // GATEWAYS, (gateway + 1) * STREAMS // GATEWAYS)
    for sheet in range(load.sheets):
        pairs = [(index, one, sheet * MOMENTS + step) for step in range(MOMENTS) for index, one in enumerate(mine)]
        said = {
            "streams": [load.names[one] for one in mine],
            "stream": [index for index, _, _ in pairs],
            "at": [load.at_ms(one, step) for _, one, step in pairs],
            "value": [load.value(one, step) for _, one, step in pairs],
        }
        yield f"gateway/gateway-{gateway}/json", msgspec.json.encode(said), len(pairs)


def single_messages(load: Load, device: int) -> Iterator[tuple[str, bytes, int]]:
    """Yield a single device's messages in order."""
    stream = STREAMS + device
    for step in range(load.singles):
        said = {"at": load.at_ms(stream, step), "value": load.value(stream, step)}
        yield f"city/{load.names[stream]}", msgspec.json.encode(said), 1


async def send(load: Load, port: int, key: str, messages: Iterator[tuple[str, bytes, int]], part: str = "") -> None:
    """Send messages in order, each again until it is acknowledged."""
    message = next(messages, None)
    while message is not None:
        with suppress(aiomqtt.MqttError, OSError):
            async with aiomqtt.Client(
                "127.0.0.1", port, username=key, password=load.secrets[key], identifier=f"crash-{key}-{part}",
                clean_session=False, protocol=aiomqtt.ProtocolVersion.V311, timeout=5,
            ) as client:  # fmt: skip
                while message is not None:
                    await load.turn()
                    topic, payload, count = message
                    await client.publish(topic, payload, qos=1)
                    load.sent += count
                    message = next(messages, None)
        await asyncio.sleep(0.3)


async def kill_often(load: Load, arguments: argparse.Namespace, data: Path) -> None:
    """Kill, at drawn moments, one of the processes that are up."""
    draw = random.Random(arguments.seed)
    while load.killed.total() < arguments.kills:
        await asyncio.sleep(draw.uniform(0.1, 1.5))
        # Nothing is shown by killing what has not come up again: every kill meets a site that takes readings.
        if load.sent * (load.kills + 1) < load.readings * load.killed.total():
            continue
        site = read_site(data)
        up = sorted(site.parts, key=lambda part: part.name) if site else []
        up = [part for part in up if part.state == "up" and part.pid and part.name.startswith(arguments.only)]
        if up:
            part = draw.choice(up)
            with suppress(ProcessLookupError):
                os.kill(part.pid, signal.SIGKILL)
                load.killed[part.name] += 1
                print(f"{load.killed.total():>4} {part.name:<10} with {load.sent:>9,} readings sent", flush=True)


async def fill(load: Load, data: Path) -> None:
    """Fill the disk once half of the readings were sent, and free it a while later."""
    while load.sent * 2 < load.readings:
        await asyncio.sleep(0.1)
    filler = data / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    before = load.sent
    await asyncio.sleep(FULL_FOR_S)
    print(f"     disk full for {FULL_FOR_S:g} s; {load.sent - before:,} readings acknowledged meanwhile", flush=True)
    filler.unlink()


def asked(database: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query, asked again while the records are away."""
    while True:
        with suppress(psycopg.OperationalError), psycopg.connect(database) as connection:
            return connection.execute(query).fetchall()
        time.sleep(0.5)


def settle(database: str, stored: int, refused: int) -> float | None:
    """Wait until everything sent is stored or refused and return how long that took; None if it never is."""
    began = time.monotonic()
    while time.monotonic() - began < 180:
        ((rows, kept),) = asked(
            database,
            "SELECT coalesce(sum(count) FILTER (WHERE fate = 'stored'), 0), "
            "coalesce(sum(count) FILTER (WHERE fate = 'clock'), 0) FROM readings_ingestcount",
        )
        if rows >= stored and kept >= refused:
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def measure_move(data: Path, database: str) -> float:
    """Kill an ingest process and return the seconds until other sessions hold all that it held."""
    held = (
        "SELECT l.objid::bigint, l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = "
        "'advisory' AND l.granted AND a.application_name LIKE 'ingest-%' AND l.objid BETWEEN 7301100 AND 7301107"
    )
    while len(dict(asked(database, held))) < 8 or len(set(dict(asked(database, held)).values())) < 2:
        time.sleep(0.1)
    site = read_site(data)
    assert site is not None
    part = next(one for one in site.parts if one.name.startswith("ingest-") and one.state == "up")
    before = set(dict(asked(database, held)).values())
    os.kill(part.pid, signal.SIGKILL)
    began = time.monotonic()
    time.sleep(0.1)
    while len(now := dict(asked(database, held))) < 8 or before <= set(now.values()):
        time.sleep(0.05)
    return time.monotonic() - began


def counted(load: Load, database: str) -> dict[str, Any]:
    """Compare the readings stored with those sent, stream by stream."""
    rows: dict[str, tuple[Any, Any]] = {}
    sorted_rows = asked(
        database,
        "SELECT d.object_code, array_agg((extract(epoch FROM r.at) * 1000)::bigint ORDER BY r.at), "
        "array_agg(r.value ORDER BY r.at) FROM readings_reading r JOIN readings_datastream d ON d.id = r.datastream_id "
        "GROUP BY 1",
    )
    for code, at, value in sorted_rows:
        rows[code] = np.array(at, dtype=np.int64), np.array(value)
    codes = {name: address.code for name in load.names if (address := address_in(name))}
    total = missing = foreign = in_order = 0
    sent_sum = stored_sum = 0.0
    for stream, name in enumerate(load.names):
        steps = np.arange(0 if load.ahead(stream) else load.steps(stream))
        at, value = load.at_ms(stream, steps), load.value(stream, steps)
        none = np.zeros(0, dtype=np.int64), np.zeros(0)
        got_at, got_value = rows.pop(codes[name], none)
        total += len(got_at)
        missing += len(np.setdiff1d(at, got_at))
        foreign += len(np.setdiff1d(got_at, at))
        if len(at) == len(got_at):
            in_order += int(((at == got_at) & (value == got_value)).sum())
        sent_sum, stored_sum = sent_sum + float(value.sum()), stored_sum + float(got_value.sum())
    ((kept,),) = asked(database, "SELECT count(*) FROM readings_quarantine")
    ((refused,),) = asked(database, "SELECT count(*) FROM readings_quarantine WHERE reason = 'clock'")
    ((jumped,),) = asked(database, "SELECT count(*) FROM readings_reading WHERE quality & 2 <> 0")
    fates = dict(asked(database, "SELECT fate, count FROM readings_ingestcount"))
    return {
        "rows": total, "missing": missing, "foreign": foreign + sum(len(at) for at, _ in rows.values()),
        "in order": in_order, "sums equal": sent_sum == stored_sum, "in quarantine": kept,
        "refused for their clock": refused, "met again, already stored": fates.get("redelivered", 0),
        "repeated by senders": fates.get("repeated", 0), "came behind newer ones of their stream": jumped,
    }  # fmt: skip


def address_in(name: str) -> Any:
    """Return the address that a stream's name stands for."""
    return importlib.import_module("xiuhua.readings.topics").address_in(name)


if __name__ == "__main__":
    sys.exit(main())
