"""What must stand before a device may connect: the streams of messages, and our places in them.

The MQTT server acknowledges a QoS 1 message once it lies in its own stream `$MQTT_msgs`. Messages sent with QoS 0 are
not stored there: devices use QoS 1. What comes over NATS and HTTP lies in the stream `FEED`, which refuses what it
cannot hold, so that whoever sends is told. Both keep a message until we cut off what everybody has acknowledged: a
stream that drops each message by itself brings every drop to the disk, which costs as much as the message did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from xiuhua.kernel.errors import Unavailable
from xiuhua.readings.topics import MQTT
from xiuhua.stack.nats_address import nats_address, replicas
from xiuhua.stack.subjects import FEED, GATEWAY, PARTITIONS, ROOT

MQTT_STREAM = "$MQTT_msgs"
FEED_STREAM = "FEED"
ACK_WAIT_SECONDS = 5
MOST_UNACKNOWLEDGED = 50_000
# The one consumer of sites that were made before there were partitions.
FORMER_CONSUMER = "ingest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumer:
    """One of our consumers: of which stream, which partition, and the subjects it wants."""

    stream: str
    name: str
    partition: int
    subjects: tuple[str, ...]


def _consumers(partition: int) -> tuple[Consumer, ...]:
    of_devices = [f"{MQTT}in.{partition}.>"]
    if partition == 0:
        # What an MQTT server without our mapping of subjects keeps lies under the topic itself.
        of_devices += [f"{MQTT}{ROOT}.>", f"{MQTT}{GATEWAY}.>"]
    return (
        Consumer(stream=MQTT_STREAM, name=f"devices-{partition}", partition=partition, subjects=tuple(of_devices)),
        Consumer(stream=FEED_STREAM, name=f"feed-{partition}", partition=partition, subjects=(f"{FEED}{partition}.>",)),
    )


CONSUMERS = tuple(consumer for partition in range(PARTITIONS) for consumer in _consumers(partition))


def prepare(nats_url: str) -> None:
    """Make the streams and the consumers where they are missing; raises Unavailable("readings.nats_away")."""
    asyncio.run(_prepare(nats_url))


async def _prepare(nats_url: str) -> None:
    try:
        client = await connect(nats_url, error_cb=quiet)
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise Unavailable("readings.nats_away", problem=type(error).__name__) from error
    try:
        await make_places(client, replicas(nats_url))
    except (TimeoutError, nats.errors.Error) as error:
        raise Unavailable("readings.nats_away", problem=str(error)) from error
    finally:
        await client.close()


async def connect(
    nats_url: str,
    *,
    error_cb: Callable[[Exception], Awaitable[None]],
    disconnected_cb: Callable[[], Awaitable[None]] | None = None,
) -> Client:
    """Return a connection that gives up within seconds while the server is away; raises OSError, nats.errors.Error."""
    client: Client = await nats.connect(
        **nats_address(nats_url),
        connect_timeout=3,
        max_reconnect_attempts=2,
        reconnect_time_wait=0.5,
        error_cb=error_cb,
        disconnected_cb=disconnected_cb,
    )
    return client


async def make_places(client: Client, replicas: int) -> None:
    """Make the streams and the consumers where they are missing; each message is kept by that many nodes.

    The server makes the stream of MQTT at the first session if it is not there, to drop messages one by one; then it is
    changed.
    """
    streams = client.jetstream()
    await _make_stream(
        streams,
        StreamConfig(
            name=MQTT_STREAM,
            subjects=[f"{MQTT}>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            num_replicas=replicas,
        ),
    )
    await _make_stream(
        streams,
        StreamConfig(
            name=FEED_STREAM,
            subjects=[f"{FEED}>"],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            num_replicas=replicas,
        ),
    )
    for consumer in CONSUMERS:
        await streams.add_consumer(
            consumer.stream,
            ConsumerConfig(
                durable_name=consumer.name,
                filter_subjects=list(consumer.subjects),
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT_SECONDS,
                max_ack_pending=MOST_UNACKNOWLEDGED,
            ),
        )
    try:
        await streams.delete_consumer(MQTT_STREAM, FORMER_CONSUMER)
    except NotFoundError:
        return


async def _make_stream(streams: JetStreamContext, config: StreamConfig) -> None:
    try:
        stands = await streams.stream_info(str(config.name))
    except NotFoundError:
        await streams.add_stream(config)
        return
    if (stands.config.retention, stands.config.num_replicas) != (config.retention, config.num_replicas):
        await streams.update_stream(stands.config.evolve(retention=config.retention, num_replicas=config.num_replicas))


async def cut_off(streams: JetStreamContext, name: str) -> None:
    """Delete from the front of a stream what every consumer has acknowledged."""
    last: int = (await streams.stream_info(name)).state.last_seq
    floor = last
    for seen in await streams.consumers_info(name):
        if seen.num_pending or seen.num_ack_pending:
            floor = min(floor, seen.ack_floor.stream_seq if seen.ack_floor else 0)
    if floor:
        await streams.purge_stream(name, seq=floor + 1)


async def quiet(error: Exception) -> None:
    """Leave the report to whoever called: the error is raised as well."""
