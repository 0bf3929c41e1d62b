"""Live updates through a real NATS server, to two people of different towns."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import nats
import pytest
import uvicorn
from django.contrib.sessions.backends.db import SessionStore
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from xiuhua.kernel.actor import Actor, Grant
from xiuhua.kernel.words import Act, Privacy
from xiuhua.people import actions, live, queries
from xiuhua.people.models import User
from xiuhua.people.tests.conftest import PASSWORD, ROOT, SIJING, YUEYANG, person

pytestmark = pytest.mark.django_db(transaction=True)


def event(town: str, **more: str) -> dict[str, str]:
    return {"topic": "case.moved", "id": town, "area_path": f"310117/{town}/", "at": "2026-01-02T03:04:05Z", **more}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    server = Path(sys.executable).with_name("nats-server")
    with subprocess.Popen(
        [str(server), "-a", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        yield f"nats://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def on_nats(nats_url: str, settings: Settings) -> str:
    settings.CONFIG = dataclasses.replace(settings.CONFIG, nats_url=nats_url)
    return nats_url


def call_of(username: str) -> HttpRequest:
    """Return a call that carries the person's session."""
    request = RequestFactory().get("/api/live")
    request.session = SessionStore()
    request.session.create()
    user = User.objects.get(username=username)
    request.session.update(
        {"_auth_user_id": str(user.pk), "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
         "_auth_user_hash": user.get_session_auth_hash()}
    )  # fmt: skip
    request.session.save()
    request.user = user
    return request


async def heard(lines: AsyncIterator[bytes], count: int) -> list[bytes]:
    """Read that many events; several may come as one piece."""
    found: list[bytes] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += [block + b"\n\n" for block in (await anext(lines)).split(b"\n\n") if block]
    return found


def data_of(line: bytes) -> dict[str, str]:
    first, second = line.decode().strip().splitlines()
    assert first == "event: change"
    found: dict[str, str] = json.loads(second.removeprefix("data: "))
    return found


def test_an_event_is_heard_only_where_its_place_and_unit_may_be_seen(district: None) -> None:
    li = queries.actor_of_user(person("li", "town_staff", YUEYANG))
    wu = queries.actor_of_user(person("wu", "town_staff", SIJING))
    ma = queries.actor_of_user(person("ma", "handler", SIJING, own_unit_only=True))
    assert [live.may_hear(actor, event(SIJING)) for actor in (li, wu, ma, ROOT)] == [False, True, False, True]
    assert live.may_hear(ma, event(SIJING, unit_code=f"town-{SIJING}"))
    assert not live.may_hear(wu, {"topic": "x", "id": "1"})


def test_a_person_of_one_community_or_unit_hears_only_of_rows_of_their_own(district: None) -> None:
    community = f"310117/{SIJING}/{SIJING}001/"
    next_door = f"310117/{SIJING}/{SIJING}002/"
    of_community = Actor(
        code="xu", name="xu",
        grants=(Grant(post="x", unit="y", area_path=community, acts=frozenset({Act.SEE}), sees=Privacy.PUBLIC),),
    )  # fmt: skip
    ma = queries.actor_of_user(person("ma", "handler", SIJING, own_unit_only=True))
    li = queries.actor_of_user(person("li", "town_staff", YUEYANG))
    mine, theirs = [community, f"town-{SIJING}"], [next_door, "another"]
    heard = {
        name: [live.may_hear(actor, {**event(SIJING), "places": places}) for places in ([mine], [theirs], [])]
        for name, actor in {"community": of_community, "unit": ma, "other town": li}.items()
    }
    assert heard == {
        "community": [True, False, False], "unit": [True, False, False], "other town": [False, False, False]
    }  # fmt: skip
    assert "places" not in data_of(live.written({**event(SIJING), "places": [mine, theirs]}))


def test_what_is_written_holds_no_more_than_the_page_needs() -> None:
    assert data_of(live.written(event(SIJING, number="secret", unit_code="x"))) == event(SIJING)


def test_two_people_hear_the_events_of_their_own_town(district: None, on_nats: str) -> None:
    person("li", "town_staff", YUEYANG)
    person("wu", "town_staff", SIJING)
    calls = {name: call_of(name) for name in ("li", "wu")}

    async def run() -> dict[str, list[dict[str, str]]]:
        answers = {}
        for name, call in calls.items():
            answer = await live.live(call)
            assert isinstance(answer, StreamingHttpResponse)
            assert answer["Content-Type"] == "text/event-stream"
            answers[name] = aiter(answer)
            assert await heard(answers[name], 1) == [b": open\n\n"]
        client = await nats.connect(on_nats)
        for town in (YUEYANG, SIJING, YUEYANG):
            await client.publish("live.case.moved", json.dumps(event(town)).encode())
        await client.flush()
        found = {
            "li": [data_of(line) for line in await heard(answers["li"], 2)],
            "wu": [data_of(line) for line in await heard(answers["wu"], 1)],
        }
        await client.close()
        await live.hub().close()
        return found

    found = asyncio.run(run())
    assert found == {"li": [event(YUEYANG), event(YUEYANG)], "wu": [event(SIJING)]}


def test_a_heartbeat_looks_again_at_the_session_and_its_posts(
    district: None, on_nats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.2)
    person("li", "town_staff", YUEYANG)
    call = call_of("li")
    actor = queries.actor_of_user(User.objects.get(username="li"))

    async def run() -> list[bytes]:
        async with aclosing(live.stream(call, actor)) as lines:
            assert await heard(lines, 2) == [b": open\n\n", b": still here\n\n"]
            await asyncio.to_thread(_move, "li")
            assert await heard(lines, 1) == [b": still here\n\n"]
            client = await nats.connect(on_nats)
            for town in (YUEYANG, SIJING):
                await client.publish("live.case.moved", json.dumps(event(town)).encode())
            await client.flush()
            first = [line for line in await heard(lines, 1) if line.startswith(b"event")]
            await client.close()
            await asyncio.to_thread(actions.set_password, ROOT, user_code="li", password=PASSWORD + "!")
            async with asyncio.timeout(10):
                rest = [line async for line in lines]
            await live.hub().close()
            return first + [line for line in rest if line.startswith(b"event")]

    assert [data_of(line)["id"] for line in asyncio.run(run())] == [SIJING]


def _move(username: str) -> None:
    for town, verb in ((YUEYANG, actions.revoke), (SIJING, actions.grant)):
        verb(ROOT, user_code=username, holding=actions.Holding(post="town_staff", unit=f"town-{town}", area=town))


def test_without_nats_the_page_is_told_and_goes_on(district: None, settings: Settings) -> None:
    settings.CONFIG = dataclasses.replace(settings.CONFIG, nats_url="nats://127.0.0.1:9")
    person("li", "town_staff", YUEYANG)
    call = call_of("li")

    async def run() -> list[bytes]:
        return [line async for line in live.stream(call, ROOT)]

    assert asyncio.run(run()) == [b"event: unavailable\ndata: {}\n\n"]


def test_many_open_screens_leave_the_server_free_for_others(district: None, on_nats: str) -> None:
    person("li", "town_staff", YUEYANG)
    cookie = f"sessionid={call_of('li').session.session_key}"
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(get_asgi_application(), port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        assert get(port, "/api/live").status == 401
        screens = [get(port, "/api/live", cookie) for _ in range(80)]
        assert all(screen.readline() == b": open\n" for screen in screens)
        began = time.monotonic()
        assert get(port, "/health/ready").status == 200
        assert time.monotonic() - began < 5
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert cursor.fetchone() < (10,)
        asyncio.run(publish(on_nats, event(YUEYANG)))
        for screen in screens:
            assert [screen.readline() for _ in range(2)] == [b"\n", b"event: change\n"]
            screen.close()
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def get(port: int, path: str, cookie: str = "") -> HTTPResponse:
    call = HTTPConnection("127.0.0.1", port, timeout=10)
    call.request("GET", path, headers={"Cookie": cookie})
    return call.getresponse()


async def publish(url: str, message: dict[str, str]) -> None:
    client = await nats.connect(url)
    await client.publish("live.case.moved", json.dumps(message).encode())
    await client.flush()
    await client.close()


def test_a_page_that_cannot_keep_up_is_ended_and_holds_no_more_than_it_may() -> None:
    screen = live.Screen(actor=ROOT)
    for _ in range(live.WAITING_AT_MOST + 5):
        screen.tell(b"x")
    assert screen.overrun
    assert screen.take() == b"x" * live.WAITING_AT_MOST
    assert screen.take() == b""


def test_a_screen_whose_person_sees_less_now_hears_as_that_person(on_nats: str, district: None) -> None:
    wu = queries.actor_of_user(person("wu", "town_staff", SIJING))
    li = queries.actor_of_user(person("li", "town_staff", YUEYANG))

    async def run() -> tuple[bytes, bytes]:
        hub = live.Hub()
        async with hub.screen(wu) as screen:
            client = await nats.connect(on_nats)
            await client.publish("live.case.moved", json.dumps(event(SIJING)).encode())
            await asyncio.wait_for(screen.told.wait(), 10)
            before = screen.take()
            hub.move(screen, li)
            await client.publish("live.case.moved", json.dumps(event(SIJING)).encode())
            await client.publish("live.case.moved", json.dumps(event(YUEYANG)).encode())
            await asyncio.wait_for(screen.told.wait(), 10)
            after = screen.take()
            await client.close()
        await hub.close()
        return before, after

    before, after = asyncio.run(run())
    assert before == live.written(event(SIJING))
    assert after == live.written(event(YUEYANG))
