"""Messages of one consumer, asked for as long as there is room and kept until they are stored."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.listen import ACK_WAIT_SECONDS, Consumer

ASK_MESSAGES = 2000
ASK_BYTES = 2 * 1024 * 1024
MOST_WAITING = 4000
MOST_WAITING_BYTES = 4 * 1024 * 1024
EXPIRES_SECONDS = 2.0
LOOK_SECONDS = 0.25
HANDED_OVER_SECONDS = 0.5


class Pull:
    """What one consumer was given and has not yet handed on; `arrived` is set with each message.

    What somebody else was given before and has not acknowledged comes again after a while. Until all of that is here,
    nothing is handed on: newer readings would pass it, and rules judge none that is older than the newest.
    """

    def __init__(self, client: Client, consumer: Consumer, place: Place, arrived: asyncio.Event) -> None:
        self.consumer = consumer
        self.place = place
        self.settled = False
        self._client = client
        self._arrived = arrived
        self._waiting: deque[Msg] = deque()
        self._bytes = 0
        self._inbox = client.new_inbox()
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}"
        self._asked_until = 0.0
        self._left = 0
        self._owed: int | None = None
        self._last_given = 0
        self._began = self._until = self._look_at = 0.0

    async def begin(self) -> None:
        """Listen for what will be given."""
        self._subscription = await self._client.subscribe(
            self._inbox, cb=self._take, pending_msgs_limit=4 * ASK_MESSAGES, pending_bytes_limit=0
        )
        self._began = asyncio.get_running_loop().time()

    async def end(self) -> None:
        """Listen no more; what was not handed on is given back, and comes at once to whoever asks next."""
        await self._subscription.unsubscribe()
        for message in self._waiting:
            await self._client.publish(message.reply, b"-NAK")

    async def settle(self, streams: JetStreamContext) -> None:
        """See whether all that was given before is here; asks for nothing until it is due to come again."""
        now = asyncio.get_running_loop().time()
        if self.settled or now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        if now < self._began + HANDED_OVER_SECONDS:
            # Whoever had the partition until now may be given something in the instant before it stops asking.
            return
        if self._owed is None:
            seen = await streams.consumer_info(self.consumer.stream, self.consumer.name)
            if seen.num_ack_pending and now < self._began + ACK_WAIT_SECONDS + LOOK_SECONDS:
                return
            self._owed, self._until = seen.num_ack_pending or 0, now + ACK_WAIT_SECONDS
            self._last_given = seen.delivered.stream_seq if seen.delivered else 0
        # What was never given to anybody comes beside it and does not count.
        here = sum(sequence_of(one) <= self._last_given for one in self._waiting) if self._owed else 0
        if here >= self._owed or now > self._until:
            self._waiting = deque(sorted(self._waiting, key=sequence_of))
            self.settled = True

    async def ask(self) -> None:
        """Ask for more, if the last request is over and there is room."""
        now = asyncio.get_running_loop().time()
        full = len(self._waiting) >= MOST_WAITING or self._bytes >= MOST_WAITING_BYTES
        if self._owed is None or now < self._asked_until or (full and self.settled):
            return
        self._left = ASK_MESSAGES
        # Should the server's word that a request is over be lost, the next one is made a little later.
        self._asked_until = now + EXPIRES_SECONDS + 1.0
        request = {"batch": ASK_MESSAGES, "max_bytes": ASK_BYTES, "expires": int(EXPIRES_SECONDS * 1e9)}
        await self._client.publish(self._subject, json.dumps(request).encode(), reply=self._inbox)

    @property
    def count(self) -> int:
        """Return how many messages wait and may be handed on."""
        return len(self._waiting) if self.settled else 0

    @property
    def size(self) -> int:
        """Return how many bytes they are."""
        return self._bytes if self.settled else 0

    def hand_on(self, most: int) -> list[Msg]:
        """Return up to so many of the messages that wait, none before all is here that was given before."""
        if not self.settled:
            return []
        handed = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        self._bytes -= sum(len(message.data) for message in handed)
        return handed

    def waiting(self) -> list[Msg]:
        """Return what waits."""
        return list(self._waiting)

    async def _take(self, message: Msg) -> None:
        if not message.reply:
            # No message but the server's word that the request is over.
            self._asked_until = 0.0
        else:
            self._waiting.append(message)
            self._bytes += len(message.data)
            self._left -= 1
            if self._left <= 0:
                self._asked_until = 0.0
        self._arrived.set()


def message_of(given: Msg, place: Place) -> Message:
    """Return what the server gave us as a message of ours: its reply subject says where it stands and since when."""
    return Message(
        subject=given.subject,
        payload=given.data,
        sequence=sequence_of(given),
        stored_at=datetime.fromtimestamp(int(_tail(given)[2]) // 1000 / 1_000_000, UTC),
        place=place,
    )


def sequence_of(given: Msg) -> int:
    """Return the sequence in its stream of what the server gave us."""
    return int(_tail(given)[0])


def _tail(given: Msg) -> list[str]:
    # $JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<of the consumer>.<ns since 1970>.<waiting>; with a domain two
    # parts more behind $JS.ACK.
    parts = given.reply.split(".")
    return parts[5 if len(parts) == 9 else 7 :]
