"""Three NATS nodes as docs/operate/settings.md says, and the one that leads the devices' messages killed."""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import time
from dataclasses import dataclass, field
from urllib.parse import quote

import nats
from nats.js.api import StreamInfo

from xiuhua.kernel.errors import Unavailable
from xiuhua.readings.listen import FEED_STREAM, MQTT_STREAM, prepare
from xiuhua.readings.tests.trial import Kill, Progress, Servers, free_port, wait_for_ports
from xiuhua.stack.nats_address import nats_address
from xiuhua.stack.nats_server import OUR_USER, accounts, server_path
from xiuhua.stack.secrets import read_secret

NODES = ("one", "two", "three")
READY_WITHIN_S = 60.0
AWAY_S = 1.0
HEARD_AGAIN = 50
_CONFIG = """\
server_name: {name}
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: {store}, sync_interval: always }}
cluster {{ name: city, listen: "127.0.0.1:{route}", routes: [{routes}] }}
mqtt {{ listen: "127.0.0.1:{mqtt}", ack_wait: "30s", max_ack_pending: 1000, stream_replicas: 3 }}
include door.conf
"""


@dataclass(kw_only=True)
class Cluster(Servers):
    """Three NATS nodes and the ingest process. A device that connects again is sent to the next node."""

    _ports: dict[str, tuple[int, int, int]] = field(init=False)
    _nodes: dict[str, subprocess.Popen[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ports = {name: (free_port(), free_port(), free_port()) for name in NODES}
        self._turns = itertools.cycle(NODES)
        self._nodes = {}

    @property
    def url(self) -> str:
        """Return where the ingest process finds the three."""
        password = quote(read_secret(self.data, "nats"), safe="")
        return f"nats://{OUR_USER}:{password}@" + ",".join(f"127.0.0.1:{port}" for port, _, _ in self._ports.values())

    @property
    def mqtt_port(self) -> int:
        """Return the next node's port."""
        return self._ports[next(self._turns)][1]

    def start_nats(self) -> None:
        """Start the three and wait until they agree."""
        door = accounts(self.data, our_user=OUR_USER, our_password=read_secret(self.data, "nats"))
        routes = ", ".join(f'"nats://127.0.0.1:{route}"' for _, _, route in self._ports.values())
        for name, (port, mqtt, route) in self._ports.items():
            folder = self.data / name
            folder.mkdir()
            (folder / "door.conf").write_text(door)
            (folder / "nats.conf").write_text(
                _CONFIG.format(
                    name=name, port=port, mqtt=mqtt, route=route, routes=routes, store=json.dumps(str(folder / "store"))
                )
            )
            self.start_node(name)
        until = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                return prepare(self.url)
            except Unavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def start_node(self, name: str) -> None:
        """Start one node and wait until it listens."""
        self._nodes[name] = subprocess.Popen([server_path(), "--config", self.data / name / "nats.conf"])
        wait_for_ports(*self._ports[name][:2])

    def kill_node(self, name: str) -> None:
        """Kill one node as a power cut would."""
        self._nodes[name].kill()
        self._nodes[name].wait()

    def stop(self) -> None:
        """End whatever still runs."""
        super().stop()
        for node in self._nodes.values():
            node.kill()
            node.wait()


async def looked_at(servers: Servers, stream: str) -> StreamInfo:
    """Return what the nodes say of a stream."""
    client = await nats.connect(**nats_address(servers.url))
    try:
        return await client.jetstream().stream_info(stream)
    finally:
        await client.close()


async def kill_leader_often(cluster: Cluster, kills: int, seconds: float, progress: Progress) -> list[Kill]:
    """Kill the node that leads the stream of devices' messages that many times, spread over `seconds`, and start it
    again; each time all three hold every message first and the devices are heard again. In a Kill, `in_hand` is how
    many messages lay in the stream.
    """
    begin = time.monotonic()
    done: list[Kill] = []
    progress.kills, sent = kills, 0
    while len(done) < kills:
        await asyncio.sleep(max(0.0, begin + seconds * (len(done) + 0.5) / kills - time.monotonic()))
        while progress.sent < sent + HEARD_AGAIN:
            await asyncio.sleep(0.1)
        leader, pending = await _whole(cluster)
        sent = progress.sent
        cluster.kill_node(leader)
        done.append(Kill(after_s=time.monotonic() - begin, sent=sent, in_hand=pending))
        progress.killed = len(done)
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(cluster.start_node, leader)
    return done


async def _whole(cluster: Cluster) -> tuple[str, int]:
    """Wait until all three hold the stream whole; return which of them leads, and how many messages it has."""
    until = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            found = [await looked_at(cluster, name) for name in (MQTT_STREAM, FEED_STREAM)]
        except (TimeoutError, nats.errors.Error):
            found = []
        parts = [one.cluster for one in found if one.cluster is not None]
        if len(parts) == 2 and all(
            part.leader and sum(bool(node.current) for node in part.replicas or ()) == 2 for part in parts
        ):
            return str(parts[0].leader), found[0].state.messages
        if time.monotonic() > until:
            raise RuntimeError(f"the nodes do not agree: {found}")
        await asyncio.sleep(0.2)
