"""What sealing costs: moves a second with the sealer at work, against none.

    python bench/ledger_sealing.py [--writers 16] [--seconds 5] [--rounds 3]

A move is one transaction that appends a history row and an event, as every verb does. The sealer runs in a process of
its own and looks every 0.2 s (the site's looks every second). Rounds with and without it take turns; printed are the
medians and their ratio (1.00: sealing costs nothing), and how fast a backlog is sealed. Exit status 1 below 0.70.
"""

from __future__ import annotations

import argparse
import importlib
import os
import statistics
import subprocess
import sys
import threading
import time

import django
from django.core.management import call_command
from django.db import connection, transaction

LOWEST_RATIO = 0.70
LOOKS_EVERY_S = 0.2


def main() -> int:
    """Measure on a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seal", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    if arguments.seal:
        django.setup()
        return seal_for_ever()
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0)
    rates: dict[bool, list[float]] = {False: [], True: []}
    seal = importlib.import_module("xiuhua.ledger.sealer").seal
    for _ in range(arguments.rounds):
        for sealed in (False, True):
            rates[sealed].append(round_of(arguments.writers, arguments.seconds, sealed=sealed))
            began, backlog = time.perf_counter(), 0
            while done := seal():
                backlog += done
            if sealed:
                moves = rates[True][-1] * arguments.seconds
                print(f"with the sealer at work: {backlog:,} of {moves:,.0f} rows left to seal at the end")
            else:
                print(f"backlog: {backlog:,} rows sealed at {backlog / (time.perf_counter() - began):,.0f} a second")
    without, with_sealer = (statistics.median(rates[sealed]) for sealed in (False, True))
    ratio = with_sealer / without
    print(f"{arguments.writers} writers: {without:,.0f} moves/s without the sealer, {with_sealer:,.0f} with it")
    print(f"ratio {ratio:.2f}")
    return 0 if ratio >= LOWEST_RATIO else 1


def round_of(writers: int, seconds: float, *, sealed: bool) -> float:
    """Return the moves a second of one round."""
    sealer = None
    if sealed:
        sealer = subprocess.Popen([sys.executable, __file__, "--seal"], stdout=subprocess.PIPE)
        assert sealer.stdout is not None
        sealer.stdout.readline()
    counts = [0] * writers
    until = time.perf_counter() + seconds
    threads = [threading.Thread(target=write, args=(counts, number, until)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if sealer is not None:
        sealer.terminate()
        sealer.wait()
    return sum(counts) / seconds


def write(counts: list[int], number: int, until: float) -> None:
    """Make moves until the time is up."""
    actions = importlib.import_module("xiuhua.ledger.actions")
    actor = importlib.import_module("xiuhua.kernel.actor").system_actor("bench")
    while time.perf_counter() < until:
        with transaction.atomic():
            change = actions.Change(
                action="moved", entity="case", entity_id=f"{number}-{counts[number]}", area_path="310117/310117001/",
                why="已到现场", data={"from": "sent", "to": "fixed", "fields": {"note": "更换 1 块"}},
            )  # fmt: skip
            actions.record(actor, change)
            actions.announce("case.moved", area_path="310117/310117001/", id=f"{number}-{counts[number]}")
        counts[number] += 1
    connection.close()


def seal_for_ever() -> int:
    """Seal as the background worker does."""
    seal = importlib.import_module("xiuhua.ledger.sealer").seal
    seal()
    print("at work", flush=True)
    while True:
        while seal():
            pass
        time.sleep(LOOKS_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
