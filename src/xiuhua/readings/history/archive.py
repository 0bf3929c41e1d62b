"""Days that are over go from the hot table into Parquet, sorted; late readings of such a day are merged in later.

Files are written first, durably, under names nobody reads yet. One transaction then says which files count and empties
the day's partition. Killed before it, everything stands as it was and the files are swept away; killed after it, only
what was replaced is left to sweep. A file counts exactly if `readings_archive` names it.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
from django.db import OperationalError, connection, transaction
from psycopg import sql

from xiuhua.readings.history.alone import alone
from xiuhua.readings.history.marks import HOUR_US, lock_rollups, rolled
from xiuhua.readings.history.parquet import (
    COLUMNS,
    TYPES,
    UNKNOWN,
    engine,
    make_durable,
    number_of,
    publish,
    relative,
    root,
)
from xiuhua.readings.history.periods import stored_day
from xiuhua.readings.history.retention import delete_expired, expired_kinds, note_refused
from xiuhua.readings.history.rollup import roll_pairs
from xiuhua.readings.partitions import days_with_readings, partition_of

log = logging.getLogger(__name__)

MERGED_AT_MOST_EVERY = timedelta(hours=1)
BEGINS_WITHIN_S = 20.0
"""For how long one pass goes on to another day, so that the process can be stopped between two."""
WORK = ".work"
AGAIN = "readings_again"
ROWS_AT_ONCE = 10_000


class MovedOn(Exception):
    """A reading of the day came while it was written; nothing is changed, the next pass tries again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A file that may come to count."""

    kind: str
    file: str
    readings: int
    bytes: int
    sha256: str


def archive(*, now: datetime, hot_days: int) -> int:
    """Move closed UTC days that are `hot_days` old into files, merge what came late; returns how many days.

    Does nothing while another archiver or a backup is at work.
    """
    with alone() as free:
        if not free:
            return 0
        delete_expired(now=now)
        sweep()
        oldest_hot = now.astimezone(UTC).date() - timedelta(days=hot_days)
        before = min(oldest_hot, rolled().rolled_until.astimezone(UTC).date())
        done, began = 0, time.monotonic()
        for day in days_with_readings(before):
            if time.monotonic() - began > BEGINS_WITHIN_S:
                break
            if _merged_lately(day, now):
                continue
            try:
                archive_day(day, now=now)
                done += 1
            except (MovedOn, OperationalError) as problem:
                log.warning("a day could not be archived yet", extra={"day": str(day), "problem": repr(problem)})
        if done:
            sweep()
        return done


def archive_day(day: date, *, now: datetime) -> None:
    """Write the day's files and let them count; raises MovedOn, OperationalError where the day is being written to."""
    begin, end = stored_day(day)
    with connection.cursor() as cursor:
        # Read before the readings are: a mark of a reading that we do not get is then missing here, and we start anew.
        cursor.execute("SELECT id, datastream_id, at FROM readings_dirty WHERE at >= %s AND at < %s", [begin, end])
        marks = cursor.fetchall()
    expired = expired_kinds(day, now=now)
    work = root() / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    with contextlib.closing(engine(spill=work)) as duck:
        _stage(duck, day, work)
        refused = _set_aside(duck, expired)
        files = _write(duck, day)
        again = _bring_back(duck, files, {(datastream, hour) for _, datastream, hour in marks})
    with transaction.atomic(), connection.cursor() as cursor:
        lock_rollups()
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(partition_of(day)))
        cursor.execute("DELETE FROM readings_dirty WHERE at >= %s AND at < %s RETURNING id", [begin, end])
        if {row[0] for row in cursor.fetchall()} != {mark[0] for mark in marks}:
            raise MovedOn
        cursor.executemany(
            """
            INSERT INTO readings_archive (day, kind, file, readings, bytes, sha256, written_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (kind, day) DO UPDATE SET file = EXCLUDED.file, readings = EXCLUDED.readings,
                bytes = EXCLUDED.bytes, sha256 = EXCLUDED.sha256, written_at = EXCLUDED.written_at
            """,
            [(day, one.kind, one.file, one.readings, one.bytes, one.sha256, now) for one in files],
        )
        roll_pairs(again, source=sql.Identifier(AGAIN))
        note_refused(day, refused)
        cursor.execute(sql.SQL("TRUNCATE {}").format(partition_of(day)))
    shutil.rmtree(work, ignore_errors=True)


def sweep() -> int:
    """Delete the files that do not count: cut off, replaced, or deleted by a rule; returns how many."""
    base = root()
    if not base.is_dir():
        return 0
    shutil.rmtree(base / WORK, ignore_errors=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM readings_archive")
        counting = {row[0] for row in cursor.fetchall()}
    gone = 0
    for path in sorted(base.glob("date=*/kind=*/*")):
        if str(path.relative_to(base)) not in counting:
            path.unlink()
            gone += 1
    for empty in (*base.glob("date=*/kind=*"), *base.glob("date=*")):
        with contextlib.suppress(OSError):
            empty.rmdir()
    return gone


def damaged() -> list[str]:
    """Return the files that are gone or no longer what was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT file, sha256 FROM readings_archive ORDER BY file")
        rows = cursor.fetchall()
    base = root()
    return [file for file, sha256 in rows if not (base / file).is_file() or make_durable(base / file)[0] != sha256]


def _merged_lately(day: date, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(written_at) > %s FROM readings_archive WHERE day = %s", [now - MERGED_AT_MOST_EVERY, day]
        )
        return bool(cursor.fetchone() == (True,))


def _stage(duck: duckdb.DuckDBPyConnection, day: date, work: Path) -> None:
    """Bring the day's hot readings into DuckDB as the table `staged`, each with its kind."""
    rows, streams = work / "rows.csv", work / "streams.csv"
    _copy_out(
        rows,
        sql.SQL("SELECT datastream_id, at, value, code, quality, received_at FROM {}").format(partition_of(day)),
    )
    _copy_out(streams, sql.SQL("SELECT id, stream FROM readings_datastream"))
    duck.execute(
        f"""
        CREATE TABLE staged AS SELECT r.*, coalesce(s.stream, $unknown) AS kind
        FROM read_csv($rows, header = false, auto_detect = false, columns = {TYPES}) r
        LEFT JOIN read_csv($streams, header = false, auto_detect = false,
                           columns = {{'id': 'INTEGER', 'stream': 'VARCHAR'}}) s ON s.id = r.datastream_id
        """,  # noqa: S608
        {"rows": str(rows), "streams": str(streams), "unknown": UNKNOWN},
    ).fetchall()
    rows.unlink()


def _copy_out(path: Path, query: sql.Composed | sql.SQL) -> None:
    with connection.cursor() as cursor, path.open("wb") as out:
        cursor.execute("SET datestyle = 'ISO'")
        with cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT CSV)").format(query)) as copy:
            for block in copy:
                out.write(block)


def _set_aside(duck: duckdb.DuckDBPyConnection, kinds: list[str]) -> dict[str, int]:
    """Take out of `staged` what a rule has already deleted of that day; returns how many readings of each kind."""
    if not kinds:
        return {}
    counted = duck.execute(
        "SELECT kind, count(*) FROM staged WHERE list_contains($kinds, kind) GROUP BY 1", {"kinds": kinds}
    ).fetchall()
    duck.execute("DELETE FROM staged WHERE list_contains($kinds, kind)", {"kinds": kinds}).fetchall()
    return {str(kind): int(count) for kind, count in counted}


def _write(duck: duckdb.DuckDBPyConnection, day: date) -> list[Written]:
    """Write a durable file for each kind of `staged`, merged with the one that counts; what is filed stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, file, readings FROM readings_archive WHERE day = %s", [day])
        standing = {kind: (file, readings) for kind, file, readings in cursor.fetchall()}
    kinds = [row[0] for row in duck.execute("SELECT DISTINCT kind FROM staged ORDER BY 1").fetchall()]
    written = []
    for kind in kinds:
        old, kept = standing.get(kind, ("", 0))
        file = relative(day, kind, number_of(old) + 1 if old else 1)
        target = root() / file
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(f".{target.name}.partial")
        duck.execute(
            f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT {COLUMNS} FROM staged WHERE kind = $kind",  # noqa: S608
            {"kind": kind},
        ).fetchall()
        if old:
            duck.execute(
                f"""
                CREATE OR REPLACE TEMP TABLE fresh AS
                WITH old AS (SELECT {COLUMNS} FROM read_parquet($old, hive_partitioning = false))
                SELECT * FROM old UNION ALL SELECT * FROM fresh ANTI JOIN old USING (datastream_id, "at")
                """,  # noqa: S608
                {"old": str(root() / old)},
            ).fetchall()
        ((readings,),) = duck.execute("SELECT count(*) FROM fresh").fetchall()
        duck.execute(
            'COPY (FROM fresh ORDER BY datastream_id, "at") TO $partial (FORMAT parquet, COMPRESSION zstd)',
            {"partial": str(partial)},
        ).fetchall()
        sha256, size = make_durable(partial)
        if not _holds(duck, partial, readings) or readings < kept:
            raise OSError(f"{partial} does not hold the {readings} readings written to it")
        publish(partial, target)
        written.append(Written(kind=kind, file=file, readings=readings, bytes=size, sha256=sha256))
    return written


def _holds(duck: duckdb.DuckDBPyConnection, path: Path, readings: int) -> bool:
    rows = duck.execute("SELECT sum(num_rows) FROM parquet_file_metadata($path)", {"path": str(path)}).fetchall()
    return rows == [(readings,)]


def _bring_back(
    duck: duckdb.DuckDBPyConnection, files: list[Written], marked: set[tuple[int, datetime]]
) -> list[tuple[int, datetime]]:
    """Bring the readings of the marked hours back out of the files just written, into a table of this session; returns
    the hours that are there. Those whose readings a rule has deleted keep the rollups they have.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE TEMP TABLE IF NOT EXISTS {AGAIN} (
                datastream_id integer, at timestamptz, value double precision, code text, quality smallint
            )
            """
        )
        cursor.execute(f"TRUNCATE {AGAIN}")
        if not marked or not files:
            return []
        pairs = sorted(marked)
        duck.register(
            "pairs",
            {
                "datastream_id": np.array([datastream for datastream, _ in pairs], dtype=np.int32),
                "hour": np.array([int(hour.timestamp()) // 3600 for _, hour in pairs], dtype=np.int64),
            },
        )
        found = duck.execute(
            f"""
            SELECT r.datastream_id, r."at", r.value, r.code, r.quality
            FROM read_parquet($files, hive_partitioning = false) r
            SEMI JOIN pairs p ON p.datastream_id = r.datastream_id AND p.hour = epoch_us(r."at") // {HOUR_US}
            """,  # noqa: S608
            {"files": [str(root() / one.file) for one in files]},
        )
        with cursor.copy(f"COPY {AGAIN} FROM STDIN") as copy:
            while rows := found.fetchmany(ROWS_AT_ONCE):
                for row in rows:
                    copy.write_row(row)
        cursor.execute(f"SELECT DISTINCT datastream_id, date_trunc('hour', at) FROM {AGAIN}")  # noqa: S608
        return list(cursor.fetchall())
