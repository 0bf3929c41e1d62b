"""The one way a call gets its actor: a session, checked for CSRF on every unsafe method."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotSignedIn, Refused

_find_actor: list[Callable[[HttpRequest], Actor | None]] = []


def use_actor_finder(find: Callable[[HttpRequest], Actor | None]) -> None:
    """Name the function of the room above that turns a session into an actor; done once at start."""
    _find_actor[:] = [find]


def find_actor(request: HttpRequest) -> Actor | None:
    """Return the actor of the call's session; None if nobody is signed in."""
    return _find_actor[0](request)


def require_csrf(request: HttpRequest) -> None:
    """Raise Refused if an unsafe call brings no valid CSRF token."""
    if check_csrf(request) is not None:
        raise Refused("http.csrf")


class SignedIn(APIKeyCookie):
    """Accepts a call whose session belongs to an active person; the actor is `actor_of(request)`."""

    param_name = "sessionid"

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        """Return the actor of the session; raises NotSignedIn, Refused without a CSRF token."""
        require_csrf(request)
        actor = find_actor(request)
        if actor is None:
            raise NotSignedIn("http.not_signed_in")
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """Return the actor that SignedIn accepted."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor
