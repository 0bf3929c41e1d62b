"""Kill the ingest worker while readings arrive, and count: nothing lost, nothing twice.

    python bench/ingest_kill.py [--messages 20000] [--seconds 60] [--kills 10] [--signs 200] [--connections 8]
                                [--ingest-shift 0] [--nodes]

Real MQTT clients (QoS 1, persistent sessions), a real NATS server, the real worker process and a PostgreSQL of its own,
all in temporary folders. The devices send over at least --seconds, and slow down rather than finish before the last
kill. --ingest-shift: how many hours the worker's clock is wrong by. --nodes: three NATS nodes that keep every message
thrice; the one that leads is killed, and the worker left alone. Exit status 1 unless every kill found messages in the
worker's hands (but with --nodes) and every message is in the database once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import django
from django.core.management import call_command
from django.utils import timezone


def main() -> int:
    """Run the trial at full size and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--signs", type=int, default=200)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--nodes", action="store_true")
    parser.add_argument("--ingest-shift", type=float, default=0.0)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="xiuhua-kill-") as folder:
        return run(arguments, Path(folder))


def run(arguments: argparse.Namespace, folder: Path) -> int:
    """Send, kill, count, print."""
    trial = importlib.import_module("xiuhua.readings.tests.trial")
    cluster = importlib.import_module("xiuhua.readings.tests.cluster")
    servers = (cluster.Cluster if arguments.nodes else trial.Servers)(
        data=folder, ingest_clock_s=arguments.ingest_shift * 3600
    )
    kill_often = cluster.kill_leader_often if arguments.nodes else trial.kill_ingest_often
    sending = trial.Sending(
        messages=arguments.messages,
        seconds=arguments.seconds,
        connections=arguments.connections,
        codes=trial.register_signs(arguments.signs),
        start=timezone.now().replace(microsecond=0) - timedelta(minutes=5),
    )
    try:
        servers.start_nats()
        if arguments.nodes:
            servers.start_ingest()
            servers.wait_for_ingest()
        outcome = trial.run_trial(
            sending,
            servers,
            lambda progress: kill_often(servers, arguments.kills, arguments.seconds * 0.9, progress),
        )
        clean_stop = servers.stop_ingest() == 0
    finally:
        servers.stop()
    held = "in the stream" if arguments.nodes else "in hand, not acknowledged"
    print(f"{'kill':>5} {'at, s':>7} {'sent so far':>12} {held:>26}")
    for number, kill in enumerate(outcome.kills, 1):
        print(f"{number:>5} {kill.after_s:>7.1f} {kill.sent:>12} {kill.in_hand:>26}")
    found = outcome.count
    exact = (
        found.exact(arguments.messages)
        and outcome.settled
        and clean_stop
        and len(outcome.kills) == arguments.kills
        and all((arguments.nodes or kill.in_hand > 0) and kill.sent < arguments.messages for kill in outcome.kills)
    )
    table = {
        "messages sent (PUBACK received)": arguments.messages,
        "sending lasted, s": round(outcome.sent_in_s, 1),
        "sent again by devices": outcome.sent_again,
        "rows in the database": found.rows,
        "  twice": found.twice,
        "  missing": found.missing,
        "  not sent by us": found.foreign,
        "  in quarantine": found.quarantined,
        "met again after a kill, already stored": found.fates.get("redelivered", 0),
        f"{held} at kills, sum": sum(kill.in_hand for kill in outcome.kills),
        "everything acknowledged at the end": outcome.settled,
        "worker stopped cleanly": clean_stop,
        "exactly once": exact,
        "rows / messages": f"{found.rows / arguments.messages:.6f}",
    }
    for name, figure in table.items():
        print(f"{name:<42} {figure}")
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
