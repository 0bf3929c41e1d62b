"""`xiuhua up`: starts PostgreSQL, NATS, web, ingest and background work, and looks after them until told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import time
import urllib.request
from dataclasses import dataclass
from types import FrameType
from urllib.error import URLError

from xiuhua.kernel.errors import Conflict, Invalid, Unavailable, XiuhuaError
from xiuhua.kernel.words import Label
from xiuhua.stack import nats_server, postgres
from xiuhua.stack.backup import STAGING
from xiuhua.stack.commands import Command
from xiuhua.stack.config import NODE_FILE, Config, keep_node, read_config
from xiuhua.stack.console import say, step, words
from xiuhua.stack.files_place import check_files
from xiuhua.stack.holding import wanted_hold
from xiuhua.stack.own_database import check_database
from xiuhua.stack.ports import Listener, any_free, in_url, reachable, require_apart, require_free
from xiuhua.stack.running import Part, Site, hold, write_site
from xiuhua.stack.secrets import keep_secret, kept_secret
from xiuhua.stack.serving import marked_ready
from xiuhua.stack.starting import Nursery
from xiuhua.stack.strays import MARK, stop_strays
from xiuhua.stack.supervisor import POLLED_EVERY_S, Program, Supervisor

OURS = ("ingest", "work", "devices", "web")
INGEST = "ingest"
LOADED = (
    "xiuhua.site.loaded",
    "xiuhua.site.urls",
    "xiuhua.site.commands.prepare",
    *(f"xiuhua.site.commands.serve_{name}" for name in OURS),
)
DEMO_ACCOUNTS = "demo-accounts.txt"


@dataclass(slots=True)
class Running:
    """The site under way in this process."""

    config: Config
    site: Site
    nursery: Nursery

    def wrote(self, parts: list[Part]) -> None:
        """Keep the state file in step with the processes."""
        self.site.parts = parts
        write_site(self.config.data, self.site)


def up(arguments: argparse.Namespace) -> int:
    """Run the site until Ctrl-C or SIGTERM."""
    took_from = time.monotonic()
    config = _with_options(arguments)
    listeners = _listeners(config)
    require_apart(listeners)
    config.data.mkdir(parents=True, exist_ok=True)
    _keep_node(config)
    if (config.data / STAGING).exists():
        raise Conflict("stack.restore_cut_off", data=str(config.data))
    with hold(config.data):
        _stop_left_behind(config)
        for one in listeners:
            require_free(one.address, one.port, one.option)
        if config.database_url:
            check_database(config.database_url)
        check_files(config)
        running = Running(config=config, site=_new_site(config), nursery=Nursery(LOADED))
        supervisor = Supervisor(changed=running.wrote)
        _stop_when_told(supervisor)
        try:
            _start(running, supervisor, empty=arguments.empty)
            if not supervisor.stopping:
                running.site.ready = True
                write_site(config.data, running.site)
                _tell(running, time.monotonic() - took_from)
            _look_after(running, supervisor)
        finally:
            running.site.ready = False
            with step(Label(zh="停止各进程", en="stopping")):
                supervisor.stop()
                postgres.forget_sockets(config.data / "pg")
            (config.data / "run" / "site.json").unlink(missing_ok=True)
    say(Label(zh="已停止", en="Stopped."))
    return 0


def _with_options(arguments: argparse.Namespace) -> Config:
    options = {
        "XIUHUA_PORT": arguments.port, "XIUHUA_MQTT_PORT": arguments.mqtt_port,
        "XIUHUA_NATS_PORT": arguments.nats_port, "XIUHUA_ADDRESS": arguments.address,
        "XIUHUA_INGEST": arguments.ingest,
        "XIUHUA_EDGE": arguments.edge, "XIUHUA_UPSTREAM": arguments.upstream,
    }  # fmt: skip
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    return read_config()


def _keep_node(config: Config) -> None:
    """Remember that this is a town's node, with the key from the environment; raises Invalid without one."""
    if not config.edge:
        return
    if (config.data / "begun").exists() and not (config.data / NODE_FILE).exists():
        raise Conflict("site.not_a_node", data=str(config.data))
    key = os.environ.pop("XIUHUA_NODE_KEY", "").strip()
    if key:
        keep_secret(config.data, "node_key", key)
    if not kept_secret(config.data, "node_key"):
        raise Invalid("stack.setting", variable="XIUHUA_NODE_KEY", value="", allowed="node-310117003-1:…")
    keep_node(config.data, edge=config.edge, upstream=config.upstream)


def _listeners(config: Config) -> list[Listener]:
    found = [Listener(address=config.address, port=config.http_port, option="--port")]
    if not config.nats_url:
        found.append(Listener(address=config.mqtt_address, port=config.mqtt_port, option="--mqtt-port"))
        found.append(Listener(address="127.0.0.1", port=config.nats_port, option="--nats-port"))
    return found


def _new_site(config: Config) -> Site:
    return Site(
        pid=os.getpid(), started=time.time(), address=config.address, http_port=config.http_port,
        mqtt_address=config.mqtt_address, mqtt_port=config.mqtt_port,
        nats_port=config.nats_port or any_free(), database="",
    )  # fmt: skip


def _stop_left_behind(config: Config) -> None:
    with step(Label(zh="停止上次遗留的进程", en="stopping what the last run left behind")):
        stop_strays(config.data)
        nats_server.stop_stale(config.data)
        postgres.stop_stale(config.data / "pg")


def _stop_when_told(supervisor: Supervisor) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.stopping = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _start(running: Running, supervisor: Supervisor, *, empty: bool) -> None:
    config, site = running.config, running.site
    logs = config.data / "logs"
    logs.mkdir(exist_ok=True)
    # Everything started from here on finds the site by its environment; so does the next `up` its strays.
    os.environ.update({"XIUHUA_DATA": str(config.data), MARK: str(config.data)})
    broker = nats_server.make_nats(config, site.nats_port)
    programs: list[Program] = []
    if not config.database_url:
        with step(Label(zh="准备 PostgreSQL", en="making PostgreSQL ready")):
            database = postgres.make_postgres(config.data)
        os.environ["XIUHUA_DATABASE_URL"] = site.database = database.url
        programs.append(database.program(logs / "postgres.out"))
    if not config.nats_url:
        # Nobody is let in before the ingest process answers for them, and by then the places of their messages stand.
        broker.write_config()
        os.environ["XIUHUA_NATS_URL"] = broker.url
        programs.append(broker.program(logs / "nats.out"))
    running.nursery.open()
    with step(Label(zh="启动 PostgreSQL 和 NATS", en="starting PostgreSQL and NATS")):
        supervisor.start(*programs)
    if not supervisor.stopping:
        _prepare(running, supervisor, empty=empty)
    if not supervisor.stopping:
        with step(Label(zh="启动网页、接入和后台进程", en="starting web, ingest and background work")):
            supervisor.start(*(_ours(running, name, kind) for kind in OURS for name in names_of(kind, config.ingest)))


def _prepare(running: Running, supervisor: Supervisor, *, empty: bool) -> None:
    # A node's things come from the centre.
    arguments = argparse.Namespace(empty=empty or bool(running.config.edge))
    with step(Label(zh="载入程序", en="loading the program")):
        process = running.nursery.start("xiuhua.site.commands.prepare:prepare", "prepare", arguments, None)
    while process.poll() is None:
        time.sleep(POLLED_EVERY_S)
        if supervisor.stopping:
            process.send_signal(signal.SIGTERM)
            process.wait()
    status = process.poll()
    if status != 0 and not supervisor.stopping:
        raise Unavailable("site.not_prepared", log=str(running.config.data / "logs" / "prepare.log"))


def names_of(kind: str, ingest: int) -> list[str]:
    """Return the names of our processes of a kind: several ingest processes are numbered."""
    return [f"{kind}-{number + 1}" for number in range(ingest)] if kind == INGEST and ingest > 1 else [kind]


def _ours(running: Running, name: str, kind: str) -> Program:
    config = running.config
    url = f"http://{in_url(reachable(config.address))}:{config.http_port}/health/ready"
    log = config.data / "logs" / f"{name}.out"
    place = f"xiuhua.site.commands.serve_{kind}:serve_{kind}"
    arguments = argparse.Namespace(name=name) if kind == INGEST else argparse.Namespace()
    return Program(
        name=name,
        start=lambda: running.nursery.start(place, name, arguments, log),
        log=log,
        ready=(lambda _pid: _answers(url)) if name == "web" else marked_ready(config.data, name),
        stop_wait_s=15.0,
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _tell(running: Running, seconds: float) -> None:
    config = running.config
    say(
        Label(
            zh="\n绣花已就绪（{seconds:.1f} 秒）：{url}\n设备接入：{mqtt}，密钥在“设备 → 密钥”页生成",
            en="\nXiuhua is ready ({seconds:.1f} s): {url}\nDevices call {mqtt}; make their keys under Devices, Keys",
        ),
        seconds=seconds,
        url=f"http://{in_url(reachable(config.address))}:{config.http_port}/",
        mqtt=nats_server.mqtt_url(config, called_as=reachable(config.mqtt_address)),
    )
    accounts = config.data / DEMO_ACCOUNTS
    if accounts.is_file():
        say(Label(zh="演示账号（{file}）：\n{accounts}", en="Demonstration accounts ({file}):\n{accounts}"),
            file=accounts, accounts="\n".join(f"  {line}" for line in accounts.read_text().splitlines()))  # fmt: skip
    say(Label(zh="按 Ctrl-C 停止", en="Ctrl-C stops it."))


def _look_after(running: Running, supervisor: Supervisor) -> None:
    while not supervisor.stopping:
        wanted = wanted_hold(running.config.data)
        try:
            if wanted:
                supervisor.hold(wanted)
            else:
                supervisor.release()
        except XiuhuaError as error:
            say(Label(zh="  ! {error}", en="  ! {error}"), error=error)
        supervisor.tend()
        time.sleep(POLLED_EVERY_S)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `up`."""
    parser.add_argument("--port", type=int, help=words(Label(zh="网页端口（8750）", en="port of the pages (8750)")))
    parser.add_argument("--mqtt-port", type=int, help=words(Label(zh="设备接入端口（1883）", en="port of MQTT (1883)")))
    parser.add_argument(
        "--nats-port",
        type=int,
        help=words(Label(zh="本机 NATS 端口（任一空闲的）", en="port of NATS on 127.0.0.1 (any free one)")),
    )
    parser.add_argument(
        "--address", help=words(Label(zh="监听地址（127.0.0.1）", en="address to listen on (127.0.0.1)"))
    )
    parser.add_argument(
        "--ingest",
        type=int,
        help=words(
            Label(zh="接入进程数（1），分担八个分区", en="ingest processes (1) that share the eight partitions")
        ),
    )
    parser.add_argument(
        "--edge",
        metavar="TOWN",
        help=words(Label(zh="作为街镇节点运行，如 310117003", en="run as the node of a town, such as 310117003")),
    )
    parser.add_argument("--upstream", metavar="URL", help=words(Label(zh="中心的网址", en="the URL of the centre")))
    parser.add_argument(
        "--empty", action="store_true", help=words(Label(zh="不载入演示数据", en="without demonstration data"))
    )


UP = Command(
    says=Label(
        zh="启动整个站点：PostgreSQL、NATS、网页、接入、后台。Ctrl-C 依次停止。",
        en="Starts the whole site: PostgreSQL, NATS, web, ingest and background work. Ctrl-C stops it in order.",
    ),
    examples=(
        "xiuhua up",
        "xiuhua up --empty --data /srv/xiuhua",
        "xiuhua up --port 8080 --mqtt-port 2883",
        "xiuhua up --ingest 2",
        "xiuhua up --edge 310117003 --upstream https://centre.example",
    ),
    arguments=add_arguments,
    run=up,
)
