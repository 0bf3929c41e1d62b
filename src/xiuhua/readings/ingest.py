"""From messages to rows: readings, latest values, alarms and the stream position in one transaction.

A message that was committed but not acknowledged comes again; it is known by its sequence and passed over. The same
reading sent twice is known by (datastream, at): the first one stands, another value for it is kept in quarantine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from xiuhua.kernel.streams import Reports
from xiuhua.readings.alarms import settle
from xiuhua.readings.datastreams import Directory, Known
from xiuhua.readings.decode import Report, Unreadable, reports_in
from xiuhua.readings.models import Quarantine
from xiuhua.readings.partitions import make_partitions
from xiuhua.readings.rules import Newest
from xiuhua.readings.topics import Address, address_of

AHEAD_MOST = timedelta(minutes=10)
AGE_MOST = timedelta(days=400)
LONGEST_GAP_SECONDS = 30
READINGS_AT_ONCE = 50_000
KEPT_PAYLOAD = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One stored message: its sequence in the stream and when the stream stored it."""

    subject: str
    payload: bytes
    sequence: int
    stored_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Which stream is read, and as which consumer; a stream made anew counts its sequences anew."""

    consumer: str
    stream_created: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A reading whose datastream is known."""

    datastream: Known
    at: datetime
    value: float | None
    code: str
    message: Message
    item: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A reading, or a whole message, that cannot be taken."""

    message: Message
    item: int
    reason: str
    detail: str


@dataclass(kw_only=True, slots=True)
class Part:
    """Messages told apart into what can be stored and what cannot."""

    messages: list[Message] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


class Ingest:
    """Takes batches of messages into the database; remembers datastreams and the partitions that stand."""

    def __init__(self, place: Place) -> None:
        self.directory = Directory()
        self._place = place
        self._days: set[date] = set()

    def take(self, messages: Sequence[Message], *, floor: int, now: datetime) -> Counter[str]:
        """Store the messages and return how many readings met which fate. All of them are committed once it returns.

        `floor` is the sequence up to which the stream holds nothing of ours any more. Raises DatabaseError, having
        stored nothing of the part that failed.
        """
        fates: Counter[str] = Counter()
        for part in self._told_apart(messages):
            self._make_days({reading.at.date() for reading in part.readings})
            with transaction.atomic():
                fates += self._store(part, floor=floor, now=now)
        return fates

    def refuse(self, message: Message, *, floor: int, now: datetime, problem: str) -> Counter[str]:
        """Put a message that the database itself will not take into quarantine."""
        part = Part(messages=[message], refusals=[Refusal(message=message, item=0, reason="refused", detail=problem)])
        with transaction.atomic():
            return self._store(part, floor=floor, now=now)

    def caught_up(self, at: datetime) -> None:
        """Note that everything sent before `at` is in the database; after a gap, that we listen again since then."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO readings_position (consumer, stream_created, stream_sequence, listening_since, caught_up_at)
                VALUES (%(consumer)s, %(created)s, 0, %(at)s, %(at)s)
                ON CONFLICT (consumer) DO UPDATE SET
                    listening_since = CASE WHEN readings_position.caught_up_at < %(at)s - %(gap)s * interval '1 second'
                                           THEN %(at)s ELSE readings_position.listening_since END,
                    caught_up_at = %(at)s
                """,
                {
                    "consumer": self._place.consumer,
                    "created": self._place.stream_created,
                    "at": at,
                    "gap": LONGEST_GAP_SECONDS,
                },
            )

    def _told_apart(self, messages: Sequence[Message]) -> Iterator[Part]:
        decoded = [(message, address_of(message.subject), reports_in(message.payload)) for message in messages]
        addresses = {address for _, address, _ in decoded if address is not None}
        known = self.directory.find(addresses)
        part = Part()
        for message, address, reports in decoded:
            if part.messages and len(part.readings) + len(reports) > READINGS_AT_ONCE:
                yield part
                part = Part()
            part.messages.append(message)
            if address is None:
                part.refusals.append(Refusal(message=message, item=0, reason="topic", detail=""))
                continue
            for item, report in enumerate(reports):
                judged = _judged(message, item, report, address, known)
                if isinstance(judged, Reading):
                    part.readings.append(judged)
                else:
                    part.refusals.append(judged)
        if part.messages:
            yield part

    def _make_days(self, days: set[date]) -> None:
        missing = days - self._days
        if missing:
            make_partitions(sorted(missing))
            self._days |= missing

    def _store(self, part: Part, *, floor: int, now: datetime) -> Counter[str]:
        again = self._come_again(part.messages)
        readings = [reading for reading in part.readings if reading.message.sequence not in again]
        refusals = [refusal for refusal in part.refusals if refusal.message.sequence not in again]
        fates: Counter[str] = Counter({"redelivered": len(again)})
        if readings:
            _stage(readings)
            stored, conflicts = _insert(readings)
            fates["stored"] = stored
            fates["repeated"] = len(readings) - stored - len(conflicts)
            refusals += conflicts
            settle(_newest(), now=now)
        fates.update(refusal.reason for refusal in refusals)
        self._quarantine(refusals)
        fates = +fates
        _count(fates, now)
        self._advance(part.messages, floor)
        return fates

    def _come_again(self, messages: Sequence[Message]) -> frozenset[int]:
        """Lock our position and return the sequences that are in the database already.

        A stream restored from an older copy gives old sequences to new messages; those were stored later.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO readings_position (consumer, stream_created, stream_sequence) VALUES (%s, %s, 0)
                ON CONFLICT (consumer) DO UPDATE SET
                    stream_sequence = CASE WHEN readings_position.stream_created = EXCLUDED.stream_created
                                           THEN readings_position.stream_sequence ELSE 0 END,
                    committed = CASE WHEN readings_position.stream_created = EXCLUDED.stream_created
                                     THEN readings_position.committed ELSE '{}' END,
                    stream_created = EXCLUDED.stream_created
                RETURNING stored_at, ARRAY(SELECT s FROM unnest(%s::bigint[]) AS s
                                           WHERE s <@ readings_position.committed)
                """,
                [self._place.consumer, self._place.stream_created, [message.sequence for message in messages]],
            )
            stored_at, committed = cursor.fetchone()
        return frozenset(
            message.sequence
            for message in messages
            if stored_at is not None and message.sequence in committed and message.stored_at <= stored_at
        )

    def _advance(self, messages: Sequence[Message], floor: int) -> None:
        newest = max(messages, key=lambda message: message.stored_at)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE readings_position SET
                    stream_sequence = GREATEST(stream_sequence, %s),
                    stored_at = GREATEST(stored_at, %s),
                    committed = (committed + %s::int8multirange)
                                * int8multirange(int8range(%s, NULL))
                WHERE consumer = %s
                """,
                [
                    max(message.sequence for message in messages),
                    newest.stored_at,
                    _ranges(sorted(message.sequence for message in messages)),
                    floor + 1,
                    self._place.consumer,
                ],
            )

    def _quarantine(self, refusals: Sequence[Refusal]) -> None:
        Quarantine.objects.bulk_create(
            [
                Quarantine(
                    consumer=self._place.consumer,
                    stream_created=self._place.stream_created,
                    stream_sequence=refusal.message.sequence,
                    item=refusal.item,
                    reason=refusal.reason,
                    detail=refusal.detail,
                    subject=refusal.message.subject,
                    payload=refusal.message.payload[:KEPT_PAYLOAD],
                    received_at=refusal.message.stored_at,
                )
                for refusal in refusals
            ],
            ignore_conflicts=True,
            batch_size=5000,
        )


def _judged(
    message: Message, item: int, report: Report | Unreadable, address: Address, known: Mapping[Address, Known | str]
) -> Reading | Refusal:
    datastream = known[address]
    if isinstance(datastream, str):
        return Refusal(message=message, item=item, reason=datastream, detail=f"{address.type} {address.code}")
    if isinstance(report, Unreadable):
        return Refusal(message=message, item=item, reason=report.reason, detail=report.detail)
    if (datastream.reports is Reports.NUMBER) != (report.value is not None):
        return Refusal(message=message, item=item, reason="value", detail=f"the stream reports a {datastream.reports}")
    if not message.stored_at - AGE_MOST <= report.at <= message.stored_at + AHEAD_MOST:
        return Refusal(message=message, item=item, reason="clock", detail=report.at.isoformat())
    return Reading(
        datastream=datastream, at=report.at, value=report.value, code=report.code, message=message, item=item
    )


def _stage(readings: Sequence[Reading]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS readings_staged (
                n integer, datastream_id integer, at timestamptz, value double precision, code text,
                received_at timestamptz, silent_at timestamptz
            ) ON COMMIT DELETE ROWS
            """
        )
        cursor.execute("DELETE FROM readings_staged")
        with cursor.copy("COPY readings_staged FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "int4", "timestamptz", "float8", "text", "timestamptz", "timestamptz"])
            for number, reading in enumerate(readings):
                received_at = reading.message.stored_at
                silent_at = min(reading.at, received_at) + timedelta(seconds=reading.datastream.silent_after_s)
                copy.write_row(
                    (number, reading.datastream.id, reading.at, reading.value, reading.code, received_at, silent_at)
                )


def _insert(readings: Sequence[Reading]) -> tuple[int, list[Refusal]]:
    """Insert what is staged; return how many rows are new and the readings that differ from what stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_reading (datastream_id, at, value, code, received_at)
            SELECT datastream_id, at, value, code, received_at FROM readings_staged ORDER BY datastream_id, at, n
            ON CONFLICT (datastream_id, at) DO NOTHING
            """
        )
        stored: int = cursor.rowcount
        if stored == len(readings):
            return stored, []
        cursor.execute(
            """
            SELECT s.n, r.value, r.code FROM readings_staged s JOIN readings_reading r USING (datastream_id, at)
            WHERE (s.value, s.code) IS DISTINCT FROM (r.value, r.code)
            """
        )
        conflicts = [
            Refusal(
                message=readings[number].message,
                item=readings[number].item,
                reason="conflict",
                detail=f"{readings[number].at.isoformat()} is stored as {code if value is None else value}",
            )
            for number, value, code in cursor.fetchall()
        ]
    return stored, conflicts


def _newest() -> list[Newest]:
    """Bring the latest values up to what is staged and return those that changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH changed AS (
                INSERT INTO readings_latest (datastream_id, at, value, code, quality, received_at, silent_at)
                SELECT DISTINCT ON (datastream_id) datastream_id, at, value, code, 0, received_at, silent_at
                FROM readings_staged ORDER BY datastream_id, at DESC, n
                ON CONFLICT (datastream_id) DO UPDATE SET
                    at = EXCLUDED.at, value = EXCLUDED.value, code = EXCLUDED.code, quality = EXCLUDED.quality,
                    received_at = EXCLUDED.received_at, silent_at = EXCLUDED.silent_at
                WHERE EXCLUDED.at > readings_latest.at
                RETURNING datastream_id, at, value, code, silent_at
            )
            SELECT d.id, d.stream, d.object_id, c.at, c.value, c.code, c.silent_at
            FROM changed c JOIN readings_datastream d ON d.id = c.datastream_id
            """
        )
        return [
            Newest(
                datastream_id=row[0], stream=row[1], object_id=row[2], at=row[3], value=row[4], code=row[5],
                silent_at=row[6],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def _count(fates: Mapping[str, int], now: datetime) -> None:
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


def _ranges(sequences: Sequence[int]) -> str:
    """Return sorted numbers as the text of a multirange."""
    runs: list[list[int]] = []
    for sequence in sequences:
        if runs and sequence <= runs[-1][1]:
            runs[-1][1] = sequence + 1
        else:
            runs.append([sequence, sequence + 1])
    return "{" + ",".join(f"[{start},{end})" for start, end in runs) + "}"
