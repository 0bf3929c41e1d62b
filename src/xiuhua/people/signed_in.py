"""The person and the actor behind a session."""

from __future__ import annotations

from django.http import HttpRequest

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotSignedIn
from xiuhua.people.models import User
from xiuhua.people.queries.users import actor_of_user


def actor_of_session(request: HttpRequest) -> Actor | None:
    """Return the actor of the call's session; None without one, or if the person was stopped."""
    return actor_of_user(request.user) if isinstance(request.user, User) else None


def user_of(request: HttpRequest) -> User:
    """Return the person of the call's session; raises NotSignedIn."""
    if not isinstance(request.user, User):
        raise NotSignedIn("http.not_signed_in")
    return request.user
