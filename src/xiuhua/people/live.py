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
from xiuhua.kernel.actor import Actor, Grant
from xiuhua.people.models import User
from xiuhua.people.policy import sees
from xiuhua.people.queries.users import actor_of_user
from xiuhua.stack.nats_address import nats_address

log = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
WAITING_AT_MOST = 1000
GATHERED_S = 0.2
CONNECT_WITHIN_S = 2.0


@dataclass(eq=False, kw_only=True, slots=True)
class Screen:
    """One open page and whose it is: what it still has to be told. A page that cannot keep up is closed and reads
    afresh.
    """

    actor: Actor
    waiting: list[bytes] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    overrun: bool = False

    def tell(self, said: bytes) -> None:
        """Add an event to what waits."""
        if len(self.waiting) >= WAITING_AT_MOST:
            self.overrun = True
        else:
            self.waiting.append(said)
        self.told.set()

    def take(self) -> bytes:
        """Return all that waits as one piece."""
        self.told.clear()
        said = b"".join(self.waiting)
        self.waiting.clear()
        return said


class Hub:
    """The one NATS connection of this process, and the screens it feeds. Lives on one event loop.

    Screens of people who may see the same are asked about once: an event costs as many questions as there are scopes.
    """

    def __init__(self) -> None:
        self._client: Client | None = None
        self._opening = asyncio.Lock()
        self._screens: dict[Scope, set[Screen]] = {}

    @asynccontextmanager
    async def screen(self, actor: Actor) -> AsyncIterator[Screen]:
        """Open a screen; raises OSError or a NATS error where NATS does not answer."""
        async with self._opening:
            if self._client is None or self._client.is_closed:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    client = await nats.connect(**nats_address(settings.CONFIG.nats_url), max_reconnect_attempts=-1)
                await client.subscribe("live.>", cb=self._tell)
                self._client = client
        screen = Screen(actor=actor)
        self._screens.setdefault(_scope(actor), set()).add(screen)
        try:
            yield screen
        finally:
            self._leave(screen)

    def move(self, screen: Screen, actor: Actor) -> None:
        """Let a screen be of the actor as it is now: what it may see may have changed."""
        if _scope(actor) != _scope(screen.actor):
            self._leave(screen)
            self._screens.setdefault(_scope(actor), set()).add(screen)
        screen.actor = actor

    def _leave(self, screen: Screen) -> None:
        scope = _scope(screen.actor)
        self._screens[scope].discard(screen)
        if not self._screens[scope]:
            del self._screens[scope]

    async def _tell(self, message: Msg) -> None:
        event: Mapping[str, object] = json.loads(message.data)
        said = written(event)
        for screens in self._screens.values():
            if may_hear(next(iter(screens)).actor, event):
                for screen in screens:
                    screen.tell(said)

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()


Scope = tuple[bool, tuple[Grant, ...]]


def _scope(actor: Actor) -> Scope:
    """Return what decides which events an actor hears."""
    return actor.administrator, actor.grants


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
        async with hub().screen(actor) as screen:
            yield b": open\n\n"
            loop = asyncio.get_running_loop()
            beat = loop.time() + HEARTBEAT_S
            while not screen.overrun:
                if loop.time() >= beat:
                    found = await sync_to_async(_actor_now, thread_sensitive=False)(request)
                    if found is None:
                        return
                    hub().move(screen, found)
                    beat = loop.time() + HEARTBEAT_S
                    yield b": still here\n\n"
                try:
                    await asyncio.wait_for(screen.told.wait(), max(0.0, beat - loop.time()))
                except TimeoutError:
                    continue
                yield screen.take()
                # What comes meanwhile goes as one piece: a piece costs more than what is in it.
                await asyncio.sleep(GATHERED_S)
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
