"""A site on a PostgreSQL and a NATS of the city's own: started with the two URLs, it starts neither itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import psycopg
import pytest

from xiuhua.site.tests.test_whole_site import ENVIRONMENT, Up, asked, command, new_key, signed_in
from xiuhua.stack.nats_server import server_path
from xiuhua.stack.ports import answers, any_free
from xiuhua.stack.postgres import make_postgres, program_path
from xiuhua.stack.running import read_site
from xiuhua.stack.starting import tied

# As docs/operate/settings.md asks for it; the last part is what `xiuhua door` prints.
NATS = """
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{store}", sync_interval: always }}
mqtt {{ listen: "127.0.0.1:{mqtt}" }}
server_name: city
{door}
"""
URL = "nats://xiuhua:se%2Fcret%40@127.0.0.1:{port}"


@contextlib.contextmanager
def running(command: list[str], port: int, stop: signal.Signals) -> Iterator[None]:
    """Run a server until the block ends."""
    process = subprocess.Popen(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not answers("127.0.0.1", port):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(stop)
        process.wait(60)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Return the URL of a database whose owner is no superuser and whose password needs encoding."""
    server, port = make_postgres(tmp_path / "city"), any_free()
    options = ["-D", str(server.folder), "-k", str(server.sockets), "-c", "listen_addresses=127.0.0.1"]
    line = [str(program_path("postgres")), *options, "-c", f"port={port}"]
    with running(tied(signal.SIGINT, line, uid=server.uid, gid=server.gid), port, signal.SIGINT):
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            connection.execute("CREATE ROLE city LOGIN PASSWORD 'p@ss/word'")
            connection.execute("CREATE DATABASE fine OWNER city")
        yield f"postgresql://city:p%40ss%2Fword@127.0.0.1:{port}/fine"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Return the URL of a NATS and the port of its MQTT."""
    port, mqtt = any_free(), any_free()
    config = tmp_path / "city.conf"
    settings = {**ENVIRONMENT, "XIUHUA_DATA": str(tmp_path / "data"), "XIUHUA_NATS_URL": URL.format(port=port)}
    door = subprocess.run(command("door"), env=settings, capture_output=True, text=True, check=True, timeout=60).stdout
    config.write_text(NATS.format(port=port, mqtt=mqtt, store=tmp_path / "streams", door=door))
    with running([str(server_path()), "--config", str(config)], port, signal.SIGTERM):
        yield URL.format(port=port), mqtt


def test_it_serves_from_them_and_starts_none_of_its_own(database: str, broker: tuple[str, int], tmp_path: Path) -> None:
    url, mqtt = broker
    settings = {"XIUHUA_DATABASE_URL": database, "XIUHUA_NATS_URL": url, "XIUHUA_MQTT_PORT": str(mqtt)}
    site = Up(tmp_path / "data", tmp_path / "up.log", "--empty", **settings)
    try:
        status, me = asked(site, "/api/session", signed_in(site))
        assert (status, me["username"]) == (200, "admin")
        started = read_site(site.data)
        assert started is not None and {part.name for part in started.parts} == {"ingest", "work", "devices", "web"}
        assert {path.name for path in site.data.iterdir()}.isdisjoint({"pg", "nats"})
        asyncio.run(_report(mqtt, new_key(site, "sign-1")))
        with psycopg.connect(database) as connection:
            until = time.monotonic() + 20
            while _set_aside(connection) == 0:
                assert time.monotonic() < until, "the report did not come through"
                time.sleep(0.2)
    finally:
        assert site.stop() == 0


async def _report(port: int, secret: str) -> None:
    async with aiomqtt.Client("127.0.0.1", port, username="sign-1", password=secret, identifier="d1") as client:
        await client.publish("city/mobility/stop_sign/nobody/heartbeat", b"{}", qos=1, timeout=10)


def _set_aside(connection: psycopg.Connection) -> int:
    ((count,),) = connection.execute("SELECT count(*) FROM readings_quarantine").fetchall()
    connection.rollback()
    return int(count)
