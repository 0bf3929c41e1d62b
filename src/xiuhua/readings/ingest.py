"""From messages to rows: readings, alarms and the positions in the streams of messages, in one transaction.

A message that was committed but not acknowledged comes again; it is known by its sequence and passed over. The same
reading sent twice is known by (datastream, at): the first one stands, another value for it is kept in quarantine.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import numpy as np
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.readings.alarms import settle
from xiuhua.readings.directory import NEVER, Directory, hold_directory_version
from xiuhua.readings.firmware import FirmwareMemory
from xiuhua.readings.gathering import Batch, Message, Part, Place, Refusal, moment, no_readings, refusal_of, told_apart
from xiuhua.readings.latest import Latest
from xiuhua.readings.models import Quarantine
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.places import advance, come_again, listened
from xiuhua.readings.quality import Quality
from xiuhua.readings.rules import Arrays, RuleMemory
from xiuhua.readings.storing import copy_new, insert_staged, stage
from xiuhua.readings.topics import LONGEST_NAME
from xiuhua.readings.trials import learn_weeks

log = logging.getLogger(__name__)

KEPT_PAYLOAD = 4096
KEPT_DETAIL = 300
DAY_US = 86_400_000_000
# Bringing the latest values up to date may take this share of the time; while little arrives that is at once.
LATEST_SHARE = 0.15
# A stream's usual week is learnt anew once a day, when nothing waits.
LEARN_EVERY_S = 86_400.0


HandUp = Callable[[Batch, Directory], None]
_hand_up: list[HandUp] = []


def use_handing_up(hand_up: HandUp) -> None:
    """Name the function of the room above that is given, in the transaction that stores them, all readings taken."""
    _hand_up[:] = [hand_up]


def hand_up_all(batch: Batch, directory: Directory) -> None:
    """Give readings to the rooms above that asked for them, in the transaction that stores them."""
    for hand_up in _hand_up if len(batch) else ():
        hand_up(batch, directory)


class DirectoryChanged(Exception):
    """Datastreams were deleted or renamed since they were looked up."""


class Ingest:
    """Takes batches of messages into the database; remembers datastreams and the days that have their table."""

    def __init__(self) -> None:
        self.directory = Directory()
        self.latest = Latest(self.directory)
        self._days: set[date] = set()
        self._latest_due = 0.0
        self._memory: RuleMemory | None = None
        self._learn_due = 0.0
        self._rules_take: Callable[[], None] = _nothing
        self._firmware = FirmwareMemory()

    def take(self, messages: Sequence[Message], *, floors: Mapping[Place, int], now: datetime) -> Counter[str]:
        """Store the messages and return how many readings met which fate. All of them are committed once it returns.

        `floors` are the sequences up to which the streams hold nothing of ours any more. Raises DatabaseError, having
        stored nothing of the part that failed.
        """
        fates: Counter[str] = Counter()
        for part in told_apart(messages, self.directory):
            try:
                fates += self._commit(part, floors, now)
            except DirectoryChanged:
                self.forget()
                for again in told_apart(part.messages, self.directory):
                    fates += self._commit(again, floors, now)
        self.bring_latest(wait=False)
        return fates

    def take_or_set_aside(
        self, messages: Sequence[Message], *, floors: Mapping[Place, int], now: Callable[[], datetime]
    ) -> Counter[str]:
        """Store the messages; where that fails, store one by one and set aside those with which it fails.

        What we did not think of is set aside too: otherwise the message would come again for ever, and stop its
        partition in one worker after the other. Raises OperationalError, InterfaceError where the database is away.
        """
        try:
            return self.take(messages, floors=floors, now=now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.warning("a batch was refused", exc_info=True)
            self.forget()
        fates: Counter[str] = Counter()
        for message in messages:
            try:
                fates += self.take([message], floors=floors, now=now())
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                log.exception("a message was refused", extra={"subject": message.subject[:KEPT_DETAIL]})
                self.forget()
                fates += self._refuse(message, floors=floors, now=now(), problem=repr(error))
        return fates

    def _refuse(self, message: Message, *, floors: Mapping[Place, int], now: datetime, problem: str) -> Counter[str]:
        """Put a message that the database, or we ourselves, cannot take into quarantine."""
        part = Part(
            messages=[message],
            batch=no_readings(),
            refusals=[Refusal(message=message, item=0, reason="refused", detail=problem)],
        )
        return self._commit(part, floors, now)

    def forget(self) -> None:
        """Ask the database again which stream is which; what is newest is written down first."""
        self.bring_latest(wait=True)
        self.directory.forget()
        self.latest = Latest(self.directory)
        if self._memory is not None:
            self._memory.forget_ties()

    def take_over(self) -> None:
        """Begin anew with what partitions that are new here have come to: others may have moved it on."""
        self.forget()
        self._memory = None

    def bring_latest(self, *, wait: bool) -> None:
        """Write the latest values down, now (`wait`) or if it is their turn."""
        began = time.monotonic()
        if self.latest.changed and (wait or began >= self._latest_due):
            with transaction.atomic():
                self.latest.write()
            self.latest.written()
            took = time.monotonic() - began
            self._latest_due = began + took / LATEST_SHARE

    def caught_up(self, places: Sequence[Place], at: datetime) -> None:
        """Note that everything sent before `at` is in the database; after a gap, that we listen again since then."""
        self.bring_latest(wait=True)
        listened(places, at)
        if self._memory is not None and time.monotonic() >= self._learn_due:
            self._learn_due = time.monotonic() + LEARN_EVERY_S
            learn_weeks(self._memory, now=at)

    def _commit(self, part: Part, floors: Mapping[Place, int], now: datetime) -> Counter[str]:
        self._make_days(part.batch.at)
        with transaction.atomic():
            if len(part.batch) and hold_directory_version() != self.directory.version:
                raise DirectoryChanged
            self._rules_take = _nothing
            fates, fresh = self._store(part, floors=floors, now=now)
            firmware_written = self._firmware.take(part.firmware)
        firmware_written()
        self._rules_take()
        self.latest.note(fresh)
        return fates

    def _make_days(self, at: NDArray[np.int64]) -> None:
        missing = {moment(day * DAY_US).date() for day in np.unique(at // DAY_US)} - self._days
        if missing:
            make_partitions(sorted(missing))
            self._days |= missing

    def _store(self, part: Part, *, floors: Mapping[Place, int], now: datetime) -> tuple[Counter[str], Batch]:
        again = come_again(part.messages)
        batch, refusals = part.batch, part.refusals
        if again.any():
            batch = batch.take(~again[batch.message])
            passed = {id(part.messages[number]) for number in np.flatnonzero(again)}
            refusals = [refusal for refusal in refusals if id(refusal.message) not in passed]
        fates: Counter[str] = Counter({"redelivered": int(again.sum())})
        fresh, stored, conflicts = self._readings(batch, part.messages)
        hand_up_all(batch, self.directory)
        fates["stored"] = stored
        fates["repeated"] = len(batch) - stored - len(conflicts)
        refusals = refusals + conflicts
        if len(fresh):
            self._rules_take = settle(self._rules(), self._arrays(fresh), now=now)
        fates.update(refusal.reason for refusal in refusals)
        _quarantine(refusals)
        fates = +fates
        count_fates(fates, now)
        advance(part.messages, floors, newest_from=moment(int(fresh.at.min())) if len(fresh) else None)
        return fates, fresh

    def _readings(self, batch: Batch, messages: Sequence[Message]) -> tuple[Batch, int, list[Refusal]]:
        """Store the readings; return those newer than what their stream had said (by stream and time), how many rows
        are new, and those that differ from what stands.
        """
        slots = self.directory.slots
        order = np.lexsort((batch.item, batch.message, batch.at, slots.datastream[batch.slot]))
        batch = batch.take(order)
        if not len(batch):
            return batch, 0, []
        repeated = np.zeros(len(batch), dtype=bool)
        repeated[1:] = (batch.slot[1:] == batch.slot[:-1]) & (batch.at[1:] == batch.at[:-1])
        newest = slots.newest_at[batch.slot]
        newer = (batch.at > newest) & ~repeated
        batch.quality[(batch.at < newest) & (newest != NEVER)] |= Quality.OUT_OF_ORDER
        _mark_gaps(batch, newer, slots.silent_us[batch.slot], newest)
        fresh = batch.take(newer)
        try:
            with transaction.atomic():
                copy_new(fresh, slots.datastream[fresh.slot])
        except IntegrityError:
            # The memory was behind: somebody else stored some of these, or we did before we were killed.
            newer[:] = False
        rest = batch.take(~newer)
        if not len(rest):
            return fresh, len(fresh), []
        stage(rest, slots.datastream[rest.slot])
        stored, differing = insert_staged(len(rest))
        conflicts = [
            refusal_of(
                messages[rest.message[number]], rest, number, reason="conflict",
                detail=f"{moment(int(rest.at[number])).isoformat()} is stored as {code if value is None else value}",
                directory=self.directory,
            )
            for number, value, code in differing
        ]  # fmt: skip
        return fresh, stored + int(newer.sum()), conflicts

    def _rules(self) -> RuleMemory:
        if self._memory is None or self._memory.catalogue is not catalogue.current():
            self._memory, self._learn_due = RuleMemory(), 0.0
        return self._memory

    def _arrays(self, fresh: Batch) -> Arrays:
        return Arrays(
            datastream=self.directory.slots.datastream[fresh.slot], at=fresh.at, value=fresh.value, code=fresh.code,
            quality=fresh.quality, heard_at=np.minimum(fresh.at, fresh.received),
        )  # fmt: skip


def _nothing() -> None:
    """Nothing was judged."""


def _mark_gaps(batch: Batch, newer: NDArray[np.bool_], silent_us: NDArray[np.int64], newest: NDArray[np.int64]) -> None:
    """Mark each first reading after a silence longer than its stream's limit; the batch is by stream and time."""
    before = newest.copy()
    same = batch.slot[1:] == batch.slot[:-1]
    before[1:][same] = np.maximum(before[1:][same], batch.at[:-1][same])
    gap = newer & (before != NEVER)
    gap[gap] = batch.at[gap] - before[gap] > silent_us[gap]
    batch.quality[gap] |= Quality.AFTER_GAP


def _quarantine(refusals: Sequence[Refusal]) -> None:
    Quarantine.objects.bulk_create(
        [
            Quarantine(
                consumer=refusal.message.place.consumer,
                stream_created=refusal.message.place.stream_created,
                stream_sequence=refusal.message.sequence,
                item=refusal.item,
                reason=refusal.reason,
                detail=_text(refusal.detail, KEPT_DETAIL),
                subject=_text(refusal.message.subject, LONGEST_NAME),
                name=_text(refusal.name, LONGEST_NAME),
                payload=said[:KEPT_PAYLOAD],
                whole=len(said) <= KEPT_PAYLOAD and _text(refusal.name, LONGEST_NAME) == refusal.name,
                area_path=refusal.area_path,
                unit_code=refusal.unit_code,
                received_at=refusal.message.stored_at,
            )
            for refusal in refusals
            for said in (refusal.payload or refusal.message.payload,)
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def _text(said: str, most: int) -> str:
    """Return text that the database takes, no longer than that."""
    return said[:most].replace("\x00", "\ufffd")


def count_fates(fates: Mapping[str, int], now: datetime) -> None:
    """Count readings that met their fate, in the caller's transaction."""
    with connection.cursor() as cursor:
        for fate, count in sorted(fates.items()):
            cursor.execute(
                """
                INSERT INTO readings_ingestcount (fate, count, last_at) VALUES (%s, %s, %s)
                ON CONFLICT (fate) DO UPDATE SET count = readings_ingestcount.count + EXCLUDED.count,
                                                 last_at = EXCLUDED.last_at
                """,
                [fate, count, now],
            )
