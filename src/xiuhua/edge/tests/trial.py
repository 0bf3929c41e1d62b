"""Two whole sites and a line that can be cut: sends a day's readings to the node, kills it, and compares both ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt
import psutil
import psycopg

from xiuhua.stack.ports import any_free

TOWN = "310117001"
PATH = f"310117/{TOWN}/"
UNIT = f"town-{TOWN}"
ACT = "import xiuhua.site.loaded, xiuhua.edge.tests.acts as acts; acts.main()"
ROOT = Path(__file__).resolve().parents[4]
STEP_MS = 300_000
MEASURES = {
    "readings": """
        SELECT count(*), coalesce(sum(r.value), 0)::text,
               md5(string_agg(concat_ws(' ', d.object_id, d.stream, r.at, r.value, r.code, r.quality, r.received_at), ''
                              ORDER BY d.object_id, d.stream, r.at))
        FROM readings_reading r JOIN readings_datastream d ON d.id = r.datastream_id
        WHERE starts_with(d.area_path, %(path)s)
    """,
    "latest values": """
        SELECT count(*), md5(string_agg(concat_ws(' ', d.object_id, d.stream, l.at, l.value, l.code), ''
                                        ORDER BY d.object_id, d.stream))
        FROM readings_latest l JOIN readings_datastream d ON d.id = l.datastream_id
        WHERE starts_with(d.area_path, %(path)s)
    """,
    "alarms": """
        SELECT count(*), coalesce(sum(count), 0),
               md5(string_agg((to_jsonb(a) - 'datastream_id')::text, '' ORDER BY a.id))
        FROM readings_alarm a WHERE starts_with(area_path, %(path)s)
    """,
    "cases": """
        SELECT count(*), md5(string_agg(to_jsonb(c)::text, '' ORDER BY c.id))
        FROM cases_case c WHERE starts_with(area_path, %(path)s)
    """,
    "clocks": """
        SELECT count(*), md5(string_agg((to_jsonb(k) - 'id')::text, '' ORDER BY k.case_id, k.started_at, k.clock))
        FROM cases_caseclock k JOIN cases_case c ON c.id = k.case_id WHERE starts_with(c.area_path, %(path)s)
    """,
    "evidence": """
        SELECT count(*), md5(string_agg((to_jsonb(e) - 'id')::text, '' ORDER BY e.case_id, e.added_at))
        FROM cases_evidence e JOIN cases_case c ON c.id = e.case_id WHERE starts_with(c.area_path, %(path)s)
    """,
    # The node's order is that of its seals; the centre's that in which the rows came.
    "history, in order": """
        SELECT count(*), md5(string_agg(concat_ws(' ', h.at, h.actor, h.action, h.entity_id, h.why, h.data - 'node'),
                                        '' ORDER BY s.seq))
        FROM ledger_history h JOIN ledger_seal s ON s.history_id = h.id
        WHERE h.entity IN ('alarm', 'case') AND h.action <> 'taken_over' AND starts_with(h.area_path, %(path)s)
    """,
}


@dataclass(frozen=True, kw_only=True)
class Trial:
    """How many signs send for how long, of which how long the line is cut; `speed`: their time to ours."""

    signs: int
    hours: float
    cut_hours: float
    speed: float
    kills: int

    @property
    def steps(self) -> int:
        """Return how many times each sign reports."""
        return int(self.hours * 3_600_000 / STEP_MS)


class Proxy:
    """The line: passes bytes on to the centre until it is cut, which closes every socket."""

    def __init__(self, to: int) -> None:
        self.port = any_free()
        self._to = to
        self._open: set[socket.socket] = set()
        self._server: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        """Listen."""
        server = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self._server = server
        threading.Thread(target=self._serve, args=(server,), daemon=True).start()

    def cut(self) -> None:
        """Close every socket; nobody is let in until `mend`."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                inner, _ = server.accept()
                outer = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                if self._server is not server:
                    return
                continue
            self._open |= {inner, outer}
            for one, other in ((inner, outer), (outer, inner)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            self._open.discard(end)


@dataclass
class Site:
    """One `xiuhua up` on its own folder and ports."""

    data: Path
    options: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=any_free)
    mqtt_port: int = field(default_factory=any_free)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.data.parent / f"{self.data.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xiuhua.site.command_line", "--data", str(self.data), "up", "--empty", "--port",
                 str(self.port), "--mqtt-port", str(self.mqtt_port), *self.options],
                cwd=ROOT, env=self._environment(), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(lambda: bool(self._said() and self._said()["ready"]), 120, f"{self.data.name} ready")

    def kill(self) -> None:
        """Kill it and everything it started, at once, as a power cut would."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for one in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self.process.wait()
        (self.data / "run" / "site.json").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop it in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def ask(self, statement: str, **values: object) -> tuple[Any, ...]:
        """Return the one row of a query; an empty one while the database is away."""
        said = self._said()
        if not said:
            return ()
        try:
            with psycopg.connect(said["database"], connect_timeout=5) as connection:
                connection.execute("SET TIME ZONE 'UTC'")
                return connection.execute(statement.encode(), values).fetchone() or ()
        except psycopg.Error:
            return ()

    def act(self, name: str, said: str) -> Any:
        """Do one of the acts within the site."""
        environment = {**self._environment(), "XIUHUA_DATABASE_URL": self._said()["database"]}
        done = subprocess.run(
            [sys.executable, "-c", ACT, name, said], cwd=ROOT, env=environment, check=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        return json.loads(done.stdout.splitlines()[-1])

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}
        return {**kept, "XIUHUA_DATA": str(self.data), **self.extra}

    def _said(self) -> dict[str, Any]:
        path = self.data / "run" / "site.json"
        try:
            found: dict[str, Any] = json.loads(path.read_text())
            return found
        except (OSError, ValueError):
            return {}


@dataclass
class Sender:
    """The town's gateway: one sheet a step, sent again until it is acknowledged."""

    trial: Trial
    port: int
    secret: str
    begin_ms: int
    step: int = 0
    resent: int = 0
    stopping: bool = False

    @property
    def hour(self) -> float:
        """Return how far the day has come."""
        return self.step * STEP_MS / 3_600_000

    def run(self) -> None:
        """Send the whole day."""
        asyncio.run(self._run())

    def _sheet(self, step: int) -> bytes:
        codes = [f"ZP-{TOWN[6:]}-{number:04d}" for number in range(self.trial.signs)]
        # Each hour the supply of some signs is low; of some only about the middle of the day, while the line is cut.
        middle = abs(step - self.trial.steps / 2) < 9
        value = [
            190.0
            if ((step // 12 + number) % 4 == 0 if number % 4 == 0 else number % 4 == 2 and middle)
            else 220.0 + (step * 31 + number) % 90 / 10
            for number in range(len(codes))
        ]
        return json.dumps(
            {
                "streams": [f"mobility/stop_sign/{code}/voltage" for code in codes],
                "at": [self.begin_ms + step * STEP_MS + number for number in range(len(codes))],
                "value": value,
            }
        ).encode()

    async def _run(self) -> None:
        began = time.monotonic()
        while self.step < self.trial.steps and not self.stopping:
            try:
                async with aiomqtt.Client(
                    "127.0.0.1", self.port, username="gateway-1", password=self.secret, identifier="gateway-1"
                ) as client:
                    while self.step < self.trial.steps and not self.stopping:
                        due = began + self.step * STEP_MS / 1000 / self.trial.speed
                        await asyncio.sleep(max(0.0, due - time.monotonic()))
                        await client.publish("gateway/gateway-1/json", self._sheet(self.step), qos=1, timeout=10)
                        self.step += 1
            except aiomqtt.MqttError:
                self.resent += 1
                await asyncio.sleep(0.5)


def wait_for(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until it is true; raises TimeoutError."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.25)


def run_trial(folder: Path, trial: Trial) -> dict[str, object]:
    """Run it; returns what was found, `equal` among it."""
    centre = Site(data=folder / "centre")
    node: Site | None = None
    proxy: Proxy | None = None
    sender: Sender | None = None
    try:
        centre.start()
        made = centre.act("set_up", str(trial.signs))
        proxy = Proxy(centre.port)
        node = Site(
            data=folder / "node",
            options=("--edge", TOWN, "--upstream", f"http://127.0.0.1:{proxy.port}"),
            extra={"XIUHUA_NODE_KEY": made["key"]},
        )
        node.start()
        wait_for(lambda: node.ask("SELECT copied_at IS NOT NULL FROM edge_line") == (True,), 90, "copy")
        people = node.ask("SELECT string_agg(username, ' ' ORDER BY username) FROM people_user")
        begin_ms = int((time.time() - trial.hours * 3600) * 1000)
        sender = Sender(trial=trial, port=node.mqtt_port, secret=made["secret"], begin_ms=begin_ms)
        return _cut_and_compare(trial, centre, node, proxy, sender) | {"people at the node": people[0]}
    finally:
        if sender is not None:
            sender.stopping = True
        for one in (node, centre):
            if one is not None:
                one.stop()
        if proxy is not None:
            proxy.cut()


def _cut_and_compare(trial: Trial, centre: Site, node: Site, proxy: Proxy, sender: Sender) -> dict[str, object]:
    sending = threading.Thread(target=sender.run, daemon=True)
    sending.start()
    whole = trial.hours * 3600 / trial.speed * 3 + 300
    cut_from = (trial.hours - trial.cut_hours) / 2
    wait_for(lambda: sender.hour >= cut_from, whole, "time to cut")
    proxy.cut()
    cut_at, cut_hour = time.monotonic(), sender.hour
    before = centre.ask("SELECT count(*), (SELECT count(*) FROM cases_case) FROM readings_alarm")
    kills = 0
    for kill in range(trial.kills):
        share = cut_from + trial.cut_hours * (kill + 1) / (trial.kills + 2)
        wait_for(lambda share=share: sender.hour >= share, whole, "time to kill")  # type: ignore[misc]
        node.kill()
        kills += 1
        node.start()
    wait_for(lambda: sender.hour >= cut_from + trial.cut_hours, whole, "time to mend")
    wait_for(lambda: (node.ask("SELECT count(*) FROM cases_case") or (0,))[0] >= 2, 60, "cases at the node")
    worked = node.act("work_cases", "")
    there = node.ask("SELECT count(*), (SELECT count(*) FROM cases_case) FROM readings_alarm")
    here = centre.ask("SELECT count(*), (SELECT count(*) FROM cases_case) FROM readings_alarm")
    waited = node.ask("SELECT count(*), coalesce(sum(count) FILTER (WHERE kind = 'readings'), 0) FROM edge_outgoing")
    cut_s, cut_h = time.monotonic() - cut_at, sender.hour - cut_hour
    proxy.mend()
    sending.join(whole)
    wait_for(lambda: _settled(node, trial, sender), whole, "everything handed up")
    left = {
        name: (node.ask(question, path=PATH), centre.ask(question, path=PATH)) for name, question in MEASURES.items()
    }
    sent = trial.steps * trial.signs
    moved = centre.act("try_moves", json.dumps(worked))
    counts = centre.ask("SELECT readings_in, readings_new, set_aside FROM edge_node")
    foreign = node.ask("SELECT count(*) FROM objects_cityobject WHERE NOT starts_with(area_path, %(path)s)", path=PATH)
    found: dict[str, object] = {
        "readings sent and acknowledged to the gateway": sent,
        "line cut, s / hours of the day": f"{cut_s:.1f} / {cut_h:.1f}",
        "node killed while cut": kills,
        "sheets sent again after a kill": sender.resent,
        "waiting when mended: items, readings": waited,
        "alarms, cases: centre when cut": before,
        "alarms, cases: node, centre when mended": (there, here),
        "centre counted: in, new, set aside": counts,
        "objects of other towns at the node": foreign[0],
        "centre's moves after: kept, released": (moved["kept"], moved["released"], moved["kept_files"]),
    }
    for name, (at_node, at_centre) in left.items():
        found[f"{name}: {'equal' if at_node == at_centre else 'DIFFER'}"] = (
            at_node[:-1] if at_node == at_centre else (at_node, at_centre)
        )
    found["equal"] = (
        all(one == other and one for one, other in left.values())
        and left["readings"][0][0] == sent == counts[1]
        and counts[2] == 0
        and kills == trial.kills
        and there[1] > here[1]
        and here == before
        and foreign[0] == 0
        and (moved["kept"], moved["released"]) == ("ledger.owned_elsewhere", "moved")
        and len(moved["kept_files"]) == 1
    )
    return found


def _settled(node: Site, trial: Trial, sender: Sender) -> bool:
    """Return whether all is sent and stored, and nothing waits or is still to be sealed."""
    return sender.step >= trial.steps and node.ask(
        """
        SELECT (SELECT count(*) FROM readings_reading) = %(sent)s AND NOT EXISTS (SELECT FROM edge_outgoing)
           AND NOT EXISTS (SELECT FROM ledger_outbox WHERE done_at IS NULL)
           AND (SELECT gathered FROM edge_line) = (SELECT max(seq) FROM ledger_seal)
           AND (SELECT max(id) FROM ledger_history) = (SELECT max(history_id) FROM ledger_seal)
        """,
        sent=trial.steps * trial.signs,
    ) == (True,)
