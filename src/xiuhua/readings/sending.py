"""Messages into the feed from a process that serves people: one connection, its own thread, an answer once they lie."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import TimeoutError as WaitedTooLong

from nats.aio.client import Client
from nats.errors import Error as NatsError

from xiuhua.kernel.errors import Unavailable
from xiuhua.readings.listen import FEED_STREAM, connect, quiet

WITHIN_S = 30.0


class Sender:
    """Keeps a connection to the message server on an event loop of its own."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._url = ""

    def send(self, nats_url: str, messages: Sequence[tuple[str, bytes]]) -> None:
        """Put messages (subject, payload) into the feed; returns once all of them are kept there. Raises
        Unavailable("readings.nats_away") if the server is away or has no room: then some may lie there all the same,
        and sending them again does no harm.
        """
        with self._guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="sender", daemon=True).start()
        work = asyncio.run_coroutine_threadsafe(self._publish(nats_url, messages), self._loop)
        try:
            work.result(WITHIN_S)
        except (OSError, TimeoutError, WaitedTooLong, NatsError) as error:
            work.cancel()
            raise Unavailable("readings.nats_away", problem=type(error).__name__) from error

    async def _publish(self, nats_url: str, messages: Sequence[tuple[str, bytes]]) -> None:
        if self._client is None or self._client.is_closed or self._url != nats_url:
            self._client, self._url = await connect(nats_url, error_cb=quiet), nats_url
        streams = self._client.jetstream()
        await asyncio.gather(
            *(streams.publish(subject, payload, stream=FEED_STREAM, timeout=WITHIN_S) for subject, payload in messages)
        )


sender = Sender()
