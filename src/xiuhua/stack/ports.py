"""TCP ports: which are free, and who has the others."""

from __future__ import annotations

import contextlib
import socket

import psutil

from xiuhua.kernel.errors import Conflict


def require_free(address: str, port: int, option: str) -> None:
    """Raise Conflict("stack.port_busy") naming the option that chooses another port, unless the port is free."""
    if is_free(address, port):
        return
    other = next(one for one in range(port + 1, 65536) if is_free(address, one))
    raise Conflict("stack.port_busy", port=port, by=_listener(port), option=option, next=other)


def is_free(address: str, port: int) -> bool:
    """Say whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


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


def _listener(port: int) -> str:
    with contextlib.suppress(psutil.Error, PermissionError):
        for connection in psutil.net_connections("tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()}, {connection.pid}"
    return "?"
