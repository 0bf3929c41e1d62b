"""A real site with its demonstration, started as people start it, and browsers in which they sign in."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from paho.mqtt import publish
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from xiuhua.readings.topics import Address, topic_of
from xiuhua.stack.ports import any_free
from xiuhua.stack.secrets import read_secret
from xiuhua.testbed.devices import DEVICES_KEY

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
START_WITHIN_S = 240.0
ENDED_WITHIN_S = 5.0
SHOWN_WITHIN_MS = 30_000
DESK, WALL = (1440, 900), (1920, 1080)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running site: where it answers, where its data lies, and who may sign in."""

    data: Path
    port: int
    mqtt_port: int
    passwords: dict[str, str]

    def address(self, path: str) -> str:
        """Return the whole address of a page."""
        return f"http://127.0.0.1:{self.port}{path}"

    def send(self, *, kind: str, code: str, stream: str, payload: str) -> None:
        """Publish one message as a device does: MQTT, QoS 1; returns once it is acknowledged."""
        publish.single(
            topic_of(Address(type=kind, code=code, stream=stream)), payload, qos=1, hostname="127.0.0.1",
            port=self.mqtt_port, auth={"username": DEVICES_KEY, "password": read_secret(self.data, DEVICES_KEY)},
        )  # fmt: skip

    def command(self, *words: str) -> str:
        """Run a command of the site and return what it said."""
        done = subprocess.run(
            [ROOT / "xiuhua", *words], env=environment(), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environment() -> dict[str, str]:
    """Return the environment without the settings under which the other tests run."""
    return {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start `./xiuhua up`; at the end stop it and look that nothing is left of it."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM} (Debian: apt install chromium)")
    if not (ROOT / "web" / "dist" / "index.html").is_file() and shutil.which("npm") is None:
        pytest.skip("the pages are not built and there is no npm: ./xiuhua up builds them")
    folder = tmp_path_factory.mktemp("e2e")
    data, log = folder / "data", folder / "up.log"
    port, mqtt_port = any_free(), any_free()
    options = ("--data", str(data), "--port", str(port), "--mqtt-port", str(mqtt_port))
    with log.open("w") as words:
        process = subprocess.Popen([ROOT / "xiuhua", "up", *options], env=environment(), stdout=words, stderr=words)
    try:
        until = time.monotonic() + START_WITHIN_S
        while "http://" not in log.read_text():
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        accounts = (data / "demo-accounts.txt").read_text(encoding="utf-8").splitlines()
        passwords = {line.split("\t")[0]: line.split("\t")[1] for line in accounts}
        yield Site(data=data, port=port, mqtt_port=mqtt_port, passwords=passwords)
    finally:
        below = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        process.send_signal(signal.SIGTERM)
        status = process.wait(90)
    assert status == 0, log.read_text()
    until = time.monotonic() + ENDED_WITHIN_S
    while (left := list(still_running(data, below))) and time.monotonic() < until:
        time.sleep(0.1)
    assert left == []


def still_running(data: Path, pids: list[int]) -> Iterator[str]:
    """Name every process that is one of `pids` or was started on the data folder."""
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        with contextlib.suppress(psutil.NoSuchProcess):
            words = " ".join(process.info["cmdline"] or ())
            if process.info["status"] != psutil.STATUS_ZOMBIE and (process.pid in pids or str(data) in words):
                yield f"{process.pid} {words}"


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    """Return Debian's chromium; it ends with this package, for its event loop would stay in the way of others."""
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass(kw_only=True)
class Screen:
    """One person's browser, and every error its console showed. `refused` are ends of addresses that must answer with
    an error in this test: the browser prints those too.
    """

    site: Site
    page: Page
    errors: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def go(self, path: str) -> Page:
        """Open a page."""
        self.page.goto(self.site.address(path))
        return self.page

    def get(self, path: str) -> Any:
        """Ask the API as this person."""
        answer = self.page.request.get(self.site.address(f"/api{path}"))
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Send to the API as this person; return status and answer."""
        cookies = {cookie["name"]: cookie["value"] for cookie in self.page.context.cookies()}
        answer = self.page.request.post(
            self.site.address(f"/api{path}"), data=body, headers={"X-CSRFToken": cookies["csrftoken"]}
        )
        return answer.status, answer.json()

    def sign_in(self, username: str, password: str) -> None:
        """Fill in the form and send it."""
        self.page.locator("#username").fill(username)
        self.page.locator("#password").fill(password)
        self.page.locator("button[type=submit]").click()


Opens = Callable[..., Screen]


@pytest.fixture
def screens(site: Site, browser: Browser) -> Iterator[Opens]:
    """Open screens, each in a browser of its own; none may show an error on its console."""
    opened: list[Screen] = []

    def open_screen(username: str = "", size: tuple[int, int] = DESK) -> Screen:
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(SHOWN_WITHIN_MS)
        screen = Screen(site=site, page=context.new_page())
        screen.page.on("console", lambda message: note(screen, message))
        screen.page.on("pageerror", lambda error: screen.errors.append(str(error)))
        opened.append(screen)
        screen.go("/")
        if username:
            screen.sign_in(username, site.passwords[username])
            expect(screen.page.get_by_role("navigation")).to_be_visible()
        return screen

    yield open_screen
    for screen in opened:
        screen.page.context.close()
    assert [error for screen in opened for error in screen.errors] == []


def note(screen: Screen, message: ConsoleMessage) -> None:
    """Keep an error. Asking who is signed in is answered 401 when nobody is, on every first page."""
    url = message.location.get("url", "")
    wanted = (url.endswith("/api/session") and "401" in message.text) or url.endswith(tuple(screen.refused))
    if message.type == "error" and not wanted:
        screen.errors.append(f"{message.text} ({url})")
