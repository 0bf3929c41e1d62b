"""A pack put into XIUHUA_PACKS is there, with no edit elsewhere: register, form, list, map, board, number and page.

The pack is the one that docs/extend/add-a-scenario.md makes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from xiuhua.catalog import catalogue as catalogues
from xiuhua.catalog.loading import load
from xiuhua.catalog.reference import render
from xiuhua.indicators.actions import compute
from xiuhua.indicators.models import Stale
from xiuhua.kernel.actor import system_actor
from xiuhua.ledger.relay import deliver
from xiuhua.people.actions import Holding, load_songjiang, make_user
from xiuhua.people.models import User
from xiuhua.people.posts import CORE_POSTS, use_posts
from xiuhua.site.worker import gather, job_modules
from xiuhua.stack.config import read_config
from xiuhua.testbed.synthetic import towns

from . import walk_through
from .test_packs import photo

ROOT = system_actor("test")
DISTRICT, HERE, THERE = "310117", "310117003", "310117107"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[catalogues.Catalogue]:
    """The catalogue of a site that starts with the pack's folder in XIUHUA_PACKS."""
    walk_through.write_pack(tmp_path / "packs")
    manifest = tmp_path / "packs" / "covers" / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("tasks = []", "tasks = [6]"), encoding="utf-8")
    monkeypatch.setenv("XIUHUA_PACKS", str(tmp_path / "packs"))
    before = catalogues.current()
    catalogue = load(folders=read_config().packs, posts={post.id: post for post in CORE_POSTS})
    catalogues.install(catalogue)
    use_posts(catalogue.posts)
    yield catalogue
    catalogues.install(before)
    use_posts(before.posts)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody signed in."""

    client: Client

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(f"/api{path}")
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)

    def post(self, path: str, body: object, status: int = 200) -> Any:
        answer = self.client.post(f"/api{path}", json.dumps(body), content_type="application/json")
        assert answer.status_code == status, answer.content.decode()
        return json.loads(answer.content)

    def add_photo(self, case_id: str, need: str) -> None:
        file = io.BytesIO(photo())
        file.name = "after.png"
        answer = self.client.post(f"/api/cases/{case_id}/evidence", {"file": file, "need": need})
        assert answer.status_code == 200, answer.content.decode()


def person(name: str, *held: tuple[str, str, str]) -> Person:
    """Return somebody who holds (post, unit, area)."""
    holdings = [Holding(post=post, unit=unit, area=area) for post, unit, area in held]
    made = make_user(ROOT, username=name, name=name, password="six-covers-and-a-drain", holdings=holdings)
    client = Client()
    client.force_login(User.objects.get(code=made.code))
    return Person(client=client)


@dataclass(frozen=True, kw_only=True)
class Town:
    """Two covers in one town, its officer, and the officer of another."""

    here: Person
    there: Person
    covers: tuple[str, str]


@pytest.fixture
def town(db: None, installed: catalogues.Catalogue) -> Town:
    """A district into whose register two covers were put by form."""
    load_songjiang()
    here = person("here", ("town_staff", f"town-{HERE}", HERE))
    there = person("there", ("town_staff", f"town-{THERE}", THERE))
    place = next(one for one in towns() if one.code == HERE)
    covers = [
        here.post(
            "/objects",
            {
                "type": "covers.cover", "code": f"JG-{number}", "name": f"人民路{number}号井",
                "attributes": {"kind": "rain"}, "unit_code": "jgw",
                "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
            },
            status=201,
        )["id"]
        for number in (1, 2)
    ]  # fmt: skip
    settle()
    return Town(here=here, there=there, covers=(covers[0], covers[1]))


def settle() -> None:
    """Deliver every event and compute the numbers that it touched, as the background worker does."""
    handlers = gather(job_modules()).handlers
    while deliver(handlers, lambda topic, message: None):
        pass
    for indicator in list(Stale.objects.values_list("indicator", flat=True)):
        compute(indicator, now=timezone.now())


def named(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the row of that id."""
    return next(row for row in rows if row["id"] == name)


def test_the_catalogue_has_its_words(installed: catalogues.Catalogue, db: None) -> None:
    load_songjiang()
    catalogue = person("reader", ("leader", "cyzx", DISTRICT)).get("/catalog")
    assert catalogue["faults"] == []
    assert {pack["id"] for pack in catalogue["packs"]} >= {"covers", "signs", "mobility"}
    assert named(catalogue["packs"], "covers")["title"] == {"zh": "井盖", "en": "Manhole covers"}
    kind = named(catalogue["object_types"], "covers.cover")
    assert (kind["pack"], kind["geometry"], kind["label"]["zh"]) == ("covers", "point", "井盖")
    assert kind["schema"]["properties"]["kind"]["enum"] == ["rain", "sewage", "power"]
    assert "kind" in kind["schema"]["required"]
    assert [attribute["id"] for attribute in kind["attributes"]] == ["kind", "repaired_on"]
    assert [stream["id"] for stream in kind["streams"]] == ["tilt"]
    repair = named(catalogue["case_types"], "covers.repair")
    assert (repair["on"], [state["id"] for state in repair["states"]][:3]) == ("covers.cover", ["new", "sent", "done"])
    assert named(catalogue["rules"], "covers.tilted")["source"]["confirmed"] is False
    assert named(catalogue["indicators"], "covers.sound")["of"] == "covers.cover"


def test_its_register_is_a_list_and_a_map_layer_of_what_one_may_see(town: Town) -> None:
    listed = town.here.get("/objects?type=covers.cover&q=人民")
    assert [row["code"] for row in listed["items"]] == ["JG-1", "JG-2"]
    assert town.here.get("/objects?type=covers.cover&filter=" + json.dumps({"kind": "power"}))["total"] == 0
    layer = town.here.get("/objects.geojson?type=covers.cover")
    assert [one["properties"]["code"] for one in layer["features"]] == ["JG-1", "JG-2"]
    assert {row["type"]: row["count"] for row in town.here.get("/objects/counts")}["covers.cover"] == 2
    assert town.there.get("/objects?type=covers.cover")["total"] == 0
    assert town.there.get("/objects.geojson?type=covers.cover")["features"] == []
    town.there.get(f"/objects/{town.covers[0]}", status=404)
    wrong = {"type": "covers.cover", "code": "JG-3", "name": "x", "attributes": {"kind": "gas"}, "geometry": None}
    assert town.here.post("/objects", wrong, status=422)["code"].startswith("objects.")


def test_its_case_goes_round_and_its_number_follows(town: Town) -> None:
    dispatcher = person("dispatcher", ("dispatcher", "cyzx", DISTRICT))
    handler = person("handler", ("handler", "jgw", DISTRICT), ("verifier", "cyzx", DISTRICT))
    verifier = person("verifier", ("verifier", "cyzx", DISTRICT))
    assert sound(town.here) == (1.0, 2, 2)
    for reader, denominator in ((town.here, 2), (town.there, None)):
        assert named(reader.get("/indicators"), "covers.sound")["denominator"] == denominator
        assert [one["id"] for one in reader.get("/indicators?of=covers.cover")] == ["covers.sound"]
    case = town.here.post("/cases", {"type": "covers.repair", "object_id": town.covers[0]})
    settle()
    assert sound(town.here) == (0.5, 1, 2)
    (failing,) = town.here.get("/indicators/covers.sound/rows?passes=false")["items"]
    assert (failing["code"], failing["cases"][0]["id"]) == ("JG-1", case["id"])
    assert failing["reason"]["zh"]
    assert town.there.get("/indicators/covers.sound")["denominator"] in (None, 0)
    assert town.there.get("/indicators/covers.sound/rows")["total"] == 0

    (shown,) = town.here.get("/cases?type=covers.repair")["items"]
    assert (shown["id"], shown["state"], shown["unit_code"]) == (case["id"], "new", "jgw")
    assert town.there.get("/cases?type=covers.repair")["total"] == 0
    town.there.get(f"/cases/{case['id']}", status=404)

    moves = f"/cases/{case['id']}/moves"
    dispatcher.post(f"{moves}/send", {"version": 1, "unit_code": "jgw"})
    lacking = handler.post(f"{moves}/finish", {"version": 2}, status=422)
    assert lacking["params"]["needs"] == ["photo_after"]
    handler.add_photo(case["id"], "photo_after")
    handler.post(f"{moves}/finish", {"version": 2})
    refused = handler.post(f"{moves}/accept", {"version": 3}, status=403)
    assert refused["code"] == "cases.handler_may_not_verify"
    assert verifier.post(f"{moves}/accept", {"version": 3})["kind"] == "done"
    settle()
    assert sound(town.here) == (1.0, 2, 2)
    assert town.here.get(f"/objects/{town.covers[0]}")["attributes"]["repaired_on"]


def test_the_task_that_it_carries_names_what_it_brings(town: Town) -> None:
    task = town.here.get("/plan/tasks/6")
    assert task["indicators"] == ["covers.sound"]
    assert (task["object_types"], task["case_types"]) == (["covers.cover"], ["covers.repair"])
    assert "covers.sound" not in town.here.get("/plan/tasks/7")["indicators"]


def test_it_has_a_reference_page(installed: catalogues.Catalogue) -> None:
    page = render(installed)["packs/covers.md"]
    for words in ("井盖 · Manhole covers", "`covers.cover`", "`covers.repair`", "井盖倾斜", "`covers.sound`", "待核"):
        assert words in page


def sound(reader: Person) -> tuple[float | None, float | None, float | None]:
    """Return the share of sound covers with its parts."""
    found = reader.get("/indicators/covers.sound")
    return found["value"], found["numerator"], found["denominator"]
