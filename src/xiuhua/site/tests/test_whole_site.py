"""The whole site as people start it: up, refused twice, crashes, a backup while it runs, restored, stopped."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path

import aiomqtt
import psutil
import psycopg
import pytest

from xiuhua.stack.ports import any_free
from xiuhua.stack.running import read_site

START_WITHIN_S = 180
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "xiuhua.site.command_line", *words]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=180)


class Up:
    """An `up` under way."""

    def __init__(self, data: Path, log: Path, *options: str, **settings: str) -> None:
        self.data, self.log = data, log
        self.port, self.mqtt_port = any_free(), int(settings.get("XIUHUA_MQTT_PORT", any_free()))
        environment = {**ENVIRONMENT, **settings}
        self.options = ("--port", str(self.port), "--mqtt-port", str(self.mqtt_port), *options)
        with log.open("w") as words:
            self.process = subprocess.Popen(
                command("up", "--data", str(data), *self.options), env=environment, stdout=words, stderr=words
            )
        until = time.monotonic() + START_WITHIN_S
        while "http://" not in self.said():
            assert self.process.poll() is None and time.monotonic() < until, self.said()
            time.sleep(0.1)

    def said(self) -> str:
        return self.log.read_text()

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(run("status", "--json", "--data", str(self.data)).stdout)
        return found

    def parts(self) -> dict[str, dict[str, object]]:
        parts = self.status()["processes"]
        assert isinstance(parts, list)
        return {part["name"]: part for part in parts}

    def page(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Return an empty site that runs."""
    folder = tmp_path_factory.mktemp("whole")
    up = Up(folder / "data", folder / "up.log", "--empty")
    yield up
    with contextlib.suppress(ProcessLookupError):
        up.stop()


def test_it_is_healthy_and_asks_for_a_sign_in(site: Up) -> None:
    assert site.page("/health/live") == 200 and site.page("/health/ready") == 200
    assert site.page("/api/session") in (200, 401)
    assert site.status()["site"] == "ready"
    assert {"postgres", "nats", "ingest", "work", "web"} <= site.parts().keys()
    until = time.monotonic() + 30
    while site.status()["partitions"] != {"ingest": "0 1 2 3 4 5 6 7"}:
        assert time.monotonic() < until


def test_the_first_password_is_shown_once_and_kept_nowhere(site: Up) -> None:
    (password,) = [line.split()[-1] for line in site.said().splitlines() if "assword (shown" in line]
    for path in (site.data / "logs").rglob("*"):
        assert not path.is_file() or password not in path.read_text(errors="replace")


def test_a_second_up_on_the_folder_is_refused(site: Up) -> None:
    refused = run("up", "--data", str(site.data))
    assert refused.returncode == 1 and str(site.process.pid) in refused.stderr


def test_a_busy_port_is_named_with_its_option(site: Up, tmp_path: Path) -> None:
    refused = run("up", "--data", str(tmp_path / "other"), "--port", str(site.port))
    assert refused.returncode == 1 and "--port" in refused.stderr and str(site.port) in refused.stderr


def test_a_device_with_a_key_may_publish_and_one_without_may_not_connect(site: Up) -> None:
    async def publish(secret: str) -> None:
        async with aiomqtt.Client("127.0.0.1", site.mqtt_port, username="sign-x1", password=secret) as client:
            await client.publish("city/mobility/stop_sign/X1/heartbeat", '{"value": 1}', qos=1, timeout=10)

    asyncio.run(publish(new_key(site, "sign-x1")))
    with pytest.raises(aiomqtt.MqttError):
        asyncio.run(publish("guess"))


def signed_in(site: Up) -> dict[str, str]:
    """Sign in as the first administrator; return the headers of further calls."""
    (password,) = [line.split()[-1] for line in site.said().splitlines() if "assword (shown" in line]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar := CookieJar()))
    with contextlib.suppress(urllib.error.HTTPError):
        opener.open(f"http://127.0.0.1:{site.port}/api/session", timeout=10)
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken") or ""
    body = json.dumps({"username": "admin", "password": password}).encode()
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    opener.open(urllib.request.Request(f"http://127.0.0.1:{site.port}/api/session", body, headers), timeout=10).close()
    return {"Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)}


def asked(site: Up, path: str, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, json.load(answer)
    finally:
        line.close()


def new_key(site: Up, name: str) -> str:
    """Make a key that speaks for every stop sign, and return its secret."""
    headers = signed_in(site)
    token = headers["Cookie"].partition("csrftoken=")[2].partition(";")[0]
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        body = json.dumps({"name": name, "types": ["mobility.stop_sign"]})
        line.request("POST", "/api/devices/keys", body, {**headers, "X-CSRFToken": token})
        answer = line.getresponse()
        made = json.load(answer)
        assert answer.status == 201, made
        return str(made["secret"])
    finally:
        line.close()


def database_of(site: Up) -> str:
    found = read_site(site.data)
    assert found is not None
    return found.database


def test_a_burst_of_page_loads_is_answered_and_leaves_no_connections(site: Up) -> None:
    headers = signed_in(site)
    paths = ["/api/session", "/api/cases/counts", "/api/alarms/counts", "/api/areas"] * 50
    with psycopg.connect(database_of(site), autocommit=True) as database, ThreadPoolExecutor(100) as pool:
        count = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        ((before,),) = database.execute(count).fetchall()
        assert {status for status, _ in pool.map(lambda path: asked(site, path, headers), paths)} == {200}
        time.sleep(0.5)
        ((after,),) = database.execute(count).fetchall()
    assert after <= before + 5


def test_a_killed_process_comes_back(site: Up) -> None:
    before = site.parts()["ingest"]["pid"]
    assert isinstance(before, int)
    os.kill(before, signal.SIGKILL)
    until = time.monotonic() + 30
    while (part := site.parts()["ingest"])["state"] != "up" or part["pid"] == before:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert part["restarts"] == 1 and "ingest" in site.said()


def test_a_backup_of_the_running_site_comes_back_whole(site: Up, tmp_path: Path) -> None:
    file = tmp_path / "monday.tar"
    saved = run("backup", "--data", str(site.data), str(file))
    assert saved.returncode == 0, saved.stderr
    assert {part["state"] for part in site.parts().values()} == {"up"}
    restored = run("restore", "--data", str(tmp_path / "new"), str(file))
    assert restored.returncode == 0, restored.stderr
    verified = run("audit", "verify", "--data", str(tmp_path / "new"))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_after_a_kill_of_up_the_next_one_clears_up_and_stops_without_orphans(site: Up, tmp_path: Path) -> None:
    below = psutil.Process(site.process.pid).children(recursive=True)
    site.process.kill()
    site.process.wait()
    again = Up(site.data, tmp_path / "again.log")
    assert again.page("/health/ready") == 200
    assert "assword (shown" not in again.said()
    assert [process for process in below if process.is_running() and process.status() != "zombie"] == []
    below = psutil.Process(again.process.pid).children(recursive=True)
    assert again.stop() == 0
    _, alive = psutil.wait_procs(below, timeout=5)
    assert alive == []
