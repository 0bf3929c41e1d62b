"""Old readings out of a file, written into history: all of them or none, and each of them once.

A file is history. Its readings are checked as any others are (units, range, kind, codes, duplicates by stream and
time), go into the table, from there into rollups and files, and are marked as late. No rule judges them, so that they
raise no alarm and clear none, and a stream's latest value stays what its device last sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Refused, Unavailable
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, record
from xiuhua.people.queries import root_path
from xiuhua.readings.decode import Sheet
from xiuhua.readings.directory import Directory, hold_directory_version
from xiuhua.readings.file_rows import FileRows
from xiuhua.readings.gathering import Batch, moment, told_in_file
from xiuhua.readings.history.alone import alone
from xiuhua.readings.history.parquet import paths, reader
from xiuhua.readings.history.retention import expired_kinds
from xiuhua.readings.ingest import DAY_US, count_fates, hand_up_all
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.quarantine import oversees
from xiuhua.readings.storing import insert_staged, stage

AT_ONCE = 50_000
ARCHIVER_WITHIN_S = 60.0
Tell = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFault:
    """What is wrong with a row: `reason` as of refused readings (or `expired`), `detail` what there is to say."""

    reason: str
    detail: str


@dataclass(kw_only=True, slots=True)
class BackFill:
    """What became of a file: readings that are new, that were there already, and the rows with faults (by their number
    in the sheet). Where `written` is False nothing was.
    """

    added: int = 0
    unchanged: int = 0
    faults: dict[int, RowFault] = field(default_factory=dict)
    written: bool = False


def back_fill(
    actor: Actor, rows: FileRows, *, name: str, keep_good: bool, now: datetime, tell: Tell = lambda _done, _of: None
) -> BackFill:
    """Write a file's readings into history; where a row has a fault nothing is written, unless `keep_good` leaves out
    such rows alone. `tell` is called with the rows done, of how many. Raises Refused, Conflict, Unavailable.
    """
    if not oversees(actor, Act.IMPORT):
        raise Refused("people.act_not_allowed", act=Act.IMPORT.value)
    directory, done, count = Directory(), BackFill(), len(rows.sheet.at_ms)
    batches = []
    for first in range(0, count, AT_ONCE):
        part = told_in_file(_cut(rows.sheet, first, first + AT_ONCE), directory, now=now)
        for refusal in part.refusals:
            done.faults[first + refusal.item] = RowFault(reason=refusal.reason, detail=refusal.detail)
        part.batch.item += first
        batches.append(_kept(part.batch, directory, done, now))
        tell(min(first + AT_ONCE, count), 2 * count)
    make_partitions(sorted({moment(day * DAY_US).date() for batch in batches for day in _days(batch)}))
    with _archive_at_rest(), transaction.atomic():
        if any(map(len, batches)) and hold_directory_version() != directory.version:
            raise Conflict("readings.streams_moved")
        for number, batch in enumerate(batches, start=1):
            _write(batch, directory, done)
            tell(count + min(number * AT_ONCE, count), 2 * count)
        if done.faults and not keep_good:
            transaction.set_rollback(True)
            return done
        count_fates({"stored": done.added, "repeated": done.unchanged}, now)
        data = {"file": name, "sha256": rows.sha256, "added": done.added, "unchanged": done.unchanged,
                "rejected": len(done.faults)}  # fmt: skip
        change = Change(
            action="imported", entity="readings", entity_id=rows.sha256[:16], area_path=root_path(), data=data
        )  # fmt: skip
        record(actor, change)
    done.written = True
    return done


def _cut(sheet: Sheet, first: int, end: int) -> Sheet:
    wrong = {row - first: fault for row, fault in sheet.wrong.items() if first <= row < end}
    return replace(
        sheet, stream=sheet.stream[first:end], at_ms=sheet.at_ms[first:end], value=sheet.value[first:end],
        code=sheet.code[first:end], bad=None if sheet.bad is None else sheet.bad[first:end], wrong=wrong,
    )  # fmt: skip


def _days(batch: Batch) -> list[int]:
    return [int(day) for day in np.unique(batch.at // DAY_US)]


def _kept(batch: Batch, directory: Directory, done: BackFill, now: datetime) -> Batch:
    """Leave out what its kind's rule of retention would delete at once."""
    gone = np.zeros(len(batch), dtype=bool)
    for day in _days(batch):
        kinds = frozenset(expired_kinds(moment(day * DAY_US).date(), now=now))
        for index in np.flatnonzero(batch.at // DAY_US == day) if kinds else ():
            gone[index] = directory.slots.stream[batch.slot[index]] in kinds
    for index in np.flatnonzero(gone):
        detail = moment(int(batch.at[index])).date().isoformat()
        done.faults[int(batch.item[index])] = RowFault(reason="expired", detail=detail)
    return batch.take(~gone) if gone.any() else batch


@contextmanager
def _archive_at_rest() -> Iterator[None]:
    """Keep days from moving into files meanwhile; raises Unavailable where that goes on for a minute."""
    until = time.monotonic() + ARCHIVER_WITHIN_S
    while True:
        with alone() as free:
            if free:
                yield
                return
        if time.monotonic() > until:
            raise Unavailable("readings.history_moving")
        time.sleep(0.5)


def _write(batch: Batch, directory: Directory, done: BackFill) -> None:
    batch = _not_filed(batch, directory, done)
    if not len(batch):
        return
    stage(batch, directory.slots.datastream[batch.slot])
    stored, differing = insert_staged(len(batch))
    for index, value, code in differing:
        stands = RowFault(reason="conflict", detail=str(code if value is None else value))
        done.faults[int(batch.item[index])] = stands
    done.added += stored
    done.unchanged += len(batch) - stored - len(differing)
    hand_up_all(batch, directory)


def _not_filed(batch: Batch, directory: Directory, done: BackFill) -> Batch:
    """Leave out what lies in the files of days that are archived: the same is known, another value is a fault."""
    files = _files(batch, directory)
    if not files:
        return batch
    datastream = directory.slots.datastream[batch.slot]
    with reader() as duck:
        duck.register("asked", {"datastream_id": datastream, "us": batch.at})
        found = duck.execute(
            """
            SELECT r.datastream_id, epoch_us(r."at"), r.value, r.code
            FROM read_parquet($files, hive_partitioning = false) r
            SEMI JOIN asked a ON a.datastream_id = r.datastream_id AND a.us = epoch_us(r."at")
            """,
            {"files": paths(files)},
        ).fetchall()
    filed = {(datastream_id, us): (value, code) for datastream_id, us, value, code in found}
    fresh: NDArray[np.bool_] = np.ones(len(batch), dtype=bool)
    for index, key in enumerate(zip(datastream.tolist(), batch.at.tolist(), strict=True)):
        if key not in filed:
            continue
        fresh[index] = False
        value, code = filed[key]
        if (value == batch.value[index]) if value is not None else (code == batch.code[index]):
            done.unchanged += 1
        else:
            stands = RowFault(reason="conflict", detail=str(code if value is None else value))
            done.faults[int(batch.item[index])] = stands
    return batch if fresh.all() else batch.take(fresh)


def _files(batch: Batch, directory: Directory) -> list[str]:
    days: list[date] = [moment(day * DAY_US).date() for day in _days(batch)]
    kinds = sorted({directory.slots.stream[slot] for slot in np.unique(batch.slot)})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT file FROM readings_archive WHERE day = ANY (%s) AND kind = ANY (%s) ORDER BY file", [days, kinds]
        )
        return [file for (file,) in cursor.fetchall()]
