"""The web process's entry: Django, with as many calls at once as the database has connections for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.asgi import get_asgi_application

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Each call under way may hold one connection; the embedded PostgreSQL takes 80, of which the other processes use some.
CALLS_AT_ONCE = 40
# A live page lasts for hours; files of the build and health may not wait behind busy calls.
NOT_COUNTED = ("/api/live", "/assets/", "/health/")


class Turns:
    """Lets a burst of calls wait for its turn instead of running out of database connections."""

    def __init__(self, app: App, at_once: int) -> None:
        self._app = app
        self._turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http" or scope["path"].startswith(NOT_COUNTED):
            await self._app(scope, receive, send)
            return
        async with self._turns:
            await self._app(scope, receive, send)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
application = Turns(get_asgi_application(), CALLS_AT_ONCE)
