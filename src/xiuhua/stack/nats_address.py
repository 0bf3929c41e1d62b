"""A NATS URL as the client takes it: user and password apart, since the client does not decode them in a URL."""

from __future__ import annotations

from typing import TypedDict
from urllib.parse import unquote, urlsplit

NODES_OF_A_CLUSTER = 3


class Address(TypedDict, total=False):
    """Arguments of nats.connect."""

    servers: list[str]
    user: str
    password: str
    token: str


def nats_address(url: str) -> Address:
    """Return where and as whom `nats://user:password@host:4222` connects; percent-encoded parts are decoded. The nodes
    of a cluster stand behind one user: `nats://user:password@one:4222,two:4222,three:4222`.
    """
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].split(",")
    servers = [parts._replace(netloc=host.strip()).geturl() for host in hosts if host.strip()]
    if parts.password is not None:
        return {"servers": servers, "user": unquote(parts.username or ""), "password": unquote(parts.password)}
    return {"servers": servers, "token": unquote(parts.username)} if parts.username else {"servers": servers}


def replicas(url: str) -> int:
    """Return how many nodes keep every message: three where three or more are named, so that one may be lost."""
    return NODES_OF_A_CLUSTER if len(nats_address(url)["servers"]) >= NODES_OF_A_CLUSTER else 1
