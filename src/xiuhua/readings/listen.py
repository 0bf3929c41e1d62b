"""What must stand before a device may connect: the server's stream of MQTT messages, and our place in it.

The MQTT server acknowledges a QoS 1 message once it lies in its own stream `$MQTT_msgs`. That stream keeps a message
only as long as a consumer still wants it, so ours is made first and never deleted. Messages sent with QoS 0 are not
stored there: devices use QoS 1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import nats
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from xiuhua.kernel.errors import Unavailable
from xiuhua.readings.topics import STORED
from xiuhua.stack.nats_address import nats_address

STREAM = "$MQTT_msgs"
CONSUMER = "ingest"
ACK_WAIT_SECONDS = 5
MOST_UNACKNOWLEDGED = 50_000


def prepare(nats_url: str) -> None:
    """Make the stream and the consumer where they are missing; raises Unavailable("readings.nats_away")."""
    asyncio.run(_prepare(nats_url))


async def _prepare(nats_url: str) -> None:
    try:
        client = await connect(nats_url, error_cb=_quiet)
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise Unavailable("readings.nats_away", problem=type(error).__name__) from error
    try:
        await make_places(client)
    except (TimeoutError, nats.errors.Error) as error:
        raise Unavailable("readings.nats_away", problem=str(error)) from error
    finally:
        await client.close()


async def connect(nats_url: str, *, error_cb: Callable[[Exception], Awaitable[None]]) -> Client:
    """Return a connection that gives up within seconds while the server is away; raises OSError, nats.errors.Error."""
    client: Client = await nats.connect(
        **nats_address(nats_url),
        connect_timeout=3,
        max_reconnect_attempts=2,
        reconnect_time_wait=0.5,
        error_cb=error_cb,
    )
    return client


async def make_places(client: Client) -> None:
    """Make the stream and the consumer where they are missing.

    The stream is made exactly as the server itself makes it at the first MQTT session, so it takes ours for its own.
    """
    streams = client.jetstream()
    try:
        await streams.stream_info(STREAM)
    except NotFoundError:
        await streams.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=["$MQTT.msgs.>"],
                retention=RetentionPolicy.INTEREST,
                storage=StorageType.FILE,
                num_replicas=1,
            )
        )
    await streams.add_consumer(
        STREAM,
        ConsumerConfig(
            durable_name=CONSUMER,
            filter_subject=STORED + ">",
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=ACK_WAIT_SECONDS,
            max_ack_pending=MOST_UNACKNOWLEDGED,
        ),
    )


async def _quiet(error: Exception) -> None:
    """Leave the report to whoever called: the error is raised as well."""
