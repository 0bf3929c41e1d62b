"""Readings into their table: those surely new straight by COPY, the others against what stands."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.readings.gathering import Batch, moment
from xiuhua.readings.quality import Quality

# PostgreSQL counts µs since 2000, and COPY's binary form is big-endian with a length before each field.
YEAR_2000_US = 946_684_800_000_000
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
_TRAILER = b"\xff\xff"

NUMBERS = np.dtype(
    [
        ("fields", ">i2"),
        ("datastream_length", ">i4"), ("datastream", ">i4"),
        ("quality_length", ">i4"), ("quality", ">i2"),
        ("at_length", ">i4"), ("at", ">i8"),
        ("value_length", ">i4"), ("value", ">f8"),
    ]
)  # fmt: skip
LATE_NUMBERS = np.dtype([*NUMBERS.descr, ("received_length", ">i4"), ("received", ">i8")])
STAGED_NUMBERS = np.dtype([LATE_NUMBERS.descr[0], ("number_length", ">i4"), ("number", ">i4"), *LATE_NUMBERS.descr[1:]])


def copy_new(batch: Batch, datastream: NDArray[np.int32]) -> None:
    """Copy readings into the table; raises IntegrityError if one of them stands already."""
    numbers = ~np.isnan(batch.value)
    late = (batch.quality & Quality.LATE) != 0
    with connection.wrap_database_errors, connection.cursor() as cursor:
        for chosen, layout, columns in (
            (numbers & ~late, NUMBERS, "datastream_id, quality, at, value"),
            (numbers & late, LATE_NUMBERS, "datastream_id, quality, at, value, received_at"),
        ):
            if chosen.any():
                with cursor.copy(f"COPY readings_reading ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(binary(batch.take(chosen), datastream[chosen], layout))
        if numbers.all():
            return
        with cursor.copy(
            "COPY readings_reading (datastream_id, quality, at, code, received_at) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int2", "timestamptz", "text", "timestamptz"])
            for index in np.flatnonzero(~numbers):
                copy.write_row(
                    (
                        int(datastream[index]), int(batch.quality[index]), moment(int(batch.at[index])),
                        batch.code[index], moment(int(batch.received[index])) if late[index] else None,
                    )
                )  # fmt: skip


def binary(
    batch: Batch, datastream: NDArray[np.int32], layout: np.dtype[Any], number: NDArray[np.intp] | None = None
) -> bytes:
    """Return numbers as the bytes of a binary COPY."""
    rows = np.empty(len(batch), dtype=layout)
    rows["fields"] = len(layout.names or ()) // 2
    for name, length, entries in (
        ("number", 4, number),
        ("datastream", 4, datastream),
        ("quality", 2, batch.quality),
        ("at", 8, batch.at - YEAR_2000_US),
        ("value", 8, batch.value),
        ("received", 8, batch.received - YEAR_2000_US),
    ):
        if name in (layout.names or ()):
            rows[f"{name}_length"] = length
            rows[name] = entries
    return _SIGNATURE + rows.tobytes() + _TRAILER


def stage(batch: Batch, datastream: NDArray[np.int32]) -> None:
    """Copy readings into a table of this transaction's own."""
    numbers = ~np.isnan(batch.value)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS readings_staged (
                n integer, datastream_id integer, quality smallint, at timestamptz, value double precision, code text,
                received_at timestamptz
            ) ON COMMIT DELETE ROWS
            """
        )
        cursor.execute("DELETE FROM readings_staged")
        if numbers.any():
            with cursor.copy(
                "COPY readings_staged (n, datastream_id, quality, at, value, received_at) FROM STDIN (FORMAT BINARY)"
            ) as copy:
                copy.write(binary(batch.take(numbers), datastream[numbers], STAGED_NUMBERS, np.flatnonzero(numbers)))
        if numbers.all():
            return
        with cursor.copy(
            "COPY readings_staged (n, datastream_id, quality, at, code, received_at) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int4", "int2", "timestamptz", "text", "timestamptz"])
            for index in np.flatnonzero(~numbers).tolist():
                copy.write_row(
                    (
                        index, int(datastream[index]), int(batch.quality[index]), moment(batch.at[index]),
                        batch.code[index], moment(batch.received[index]),
                    )
                )  # fmt: skip


def insert_staged(count: int) -> tuple[int, list[tuple[int, float | None, str | None]]]:
    """Insert what is staged; return how many rows are new, and for each reading that differs from what stands its
    number and what stands (value, code).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_reading (datastream_id, quality, at, value, code, received_at)
            SELECT datastream_id, quality, at, value, code,
                   CASE WHEN quality & %s <> 0 THEN received_at END
            FROM readings_staged ORDER BY datastream_id, at, n
            ON CONFLICT (datastream_id, at) DO NOTHING
            """,
            [int(Quality.LATE)],
        )
        stored: int = cursor.rowcount
        if stored == count:
            return stored, []
        cursor.execute(
            """
            SELECT s.n, r.value, r.code FROM readings_staged s JOIN readings_reading r USING (datastream_id, at)
            WHERE (s.value, s.code) IS DISTINCT FROM (r.value, r.code)
            """
        )
        return stored, list(cursor.fetchall())
