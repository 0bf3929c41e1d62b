"""Nothing is lost and nothing counted twice: real MQTT, real NATS, the real ingest process, killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import aiomqtt
import orjson
import pytest
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Invalid, NotFound, Unavailable
from xiuhua.ledger.models import History
from xiuhua.objects.models import CityObject
from xiuhua.readings.actions import remove_origin
from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.listen import prepare
from xiuhua.readings.models import Alarm, Latest, Position, Quarantine
from xiuhua.readings.quarantine import kinds, send_again
from xiuhua.readings.receiving import receive
from xiuhua.readings.tests.trial import (
    KEY,
    SIGN,
    TOWN,
    Kill,
    Progress,
    Sending,
    Servers,
    kill_ingest_often,
    register_signs,
    run_trial,
)
from xiuhua.readings.topics import MQTT, Address, name_of, topic_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bare_servers(tmp_path: Path) -> Iterator[Servers]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    started = Servers(data=tmp_path / "data")
    started.start_nats()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def servers(bare_servers: Servers) -> Servers:
    bare_servers.start_ingest()
    bare_servers.wait_for_ingest()
    return bare_servers


def sending(messages: int, seconds: float) -> Sending:
    return Sending(
        messages=messages, seconds=seconds, connections=4, codes=register_signs(20),
        start=timezone.now().replace(microsecond=0) - timedelta(minutes=5),
    )  # fmt: skip


def test_ingest_killed_three_times_with_messages_in_its_hands(bare_servers: Servers) -> None:
    all_of_it = sending(2000, 8)
    outcome = run_trial(all_of_it, bare_servers, lambda progress: kill_ingest_often(bare_servers, 3, 6, progress))
    assert outcome.settled
    assert len(outcome.kills) == 3
    assert all(kill.in_hand > 0 and kill.sent < 2000 for kill in outcome.kills)
    assert outcome.count.exact(2000), outcome
    assert bare_servers.stop_ingest() == 0


def test_nats_killed_and_started_again_while_devices_send(servers: Servers) -> None:
    async def trouble(_: Progress) -> list[Kill]:
        for _kill in range(2):
            await asyncio.sleep(1.5)
            await asyncio.to_thread(servers.kill_nats)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(servers.start_nats)
        return []

    all_of_it = sending(1200, 5)
    outcome = run_trial(all_of_it, servers, trouble)
    assert outcome.settled
    assert outcome.sent_again > 0
    assert outcome.count.exact(1200), outcome


def test_database_sessions_ended_while_devices_send(servers: Servers) -> None:
    ended: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()

    def end_other_sessions() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid NOT IN (%s, pg_backend_pid())",
                [own],
            )
            ended.append(cursor.fetchone()[0])
        connection.close()

    async def trouble(_: Progress) -> list[Kill]:
        for _kill in range(4):
            await asyncio.sleep(1)
            await asyncio.to_thread(end_other_sessions)
        return []

    all_of_it = sending(1200, 5)
    outcome = run_trial(all_of_it, servers, trouble)
    assert outcome.settled
    assert sum(ended) >= 4
    assert outcome.count.exact(1200), outcome


def test_a_fault_code_over_mqtt_becomes_an_alarm_and_ends_it(servers: Servers) -> None:
    code = register_signs(3)[1]
    (rule,) = (rule for rule in current().rules.values() if rule.on == (SIGN, "fault") and rule.among)
    publish(servers, code, "fault", {"code": rule.among[0]})
    raised = wait_for_alarm(state="raised")
    assert (raised.rule, raised.object_code, raised.code) == (rule.id, code, rule.among[0])
    publish(servers, code, "fault", {"code": "0"})
    assert wait_for_alarm(state="closed").id == raised.id
    sent_at = timezone.now()
    wait_until(lambda: Position.objects.aggregate(at=Min("caught_up_at"))["at"] > sent_at)


def test_what_was_quarantined_is_stored_once_its_object_is_registered(servers: Servers) -> None:
    publish(servers, "新站 7", "voltage", {"value": 221.5})
    wait_until(lambda: Quarantine.objects.exists())
    clerk = system_actor("clerk")
    assert [(one.reason, one.count, one.again) for one in kinds(clerk)] == [("object", 1, 1)]
    CityObject.objects.create(type=SIGN, code="新站 7", name="新站", area_path=TOWN, unit_code="bus", origin="test")
    assert send_again(clerk, servers.nats.url, reason="object") == 1
    wait_until(lambda: Latest.objects.exists())
    assert Latest.objects.get().value == 221.5
    assert not Quarantine.objects.exists()
    assert send_again(clerk, servers.nats.url) == 0
    assert History.objects.filter(entity="quarantine", action="sent_again").count() == 1


def test_a_sheet_over_http_is_stored_and_a_bad_one_refused_whole(servers: Servers) -> None:
    codes = register_signs(5)
    clerk = system_actor("clerk")
    now = int(timezone.now().timestamp() * 1000)
    names = [name_of(Address(type=SIGN, code=code, stream="voltage")) for code in codes]
    sheet = {"streams": names, "at": [now] * 5, "value": [220.0, 221.0, 222.0, 223.0, 224.0]}
    assert receive(clerk, orjson.dumps(sheet), "json", nats_url=servers.nats.url) == 5
    wait_until(lambda: Latest.objects.count() == 5)
    with pytest.raises(NotFound, match="streams_unknown"):
        receive(clerk, orjson.dumps({**sheet, "streams": [*names[:4], "a/b/c/d"]}), "json", nats_url=servers.nats.url)
    with pytest.raises(Invalid, match="rows_wrong"):
        receive(clerk, orjson.dumps({**sheet, "value": [1, 2, 3, 4, None]}), "json", nats_url=servers.nats.url)
    servers.kill_nats()
    with pytest.raises(Unavailable, match="nats_away"):
        receive(clerk, orjson.dumps(sheet), "json", nats_url=servers.nats.url)


def publish(servers: Servers, code: str, stream: str, said: dict[str, object]) -> None:
    async def send() -> None:
        async with aiomqtt.Client(
            "127.0.0.1", servers.nats.mqtt_port, username=KEY, protocol=aiomqtt.ProtocolVersion.V311,
            password=servers.secret,
        ) as client:  # fmt: skip
            topic = topic_of(Address(type=SIGN, code=code, stream=stream))
            await client.publish(topic, orjson.dumps({"at": timezone.now().isoformat(), **said}), qos=1)

    asyncio.run(send())


def wait_for_alarm(*, state: str) -> Alarm:
    wait_until(lambda: Alarm.objects.filter(state=state).exists())
    return Alarm.objects.get(state=state)


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    raise TimeoutError


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_worker_whose_clock_is_wrong_goes_by_the_message_servers(bare_servers: Servers, hours: int) -> None:
    bare_servers.ingest_clock_s = 3600.0 * hours
    bare_servers.start_ingest()
    bare_servers.wait_for_ingest()
    all_of_it = sending(40, 0.5)
    outcome = run_trial(all_of_it, bare_servers, no_trouble)
    assert outcome.settled and outcome.count.exact(40)
    wait_until(
        lambda: Position.objects.aggregate(at=Min("caught_up_at"))["at"] > timezone.now() - timedelta(seconds=20)
    )
    assert Position.objects.latest("caught_up_at").caught_up_at < timezone.now() + timedelta(seconds=20)


async def no_trouble(_progress: Progress) -> list[Kill]:
    return []


def test_preparing_again_changes_nothing_and_an_absent_server_is_named(servers: Servers) -> None:
    prepare(servers.nats.url)
    servers.kill_nats()
    with pytest.raises(Unavailable, match="nats_away"):
        prepare(servers.nats.url)
    assert servers.stop_ingest() == 0


def test_readings_for_datastreams_that_are_gone_find_the_new_ones() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    (code,) = register_signs(1)
    now = timezone.now()
    ingest, place = Ingest(), Place(consumer="trial", stream_created=now)

    def message(sequence: int) -> Message:
        topic = f"{MQTT}city.mobility.stop_sign.{code.replace('.', '//')}.voltage"
        reading = {"at": (now - timedelta(seconds=sequence)).isoformat(), "value": 220}
        return Message(subject=topic, payload=orjson.dumps(reading), sequence=sequence, stored_at=now, place=place)

    ingest.take_or_set_aside([message(1)], floors={}, now=timezone.now)
    remove_origin("test")
    ingest.take_or_set_aside([message(2), message(3)], floors={}, now=timezone.now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM readings_reading JOIN readings_datastream d ON d.id = datastream_id")
        assert cursor.fetchone() == (2,)
