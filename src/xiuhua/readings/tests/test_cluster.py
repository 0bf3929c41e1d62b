"""Three NATS nodes keep every message: the one that leads is killed in mid-stream, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from xiuhua.readings.listen import FEED_STREAM, MQTT_STREAM, prepare
from xiuhua.readings.tests.cluster import Cluster, kill_leader_often, looked_at
from xiuhua.readings.tests.trial import Sending, register_signs, run_trial

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    started = Cluster(data=tmp_path / "data")
    try:
        started.start_nats()
        yield started
    finally:
        started.stop()


def test_the_leader_killed_twice_while_readings_arrive(cluster: Cluster) -> None:
    for stream in (MQTT_STREAM, FEED_STREAM):
        assert asyncio.run(looked_at(cluster, stream)).config.num_replicas == 3
    cluster.start_ingest()
    cluster.wait_for_ingest()
    sending = Sending(
        messages=600, seconds=8.0, connections=4, codes=register_signs(20),
        start=timezone.now().replace(microsecond=0) - timedelta(minutes=5),
    )  # fmt: skip
    outcome = run_trial(sending, cluster, lambda progress: kill_leader_often(cluster, 2, 8.0, progress))
    assert outcome.count.exact(600), outcome
    assert outcome.settled and len(outcome.kills) == 2 and all(kill.sent < 600 for kill in outcome.kills)
    assert cluster.stop_ingest() == 0
    prepare(cluster.url)
