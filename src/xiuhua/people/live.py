"""Live updates: events of the rooms, from NATS to each screen, as far as its person may see."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import nats
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib import auth
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from xiuhua.http.errors import problem
from xiuhua.http.signed_in import find_actor
from xiuhua.kernel.actor import Actor
from xiuhua.people.models import User
from xiuhua.people.policy import sees
from xiuhua.people.queries.users import actor_of_user
from xiuhua.stack.nats_address import nats_address

log = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
WAITING_AT_MOST = 1000
CONNECT_WITHIN_S = 2.0


@dataclass(eq=False, kw_only=True, slots=True)
class Screen:
    """One open page: what it still has to be told. A page that cannot keep up is closed and reads afresh."""

    waiting: asyncio.Queue[Mapping[str, object]] = field(default_factory=lambda: asyncio.Queue(WAITING_AT_MOST))
    overrun: bool = False


class Hub:
    """The one NATS connection of this process, and the screens it feeds. Lives on one event loop."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._opening = asyncio.Lock()
        self._screens: set[Screen] = set()

    @asynccontextmanager
    async def screen(self) -> AsyncIterator[Screen]:
        """Open a screen; raises OSError or a NATS error where NATS does not answer."""
        async with self._opening:
            if self._client is None or self._client.is_closed:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    client = await nats.connect(**nats_address(settings.CONFIG.nats_url), max_reconnect_attempts=-1)
                await client.subscribe("live.>", cb=self._tell)
                self._client = client
        screen = Screen()
        self._screens.add(screen)
        try:
            yield screen
        finally:
            self._screens.discard(screen)

    async def _tell(self, message: Msg) -> None:
        event: Mapping[str, object] = json.loads(message.data)
        for screen in self._screens:
            try:
                screen.waiting.put_nowait(event)
            except asyncio.QueueFull:
                screen.overrun = True

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """Return the hub of the running event loop."""
    loop = asyncio.get_running_loop()
    return _hubs.setdefault(loop, Hub())


async def live(request: HttpRequest) -> HttpResponseBase:
    """Answer GET /api/live with the stream of changes; 401 without a session."""
    actor = await sync_to_async(_actor_at_first)(request)
    if actor is None:
        return problem(request, 401, "http.not_signed_in", {})
    answer = StreamingHttpResponse(stream(request, actor), content_type="text/event-stream")
    answer["Cache-Control"] = "no-cache"
    answer["X-Accel-Buffering"] = "no"
    return answer


async def stream(request: HttpRequest, actor: Actor) -> AsyncGenerator[bytes, None]:
    """Yield events as they come and a comment every 15 s; ends when the session does, or NATS or database are away."""
    try:
        async with hub().screen() as screen:
            yield b": open\n\n"
            loop = asyncio.get_running_loop()
            beat = loop.time() + HEARTBEAT_S
            while not screen.overrun:
                try:
                    event = await asyncio.wait_for(screen.waiting.get(), max(0.0, beat - loop.time()))
                except TimeoutError:
                    found = await sync_to_async(_actor_now, thread_sensitive=False)(request)
                    if found is None:
                        return
                    actor, beat = found, loop.time() + HEARTBEAT_S
                    yield b": still here\n\n"
                    continue
                if may_hear(actor, event):
                    yield written(event)
    except (OSError, TimeoutError, NatsError, OperationalError, InterfaceError):
        log.warning("live updates are not available", exc_info=True)
        yield b"event: unavailable\ndata: {}\n\n"


def may_hear(actor: Actor, event: Mapping[str, object]) -> bool:
    """Return whether the event is of an area (and unit, where it names one) that the actor may see, or of one of its
    `places`: the area and unit of each row that changed, for people who see less than the event's whole area.
    """
    if sees(actor, area_path=str(event.get("area_path", "")), unit_code=str(event.get("unit_code", ""))):
        return True
    places = event.get("places")
    return isinstance(places, list) and any(sees(actor, area_path=area, unit_code=unit) for area, unit in places)


def written(event: Mapping[str, object]) -> bytes:
    """Return the event as the page reads it: topic, id, place and time, nothing else."""
    data = {name: str(event.get(name, "")) for name in ("topic", "id", "area_path", "at")}
    return f"event: change\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def _actor_at_first(request: HttpRequest) -> Actor | None:
    """Return the actor of the call."""
    try:
        return find_actor(request)
    finally:
        _let_go()


def _actor_now(request: HttpRequest) -> Actor | None:
    """Return the actor of the session as it is now, with the posts held now; None once the session is over."""
    fresh = HttpRequest()
    fresh.session = type(request.session)(request.session.session_key)
    try:
        user = auth.get_user(fresh)
        return actor_of_user(user) if isinstance(user, User) else None
    finally:
        _let_go()


def _let_go() -> None:
    """Close this thread's database connections: a stream lasts for hours and may not hold on to one."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
