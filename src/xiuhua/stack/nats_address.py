"""A NATS URL as the client takes it: user and password apart, since the client does not decode them in a URL."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import unquote, urlsplit


class Address(TypedDict, total=False):
    """Arguments of nats.connect."""

    servers: str
    user: str
    password: str
    token: str


def nats_address(url: str) -> Address:
    """Return where and as whom `nats://user:password@host:4222` connects; percent-encoded parts are decoded."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    if parts.password is not None:
        return {"servers": bare, "user": unquote(parts.username or ""), "password": unquote(parts.password)}
    return {"servers": bare, "token": unquote(parts.username)} if parts.username else {"servers": bare}
