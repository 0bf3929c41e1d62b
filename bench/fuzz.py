"""Broken, odd and hostile messages into every way by which readings come from outside, and the count of what became of
each: every reading is stored, known already, or set aside by reason; nothing crashes; memory stays bounded.

    python bench/fuzz.py [--cases 4000] [--wire 600] [--seed 1]

--cases: messages of each way straight into the wall that the ingest worker uses, counted one by one against a reader
that knows only the documented form; callers at the door. --wire: messages of each way through a real NATS server, MQTT
listener, web handler and worker, counted together. What is sent is drawn from the seed: good messages, good ones with a
part replaced by something odd, good ones with bytes changed, random bytes, and now and then one as large as is taken.

Exit status 1 if a count does not fit, anything crashed, or memory rose by more than --most-mib in any way.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import importlib
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiomqtt
import django
import duckdb
from django.core.management import call_command
from django.utils import timezone
from fuzz_messages import Maker, mangled, odd_bytes, said_in
from fuzz_table import Row, rise_of, show

log = logging.getLogger(__name__)
KEY = "trial"
WHOLE = {"payload", "topic", "refused"}


def main() -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--wire", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most-mib", type=float, default=400.0)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    os.environ["DJANGO_SETTINGS_MODULE"] = "xiuhua.site.settings"
    # Names the database of this run before settings are read; stops it when the process ends.
    importlib.import_module("xiuhua.testbed.postgres_for_tests")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    with tempfile.TemporaryDirectory(prefix="xiuhua-fuzz-") as folder:
        rows = fuzz(arguments, Path(folder))
    show(rows)
    return 0 if all(row.fits and row.rise_mib <= arguments.most_mib for row in rows) else 1


def fuzz(arguments: argparse.Namespace, folder: Path) -> list[Row]:
    """Return a row for every way."""
    kit: Any = importlib.import_module("xiuhua.readings.tests.trial")
    topics: Any = importlib.import_module("xiuhua.readings.topics")
    codes = kit.register_signs(40)
    names = [
        topics.name_of(topics.Address(type=kit.SIGN, code=code, stream=stream))
        for code in codes
        for stream in ("voltage", "battery", "fault", "heartbeat")
    ]
    maker = Maker(random.Random(arguments.seed), names, int(time.time() * 1000))
    servers = kit.Servers(data=folder)
    wall = Wall(topics)
    rows = []
    for way, subject, form in (
        ("wall: one stream, JSON", lambda: wall.of_stream(maker.name()), ""),
        ("wall: gateway, JSON", lambda: f"$MQTT.msgs.in.3.gateway.{KEY}.json", "json"),
        ("wall: gateway, MessagePack", lambda: f"$MQTT.msgs.in.3.gateway.{KEY}.msgpack", "msgpack"),
        ("wall: sheet of our own, JSON", lambda: topics.own_subject("fuzz", "json"), "json"),
        ("wall: any subject", lambda: odd_bytes(maker.draw, 40).decode(errors="replace"), ""),
    ):
        rows.append(wall.row(way, subject, form, maker, arguments.cases))
    rows.append(at_the_door(maker, arguments.cases, folder))
    rows += [files("csv", maker, arguments.cases // 4, folder), files("parquet", maker, arguments.cases // 4, folder)]
    if not arguments.wire:
        return rows
    try:
        servers.start_nats()
        servers.start_ingest()
        servers.wait_for_ingest()
        wire = Wire(servers, maker, arguments.wire)
        rows += [wire.mqtt("", topics, names), wire.mqtt("json", topics, names), wire.mqtt("msgpack", topics, names)]
        rows += wire.http(topics)
    finally:
        servers.stop()
    return rows


class Wall:
    """The ingest worker's own way in, one message at a time."""

    def __init__(self, topics: Any) -> None:
        gathering: Any = importlib.import_module("xiuhua.readings.gathering")
        self.topics = topics
        self.ingest = importlib.import_module("xiuhua.readings.ingest").Ingest()
        self.message = gathering.Message
        self.place = gathering.Place(consumer="fuzz", stream_created=timezone.now())
        self.models: Any = importlib.import_module("xiuhua.readings.models")
        self.sequence = 0

    def of_stream(self, name: str) -> str:
        """Return the subject under which the server keeps what a device says."""
        return f"$MQTT.msgs.in.0.city.{self.topics.levels_of(name)}"

    def row(self, way: str, subject: Callable[[], str], form: str, maker: Maker, cases: int) -> Row:
        """Send the messages of one way and count each of them."""
        row, before = Row(way), rise_of()
        for _ in range(cases):
            self.one(row, subject(), maker.message(form), form)
        row.rise_mib = rise_of() - before
        return row

    def one(self, row: Row, subject: str, payload: bytes, form: str) -> None:
        """Let one message in, and hold what was counted and kept against what it holds."""
        self.sequence += 1
        message = self.message(
            subject=subject, payload=payload, sequence=self.sequence, stored_at=timezone.now(), place=self.place
        )  # fmt: skip
        row.messages += 1
        holds = said_in(payload, form)
        try:
            fates = dict(self.ingest.take_or_set_aside([message], floors={}, now=timezone.now))
        except Exception as error:
            log.exception("the wall")
            row.crash(error, f"{payload[:160]!r} to {subject[:60]!r}")
            row.readings += max(1, holds)
            self.ingest.forget()
            return
        if "refused" in fates:
            kept = self.models.Quarantine.objects.get(consumer="fuzz", stream_sequence=self.sequence)
            row.crash(RuntimeError(kept.detail), f"{payload[:160]!r} to {subject[:60]!r}")
        counted = sum(fates.values())
        refused = {fate: count for fate, count in fates.items() if fate not in ("stored", "repeated", "redelivered")}
        row.add(fates)
        if holds and counted != holds and not (counted == 1 and set(refused) <= WHOLE and refused):
            row.misfits.append(f"{holds} readings, {fates} of {payload[:120]!r}")
        row.readings += counted
        kept = self.models.Quarantine.objects.filter(consumer="fuzz", stream_sequence=self.sequence).count()
        if kept != sum(refused.values()):
            row.misfits.append(f"refused {refused}, {kept} kept, of {payload[:120]!r}")


def at_the_door(maker: Maker, cases: int, folder: Path) -> Row:
    """Ask at the door as the message server does for everybody who connects, and count the answers."""
    judging: Any = importlib.import_module("xiuhua.readings.judging")
    server: Any = importlib.import_module("xiuhua.stack.nats_server")
    models: Any = importlib.import_module("xiuhua.readings.models")
    actor = importlib.import_module("xiuhua.kernel.actor").system_actor("fuzz")
    make_key: Any = importlib.import_module("xiuhua.readings.key_actions").make_key
    _, secret = make_key(actor, name="fuzz-door", types=["mobility.stop_sign"], now=timezone.now())
    judge, row, before = judging.Judge(server.issuer(folder)), Row("door: who connects"), rise_of()
    for number in range(cases):
        row.messages += 1
        question, caller = maker.question("fuzz-door", secret), None
        try:
            caller = judging.caller_in(question)
            row.readings += 1
            if caller is None:
                row.refused["no question"] += 1
                continue
            if number % 3:
                caller = dataclasses.replace(caller, host=str(number))
            ((answer, why),) = judge.answers([caller], now=timezone.now())
            assert answer.count(".") == 2
            row.add({why or "stored": 1})
            judge.write_down(now=timezone.now())
        except Exception as error:
            log.exception("the door")
            row.crash(error, repr(caller))
    noted = dict(models.DoorCount.objects.values_list("why", "count"))
    told = {why: count for why, count in row.refused.items() if why != "no question"}
    if noted != told:
        row.misfits.append(f"noted {noted}, told {told}")
    row.rise_mib = rise_of() - before
    return row


def files(ending: str, maker: Maker, cases: int, folder: Path) -> Row:
    """Import files of old readings, their good rows, and count the rows of those that are readable at all."""
    file_rows: Any = importlib.import_module("xiuhua.readings.file_rows")
    back_fill: Any = importlib.import_module("xiuhua.readings.back_fill").back_fill
    errors: Any = importlib.import_module("xiuhua.kernel.errors")
    actor = importlib.import_module("xiuhua.kernel.actor").system_actor("fuzz")
    row, path, before = Row(f"file: {ending}"), folder / f"fuzz.{ending}", rise_of()
    for _ in range(cases):
        row.messages += 1
        raw = maker.file()
        if ending == "parquet":
            raw = as_parquet(raw, folder)
            raw = mangled(maker.draw, raw) if maker.draw.random() < 0.5 else raw
        path.write_bytes(raw)
        try:
            rows = file_rows.rows_of(path)
            row.readings += len(rows.table.numbers)
            done = back_fill(actor, rows, name=path.name, keep_good=True, now=timezone.now())
        except errors.Invalid as error:
            row.way_said[error.code] += 1
            continue
        except Exception as error:
            log.exception("a file")
            row.crash(error, repr(raw[:200]))
            continue
        reasons = Counter(fault.reason for fault in done.faults.values())
        row.add({"stored": done.added, "repeated": done.unchanged, **reasons})
    row.way += " " + " ".join(f"{code}:{count}" for code, count in sorted(row.way_said.items()))
    row.rise_mib = rise_of() - before
    return row


def as_parquet(raw: bytes, folder: Path) -> bytes:
    """Return a CSV file as Parquet, or as it is where nobody can read it."""
    source, target = folder / "source.csv", folder / "target.parquet"
    source.write_bytes(raw)
    query = "COPY (SELECT * FROM read_csv($source, all_varchar = true)) TO $target (FORMAT parquet)"
    try:
        with duckdb.connect() as duck:
            duck.execute(query, {"source": str(source), "target": str(target)})
    except duckdb.Error:
        return raw
    return target.read_bytes()


class Wire:
    """The real servers; what was acknowledged to the sender is held against what the worker counted."""

    def __init__(self, servers: Any, maker: Maker, cases: int) -> None:
        self.servers, self.maker, self.cases = servers, maker, cases
        self.models: Any = importlib.import_module("xiuhua.readings.models")
        self.decode: Any = importlib.import_module("xiuhua.readings.decode")

    def mqtt(self, form: str, topics: Any, names: list[str]) -> Row:
        """Publish with QoS 1; what is acknowledged counts."""
        row = Row(f"wire: MQTT, {form or 'one stream'}")
        before, most = self.counts(), rise_of(self.servers._ingest.pid)
        payloads = [self.maker.message(form) for _ in range(self.cases)]
        at = [f"gateway/{KEY}/{form}" if form else f"city/{self.maker.draw.choice(names)}" for _ in payloads]
        for payload in asyncio.run(self.publish(list(zip(at, payloads, strict=True)))):
            row.messages += 1
            row.readings += self.holds(payload, form)
        return self.settled(row, before, most)

    async def publish(self, messages: list[tuple[str, bytes]]) -> list[bytes]:
        """Send each until it is acknowledged; return those that were."""
        async with aiomqtt.Client(
            "127.0.0.1", self.servers.nats.mqtt_port, username=KEY, password=self.servers.secret,
            identifier="fuzz", clean_session=False, protocol=aiomqtt.ProtocolVersion.V311, timeout=30,
        ) as client:  # fmt: skip
            for topic, payload in messages:
                await client.publish(topic, payload, qos=1)
        return [payload for _, payload in messages]

    def holds(self, payload: bytes, form: str) -> int:
        """Return how many readings the decoder, which was tried before, finds."""
        if not form:
            return len(self.decode.reports_in(payload))
        sheet = self.decode.sheet_in(payload, form)
        return 1 if isinstance(sheet, self.decode.Unreadable) else len(sheet.at_ms)

    def http(self, topics: Any) -> Iterator[Row]:
        """Call the web handlers; what they accept counts, and nothing but 2xx to 4xx, or 503, may be answered."""
        client = self.client()
        streams = list(self.models.Datastream.objects.values_list("id", flat=True)[:40])
        calls: list[tuple[str, str, str, Callable[[], bytes]]] = [
            ("sheet, JSON", "/api/readings", "application/json", lambda: self.maker.message("json")),
            ("sheet, MessagePack", "/api/readings", "application/msgpack", lambda: self.maker.message("msgpack")),
            ("an Observation", "", "application/json", lambda: self.maker.observation(streams)),
            ("data arrays", "/api/sensorthings/v1.1/CreateObservations", "application/json",
             lambda: self.maker.data_arrays(streams)),
            ("a key", "/api/devices/keys", "application/json", self.maker.key),
        ]  # fmt: skip
        for name, path, kind, body in calls:
            row = Row(f"wire: HTTP, {name}")
            before, most = self.counts(), rise_of(self.servers._ingest.pid)
            statuses: Counter[str] = Counter()
            for _ in range(self.cases):
                row.messages += 1
                payload = body()
                at = path or f"/api/sensorthings/v1.1/Datastreams({self.maker.draw.choice(streams)})/Observations"
                answer = client.post(at, data=payload, content_type=kind)
                statuses[str(answer.status_code)] += 1
                if answer.status_code >= 500 and answer.status_code != 503:
                    row.crashes[f"{answer.status_code} on {payload[:100]!r}"] += 1
                elif answer.status_code < 300 and name != "a key":
                    row.readings += self.accepted(answer)
            row.way += " " + " ".join(f"{status}:{count}" for status, count in sorted(statuses.items()))
            yield self.settled(row, before, most)

    def accepted(self, answer: Any) -> int:
        """Return how many readings an answer says are kept."""
        said = json.loads(answer.content)
        if isinstance(said, list):
            return sum(one != "error" for one in said)
        return int(said.get("count", 1))

    def client(self) -> Any:
        """Return a browser in which an administrator is signed in, on the web handlers of this process."""
        settings: Any = importlib.import_module("django.conf").settings
        settings.CONFIG = dataclasses.replace(settings.CONFIG, nats_url=self.servers.nats.url)
        settings.ALLOWED_HOSTS = ["testserver"]
        kernel: Any = importlib.import_module("xiuhua.kernel.actor")
        actor = kernel.system_actor("fuzz")
        importlib.import_module("xiuhua.http.signed_in").use_actor_finder(lambda _request: actor)
        return importlib.import_module("django.test").Client(raise_request_exception=False)

    def counts(self) -> dict[str, int]:
        """Return how many readings have met which fate."""
        return dict(self.models.IngestCount.objects.values_list("fate", "count"))

    def settled(self, row: Row, before: dict[str, int], most: float) -> Row:
        """Wait until the worker has everything, and count."""
        kit: Any = importlib.import_module("xiuhua.readings.tests.trial")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(RuntimeError):
                self.servers.check_ingest()
            done = Counter(self.counts())
            done.subtract(before)
            if sum(done.values()) >= row.readings and asyncio.run(kit.wait_for_all(self.servers, 30)):
                break
            time.sleep(0.2)
        try:
            self.servers.check_ingest()
        except RuntimeError as error:
            row.crashes[str(error)] += 1
            self.servers.start_ingest()
        after = Counter(self.counts())
        after.subtract(before)
        row.add({fate: count for fate, count in after.items() if count})
        with suppress(FileNotFoundError, StopIteration):
            row.rise_mib = rise_of(self.servers._ingest.pid) - most
        return row


if __name__ == "__main__":
    sys.exit(main())
