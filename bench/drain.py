"""How much faster two ingest processes empty a filled log than one: the sender stopped, the same readings each time.

    python bench/drain.py [--readings 3000000] [--streams 10000] [--workers 2] [--sync always|2m]

Gateways' sheets of 500 lie in the log of a real NATS server before any worker starts; then one worker takes them in,
and, with everything taken out again, several at once. Timed is from when each worker has its share of the partitions
and has begun, to the last reading. Exit status 1 unless each time the table holds exactly what was sent.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
import numpy as np
from django.core.management import call_command
from django.db import connection
from ingest_speed import made, made_keys, rows, sent, start_worker, written

from xiuhua.stack.holding import PARTITION_LOCK
from xiuhua.stack.subjects import PARTITIONS

SETTLED_S = 2.0


def main() -> int:
    """Measure on servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=3_000_000)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sync", default="always")
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="xiuhua-drain-") as folder:
        return run(arguments, Path(folder))


def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Fill and drain with one worker and with several, and print the ratio."""
    trial: Any = importlib.import_module("xiuhua.readings.tests.trial")
    topics: Any = importlib.import_module("xiuhua.readings.topics")
    codes = trial.register_signs(arguments.streams)
    names = [topics.name_of(topics.Address(type=trial.SIGN, code=code, stream="voltage")) for code in codes]
    stream, at_ms, value = made(arguments.readings, arguments.streams, 0.0)
    distinct = len(np.unique(stream.astype(np.int64) << 42 | at_ms & (1 << 42) - 1))
    (folder / "keys").write_text(json.dumps(made_keys(trial, None)))
    (folder / "load").write_text("\n".join(written("gateway", names, stream, at_ms, value)))
    rates, exact = [], True
    for workers in (1, arguments.workers):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE readings_reading, readings_ingestcount, readings_latest, readings_position")
        rate, stored = drain(trial, folder, workers, distinct, arguments.sync)
        exact &= stored == distinct
        rates.append(rate)
        print(f"{workers} worker{'s' * (workers > 1)}{rate:>14,.0f} readings/s; stored {stored:,} of {distinct:,}")
    print(f"ratio{rates[1] / rates[0]:>20.2f}; load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    return 0 if exact else 1


def holders() -> int:
    """Return how many workers hold partitions, once all partitions are held."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN count(*) = %s THEN count(DISTINCT pid) ELSE 0 END FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND ((classid::bigint << 32) | objid::bigint) - %s BETWEEN 0 AND %s
            """,
            [PARTITIONS, PARTITION_LOCK, PARTITIONS - 1],
        )
        return int(cursor.fetchone()[0])


def drain(trial: Any, folder: Path, workers: int, distinct: int, sync: str) -> tuple[float, int]:
    """Return readings a second from the first stored to the last, and how many lie in the table at the end."""
    servers = trial.Servers(data=folder / f"nats-{workers}", sync=sync)
    servers.start_nats()
    processes = []
    try:
        with trial.door_alone(servers):
            sent(servers, folder / "load")
        processes = [start_worker(servers, trial) for _ in range(workers)]
        until = time.monotonic() + 600
        while (holders() < workers or not rows()) and time.monotonic() < until:
            time.sleep(0.02)
        # The one that gave partitions away finishes what it holds of them first.
        time.sleep(SETTLED_S)
        first = rows()
        began = time.perf_counter()
        while rows() < distinct and time.monotonic() < until:
            time.sleep(0.02)
        took = time.perf_counter() - began
    finally:
        for process in processes:
            process.terminate()
            process.wait(30)
        servers.stop()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM readings_reading")
        (stored,) = cursor.fetchone()
    return (distinct - first) / took, int(stored)


if __name__ == "__main__":
    sys.exit(main())
