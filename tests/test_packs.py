"""Every example of every pack, lived through on the real rooms: what is given happens, what is expected comes of it."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import timezone

from xiuhua.cases import actions as cases
from xiuhua.cases.models import Case, RoundItem, RoundRun
from xiuhua.catalog.catalogue import current
from xiuhua.indicators.figures import figure
from xiuhua.indicators.rows import read_rows
from xiuhua.kernel.actor import Actor, Grant, system_actor
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.kernel.objects import Geometry, Writer
from xiuhua.ledger.models import Outbox
from xiuhua.ledger.relay import deliver
from xiuhua.objects.actions import make_object, set_attributes_by
from xiuhua.objects.models import CityObject
from xiuhua.people.actions import load_songjiang
from xiuhua.people.posts import all_posts
from xiuhua.readings.gathering import Message, Place
from xiuhua.readings.ingest import Ingest
from xiuhua.readings.models import Alarm
from xiuhua.readings.silence import sweep_silence
from xiuhua.readings.topics import MQTT
from xiuhua.site.worker import gather, job_modules

EXAMPLES = sorted(
    (pack_id, folder)
    for pack_id, loaded in current().packs.items()
    for folder in (loaded.manifest.folder / "examples").glob("*")
    if (folder / "given.json").is_file()
)
ROOT = system_actor("test")
PLACE = Place(consumer="devices-0", stream_created=datetime(2026, 1, 1, tzinfo=UTC))
Step = Mapping[str, Any]


def test_every_pack_has_an_example_and_no_fault() -> None:
    assert [fault for fault in current().faults if fault.severity == "error"] == []
    assert {pack_id for pack_id, _ in EXAMPLES} == set(current().packs)


@pytest.mark.django_db
@pytest.mark.parametrize(("pack_id", "folder"), EXAMPLES, ids=[f"{pack}-{folder.name}" for pack, folder in EXAMPLES])
def test_example(pack_id: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = json.loads((folder / "given.json").read_text(encoding="utf-8"))
    expect = json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    load_songjiang()
    begins = min(datetime.fromisoformat(step["at"]).astimezone(UTC) for step in given["steps"])
    life = Life(pack=pack_id, now=begins, heard=begins)
    life.ingest.caught_up([PLACE], begins)
    monkeypatch.setattr(timezone, "now", lambda: life.now)
    for thing in given["objects"]:
        life.make(thing)
    life.settle()
    for step in sorted(given["steps"], key=lambda step: datetime.fromisoformat(step["at"])):
        life.live(step)
    assert life.found(expect) == expect


@dataclass(kw_only=True)
class Life:
    """An example on its way: the pack, the moment it has come to, and how far its stream of messages is."""

    pack: str
    now: datetime
    heard: datetime
    sequence: int = 0
    ingest: Ingest = field(default_factory=Ingest)

    def full(self, short: str) -> str:
        return f"{self.pack}.{short}"

    def make(self, given: Mapping[str, Any]) -> None:
        """Put a thing into the register: what a form may write by the form, the rest as an import writes it."""
        declared = current().object_type(self.full(given["type"]))
        by_form = {one.id for one in declared.attributes if Writer.FORM in one.written_by}
        attributes = given.get("attributes", {})
        geometry = given.get("geometry")
        if geometry is None and declared.geometry is Geometry.POINT:
            geometry = {"type": "Point", "coordinates": [given["lon"], given["lat"]]}
        thing = make_object(
            ROOT,
            type_id=declared.id,
            code=given["code"],
            given={
                "name": given["name"],
                "attributes": {name: value for name, value in attributes.items() if name in by_form},
                "geometry": geometry,
                "links": given.get("links", {}),
                "unit_code": given.get("unit_code", ""),
                **{name: given[name] for name in ("valid_from", "valid_to") if name in given},
            },
        )
        imported = {name: value for name, value in attributes.items() if name not in by_form}
        if imported:
            set_attributes_by(ROOT, thing.id, imported, Writer.IMPORT)

    def live(self, step: Step) -> None:
        """Let one step happen at its time, and everything that follows from it."""
        self.now = datetime.fromisoformat(step["at"]).astimezone(UTC)
        happens: dict[str, Callable[[Step], None]] = {
            "reading": self._read, "silence": self._fall_silent, "open": self._open, "move": self._move,
            "sample": self._sample, "fill": self._fill, "close": self._close,
        }  # fmt: skip
        for word, happen in happens.items():
            if word in step:
                happen(step[word] if isinstance(step[word], dict) else {})
        self.settle()

    def settle(self) -> None:
        """Deliver events until none waits; the database stamped them with the real time."""
        handlers = gather(job_modules()).handlers
        while Outbox.objects.filter(done_at=None).update(not_before=self.now):
            deliver(handlers, lambda topic, message: None)
            assert list(Outbox.objects.exclude(error="").values_list("topic", "error")) == []

    def _read(self, reading: Step) -> None:
        self.sequence += 1
        subject = f"{MQTT}city.{self.pack}.{reading['type']}.{reading['code']}.{reading['stream']}"
        payload = orjson.dumps({"at": self.now.isoformat(), **reading["sends"]})
        message = Message(subject=subject, payload=payload, sequence=self.sequence, stored_at=self.now, place=PLACE)
        assert self.ingest.take([message], floors={}, now=self.now)["stored"] == 1
        self.ingest.bring_latest(wait=True)

    def _fall_silent(self, _: Step) -> None:
        """Sweep, as the worker would that has listened without a gap since the example began."""
        while self.heard < self.now:
            self.heard = min(self.heard + timedelta(seconds=30), self.now)
            self.ingest.caught_up([PLACE], self.heard)
        sweep_silence(now=self.now)

    def _open(self, step: Step) -> None:
        thing = self.thing(step["object"], self._on(step["type"]))
        cases.open_case(actor(step), self.full(step["type"]), object_id=thing.id, now=self.now)

    def _move(self, step: Step) -> None:
        case = Case.objects.get(type=self.full(step["case"][0]), object_code=step["case"][1])
        for need in step.get("photos", ()):
            cases.add_evidence(actor(step), case.id, io.BytesIO(photo()), name=f"{need}.png", need=need)
        try:
            cases.make_move(
                actor(step), case.id, step["move"], version=case.version, reason=step.get("reason", ""),
                fields=step.get("fields"), unit_code=step.get("to_unit", ""), now=self.now,
            )  # fmt: skip
        except XiuhuaError as error:
            assert error.code == step.get("refused")
        else:
            assert "refused" not in step

    def _sample(self, step: Step) -> None:
        run = cases.start_run(
            actor(step), self.full(step["analysis"]), area=step["area"], parameters=step["parameters"],
            seed=step["seed"],
        )  # fmt: skip
        assert run.state == "done", run.error
        cases.round_from_run(actor(step), run.id, why="例", now=self.now)

    def _fill(self, step: Step) -> None:
        held = RoundRun.objects.get(round=self.full(step["round"]), closed_at=None)
        for item in RoundItem.objects.filter(round_run=held).order_by("object_code"):
            form = step.get("but", {}).get(item.object_code, step["form"])
            cases.fill_item(actor(step), held.id, item.id, form=form, now=self.now)

    def _close(self, step: Step) -> None:
        held = RoundRun.objects.get(round=self.full(step["round"]), closed_at=None)
        cases.close_round(actor(step), held.id, now=self.now)

    def _on(self, case_type: str) -> str:
        return current().case_type(self.full(case_type)).on

    def thing(self, code: str, type_id: str) -> CityObject:
        return CityObject.objects.get(type=type_id, code=code)

    def found(self, expect: Mapping[str, Any]) -> dict[str, Any]:
        """Return what came of it, in the words of expect.json and no more of it than was asked."""
        found: dict[str, Any] = {}
        for part in expect:
            found[part] = getattr(self, f"_found_{part}")(expect[part])
        return found

    def _found_alarms(self, _: object) -> list[dict[str, object]]:
        rows = Alarm.objects.filter(rule__startswith=f"{self.pack}.").order_by("rule", "object_code")
        return [
            {
                "rule": row.rule.partition(".")[2],
                "object": row.object_code,
                "grade": row.grade,
                "standing": row.closed_at is None,
            }
            for row in rows
        ]

    def _found_cases(self, asked: list[dict[str, Any]]) -> list[dict[str, object]]:
        rows = Case.objects.filter(type__startswith=f"{self.pack}.").order_by("type", "object_code")
        assert len(rows) == len(asked)
        return [self._found_case(row, one.get("clocks")) for row, one in zip(rows, asked, strict=True)]

    def _found_case(self, case: Case, clocks: Mapping[str, Any] | None) -> dict[str, object]:
        found: dict[str, object] = {
            "type": case.type.partition(".")[2],
            "object": case.object_code,
            "state": case.state,
        }
        if clocks is not None:
            found["clocks"] = {
                clock.clock: {"due": beijing(clock.due_at), "kept": clock.kept} for clock in case.clocks.all()
            }
        return found

    def _found_objects(self, asked: list[dict[str, Any]]) -> list[dict[str, object]]:
        found = []
        for one in asked:
            thing = self.thing(one["code"], self.full(one["type"]))
            attributes = {name: thing.attributes.get(name) for name in one["attributes"]}
            found.append({"type": one["type"], "code": thing.code, "attributes": attributes})
        return found

    def _found_rounds(self, asked: list[dict[str, Any]]) -> list[dict[str, object]]:
        rows = RoundRun.objects.filter(round__startswith=f"{self.pack}.").order_by("opened_at")
        assert len(rows) == len(asked)
        return [
            {
                "round": row.round.partition(".")[2],
                "outcome": row.outcome,
                "figures": {name: row.figures.get(name) for name in one["figures"]},
                "items": sorted(row.items.values_list("object_code", flat=True)),
            }
            for row, one in zip(rows, asked, strict=True)
        ]

    def _found_indicators(self, asked: Mapping[str, Any]) -> dict[str, object]:
        found = {}
        for short in asked:
            indicator = current().indicator(self.full(short))
            number = figure(indicator, read_rows(indicator, current(), now=self.now))
            found[short] = {
                "value": number.value, "numerator": number.numerator, "denominator": number.denominator
            }  # fmt: skip
        return found


def actor(step: Step) -> Actor:
    """Return somebody who holds the step's post at its unit over the whole district."""
    post = all_posts()[step["post"]]
    grant = Grant(post=post.id, unit=step["unit"], area_path="310117/", acts=post.acts, sees=post.sees)
    return Actor(code=step["who"], name=step["who"], grants=(grant,))


def beijing(moment: datetime | None) -> str | None:
    return None if moment is None else (moment + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")


def photo() -> bytes:
    """Return a picture of four pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(2 * (b"\0" + 6 * b"\x80"))
    head = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
