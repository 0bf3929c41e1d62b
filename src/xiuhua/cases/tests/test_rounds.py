"""Runs are frozen and decided once; rounds are filled, open cases for defects, and end with an outcome."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from xiuhua.cases import actions
from xiuhua.cases.models import Case, RoundRun
from xiuhua.cases.tests.conftest import DISTRICT, EAST, WEST, World, actor
from xiuhua.files.folder import path_of
from xiuhua.files.tests.test_content import png
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.ledger.models import Outbox
from xiuhua.objects.models import CityObject
from xiuhua.runs.actions import decline, hash_of
from xiuhua.runs.models import Run

MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)


def sampled(crew: dict[str, Actor], *, seed: int | None = 0, accept: int = 0, area: str = EAST) -> Run:
    return actions.start_run(crew["chief"], "demo.lamp_sample", area=area, parameters={"accept": accept}, seed=seed)


def started(crew: dict[str, Actor]) -> RoundRun:
    return actions.round_from_run(crew["chief"], sampled(crew).id, why="抽样合理", now=MONDAY)


def fill(crew: dict[str, Actor], running: RoundRun, broken: int) -> None:
    for number, item in enumerate(running.items.order_by("object_code")):
        actions.fill_item(crew["inspector"], running.id, item.id, form={"broken": number < broken})


def test_a_run_is_frozen_and_the_same_again(world: World, crew: dict[str, Actor]) -> None:
    first, second = sampled(crew, seed=5), sampled(crew, seed=5)
    assert first.input_codes == ["E1", "E2", "E3"]
    assert first.chosen == second.chosen == ["E2"]
    assert first.input_hash == second.input_hash == hash_of("demo.lamp", ("E1", "E2", "E3"))
    assert first.parameters == {"accept": 0, "history": (), "history_figures": ()}
    assert first.revision and first.version == "1"
    assert sampled(crew, seed=None).seed != sampled(crew, seed=None).seed
    assert Outbox.objects.filter(topic="run.done").count() == 4


def test_a_run_never_changes_and_is_decided_once(world: World, crew: dict[str, Actor]) -> None:
    run = sampled(crew)
    for change in ({"figures": {"lot": 9}}, {"seed": 7}, {"chosen": ["E1"]}, {"state": "failed"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Run.objects.filter(id=run.id).update(**change)
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        Run.objects.filter(id=run.id).delete()
    with pytest.raises(Invalid, match="reason_missing"):
        decline(crew["chief"], run.id, why=" ")
    assert decline(crew["chief"], run.id, why="改日再查").decision == "declined"
    with pytest.raises(Conflict, match="decided"):
        actions.round_from_run(crew["chief"], run.id, why="还是查吧")
    with pytest.raises(DatabaseError, match="decided already"), transaction.atomic():
        Run.objects.filter(id=run.id).update(decision="accepted")
    assert not RoundRun.objects.exists()


def test_a_pack_that_breaks_is_named_and_harms_nothing(world: World, crew: dict[str, Actor]) -> None:
    run = actions.start_run(crew["chief"], "demo.broken", area=EAST, parameters={})
    assert run.state == "failed"
    assert run.error == "demo · demo.broken: ZeroDivisionError: no lamps"
    with pytest.raises(Conflict, match=r"runs\.failed"):
        actions.round_from_run(crew["chief"], run.id, why="x")
    with pytest.raises(NotFound):
        actions.start_run(crew["chief"], "demo.nothing", area=EAST, parameters={})
    with pytest.raises(Invalid, match=r"objects\.invalid"):
        actions.start_run(crew["chief"], "demo.lamp_sample", area=EAST, parameters={"accept": -1})


def test_who_runs_and_who_decides(world: World, crew: dict[str, Actor]) -> None:
    west = actor("west_chief", ("duty_chief", f"town-{WEST}", WEST))
    with pytest.raises(NotFound):
        actions.start_run(west, "demo.lamp_sample", area=EAST, parameters={})
    with pytest.raises(Refused):
        actions.start_run(crew["dispatcher"], "demo.lamp_sample", area=EAST, parameters={})
    run = sampled(crew)
    with pytest.raises(NotFound):
        decline(west, run.id, why="x")
    with pytest.raises(Refused):
        decline(crew["dispatcher"], run.id, why="x")


def test_a_round_from_a_run_ends_as_its_analysis_judges(world: World, crew: dict[str, Actor]) -> None:
    running = started(crew)
    assert list(running.items.order_by("object_code").values_list("object_code", flat=True)) == ["E1", "E3"]
    assert running.due_at == datetime(2026, 11, 26, 10, tzinfo=UTC)
    with pytest.raises(Conflict, match="round_unfinished"):
        actions.close_round(crew["chief"], running.id)
    fill(crew, running, broken=1)
    case = Case.objects.get()
    item = running.items.get(object_code="E1")
    assert (case.source, case.object_code, item.case_id, item.passes) == ("round", "E1", case.id, False)
    assert running.items.get(object_code="E3").passes is True
    closed = actions.close_round(crew["chief"], running.id)
    assert closed.outcome == "rejected"
    assert closed.figures == {"lot": 3, "accept": 0, "items": 2, "filled": 2, "defects": 1, "coverage": 1.0}
    with pytest.raises(Conflict, match="round_closed"):
        actions.close_round(crew["chief"], running.id)


def test_the_next_run_learns_how_earlier_rounds_ended(world: World, crew: dict[str, Actor]) -> None:
    for broken in (1, 0, 1):
        running = started(crew)
        fill(crew, running, broken=broken)
        actions.close_round(crew["chief"], running.id)
    assert list(sampled(crew).parameters["history"]) == ["rejected", "accepted", "rejected"]
    assert list(sampled(crew, area=WEST).parameters["history"]) == []


def test_a_round_over_all_things_counts_its_coverage(world: World, crew: dict[str, Actor]) -> None:
    running = actions.start_round(crew["chief"], "demo.lamp_check", area=EAST, now=MONDAY)
    assert running.items.count() == 3
    item = running.items.first()
    assert item is not None
    actions.fill_item(crew["inspector"], running.id, item.id, form={"broken": "否", "note": "好"})
    closed = actions.close_round(crew["inspector"], running.id)
    assert closed.outcome == ""
    assert closed.figures["coverage"] == pytest.approx(1 / 3)
    with pytest.raises(Conflict, match="round_closed"):
        actions.fill_item(crew["inspector"], running.id, item.id, form={"broken": False})
    CityObject.objects.filter(area_path__startswith=f"{DISTRICT}/{WEST}").update(attributes={"kind": "park"})
    with pytest.raises(Invalid, match="round_empty"):
        actions.start_round(crew["chief"], "demo.lamp_check", area=WEST)


def test_an_item_is_filled_once_by_the_post_and_only_when_it_decides(world: World, crew: dict[str, Actor]) -> None:
    running = started(crew)
    item = running.items.order_by("object_code").first()
    assert item is not None
    with pytest.raises(Refused, match="other_post"):
        actions.fill_item(crew["chief"], running.id, item.id, form={"broken": False})
    with pytest.raises(NotFound):
        actions.fill_item(crew["west"], running.id, item.id, form={"broken": False})
    with pytest.raises(NotFound):
        actions.fill_item(crew["inspector"], running.id, UUID(int=4), form={"broken": False})
    with pytest.raises(Invalid, match="form_undecided"):
        actions.fill_item(crew["inspector"], running.id, item.id, form={"note": "没看清"})
    actions.fill_item(crew["inspector"], running.id, item.id, form={"broken": False})
    with pytest.raises(Conflict, match="item_filled"):
        actions.fill_item(crew["inspector"], running.id, item.id, form={"broken": True})
    assert not Case.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_synthetic_can_be_taken_out_and_the_rest_stays(
    committed_world: World,
) -> None:
    people = {
        "chief": actor("chief", ("duty_chief", "cyzx", DISTRICT)),
        "inspector": actor("inspector", ("inspector", f"town-{EAST}", EAST)),
    }
    west = actions.open_case(people["chief"], "demo.lamp_repair", object_id=committed_world.west[0].id)
    CityObject.objects.filter(area_path__startswith=f"{DISTRICT}/{EAST}").update(origin="synthetic:demo")
    running = started(people)
    fill(people, running, broken=1)
    case = Case.objects.get(origin="synthetic:demo")
    own = actions.add_evidence(people["chief"], case.id, io.BytesIO(png(4, 4)), name="a.png", need="")
    shared = actions.add_evidence(people["chief"], case.id, io.BytesIO(png(5, 5)), name="b.png", need="")
    actions.add_evidence(people["chief"], west.id, io.BytesIO(png(5, 5)), name="b.png", need="")
    assert actions.remove_origin("synthetic:demo") == 1
    assert list(Case.objects.values_list("id", flat=True)) == [west.id]
    assert not RoundRun.objects.exists() and not Run.objects.exists()
    assert not path_of(own.file_hash).exists() and path_of(shared.file_hash).exists()
    with pytest.raises(Invalid, match="not_synthetic"):
        actions.remove_origin("site")
