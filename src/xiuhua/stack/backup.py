"""Backup and restore: records, streams and files as they were at one moment.

The moment is taken with ingest, background work and NATS held for as long as the stream store takes to copy: the
records' snapshot is opened then, so the stream position in it and the messages still waiting fit each other. Devices
send again what was not acknowledged. Pages stay open; what is written after the moment is not in the backup.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from xiuhua.kernel.errors import Conflict, Fault, Unavailable, XiuhuaError
from xiuhua.kernel.words import Label
from xiuhua.stack.archive import Manifest, Writer, unpack, writing
from xiuhua.stack.config import Config
from xiuhua.stack.console import step
from xiuhua.stack.files_place import bucket_of
from xiuhua.stack.holding import ARCHIVE_LOCK, held, writers
from xiuhua.stack.own_database import check_database
from xiuhua.stack.paths import require_readable, require_writable
from xiuhua.stack.postgres import program_path
from xiuhua.stack.reaching import embedded_postgres, running_site
from xiuhua.stack.running import Site, hold
from xiuhua.stack.versions import versions

RECORDS = "records.dump"
STREAMS, FILES, READINGS, REST = "streams", "files", "readings", "site"
NOT_IN_REST = frozenset({"pg", "nats", "files", "run", "logs", "restoring"})
STAGING = "restoring"

_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a backup came to. held_s: how long the writers stood still, in seconds."""

    size: int
    rows: int
    held_s: float
    streams: bool


def backup(config: Config, file: Path) -> Written:
    """Write the site's backup to a file, whether it runs or not."""
    if not (config.data / "pg").is_dir() and not config.database_url:
        raise Conflict("stack.no_data", data=str(config.data))
    require_writable(file)
    site = running_site(config)
    manifest = Manifest(
        moment=datetime.now(UTC).isoformat(timespec="seconds"), versions=versions(), streams=not config.nats_url
    )
    dump = file.with_name(file.name + ".records")
    try:
        with writing(file, manifest) as writer, _records(config, site) as url, psycopg.connect(url) as connection:
            _keep_files_still(connection)
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with _still(config, site) as since:
                row = connection.execute("SELECT pg_export_snapshot()").fetchone()
                snapshot = str(row[0]) if row else ""
                if manifest.streams:
                    writer.add_folder(config.data / "nats", STREAMS)
                for part in sorted(config.data.iterdir()):
                    if part.name in NOT_IN_REST:
                        continue
                    if part.is_dir():
                        writer.add_folder(part, f"{REST}/{part.name}")
                    else:
                        writer.add_file(part, f"{REST}/{part.name}")
                held_s = time.monotonic() - since
            with step(Label(zh="导出记录", en="writing the records")):
                dump.touch(mode=0o600)
                _tool("pg_dump", "-Fc", "-Z1", "--snapshot", snapshot, "-f", str(dump), url)
                manifest.rows = count_rows(connection)
                writer.add_file(dump, RECORDS)
            with step(Label(zh="写入文件", en="writing the files")):
                _save_files(config, writer)
    finally:
        dump.unlink(missing_ok=True)
    rows = sum(manifest.rows.values())
    return Written(size=file.stat().st_size, rows=rows, held_s=held_s, streams=manifest.streams)


def restore(config: Config, file: Path) -> Manifest:
    """Build a site from a backup in an empty data folder; checks all before it is put to use."""
    require_readable(file)
    if config.database_url:
        check_database(config.database_url)
    _require_empty(config)
    staging = config.data / STAGING
    made = not config.data.exists()
    config.data.mkdir(parents=True, exist_ok=True)
    staging.mkdir()
    staged = replace(config, data=staging)
    put: list[str] = []
    try:
        with step(Label(zh="检查并解开备份", en="checking and unpacking the backup")):
            manifest = unpack(file, staging)
        _arrange(config, staging)
        _part_readings(config, staging)
        _put_files(config, staging, manifest, put)
        _join_readings(staging)
        with _target(staged) as url, step(Label(zh="恢复记录", en="restoring the records")):
            _tool(
                "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "-d", url, str(staging / RECORDS)
            )
            with psycopg.connect(url, autocommit=True) as connection:
                _require_rows(manifest, count_rows(connection))
                connection.execute("ANALYZE")
    except BaseException:
        _take_back(config, put)
        shutil.rmtree(staging)
        if made:
            config.data.rmdir()
        raise
    (staging / RECORDS).unlink()
    for left in ("run", "logs"):
        shutil.rmtree(staging / left, ignore_errors=True)
    for part in sorted(staging.iterdir()):
        part.rename(config.data / part.name)
    staging.rmdir()
    return manifest


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Return the number of rows of every table."""
    counts: dict[str, int] = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))).fetchone()
        counts[f"{schema}.{table}"] = int(row[0]) if row else 0
    return counts


def _keep_files_still(connection: psycopg.Connection) -> None:
    """Hold, until the connection closes, the lock without which no file of readings is added, replaced or deleted."""
    connection.autocommit = True
    with step(Label(zh="等待归档告一段落", en="waiting for the archive of readings")):
        connection.execute("SELECT pg_advisory_lock_shared(%s)", [ARCHIVE_LOCK])
    connection.autocommit = False


@contextlib.contextmanager
def _records(config: Config, site: Site | None) -> Iterator[str]:
    if config.database_url or site is not None:
        yield config.database_url or (site.database if site else "")
    else:
        with hold(config.data), embedded_postgres(config) as url:
            yield url


@contextlib.contextmanager
def _still(config: Config, site: Site | None) -> Iterator[float]:
    """Keep the streams and their readers still for the block; gives the time since which they are."""
    if site is None:
        yield time.monotonic()
        return
    names = writers(site)
    asked = time.monotonic()
    with step(Label(zh="暂停接入和后台", en="holding ingest and background work")), held(config.data, *names):
        yield asked


@contextlib.contextmanager
def _target(config: Config) -> Iterator[str]:
    if config.database_url:
        yield config.database_url
    else:
        with embedded_postgres(config) as url:
            yield url


def _require_empty(config: Config) -> None:
    for folder in {config.data, config.files_folder}:
        if (folder / STAGING).exists():
            raise Conflict("stack.restore_cut_off", data=str(folder))
        if folder.exists() and any(folder.iterdir()):
            raise Conflict("backup.not_empty", what=str(folder))
    bucket = bucket_of(config)
    if bucket is not None and next(iter(bucket.names()), None) is not None:
        raise Conflict("backup.not_empty", what="XIUHUA_FILES_URL")
    if config.database_url:
        with psycopg.connect(config.database_url) as connection:
            if connection.execute(_TABLES).fetchone() is not None:
                raise Conflict("backup.not_empty", what="XIUHUA_DATABASE_URL")


def _arrange(config: Config, staging: Path) -> None:
    rest = staging / REST
    if rest.is_dir():
        for part in sorted(rest.iterdir()):
            part.rename(staging / part.name)
        rest.rmdir()
    if (staging / STREAMS).is_dir():
        (staging / STREAMS).rename(staging / "nats")
    if (staging / "secrets").is_dir():
        (staging / "secrets").chmod(0o700)


def _save_files(config: Config, writer: Writer) -> None:
    bucket = bucket_of(config)
    if bucket is None:
        writer.add_folder(config.files_folder, FILES)
        return
    for name, size in bucket.names():
        with bucket.read(name) as stream:
            writer.add_stream(stream, size, f"{FILES}/{name}")
    writer.add_folder(config.readings_folder, READINGS)


def _part_readings(config: Config, staging: Path) -> None:
    """Lay the readings of past days with the files of a folder, apart from those of a bucket: they never lie in one."""
    apart, among = staging / READINGS, staging / FILES / READINGS
    if bucket_of(config) is not None and among.is_dir():
        among.rename(apart)
    elif bucket_of(config) is None and apart.is_dir():
        among.parent.mkdir(exist_ok=True)
        apart.rename(among)


def _join_readings(staging: Path) -> None:
    """Lay what went apart into the data folder's own folder of files."""
    if (staging / READINGS).is_dir():
        (staging / FILES).mkdir(exist_ok=True)
        (staging / READINGS).rename(staging / FILES / READINGS)


def _put_files(config: Config, staging: Path, manifest: Manifest, put: list[str]) -> None:
    """Bring the unpacked files to where the site keeps them; `put` says at every moment what has been begun."""
    bucket, folder = bucket_of(config), staging / FILES
    if not config.files_url or not folder.is_dir():
        return
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        put.append(name)
        if bucket is None:
            target = config.files_folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        else:
            with path.open("rb") as source:
                bucket.put(name, source, path.stat().st_size, manifest.members[f"{FILES}/{name}"])
    shutil.rmtree(folder)


def _take_back(config: Config, put: list[str]) -> None:
    bucket = bucket_of(config)
    for name in put:
        with contextlib.suppress(OSError, XiuhuaError):
            if bucket is None:
                (config.files_folder / name).unlink(missing_ok=True)
            else:
                bucket.remove(name)


def _require_rows(manifest: Manifest, found: dict[str, int]) -> None:
    differing = sorted(
        name for name in manifest.rows.keys() | found.keys() if manifest.rows.get(name) != found.get(name)
    )
    if differing:
        raise Fault("backup.counts_differ", tables=", ".join(differing[:5]))


def _tool(name: str, *arguments: str) -> None:
    done = subprocess.run([program_path(name), *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise Unavailable("backup.failed", tool=name, tail=done.stderr[-2000:])
