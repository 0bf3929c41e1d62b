"""The latest value of every stream: noted as batches are stored, written down as often as the load allows.

What was stored and not yet written down when the worker ended is found again from the readings themselves, from the
time that the worker's place says (`newest_from`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.readings.directory import Directory
from xiuhua.readings.gathering import Batch, Place, moment

_UPSERT = """
    ON CONFLICT (datastream_id) DO UPDATE SET
        at = EXCLUDED.at, value = EXCLUDED.value, code = EXCLUDED.code, quality = EXCLUDED.quality,
        received_at = EXCLUDED.received_at, silent_at = EXCLUDED.silent_at
    WHERE EXCLUDED.at > readings_latest.at
"""


class Latest:
    """The newest readings that are stored and not yet written into the table of latest values."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._noted: list[Batch] = []
        self._places: set[tuple[str, str]] = set()

    def take_places(self) -> set[tuple[str, str]]:
        """Return the areas and units whose latest values were written since this was last asked."""
        places, self._places = self._places, set()
        return places

    @property
    def changed(self) -> bool:
        """Return whether there is anything to write."""
        return bool(self._noted)

    def note(self, fresh: Batch) -> None:
        """Note readings that were committed: by stream and time, each newer than what its stream had said."""
        if not len(fresh):
            return
        last = fresh.take(_lasts(fresh.slot))
        self._directory.slots.newest_at[last.slot] = last.at
        self._noted.append(last)

    def write(self) -> None:
        """Write them down, in the caller's transaction."""
        slots = self._directory.slots
        # Later batches hold newer readings, so the last entry of a slot is its newest.
        slot = np.concatenate([batch.slot for batch in self._noted])
        backwards, first = np.unique(slot[::-1], return_index=True)
        chosen = len(slot) - 1 - first
        joined = Batch(
            **{name: np.concatenate([getattr(batch, name) for batch in self._noted]) for name in Batch.__slots__}
        ).take(chosen)
        silent_at = np.minimum(joined.at, joined.received) + slots.silent_us[backwards]
        with connection.wrap_database_errors, connection.cursor() as cursor:
            cursor.execute(
                """
                CREATE TEMP TABLE IF NOT EXISTS readings_newest (
                    datastream_id integer, at timestamptz, value double precision, code text, quality smallint,
                    received_at timestamptz, silent_at timestamptz
                ) ON COMMIT DELETE ROWS
                """
            )
            cursor.execute("DELETE FROM readings_newest")
            with cursor.copy("COPY readings_newest FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "timestamptz", "float8", "text", "int2", "timestamptz", "timestamptz"])
                for number, datastream in enumerate(slots.datastream[backwards].tolist()):
                    value = float(joined.value[number])
                    copy.write_row(
                        (
                            datastream, moment(int(joined.at[number])), None if value != value else value,
                            joined.code[number], int(joined.quality[number]), moment(int(joined.received[number])),
                            moment(int(silent_at[number])),
                        )
                    )  # fmt: skip
            cursor.execute(
                f"""
                INSERT INTO readings_latest (datastream_id, at, value, code, quality, received_at, silent_at)
                SELECT n.* FROM readings_newest n JOIN readings_datastream d ON d.id = n.datastream_id
                ORDER BY n.datastream_id {_UPSERT}
                """  # noqa: S608
            )

    def written(self) -> None:
        """Forget what was written, once that is committed."""
        slots = self._directory.slots
        for batch in self._noted:
            self._places.update((slots.area_path[slot], slots.unit_code[slot]) for slot in batch.slot.tolist())
        self._noted.clear()


def _lasts(slot: NDArray[np.int32]) -> NDArray[np.intp]:
    return np.flatnonzero(np.append(slot[1:] != slot[:-1], True))


def find_latest_again(places: Sequence[Place]) -> None:
    """Bring the latest values up to the stored readings where a worker ended before it wrote them down."""
    streams = {
        f"{type_id}.{stream.id}": stream.silent_after.seconds
        for type_id, kind in catalogue.current().objects.items()
        for stream in kind.streams
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(newest_from) FROM readings_position WHERE consumer = ANY (%s)",
            [[place.consumer for place in places]],
        )
        (newest_from,) = cursor.fetchone()
        if newest_from is None:
            return
        cursor.execute(
            f"""
            INSERT INTO readings_latest (datastream_id, at, value, code, quality, received_at, silent_at)
            SELECT DISTINCT ON (d.id) d.id, r.at, r.value, coalesce(r.code, ''), r.quality,
                   coalesce(r.received_at, r.at),
                   least(r.at, coalesce(r.received_at, r.at)) + s.silent_after * interval '1 second'
            FROM readings_reading r JOIN readings_datastream d ON d.id = r.datastream_id
            JOIN unnest(%s::text[], %s::float8[]) AS s (stream, silent_after) ON s.stream = d.stream
            WHERE r.at >= %s
            ORDER BY d.id, r.at DESC {_UPSERT}
            """,  # noqa: S608
            [list(streams), list(streams.values()), newest_from],
        )
        forget_newest_from(places)


def forget_newest_from(places: Sequence[Place]) -> None:
    """Note that the latest values are up to date with what those places stored."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE readings_position SET newest_from = NULL WHERE consumer = ANY (%s) AND newest_from IS NOT NULL",
            [[place.consumer for place in places]],
        )
