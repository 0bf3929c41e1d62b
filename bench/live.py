"""500 open pages of 20 scopes at 1,000 changes a second on a running demonstration: who is told what, and how late.

    ./xiuhua up --data FOLDER --port 8400 --mqtt-port 2400        # in another window
    .venv/bin/python bench/live.py --data FOLDER --port 8400 --mqtt-port 2400 [--seconds 20] [--pages 500] [--rate 1000]

Makes 20 people, each of another town or unit, signs their pages in, and publishes changes as the worker does. Counted:
changes told to a page that its person may not see (must be 0), changes not told to one that may, delay from change to
page (p50, p99), memory of the web process. Then sends readings over MQTT and takes the delay until a page is told.
Leaves the people behind: use a folder of its own. It shares the machine with the site; delays are those of both.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import django
import nats
import psutil
from asgiref.sync import sync_to_async
from django.conf import settings

from xiuhua.kernel.actor import system_actor
from xiuhua.readings.topics import Address, topic_of
from xiuhua.stack.nats_address import nats_address
from xiuhua.stack.secrets import read_secret

SCOPES = 20
TOPICS = ("case.moved", "alarm.raised", "object.changed")


@dataclass
class Page:
    """One open page: what it was told, with delays in seconds."""

    scope: int
    told: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    readings: list[float] = field(default_factory=list)
    ended: bool = False


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--data", type=Path, required=True)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--mqtt-port", type=int, required=True)
    asked.add_argument("--pages", type=int, default=500)
    asked.add_argument("--rate", type=int, default=1000)
    asked.add_argument("--seconds", type=float, default=20.0)
    given = asked.parse_args()
    os.environ["XIUHUA_DATA"] = str(given.data.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    django.setup()
    people = make_people()
    asyncio.run(run(given, people))


def make_people() -> list[tuple[str, str, str, Any]]:
    """Return cookie, area, unit and actor of a person of each scope: a town, or a unit of a town."""
    load = importlib.import_module
    actions, models = load("xiuhua.people.actions"), load("xiuhua.people.models")
    store, users = load("django.contrib.sessions.backends.db").SessionStore, load("xiuhua.people.queries.users")
    root = system_actor("bench")
    found = []
    towns = [town for town in models.Area.objects.filter(level="town").order_by("code") if town.code[6] != "5"]
    for number in range(SCOPES):
        town = towns[number % len(towns)]
        name, own = f"bench-live-{number}", number >= len(towns)
        if not models.User.objects.filter(username=name).exists():
            holding = actions.Holding(post="town_staff", unit="jtw", area=town.code, own_unit_only=own)
            actions.make_user(root, username=name, name=name, password="Bench-live-7f3a", holdings=[holding])
        user = models.User.objects.get(username=name)
        session = store()
        session.update({"_auth_user_id": str(user.pk), "_auth_user_hash": user.get_session_auth_hash(),
                        "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[0]})  # fmt: skip
        session.save()
        cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
        found.append((cookie, town.path, "jtw" if number % 2 else f"town-{town.code}", users.actor_of_user(user)))
    return found


async def run(given: argparse.Namespace, people: list[tuple[str, str, str, Any]]) -> None:
    may_hear = importlib.import_module("xiuhua.people.live").may_hear
    pages = [Page(scope=number % SCOPES) for number in range(given.pages)]
    events: list[dict[str, str]] = []
    sent: list[float] = []
    opened = asyncio.Semaphore(20)
    ready = [asyncio.Event() for _ in pages]
    readers = [
        asyncio.create_task(read(given.port, people[page.scope][0], page, sent, opened, up))
        for page, up in zip(pages, ready, strict=True)
    ]
    before = memory(given.data)
    async with asyncio.timeout(120):
        await asyncio.gather(*(up.wait() for up in ready))
    print(f"{len(pages)} pages open; web process {before:.0f} MiB before, {memory(given.data):.0f} MiB with them")
    client = await nats.connect(**nats_address(settings.CONFIG.nats_url))
    chosen = random.Random(7)
    began = time.monotonic()
    while (now := time.monotonic()) - began < given.seconds:
        due = int((now - began) * given.rate)
        for number in range(len(events), due):
            _, area, unit, _ = people[chosen.randrange(SCOPES)]
            event = {"topic": chosen.choice(TOPICS), "id": str(number), "area_path": area, "unit_code": unit,
                     "at": datetime.now(UTC).isoformat()}  # fmt: skip
            events.append(event)
            sent.append(time.monotonic())
            await client.publish(f"live.{event['topic']}", json.dumps(event).encode())
        await asyncio.sleep(0.005)
    took = time.monotonic() - began
    await client.flush()
    await asyncio.sleep(5)
    wrong = missed = told = 0
    rights = [{n for n, event in enumerate(events) if may_hear(person[3], event)} for person in people]
    for page in pages:
        heard = set(page.told)
        told += len(page.told)
        wrong += len(heard - rights[page.scope])
        missed += len(rights[page.scope] - heard)
    delays = sorted(delay for page in pages for delay in page.delays)
    print(f"{len(events)} changes in {took:.1f} s ({len(events) / took:.0f} a second), told {told} times")
    print(f"outside their scope: {wrong}; not told: {missed}; pages ended: {sum(page.ended for page in pages)}")
    print(
        f"delay from change to page: p50 {at(delays, 0.5):.3f} s, p99 {at(delays, 0.99):.3f} s, most {delays[-1]:.3f} s"
    )
    print(f"web process {memory(given.data):.0f} MiB after")
    await readings(given, pages)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await client.close()


async def read(
    port: int, cookie: str, page: Page, sent: list[float], opened: asyncio.Semaphore, up: asyncio.Event
) -> None:
    """Read the stream of changes as a browser does."""
    async with opened:
        lines, answer = await asyncio.open_connection("127.0.0.1", port)
        answer.write(f"GET /api/live HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        status = await lines.readline()
        if b"200" not in status:
            raise SystemExit(f"the site said {status!r}")
        while b": open" not in await lines.readline():
            pass
        up.set()
    while line := await lines.readline():
        if line.startswith(b"data: {"):
            now = time.monotonic()
            change = json.loads(line[6:])
            if change["topic"] == "reading.stored":
                page.readings.append(time.time())
            elif change["id"].isdigit():
                page.told.append(int(change["id"]))
                page.delays.append(now - sent[int(change["id"])])
    page.ended = True


async def readings(given: argparse.Namespace, pages: list[Page]) -> None:
    """Send readings over MQTT, one a second, and print how long it takes until pages of that place are told."""
    models, streams = importlib.import_module("xiuhua.people.models"), importlib.import_module("xiuhua.readings.models")
    devices_key = importlib.import_module("xiuhua.testbed.devices").DEVICES_KEY

    def place() -> tuple[str, str]:
        town = next(one for one in models.Area.objects.filter(level="town").order_by("code") if one.code[6] != "5")
        row = streams.Datastream.objects.filter(
            stream="mobility.stop_sign.voltage", area_path__startswith=town.path
        ).first()
        assert row is not None
        return row.object_code, town.path

    code, _ = await sync_to_async(place)()
    watched = [page for page in pages if page.scope == 0]
    delays = []
    topic = topic_of(Address(type="mobility.stop_sign", code=code, stream="voltage"))
    async with aiomqtt.Client("127.0.0.1", given.mqtt_port, username=devices_key, identifier="bench-live",
                              password=read_secret(given.data, devices_key)) as client:  # fmt: skip
        for _ in range(20):
            began = time.time()
            said = {"at": datetime.now(UTC).isoformat(), "value": 224.0}
            await client.publish(topic, json.dumps(said), qos=1)
            await asyncio.sleep(2)
            # The demonstration's own devices speak too: the first event after ours may be theirs, the batch is one.
            delays += [min(one for one in page.readings if one >= began) - began
                       for page in watched if any(one >= began for one in page.readings)]  # fmt: skip
    delays.sort()
    if not delays:
        print("no page was told of the readings")
        return
    print(f"reading sent over MQTT to page told: p50 {at(delays, 0.5):.3f} s, p99 {at(delays, 0.99):.3f} s "
          f"({len(delays)} of {20 * len(watched)})")  # fmt: skip


def at(ordered: list[float], share: float) -> float:
    """Return a percentile of an ordered list."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def memory(data: Path) -> float:
    """Return the resident memory of the site's web process in MiB."""
    for process in psutil.process_iter(["cmdline", "environ", "memory_info"]):
        words = " ".join(process.info["cmdline"] or ())
        if (process.info["environ"] or {}).get("XIUHUA_DATA") == str(data.resolve()) and " web" in f" {words}":
            return float(process.info["memory_info"].rss) / 2**20
    return float("nan")


if __name__ == "__main__":
    main()
