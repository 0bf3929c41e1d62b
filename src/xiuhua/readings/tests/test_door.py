"""The door with the real server: who comes in with which key, what it may do there, and how it is put out."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import nats
import orjson
import pytest
from django.db import connection
from nats.errors import Error as NatsError

from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.relay import deliver
from xiuhua.objects.models import CityObject
from xiuhua.readings.key_actions import MOST_OBJECTS, make_key, revoke_key
from xiuhua.readings.models import DeviceKey, DoorCount, Latest, Quarantine
from xiuhua.readings.tests.test_stream_trial import wait_until
from xiuhua.readings.tests.trial import KEY, SIGN, Servers, register_signs
from xiuhua.readings.topics import Address, name_of, topic_of

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = system_actor("test")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE readings_reading")
    started = Servers(data=tmp_path / "data")
    started.start_nats()
    started.start_ingest()
    started.wait_for_ingest()
    try:
        yield started
    finally:
        started.stop()


def key_for(*codes: str, name: str = "sign-key", **more: Any) -> tuple[DeviceKey, str]:
    things = CityObject.objects.filter(type=SIGN, code__in=codes)
    return make_key(ROOT, name=name, objects=[thing.id for thing in things], now=datetime.now(UTC), **more)


def reading(value: float = 221.0) -> bytes:
    return orjson.dumps({"at": datetime.now(UTC).isoformat(), "value": value})


def voltage(code: str) -> str:
    return topic_of(Address(type=SIGN, code=code, stream="voltage"))


def mqtt(servers: Servers, name: str, secret: str, **more: Any) -> aiomqtt.Client:
    return aiomqtt.Client(
        "127.0.0.1", servers.nats.mqtt_port, username=name, password=secret, timeout=5,
        protocol=aiomqtt.ProtocolVersion.V311, **more,
    )  # fmt: skip


def comes_in(servers: Servers, name: str, secret: str) -> bool:
    async def come() -> bool:
        with suppress(aiomqtt.MqttError):
            async with mqtt(servers, name, secret):
                return True
        return False

    return asyncio.run(come())


def counted(why: str) -> int:
    return sum(DoorCount.objects.filter(why=why).values_list("count", flat=True))


def test_a_key_for_awkward_codes_publishes_their_streams_and_no_others(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(*codes[:3])

    async def send() -> None:
        async with mqtt(servers, key.name, secret, clean_session=False, identifier="d-1") as client:
            for code in codes[:3]:
                await client.publish(voltage(code), reading(), qos=1)
            # The same stream with its letters as they are.
            await client.publish("city/mobility/stop_sign/站牌%202/甲/voltage", reading(223.0), qos=1)
        with pytest.raises(aiomqtt.MqttError):
            async with mqtt(servers, key.name, secret) as client:
                await client.publish(voltage(codes[3]), reading(999.0), qos=1)
                async for _ in client.messages:
                    raise AssertionError("nothing is heard with a key")

    asyncio.run(asyncio.wait_for(send(), 20))
    wait_until(lambda: Latest.objects.count() == 3 and Latest.objects.filter(value=223.0).exists())
    wait_until(lambda: counted("topic") == 1)
    key.refresh_from_db()
    assert key.refused_why == "topic" and key.last_seen_at is not None
    assert set(Latest.objects.values_list("datastream__object_code", flat=True)) == set(codes[:3])
    assert not Quarantine.objects.exists()


def test_a_code_that_begins_like_another_takes_no_right_along(servers: Servers) -> None:
    register_signs(1)
    for code in ("甲", "甲/voltage"):
        CityObject.objects.create(type=SIGN, code=code, name=code, area_path="310117/", unit_code="bus", origin="test")
    key, secret = key_for("甲")

    async def send() -> None:
        async with mqtt(servers, key.name, secret) as client:
            await client.publish(voltage("甲"), reading(), qos=1)
            await client.publish(voltage("甲/voltage"), reading(999.0), qos=1)

    asyncio.run(send())
    wait_until(lambda: counted("topic") == 1)
    wait_until(lambda: Latest.objects.exists())
    assert Latest.objects.get().value == 221.0


def test_with_a_key_nothing_else_can_be_heard_or_done_over_nats(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[4])
    name = name_of(Address(type=SIGN, code=codes[4], stream="voltage"))
    own, foreign = f"report.city.{name.replace('/', '.')}", "report.city.mobility.stop_sign.ZP-00003.voltage"
    heard: list[str] = []
    refused: list[str] = []

    async def told(error: Exception) -> None:
        refused.append(str(error).lower())

    async def hear(message: Any) -> None:
        heard.append(message.subject)

    async def trespass() -> None:
        client = await nats.connect(
            servers.nats.url.partition("@")[2], user=key.name, password=secret, error_cb=told,
            inbox_prefix=f"_INBOX_{key.name}".encode(),
        )  # fmt: skip
        streams = client.jetstream()
        assert (await streams.publish(own, reading(), timeout=5)).stream == "FEED"
        wanted = [
            foreign, "feed.0.city.mobility.stop_sign.ZP-00003.voltage", "in.0.city.mobility.stop_sign.ZP-00003.voltage",
            "report.gateway.trial.json", "live.alarm.raised", "$JS.API.INFO", "$JS.API.STREAM.PURGE.FEED",
            "$JS.API.STREAM.MSG.GET.FEED", "$SYS.REQ.USER.INFO", "$SYS.REQ.USER.AUTH", "$SYS.REQ.SERVER.PING.CONNZ",
        ]  # fmt: skip
        for number, subject in enumerate(wanted, 1):
            with pytest.raises(NatsError):
                await client.request(subject, b"{}", timeout=0.3)
            await client.flush()
            assert len(refused) == number and "violation for publish" in refused[-1], subject
        unheard = (
            ">", "feed.>", "in.>", "live.>", "city.>", "$JS.>", "$SYS.>", "$MQTT.>", "_INBOX.>", "_INBOX_trial.>",
        )  # fmt: skip
        for subject in unheard:
            await client.subscribe(subject, cb=hear)
            await asyncio.sleep(0.1)
            assert f'subscription to "{subject.lower()}"' in refused[-1]
        # An acknowledgement goes where its asker says: nowhere outside of the account of keys.
        ours = await nats.connect(servers.nats.url)
        strayed: list[str] = []

        async def stray(message: Any) -> None:
            # What we tell our pages ourselves once a reading is stored has not strayed.
            if message.subject != "live.reading.stored":
                strayed.append(message.subject)

        for subject in ("feed.*.city.mobility.stop_sign.ZP-00003.>", "live.>", "$JS.API.STREAM.DELETE.>"):
            await ours.subscribe(subject, cb=stray)
        await ours.flush()
        for subject in (
            foreign,
            "feed.0.city.mobility.stop_sign.ZP-00003.voltage",
            "live.x",
            "$JS.API.STREAM.DELETE.FEED",
        ):
            await client.publish(own, reading(222.0), reply=subject)
        await client.flush()
        await asyncio.sleep(0.5)
        assert strayed == []
        await ours.close()
        await client.close()

    asyncio.run(trespass())
    assert heard == []
    wait_until(lambda: Latest.objects.exists())
    assert Latest.objects.get().datastream.object_code == codes[4]


def test_a_key_may_speak_for_a_thousand_objects(servers: Servers) -> None:
    codes = register_signs(MOST_OBJECTS + 1)
    key, secret = key_for(*codes[1:])

    async def send() -> None:
        async with mqtt(servers, key.name, secret) as client:
            await client.publish(voltage(codes[1000]), reading(), qos=1)

    asyncio.run(send())
    wait_until(lambda: Latest.objects.exists())


def test_over_mqtt_a_key_hears_nothing(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[4])

    async def listen() -> list[str]:
        heard: list[str] = []
        async with mqtt(servers, key.name, secret) as client, mqtt(servers, KEY, servers.secret) as other:
            for topic in ("#", "city/#", "in/#", "$JS/#", "$MQTT/#", f"_INBOX_{KEY}/#"):
                with suppress(aiomqtt.MqttError):
                    granted = await client.subscribe(topic, qos=1)
                    assert all(code.value >= 0x80 if hasattr(code, "value") else code >= 0x80 for code in granted)
            await other.publish(voltage(codes[3]), reading(), qos=1)
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    async for message in client.messages:
                        heard.append(str(message.topic))
        return heard

    assert asyncio.run(listen()) == []


def test_who_is_unknown_wrong_expired_or_revoked_is_turned_away_and_counted(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[4])
    soon, secret_of_soon = key_for(codes[4], name="soon-over", expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert comes_in(servers, key.name, secret) and comes_in(servers, soon.name, secret_of_soon)
    DeviceKey.objects.filter(id=soon.id).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    revoke_key(ROOT, key.id, why="丢失", now=datetime.now(UTC))
    assert not comes_in(servers, "nobody", secret)
    assert not comes_in(servers, KEY, secret)
    assert not comes_in(servers, soon.name, secret_of_soon)
    assert not comes_in(servers, key.name, secret)
    assert not comes_in(servers, "xiuhua", "")
    wait_until(lambda: {why: counted(why) for why in ("unknown", "secret", "expired", "revoked")} == dict.fromkeys(
        ("unknown", "secret", "expired", "revoked"), 1))  # fmt: skip
    assert DeviceKey.objects.get(name=KEY).refused_why == "secret"
    assert secret not in (servers.data / "logs" / "nats.log").read_text()


def test_guessing_is_slowed_for_its_name_and_host_alone(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[4])
    for _ in range(5):
        assert not comes_in(servers, key.name, "guess")
    assert not comes_in(servers, key.name, secret)
    assert comes_in(servers, KEY, servers.secret)
    wait_until(lambda: (counted("secret"), counted("hurried")) == (5, 1))


def test_a_revoked_key_is_put_out_at_once(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[4])

    def revoke() -> None:
        revoke_key(ROOT, key.id, why="丢失", now=datetime.now(UTC))
        connection.close()

    async def told(topic: str, message: bytes) -> None:
        client = await nats.connect(servers.nats.url)
        await client.publish(f"live.{topic}", message)
        await client.close()

    def relay() -> None:
        deliver({}, lambda topic, message: asyncio.run(told(topic, orjson.dumps(message))))
        connection.close()

    async def stay() -> float:
        async with mqtt(servers, key.name, secret) as client:
            await client.publish(voltage(codes[4]), reading(), qos=1)
            # A while after the door looked last by itself.
            await asyncio.sleep(2)
            await asyncio.to_thread(revoke)
            began = time.monotonic()
            await asyncio.to_thread(relay)
            with pytest.raises(aiomqtt.MqttError):
                async for _ in client.messages:
                    raise AssertionError("nothing is heard with a key")
            return time.monotonic() - began

    assert asyncio.run(asyncio.wait_for(stay(), 20)) < 10
    assert not comes_in(servers, key.name, secret)


def test_a_gateways_foreign_streams_go_to_quarantine(servers: Servers) -> None:
    codes = register_signs(5)
    key, secret = key_for(codes[1], codes[3], name="gateway-7")
    now_ms = int(time.time() * 1000)
    names = [name_of(Address(type=SIGN, code=code, stream="voltage")) for code in codes]
    sheet = orjson.dumps({"streams": names, "at": [now_ms] * 5, "value": [220.0, 221.0, 222.0, 223.0, 224.0]})

    async def send() -> None:
        async with mqtt(servers, key.name, secret) as client:
            await client.publish(f"gateway/{key.name}/json", sheet, qos=1)
            await client.publish(f"gateway/{KEY}/json", sheet, qos=1)

    asyncio.run(send())
    wait_until(lambda: Latest.objects.count() == 2 and Quarantine.objects.count() == 3)
    assert set(Latest.objects.values_list("value", flat=True)) == {221.0, 223.0}
    assert {(one.reason, one.name, one.whole) for one in Quarantine.objects.all()} == {
        ("right", names[number], True) for number in (0, 2, 4)
    }
    wait_until(lambda: counted("topic") == 1)


def test_devices_come_back_after_the_door_was_killed(servers: Servers) -> None:
    codes = register_signs(5)

    async def report(value: float) -> None:
        while True:
            with suppress(aiomqtt.MqttError):
                async with mqtt(servers, KEY, servers.secret, clean_session=False, identifier="steady") as client:
                    await client.publish(voltage(codes[4]), reading(value), qos=1)
                    return

    async def through_a_kill() -> None:
        async with mqtt(servers, KEY, servers.secret, identifier="stays") as stays:
            await asyncio.to_thread(servers.kill_ingest)
            # Who is in stays in, and is acknowledged; nobody else comes in.
            await stays.publish(voltage(codes[3]), reading(230.0), qos=1)
            waiting = asyncio.create_task(report(231.0))
            await asyncio.sleep(1)
            assert not waiting.done()
            await asyncio.to_thread(servers.start_ingest)
            await asyncio.wait_for(waiting, 30)

    asyncio.run(through_a_kill())
    wait_until(lambda: set(Latest.objects.values_list("value", flat=True)) == {230.0, 231.0})


def test_mqtt_over_tls(tmp_path: Path) -> None:
    certificate, private = tmp_path / "city.pem", tmp_path / "city.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(private), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    codes = register_signs(5)
    servers = Servers(data=tmp_path / "data", certificate=str(certificate), key=str(private))
    try:
        servers.start_nats()
        servers.start_ingest()
        servers.wait_for_ingest()

        async def send() -> None:
            trusting = ssl.create_default_context(cafile=str(certificate))
            async with mqtt(servers, KEY, servers.secret, tls_context=trusting) as client:
                await client.publish(voltage(codes[4]), reading(229.0), qos=1)
            with pytest.raises(aiomqtt.MqttError):
                async with mqtt(servers, KEY, servers.secret, tls_context=ssl.create_default_context()):
                    raise AssertionError("an unknown certificate was trusted")

        asyncio.run(send())
        assert not comes_in(servers, KEY, servers.secret)
        wait_until(lambda: Latest.objects.filter(value=229.0).exists())
    finally:
        servers.stop()
