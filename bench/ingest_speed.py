"""Readings a second from a device's hand into the table, rules and acknowledgement included, against the parts below.

    python bench/ingest_speed.py [--form gateway|json|single] [--readings 2000000] [--streams 10000] [--repeats 0.0]
                                 [--sync always|2m] [--workers 1]

A real NATS server takes MQTT QoS 1 messages from a sender process; the real ingest process checks, judges, stores
them and acknowledges. Printed: what the broker alone acknowledges (no worker running), what goes from end to end, and
what COPY alone puts into the same table with the same index, in this one run, with the ratios. Exit status 1 unless
the table holds exactly what was sent.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import django
import msgspec
import numpy as np
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

SENDER = Path(__file__).with_name("mqtt_sender.py")
IN_ONE = 500
GATEWAYS = 64


def main() -> int:
    """Measure on servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=("gateway", "json", "single"), default="gateway")
    parser.add_argument("--readings", type=int, default=0)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--repeats", type=float, default=0.0)
    parser.add_argument("--sync", default="always")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    arguments.readings = arguments.readings or (20_000 if arguments.form == "single" else 2_000_000)
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="xiuhua-speed-") as folder:
        return run(arguments, Path(folder))


def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Send, wait, count, print."""
    trial: Any = importlib.import_module("xiuhua.readings.tests.trial")
    topics: Any = importlib.import_module("xiuhua.readings.topics")
    codes = trial.register_signs(arguments.streams)
    names = [topics.name_of(topics.Address(type=trial.SIGN, code=code, stream="voltage")) for code in codes]
    stream, at_ms, value = made(arguments.readings, arguments.streams, arguments.repeats)
    distinct = len(np.unique(stream.astype(np.int64) << 42 | at_ms & (1 << 42) - 1))
    lines = written(arguments.form, names, stream, at_ms, value)
    keys = made_keys(trial, names if arguments.form == "single" else None)
    (folder / "keys").write_text(json.dumps(keys))
    (folder / "load").write_text("\n".join(lines))
    (folder / "hello").write_text("\n".join(written(arguments.form, names, stream[:1], at_ms[:1] - 1, value[:1])))

    servers = trial.Servers(data=folder / "broker", sync=arguments.sync)
    servers.start_nats()
    with trial.door_alone(servers):
        alone = sent(servers, folder / "load")
    servers.stop()

    copied_in = copy_alone(stream, at_ms, value) if arguments.form != "single" else float("nan")

    servers = trial.Servers(data=folder / "whole", sync=arguments.sync)
    servers.start_nats()
    processes = [start_worker(servers, trial) for _ in range(arguments.workers)]
    while len(processes) and not all(one.num_waiting for one in asyncio.run(trial.consumers(servers))):
        time.sleep(0.2)
    # The worker has met nothing yet; one reading lets it open what it opens once.
    sent(servers, folder / "hello")
    began = time.perf_counter()
    sender = start_sender(servers, folder / "load")
    while rows() < distinct + 1 and time.perf_counter() - began < 600:
        time.sleep(0.1)
    whole = time.perf_counter() - began
    sender.wait(60)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for process in processes:
        process.terminate()
        process.wait(30)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    servers.stop()
    stored = rows() - 1
    report(arguments, alone, copied_in, whole, len(lines), stored, distinct)
    print(f"{'ingest, processor':<24}{ours / arguments.readings * 1e6:>12,.1f} µs/reading, start included")
    return 0 if stored == distinct else 1


def made_keys(trial: Any, names: list[str] | None) -> dict[str, str]:
    """Make the keys of all gateways, or one of single devices, and return secrets by name."""
    make_key: Any = importlib.import_module("xiuhua.readings.key_actions").make_key
    actor: Any = importlib.import_module("xiuhua.kernel.actor").system_actor("bench")
    wanted = ["single"] if names else [f"gateway-{number}" for number in range(GATEWAYS)]
    return {name: make_key(actor, name=name, types=[trial.SIGN], now=timezone.now())[1] for name in wanted}


def made(count: int, streams: int, repeats: float) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]:
    """Return readings of all streams in turn, a second apart; a share of them are sent a second time right after."""
    number = np.arange(count)
    if repeats:
        again = np.random.default_rng(7).random(count) < repeats
        number = np.sort(np.where(again, number - 1, number).clip(0))
    start = int((timezone.now() - timedelta(minutes=50)).timestamp()) * 1000
    return (number % streams).astype(np.int32), start + number // streams * 1000, 220 + (number % 997) / 1000


def written(
    form: str, names: list[str], stream: NDArray[np.int32], at_ms: NDArray[np.int64], value: NDArray[np.float64]
) -> list[str]:
    """Return the messages, a line each: topic and payload."""
    if form == "single":
        return [
            f"city/{names[one]}\t"
            + base64.b64encode(msgspec.json.encode({"at": int(at), "value": float(said)})).decode()
            for one, at, said in zip(stream.tolist(), at_ms.tolist(), value.tolist(), strict=True)
        ]
    lines = []
    for first in range(0, len(stream), IN_ONE):
        part = slice(first, first + IN_ONE)
        met, index = np.unique(stream[part], return_inverse=True)
        sheet: dict[str, Any] = {"streams": [names[one] for one in met.tolist()]}
        if form == "json":
            sheet |= {"stream": index.tolist(), "at": at_ms[part].tolist(), "value": value[part].tolist()}
            payload = msgspec.json.encode(sheet)
        else:
            sheet |= {
                "stream": index.astype("<u2").tobytes(),
                "at": at_ms[part].astype("<i8").tobytes(),
                "value": value[part].astype("<f8").tobytes(),
            }
            payload = msgspec.msgpack.encode(sheet)
        # A gateway speaks for its own streams: which ones follows from the first.
        gateway = met[0] * GATEWAYS // max(1, len(names))
        topic = f"gateway/gateway-{gateway}/{'json' if form == 'json' else 'msgpack'}"
        lines.append(f"{topic}\t{base64.b64encode(payload).decode()}")
    return lines


def start_worker(servers: Any, trial: Any) -> subprocess.Popen[bytes]:
    """Start one ingest process as a site does."""
    environment = {
        **os.environ,
        "XIUHUA_DATA": str(servers.data),
        "XIUHUA_DATABASE_URL": trial.database_url(),
        "XIUHUA_NATS_URL": servers.nats.url,
    }
    return subprocess.Popen([sys.executable, "-m", "xiuhua.readings.tests.ingest_process"], env=environment)


def start_sender(servers: Any, file: Path) -> subprocess.Popen[bytes]:
    """Start the sender on a file of messages."""
    command = [sys.executable, SENDER, str(servers.nats.mqtt_port), str(file.with_name("keys")), str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def sent(servers: Any, file: Path) -> float:
    """Send a file of messages and return how long the server took to acknowledge them all."""
    answer, _ = start_sender(servers, file).communicate()
    return float(answer)


def copy_alone(stream: NDArray[np.int32], at_ms: NDArray[np.int64], value: NDArray[np.float64]) -> float:
    """Return the seconds that COPY takes for the same readings, ready as bytes, into a like table and index."""
    storing: Any = importlib.import_module("xiuhua.readings.storing")
    gathering: Any = importlib.import_module("xiuhua.readings.gathering")
    _, first = np.unique(stream.astype(np.int64) << 42 | at_ms & (1 << 42) - 1, return_index=True)
    first.sort()
    none = np.zeros(len(first), dtype=np.int32)
    batch = gathering.Batch(
        slot=stream[first], at=at_ms[first] * 1000, value=value[first], code=none.astype(object),
        quality=none.astype(np.int16), message=none, item=none, received=none.astype(np.int64),
    )  # fmt: skip
    chunks = []
    for begin in range(0, len(first), 50_000):
        part = batch.take(np.arange(begin, min(begin + 50_000, len(first))))
        chunks.append(storing.binary(part, part.slot + 1, storing.NUMBERS))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_copy (LIKE readings_reading INCLUDING ALL)")
    began = time.perf_counter()
    for chunk in chunks:
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY bench_copy (datastream_id, quality, at, value) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.write(chunk)
    return time.perf_counter() - began


def rows() -> int:
    """Return how many readings the worker says are stored."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(count), 0) FROM readings_ingestcount WHERE fate = 'stored'")
        return int(cursor.fetchone()[0])


def report(
    arguments: argparse.Namespace,
    alone: float,
    copied_in: float,
    whole: float,
    messages: int,
    stored: int,
    distinct: int,
) -> None:
    """Print the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM readings_reading")
        (in_table,) = cursor.fetchone()
        cursor.execute("SELECT fate, count FROM readings_ingestcount ORDER BY fate")
        fates = dict(cursor.fetchall())
    print(
        f"form {arguments.form}, {arguments.streams:,} streams, sync {arguments.sync}, repeats {arguments.repeats:.0%}"
    )
    print(f"load average {os.getloadavg()[0]:.1f}; {messages:,} messages, {arguments.readings:,} readings sent")
    print(f"stored {stored:,} of {distinct:,} distinct (table {in_table - 1:,}); fates {fates}")
    print(f"{'broker alone':<24}{arguments.readings / alone:>12,.0f} readings/s")
    if arguments.form != "single":
        print(f"{'COPY alone':<24}{distinct / copied_in:>12,.0f} readings/s")
    print(f"{'end to end':<24}{arguments.readings / whole:>12,.0f} readings/s")
    print(f"{'end to end / broker':<24}{alone / whole:>12.2f}")
    if arguments.form != "single":
        print(f"{'end to end / COPY':<24}{copied_in / whole * arguments.readings / distinct:>12.2f}")


if __name__ == "__main__":
    sys.exit(main())
