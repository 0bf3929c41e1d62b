"""Synthetic devices: each sends its streams over real MQTT, and falls ill as planned until its repair is fed back.

Device time runs `speed` times as fast as the clock for cadences and troubles; readings carry the clock's time, so a
silence still takes its real limit to be noticed.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import numpy
from django.db import OperationalError, close_old_connections

from xiuhua.cases.models import Case
from xiuhua.catalog.catalogue import current
from xiuhua.kernel.district import District, Feed, Trouble
from xiuhua.readings.topics import Address, topic_of
from xiuhua.stack.config import Config
from xiuhua.stack.ports import reachable
from xiuhua.stack.secrets import kept_secret
from xiuhua.testbed.synthetic import districts, kept_recipe

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=14)
LOOK_FOR_REPAIRS_S = 3.0
FIRST_WAIT_S, LONGEST_WAIT_S, HEALTHY_AFTER_S = 1.0, 30.0, 10.0
GOLDEN = 0.6180339887
DEVICES_KEY = "demo-devices"


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One stream of one synthetic object, with its planned troubles in device seconds."""

    topic: str
    key: tuple[str, str]
    feed: Feed
    troubles: tuple[Trouble, ...]
    offset_s: float
    firmware: str = ""

    def payload(self, *, at: datetime, device_s: float, mended: bool, random: numpy.random.Generator) -> str | None:
        """Return what is sent at that moment; None while the device is silent."""
        ill = (
            None
            if mended
            else next((one for one in self.troubles if one.starts_s <= device_s < one.starts_s + one.lasts_s), None)
        )
        if ill is not None and ill.silent:
            return None
        stamp = at.isoformat(timespec="milliseconds")
        more = {"firmware": self.firmware} if self.firmware else {}
        if self.feed.mean is None:
            return json.dumps({"at": stamp, "code": ill.sends_code if ill else self.feed.code, **more})
        return json.dumps({"at": stamp, "value": number_of(self.feed, ill, device_s=device_s, random=random), **more})


def number_of(feed: Feed, ill: Trouble | None, *, device_s: float, random: numpy.random.Generator) -> float:
    """Return the number that a feed of numbers sends at that moment of the device's time."""
    assert feed.mean is not None
    if ill is not None and ill.sends_value is not None:
        return round(ill.sends_value, 3)
    moved = (ill.drifts_by or 0.0) * (device_s - ill.starts_s) / 86_400 if ill is not None else 0.0
    return round(float(random.normal(feed.mean, feed.spread)) + moved, 3)


def devices_of(made: Mapping[str, District]) -> tuple[Device, ...]:
    """Return every synthetic device; each starts at its own moment within its cadence."""
    found: list[Device] = []
    for pack_id, district in made.items():
        for feed in district.feeds:
            full = f"{pack_id}.{feed.type}"
            planned: dict[str, list[Trouble]] = {}
            for trouble in district.troubles:
                if trouble.strikes(feed):
                    planned.setdefault(trouble.code, []).append(trouble)
            for thing in district.things:
                if thing.type != feed.type:
                    continue
                found.append(
                    Device(
                        topic=topic_of(Address(type=full, code=thing.code, stream=feed.stream)),
                        key=(full, thing.code),
                        feed=feed,
                        troubles=tuple(planned.get(thing.code, ())),
                        offset_s=(len(found) * GOLDEN % 1.0) * feed.every_s,
                        firmware=feed.firmware[len(found) % len(feed.firmware)] if feed.firmware else "",
                    )
                )
    return tuple(found)


def read_speed(data: Path) -> float:
    """Return the speed that `demo --speed` set; 1 where none was set."""
    path = data / "run" / "demo-speed"
    return float(path.read_text()) if path.is_file() else 1.0


def run(config: Config, stop: threading.Event) -> None:
    """Send until stopped; returns at once where no demonstration is loaded."""
    recipe = kept_recipe(config.data)
    if recipe is None:
        stop.wait()
        return
    devices = devices_of(districts(recipe))
    asyncio.run(_run(config, devices, numpy.random.Generator(numpy.random.PCG64(recipe.seed)), stop))


async def _run(
    config: Config, devices: Sequence[Device], random: numpy.random.Generator, stop: threading.Event
) -> None:
    started = datetime.now(UTC)
    sending = Sending(devices=devices, random=random, mended=set(), device_s=0.0, at=started - LOOK_BACK)
    wait = FIRST_WAIT_S
    while not stop.is_set():
        # Read anew each time: the demonstration may be loaded again, and its key made again.
        secret = kept_secret(config.data, DEVICES_KEY)
        if secret is None:
            await _pause(stop, LOOK_FOR_REPAIRS_S)
            continue
        began = asyncio.get_running_loop().time()
        try:
            async with aiomqtt.Client(
                reachable(config.mqtt_address),
                config.mqtt_port,
                username=DEVICES_KEY,
                password=secret,
                identifier=DEVICES_KEY,
                tls_context=_tls(config),
            ) as client:
                await send(config, client, sending, stop)
        except (aiomqtt.MqttError, OperationalError) as error:
            if asyncio.get_running_loop().time() - began > HEALTHY_AFTER_S:
                wait = FIRST_WAIT_S
            log.warning("the broker or the database is away", extra={"problem": str(error), "again_in_s": wait})
            await _pause(stop, wait)
            wait = min(wait * 2, LONGEST_WAIT_S)


async def _pause(stop: threading.Event, seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds
    while not stop.is_set() and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.1)


def _tls(config: Config) -> ssl.SSLContext | None:
    """Return what makes the devices trust our own server's certificate; on this machine its name need not fit."""
    if not config.mqtt_certificate:
        return None
    context = ssl.create_default_context(cafile=config.mqtt_certificate)
    context.check_hostname = False
    return context


@dataclass(kw_only=True, slots=True)
class Sending:
    """Where the synthetic time stands: the clock's moment reached, and the device seconds at it."""

    devices: Sequence[Device]
    random: numpy.random.Generator
    mended: set[tuple[str, str]]
    device_s: float
    at: datetime

    def due(self, now: datetime, speed: float) -> list[tuple[Device, float, datetime]]:
        """Return what fell due since the moment reached, in order, and move on to `now`."""
        span = (now - self.at).total_seconds() * speed
        found = []
        for device in self.devices:
            every = device.feed.every_s
            first = numpy.ceil((self.device_s - device.offset_s) / every) * every + device.offset_s
            for moment in numpy.arange(first, self.device_s + span, every):
                at = self.at + timedelta(seconds=(float(moment) - self.device_s) / speed)
                found.append((device, float(moment), at))
        found.sort(key=lambda one: one[1])
        self.device_s += span
        self.at = now
        return found


async def send(config: Config, client: aiomqtt.Client, sending: Sending, stop: threading.Event) -> None:
    """Send what falls due, until stopped; raises aiomqtt.MqttError when the broker goes away."""
    looked = 0.0
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        if loop.time() - looked > LOOK_FOR_REPAIRS_S:
            sending.mended |= await asyncio.to_thread(_mended, sending)
            looked = loop.time()
        window: list[asyncio.Task[None]] = []
        for device, device_s, at in sending.due(datetime.now(UTC), read_speed(config.data)):
            # The first round holds a quarter of an hour of every device: told to stop, the rest stays unsent.
            if stop.is_set():
                break
            payload = device.payload(
                at=at, device_s=device_s, mended=device.key in sending.mended, random=sending.random
            )
            if payload is not None:
                window.append(asyncio.create_task(client.publish(device.topic, payload, qos=1)))
            if len(window) >= 15:
                await asyncio.gather(*window)
                window.clear()
        await asyncio.gather(*window)
        await asyncio.sleep(0.5)


def _mended(sending: Sending) -> set[tuple[str, str]]:
    """Return the ill devices whose repair was fed back: a case on the object has come to its verification."""
    ill = {
        device.key
        for device in sending.devices
        if device.key not in sending.mended and any(one.starts_s <= sending.device_s for one in device.troubles)
    }
    if not ill:
        return set()
    close_old_connections()
    fed_back: set[tuple[str, str]] = set()
    types = current().cases
    for kind, state, code in Case.objects.filter(object_code__in=[code for _, code in ill]).values_list(
        "type", "state", "object_code"
    ):
        declared = types.get(kind)
        if declared and (declared.on, code) in ill and _past_handling(declared.state(state).verifying, kind, state):
            fed_back.add((declared.on, code))
    return fed_back


def _past_handling(verifying: bool, kind: str, state: str) -> bool:
    return verifying or current().case_type(kind).state(state).kind.value == "done"
