"""Parquet files of readings: `date=2026-11-20/kind=pack.type.stream/readings-1.parquet` below the archive's folder.

Columns: datastream_id INT32, at TIMESTAMP (UTC, microseconds), value DOUBLE, code STRING (null for numbers), quality
INT16 (0 good), received_at TIMESTAMP (only where a reading came more than a minute after its time). Sorted by
(datastream_id, at), zstd. Any reader of Parquet reads them; we do it with DuckDB.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from urllib.parse import quote

import duckdb
from django.conf import settings

COLUMNS = 'datastream_id, "at", value, code, quality, received_at'
TYPES = {
    "datastream_id": "INTEGER",
    "at": "TIMESTAMPTZ",
    "value": "DOUBLE",
    "code": "VARCHAR",
    "quality": "SMALLINT",
    "received_at": "TIMESTAMPTZ",
}
UNKNOWN = "unknown"
"""The kind of readings whose datastream is no longer there."""
_MEMORY = "512MB"
_CHUNK = 1 << 20


def root() -> Path:
    """Return the folder of the archive."""
    place: Path = settings.CONFIG.readings_folder
    return place


def engine(*, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB of its own, in memory; what does not fit spills into a folder if one is given."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": str(spill or ""),
    }
    made = duckdb.connect(config=config)
    made.execute("SET TimeZone = 'UTC'").fetchall()
    return made


def reader() -> duckdb.DuckDBPyConnection:
    """Return a connection for one query, of an engine that the process keeps for reading."""
    cursor = _kept().cursor()
    cursor.execute("SET TimeZone = 'UTC'").fetchall()
    return cursor


@functools.cache
def _kept() -> duckdb.DuckDBPyConnection:
    kept = engine()
    kept.execute("SET GLOBAL parquet_metadata_cache = true").fetchall()
    return kept


def relative(day: date, kind: str, number: int) -> str:
    """Return where the file of a day and kind lies below the archive's folder, in its `number`-th writing."""
    return f"date={day.isoformat()}/kind={quote(kind, safe='.')}/readings-{number}.parquet"


def number_of(file: str) -> int:
    """Return in which writing a file is."""
    return int(Path(file).stem.removeprefix("readings-"))


def paths(files: Sequence[str]) -> list[str]:
    """Return the full paths of files below the archive's folder."""
    base = root()
    return [str(base / file) for file in files]


def make_durable(path: Path) -> tuple[str, int]:
    """Write a file through to the disk; return its SHA-256 and its size in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while block := source.read(_CHUNK):
            digest.update(block)
        os.fsync(source.fileno())
    return digest.hexdigest(), path.stat().st_size


def publish(partial: Path, target: Path) -> None:
    """Give a durable file its name, durably; what had the name before is replaced."""
    os.replace(partial, target)
    place = target.parent
    while place != root().parent:
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        place = place.parent
