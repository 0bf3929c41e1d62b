"""Whoever takes a partition over hands nothing on before all is here that somebody else was given and did not store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nats
import pytest

from xiuhua.readings.gathering import Place
from xiuhua.readings.listen import ACK_WAIT_SECONDS, CONSUMERS, FEED_STREAM
from xiuhua.readings.pulling import Pull, sequence_of
from xiuhua.readings.tests.trial import Servers

pytestmark = pytest.mark.django_db(transaction=True)
FEED = next(one for one in CONSUMERS if one.stream == FEED_STREAM and one.partition == 0)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    started = Servers(data=tmp_path / "data")
    started.start_nats()
    try:
        yield started
    finally:
        started.stop()


async def taken_over(servers: Servers) -> list[int]:
    """Let somebody be given three messages and hold on to them for a while; return what the next one hands on when five
    newer ones lie there too.
    """
    client = await nats.connect(servers.nats.url)
    streams = client.jetstream()
    for number in range(3):
        await streams.publish("feed.0.city.a", str(number).encode())
    slow = await streams.pull_subscribe_bind(FEED.name, FEED.stream)
    given = await slow.fetch(3, timeout=5)

    async def hold_on() -> None:
        for _ in range(2):
            await asyncio.sleep(ACK_WAIT_SECONDS / 3)
            for message in given:
                await message.in_progress()

    holding = asyncio.create_task(hold_on())
    for number in range(5):
        await streams.publish("feed.0.city.a", str(number).encode())
    arrived = asyncio.Event()
    place = Place(consumer=FEED.name, stream_created=datetime.now(UTC))
    pull = Pull(client, FEED, place, arrived)
    await pull.begin()
    async with asyncio.timeout(60):
        while not pull.count:
            await pull.settle(streams)
            await pull.ask()
            await asyncio.sleep(0.05)
    handed = [sequence_of(message) for message in pull.hand_on(100)]
    await holding
    await client.close()
    return handed


def test_newer_messages_do_not_pass_those_that_another_still_holds(servers: Servers) -> None:
    assert asyncio.run(taken_over(servers)) == [1, 2, 3, 4, 5, 6, 7, 8]
