"""Sends prepared MQTT messages (QoS 1) as fast as the server acknowledges them; the load of the stream benchmarks.

    python bench/mqtt_sender.py PORT KEYS FILE [--connections 8] [--window 64]

KEYS is a JSON object of secrets by name: a gateway comes with the key of its name over a connection of its own,
single devices share the key `single` and some connections. FILE holds, per line, a topic, a tab and the payload in
base64; all connections together have as many messages under way as `connections` times `window`. Prints the seconds
from the first message to the last acknowledgement. Speaks just enough MQTT 3.1.1 by itself: a client library costs
more than what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

PUBACK, CONNACK = 0x40, 0x20


def text(said: str) -> bytes:
    """Return a text as MQTT writes it."""
    encoded = said.encode()
    return struct.pack(">H", len(encoded)) + encoded


def packet(kind: int, body: bytes) -> bytes:
    """Return a packet with its length."""
    length, left = bytearray(), len(body)
    while left >= 128:
        length.append(left % 128 | 0x80)
        left //= 128
    length.append(left)
    return bytes([kind]) + bytes(length) + body


class Device(asyncio.Protocol):
    """One connection: keeps `window` messages in flight until all are acknowledged."""

    def __init__(self, name: str, login: tuple[str, str], messages: Sequence[tuple[str, bytes]], window: int) -> None:
        self._name = name
        self._login = login
        self._messages = messages
        self._window = window
        self._sent = 0
        self._acknowledged = 0
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say hello."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        user, password = self._login
        hello = text("MQTT") + bytes([4, 0xC2]) + struct.pack(">H", 60) + text(self._name) + text(user) + text(password)
        transport.write(packet(0x10, hello))

    def data_received(self, data: bytes) -> None:
        """Count acknowledgements and send as many more."""
        self._buffer += data
        while len(self._buffer) >= 4:
            if self._buffer[0] == CONNACK and self._buffer[3] != 0:
                self.done.set_exception(ConnectionError(f"refused: {self._buffer[3]}"))
                return
            if self._buffer[0] == PUBACK:
                self._acknowledged += 1
            self._buffer = self._buffer[4:]
        out = []
        while self._sent < len(self._messages) and self._sent - self._acknowledged < self._window:
            topic, payload = self._messages[self._sent]
            out.append(packet(0x32, text(topic) + struct.pack(">H", self._sent % 65535 + 1) + payload))
            self._sent += 1
        if out:
            self._transport.write(b"".join(out))
        if self._acknowledged == len(self._messages) and not self.done.done():
            self.done.set_result(None)
            self._transport.close()

    def itself(self) -> Device:
        """Return the device: what the loop asks for when it connects."""
        return self

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail unless everything had been acknowledged."""
        if not self.done.done():
            self.done.set_exception(ConnectionError(f"{self._name} lost its connection: {exc}"))


async def send(arguments: argparse.Namespace) -> float:
    """Send the file and return the seconds it took."""
    messages = [
        (topic, base64.b64decode(payload))
        for topic, payload in (line.split("\t") for line in Path(arguments.file).read_text().splitlines())
    ]
    secrets = json.loads(Path(arguments.keys).read_text())
    # What one device or gateway says stays in order: its messages go over one connection.
    lines: dict[tuple[str, int], list[tuple[str, bytes]]] = {}
    for topic, payload in messages:
        kind, name, *_ = topic.split("/")
        line = (name, 0) if kind == "gateway" else ("single", crc32(topic.encode()) % arguments.connections)
        lines.setdefault(line, []).append((topic, payload))
    window = max(1, arguments.connections * arguments.window // len(lines))
    loop = asyncio.get_running_loop()
    devices = [
        Device(f"bench-{name}-{number}", (name, secrets[name]), mine, window) for (name, number), mine in lines.items()
    ]
    began = time.perf_counter()
    for device in devices:
        await loop.create_connection(device.itself, "127.0.0.1", arguments.port)
    await asyncio.gather(*(device.done for device in devices))
    return time.perf_counter() - began


def main() -> int:
    """Send and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("keys")
    parser.add_argument("file")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--window", type=int, default=64)
    print(asyncio.run(send(parser.parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
