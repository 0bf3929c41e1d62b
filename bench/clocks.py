"""How late the notices of due clocks go out.

    python bench/clocks.py [--clocks 2000] [--seconds 20]

Clocks come due at random moments while one sweeper looks every second, as the background worker does. Printed are the
median and worst lateness against a limit of one second, and how long 10,000 clocks due at once take. Exit status 1 if
the median is over the limit.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django
from django.core.management import call_command
from django.db import connection

LIMIT_SECONDS = 1.0
PERIOD_SECONDS = 1.0
AT_ONCE = 10_000


def main() -> int:
    """Run both measurements on a database of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clocks", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    sweep = importlib.import_module("xiuhua.cases.sweep").sweep
    median = lateness(sweep, arguments.clocks, arguments.seconds)
    make_clocks([datetime.now(UTC)] * AT_ONCE)
    start = time.perf_counter()
    swept = sweep(datetime.now(UTC))
    taken = time.perf_counter() - start
    print(f"{swept} due at once: swept in {taken:.2f} s, {swept / taken:.0f} a second")
    return 0 if median <= LIMIT_SECONDS and swept == AT_ONCE else 1


def lateness(sweep: Callable[[datetime], int], clocks: int, seconds: float) -> float:
    """Print the lateness of clocks that come due at random moments, and return its median in seconds."""
    chance = random.Random(1)
    start = datetime.now(UTC) + timedelta(seconds=1)
    make_clocks([start + timedelta(seconds=chance.uniform(0, seconds)) for _ in range(clocks)])
    over = threading.Event()

    def work() -> None:
        while not over.wait(PERIOD_SECONDS):
            sweep(datetime.now(UTC))
        connection.close()

    sweeper = threading.Thread(target=work)
    sweeper.start()
    while ask("SELECT count(*) FROM cases_caseclock WHERE overdue_fired_at IS NULL"):
        time.sleep(0.2)
    over.set()
    sweeper.join()
    median = ask(
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM overdue_fired_at - due_at)) "
        "FROM cases_caseclock"
    )
    worst = ask("SELECT max(extract(epoch FROM overdue_fired_at - due_at)) FROM cases_caseclock")
    ratio = median / LIMIT_SECONDS
    print(f"{clocks} clocks over {seconds:g} s: late {median:.2f} s median, {worst:.2f} s worst; {ratio:.2f} of limit")
    return median


def make_clocks(due: list[datetime]) -> None:
    """Put a case with one running clock into the database for each due time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO cases_case (number, type, state, kind, title, description, object_code, source, "
            "area_path, unit_code, handled_by, handled_by_all, fields, opened_by, why, version, origin, paused) "
            "SELECT gen_random_uuid(), 'bench.case', 'sent', 'open', 't', '', '', 'hand', '310117/', 'crew', '', '[]', "
            "'{}', 'x', '[]', 1, 'site', false FROM generate_series(1, %s) RETURNING id), "
            "numbered AS (SELECT id, row_number() OVER () AS n FROM made) "
            "INSERT INTO cases_caseclock (case_id, clock, started_at, due_at, at_risk_at, at_risk_fired_at, pauses, "
            "fault) SELECT id, 'sent', now(), due, due, now(), '[]', '' "
            "FROM numbered JOIN unnest(%s::timestamptz[]) WITH ORDINALITY AS t (due, n) USING (n)",
            [len(due), due],
        )


def ask(question: str) -> float:
    """Return the one number that the question asks for."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return float(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
