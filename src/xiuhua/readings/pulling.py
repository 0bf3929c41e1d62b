"""Messages of one consumer, asked for as long as there is room and kept until they are stored."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime

from nats.aio.client import Client
from nats.aio.msg import Msg

from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.listen import Consumer

ASK_MESSAGES = 2000
ASK_BYTES = 2 * 1024 * 1024
MOST_WAITING = 4000
MOST_WAITING_BYTES = 4 * 1024 * 1024
EXPIRES_SECONDS = 2.0


class Pull:
    """What one consumer was given and has not yet handed on; `arrived` is set with each message."""

    def __init__(self, client: Client, consumer: Consumer, place: Place, arrived: asyncio.Event) -> None:
        self.consumer = consumer
        self.place = place
        self.seen = False
        self._client = client
        self._arrived = arrived
        self._waiting: deque[Msg] = deque()
        self._bytes = 0
        self._inbox = client.new_inbox()
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.name}"
        self._asked_until = 0.0
        self._left = 0

    async def begin(self) -> None:
        """Listen for what will be given."""
        self._subscription = await self._client.subscribe(
            self._inbox, cb=self._take, pending_msgs_limit=4 * ASK_MESSAGES, pending_bytes_limit=0
        )

    async def end(self) -> None:
        """Listen no more; what was not handed on comes again to whoever asks next."""
        await self._subscription.unsubscribe()

    async def ask(self) -> None:
        """Ask for more, if the last request is over and there is room."""
        now = asyncio.get_running_loop().time()
        if now < self._asked_until or len(self._waiting) >= MOST_WAITING or self._bytes >= MOST_WAITING_BYTES:
            return
        self._left = ASK_MESSAGES
        # Should the server's word that a request is over be lost, the next one is made a little later.
        self._asked_until = now + EXPIRES_SECONDS + 1.0
        request = {"batch": ASK_MESSAGES, "max_bytes": ASK_BYTES, "expires": int(EXPIRES_SECONDS * 1e9)}
        await self._client.publish(self._subject, json.dumps(request).encode(), reply=self._inbox)

    @property
    def count(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting)

    @property
    def size(self) -> int:
        """Return how many bytes they are."""
        return self._bytes

    def hand_on(self, most: int) -> list[Msg]:
        """Return up to so many of the messages that wait."""
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
    # $JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<of the consumer>.<ns since 1970>.<waiting>; with a domain two
    # parts more behind $JS.ACK.
    parts = given.reply.split(".")
    shift = 0 if len(parts) == 9 else 2
    return Message(
        subject=given.subject,
        payload=given.data,
        sequence=int(parts[5 + shift]),
        stored_at=datetime.fromtimestamp(int(parts[7 + shift]) // 1000 / 1_000_000, UTC),
        place=place,
    )
