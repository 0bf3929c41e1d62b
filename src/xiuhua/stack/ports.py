"""TCP ports: which are free, and who has the others."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from xiuhua.kernel.errors import Conflict, Invalid, Refused

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """A port that we are to listen on, and the option that chooses another."""

    address: str
    port: int
    option: str


def require_free(address: str, port: int, option: str) -> None:
    """Raise Conflict("stack.port_busy") naming the option that chooses another port, unless the port is free."""
    refusal = _refusal(address, port)
    if refusal is None:
        return
    if refusal == errno.EADDRNOTAVAIL:
        raise Invalid("stack.address_unknown", address=address, option=option, port=port)
    if refusal in (errno.EACCES, errno.EPERM):
        raise Refused("stack.port_refused", port=port, option=option, next=port + 8000 if port < 1024 else 8750)
    other = next(one for one in range(port + 1, 65536) if is_free(address, one))
    raise Conflict("stack.port_busy", port=port, by=_listener(port), option=option, next=other)


def require_apart(listeners: Sequence[Listener]) -> None:
    """Raise Conflict("stack.port_twice") if two listeners would meet on one port; 0 stands for any free one."""
    for at, one in enumerate(listeners):
        for other in listeners[:at]:
            meet = one.address == other.address or {one.address, other.address} & EVERYWHERE
            if one.port == other.port != 0 and meet:
                raise Conflict("stack.port_twice", option=other.option, other=one.option, port=one.port)


def is_free(address: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    return _refusal(address, port) is None


def _refusal(address: str, port: int) -> int | None:
    """Return the error number with which the system refuses to listen there, None if it does not."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno or errno.EADDRINUSE
    return None


def any_free() -> int:
    """Return a loopback port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(address: str, port: int) -> bool:
    """Say whether something listens there."""
    try:
        socket.create_connection((reachable(address), port), timeout=0.5).close()
    except OSError:
        return False
    return True


def reachable(address: str) -> str:
    """Return the address under which this machine itself reaches a listener."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104


def in_url(address: str) -> str:
    """Return an address as a URL writes it: one of version 6 stands in brackets."""
    return f"[{address}]" if ":" in address else address


def _listener(port: int) -> str:
    with contextlib.suppress(psutil.Error, PermissionError):
        for connection in psutil.net_connections("tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, {connection.pid}"
    return "?"
