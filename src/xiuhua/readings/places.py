"""How far each consumer of messages has come, written in the transaction that stores what it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.readings.gathering import Message, Place

LONGEST_GAP_SECONDS = 30


def listened(places: Sequence[Place], at: datetime) -> None:
    """Note that everything sent there before `at` is in the database; after a gap, that we listen again since then."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO readings_position (consumer, stream_created, stream_sequence, listening_since, caught_up_at)
            SELECT p.consumer, p.created, 0, %(at)s, %(at)s
            FROM unnest(%(consumers)s::text[], %(created)s::timestamptz[]) AS p (consumer, created)
            ON CONFLICT (consumer) DO UPDATE SET
                listening_since = CASE WHEN readings_position.caught_up_at < %(at)s - %(gap)s * interval '1 second'
                                       THEN %(at)s ELSE readings_position.listening_since END,
                caught_up_at = %(at)s,
                newest_from = NULL
            """,
            {
                "consumers": [place.consumer for place in places],
                "created": [place.stream_created for place in places],
                "at": at,
                "gap": LONGEST_GAP_SECONDS,
            },
        )


def come_again(messages: Sequence[Message]) -> NDArray[np.bool_]:
    """Return which messages were committed before; keeps their places for this transaction."""
    again = np.zeros(len(messages), dtype=bool)
    for place, numbers in _by_place(messages):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO readings_position (consumer, stream_created, stream_sequence) VALUES (%s, %s, 0)
                ON CONFLICT (consumer) DO UPDATE SET
                    stream_created = EXCLUDED.stream_created,
                    stream_sequence = CASE WHEN readings_position.stream_created = EXCLUDED.stream_created
                                           THEN readings_position.stream_sequence ELSE 0 END,
                    stored_at = CASE WHEN readings_position.stream_created = EXCLUDED.stream_created
                                     THEN readings_position.stored_at END,
                    committed = CASE WHEN readings_position.stream_created = EXCLUDED.stream_created
                                     THEN readings_position.committed ELSE '{}' END
                RETURNING stored_at, ARRAY(SELECT s FROM unnest(%s::bigint[]) AS s
                                           WHERE s <@ readings_position.committed)
                """,
                [place.consumer, place.stream_created, [messages[number].sequence for number in numbers]],
            )
            stored_at, found = cursor.fetchone()
        committed = frozenset(found)
        for number in numbers:
            message = messages[number]
            again[number] = stored_at is not None and message.sequence in committed and message.stored_at <= stored_at
    return again


def advance(messages: Sequence[Message], floors: Mapping[Place, int], *, newest_from: datetime | None) -> None:
    """Note the messages as committed; `newest_from` is the earliest reading whose latest value is not written yet."""
    for place, numbers in _by_place(messages):
        with connection.cursor() as cursor:
            cursor.execute(
                """
                UPDATE readings_position SET
                    stream_sequence = GREATEST(stream_sequence, %s),
                    stored_at = GREATEST(stored_at, %s),
                    newest_from = LEAST(newest_from, %s),
                    committed = (committed + %s::int8multirange)
                                * int8multirange(int8range(%s, NULL))
                WHERE consumer = %s
                """,
                [
                    max(messages[number].sequence for number in numbers),
                    max(messages[number].stored_at for number in numbers),
                    newest_from,
                    _ranges(sorted(messages[number].sequence for number in numbers)),
                    floors.get(place, 0) + 1,
                    place.consumer,
                ],
            )


def _by_place(messages: Sequence[Message]) -> Iterator[tuple[Place, list[int]]]:
    places: dict[Place, list[int]] = {}
    for number, message in enumerate(messages):
        places.setdefault(message.place, []).append(number)
    # In one order everywhere, so that two workers never wait for each other.
    yield from sorted(places.items(), key=lambda one: one[0].consumer)


def _ranges(sequences: Sequence[int]) -> str:
    """Return sorted numbers as the text of a multirange."""
    runs: list[list[int]] = []
    for sequence in sequences:
        if runs and sequence <= runs[-1][1]:
            runs[-1][1] = sequence + 1
        else:
            runs.append([sequence, sequence + 1])
    return "{" + ",".join(f"[{start},{end})" for start, end in runs) + "}"
