"""What history costs and how fast it answers, each beside a plain limit of the same run.

    python bench/history.py [--streams 10000] [--minutes 1440]

A day of readings of so many streams, one a minute with seconds and milliseconds of their own, goes into the hot table
by the insert that ingest uses, is rolled up, and moves into the archive. Printed are bytes a reading, rates, and two
answers: a year of minute data of one stream, charted from rollups (query and writing of the answer), beside the
bare query of the same hours; and the hourly mean of every stream over the day, from the archive, beside a plain DuckDB
scan of the same file. Last comes the latest value of 100,000 streams, beside COPY of the same rows. Exit status 1 if a
limit is broken: 95 bytes hot, 6 archived, 300 ms for either answer.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import django
import duckdb
from django.conf import settings
from django.core.management import call_command
from django.db import connection

T = TypeVar("T")
KIND = "mobility.stop_sign.voltage"
DAY = datetime(2026, 11, 20, tzinfo=UTC)
HOT_LIMIT, ARCHIVED_LIMIT, ANSWER_LIMIT_S = 95.0, 6.0, 0.3
TRIES = 7
FILL = """
    INSERT INTO readings_reading (datastream_id, at, value, quality)
    SELECT s, t.at, round((220 + 6 * sin(m / 229.0 + s) + (hashint8(s::bigint * 7919 + m) & 255) / 128.0)::numeric, 2),
           CASE WHEN hashint8(s::bigint * 31 + m) %% 500 = 0 THEN 64 ELSE 0 END
    FROM generate_series(%(first)s::int, %(last)s::int) m CROSS JOIN generate_series(1, %(streams)s::int) s
    CROSS JOIN LATERAL (
        SELECT %(day)s + m * interval '1 minute' + (s %% 59) * interval '1 second'
               + (hashint8(s::bigint * 1000 + m) & 1023) * interval '1 millisecond' AS at
    ) t
    ORDER BY s, m
    ON CONFLICT (datastream_id, at) DO NOTHING
"""


def main() -> int:
    """Run everything on a database and in a folder of their own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--minutes", type=int, default=1440)
    arguments = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="xiuhua-history-") as folder:
        settings.CONFIG = replace(settings.CONFIG, files_url=folder)
        print(f"load average {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
        good = run(arguments.streams, arguments.minutes, Path(folder))
        print(f"load average {', '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return 0 if good else 1


def run(streams: int, minutes: int, folder: Path) -> bool:
    """Fill, roll up, archive, ask; print each with its limit."""
    rooms = {
        name: importlib.import_module(f"xiuhua.readings.history.{name}")
        for name in ("across", "api", "archive", "latest", "rollup", "series")
    }
    room = SimpleNamespace(**rooms)
    actor = importlib.import_module("xiuhua.kernel.actor").system_actor("bench")
    make_streams(streams, max(streams + 1, 100_000))
    execute("UPDATE readings_rolled SET closed_until = %s, rolled_until = %s", DAY, DAY)
    filled = fill(streams, minutes)
    count = streams * minutes
    print(f"{count} readings of {streams} streams, in {filled:.0f} s: {count / filled:,.0f} a second")
    good = True
    hot = (
        ask("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('readings_reading') WHERE isleaf") / count
    )
    good &= judged("hot, bytes a reading", hot, HOT_LIMIT, f"{hot / 20:.1f} of the bare 20 (4 + 8 + 8)")
    taken, hours = timed(lambda: room.rollup.roll_up(now=DAY + timedelta(days=1, minutes=6)))
    plain, _ = timed(
        lambda: ask("SELECT count(*) FROM (SELECT avg(value) FROM readings_reading GROUP BY datastream_id) g")
    )
    print(
        f"rollup of {hours} hours: {taken:.1f} s, {count / taken:,.0f} readings a second;"
        f" {taken / plain:.1f} of a bare mean by stream"
    )
    taken, _ = timed(lambda: room.archive.archive(now=DAY + timedelta(days=9), hot_days=3))
    (file,) = folder.rglob("*.parquet")
    size = file.stat().st_size / count
    good &= judged("archived, bytes a reading", size, ARCHIVED_LIMIT, f"{hot / size:.0f} times less than hot")
    sort = 'COPY (FROM read_parquet($file) ORDER BY datastream_id, "at") TO $copy (FORMAT parquet, COMPRESSION zstd)'
    names = {"file": str(file), "copy": str(folder / "copy.parquet")}
    plain, _ = timed(lambda: duckdb.connect().execute(sort, names).fetchall())
    print(
        f"archiving: {taken:.1f} s, {count / taken:,.0f} readings a second;"
        f" {taken / plain:.1f} of sorting and writing alone"
    )
    good &= a_year(room, actor)
    good &= a_day_of_all(room, actor, streams, minutes, file)
    everything(room, actor)
    return good


def a_year(room: Any, actor: Any) -> bool:
    """Chart a year of one stream that has a reading each minute."""
    begin = DAY - timedelta(days=365)
    execute("UPDATE readings_rolled SET closed_until = %s, rolled_until = %s", begin, begin)
    day = begin
    partitions = importlib.import_module("xiuhua.readings.partitions")
    while day < DAY:
        partitions.make_partitions([day.date()])
        day += timedelta(days=1)
    execute(
        "INSERT INTO readings_reading (datastream_id, at, value)"
        " SELECT 100000, t, 220 + 6 * sin(extract(epoch FROM t) / 40000)"
        " FROM generate_series(%s, %s - interval '1 minute', interval '1 minute') t", begin, DAY,
    )  # fmt: skip
    taken, hours = timed(
        lambda: sum(room.rollup.roll_up(now=DAY + timedelta(minutes=6)) for _ in range(365 * 24 // 1000 + 1))
    )
    print(f"rollup of a year of one stream, {hours} hours one by one: {taken:.1f} s")
    execute("VACUUM ANALYZE readings_hour, readings_day, readings_reading")

    def chart() -> int:
        found = room.series.series(actor, 100_000, begin=begin, end=DAY, points=1500)
        periods = [room.api._period(point) for point in found.points]
        room.api._answer({"periods": periods})
        return len(periods)

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT at, low, high, sum FROM readings_hour WHERE datastream_id = 100000 AND at >= %s AND at < %s",
                [begin, DAY],
            )
            cursor.fetchall()

    taken, points = best(chart)
    plain, _ = best(bare)
    return judged(
        f"a year of one stream, {points} points, ms",
        taken * 1000,
        ANSWER_LIMIT_S * 1000,
        f"{taken / plain:.1f} of the bare query of its hours",
    )


def a_day_of_all(room: Any, actor: Any, streams: int, minutes: int, file: Path) -> bool:
    """Take the hourly mean of every stream over the day."""
    end = DAY + timedelta(minutes=minutes)

    def hourly() -> int:
        found = room.across.across(actor, KIND, begin=DAY, end=end, step_s=3600, each=True)
        return len(found.at)

    def bare() -> int:
        found = duckdb.connect().execute(
            'SELECT datastream_id, epoch_us("at") // 3600000000, avg(value) FROM read_parquet($file) GROUP BY 1, 2',
            {"file": str(file)},
        )
        return len(found.fetchnumpy()["datastream_id"])

    taken, rows = best(hourly)
    plain, expected = best(bare)
    if rows != expected or rows != streams * (minutes // 60):
        print(f"{rows} hours, expected {expected}")
        return False
    return judged(
        f"hourly mean of {streams} streams, {rows} rows, ms",
        taken * 1000,
        ANSWER_LIMIT_S * 1000,
        f"{taken / plain:.2f} of a plain scan",
    )


def everything(room: Any, actor: Any) -> None:
    """Give the latest value of 100,000 streams."""

    def latest() -> int:
        return len(room.latest.latest(actor, limit=100_000))

    def bare() -> int:
        size = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(
                "COPY (SELECT d.id, l.at, l.value, l.code, l.quality FROM readings_datastream d"
                " JOIN readings_latest l ON l.datastream_id = d.id) TO STDOUT"
            ) as copy,
        ):
            for block in copy:
                size += len(block)
        return size

    taken, size = best(latest)
    plain, _ = best(bare)
    what = f"latest of 100000 streams, {size / 1e6:.0f} MB of JSON, ms"
    print(f"{what:<52} {taken * 1000:8.1f}   {taken / plain:.1f} of COPY")


def make_streams(streams: int, count: int) -> None:
    """Put so many objects with one stream each into the database, and a latest value for each."""
    execute(
        "INSERT INTO objects_cityobject"
        " (id, type, code, name, sort_key, attributes, unit_code, area_path, origin, words, grams, version)"
        " SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'mobility.stop_sign', n::text, n::text,"
        " '', '{}', '', '310117/', 'bench', '', '{}', 1 FROM generate_series(1, %s) n",
        count,
    )
    execute(
        "INSERT INTO readings_datastream (id, object_id, object_code, stream, area_path, unit_code, origin)"
        " SELECT n, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n::text,"
        " CASE WHEN n <= %s THEN %s ELSE 'mobility.stop_sign.other' END, '310117/', '', 'bench'"
        " FROM generate_series(1, %s) n",
        streams, KIND, count,
    )  # fmt: skip
    execute(
        "INSERT INTO readings_latest (datastream_id, at, value, code, quality, received_at, silent_at)"
        " SELECT id, now(), 220, '', 0, now(), now() FROM readings_datastream",
    )
    execute("VACUUM ANALYZE readings_datastream, readings_latest, objects_cityobject")


def fill(streams: int, minutes: int) -> float:
    """Store the day in batches as ingest does, in order of stream and time within each; return the seconds taken."""
    importlib.import_module("xiuhua.readings.partitions").make_partitions([DAY.date()])
    began = time.perf_counter()
    for first in range(0, minutes, 5):
        with connection.cursor() as cursor:
            cursor.execute(FILL, {"first": first, "last": first + 4, "streams": streams, "day": DAY})
    taken = time.perf_counter() - began
    execute("VACUUM ANALYZE readings_reading")
    return taken


def judged(what: str, found: float, limit: float, beside: str) -> bool:
    """Print a figure beside its limit; return whether it holds."""
    print(f"{what:<52} {found:8.1f}   limit {limit:g}, {found / limit:.2f} of it; {beside}")
    return found <= limit


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return how long one call took, in seconds, and what it returned."""
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


def best(work: Callable[[], T]) -> tuple[float, T]:
    """Return the median of some calls, the first of which only warms, and what they returned."""
    work()
    runs = [timed(work) for _ in range(TRIES)]
    return sorted(seconds for seconds, _ in runs)[TRIES // 2], runs[0][1]


def execute(statement: str, *parameters: Any) -> None:
    """Run a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def ask(question: str) -> float:
    """Return the one number that the question asks for."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return float(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
