"""Properties of the sample flow, and of what the database holds, on random walks."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

import pytest
from django.db import transaction

from xiuhua.cases import actions
from xiuhua.cases.models import Case, CaseClock, Evidence
from xiuhua.cases.tests.conftest import DISTRICT, World, actor
from xiuhua.cases.tests.sample import REPAIR
from xiuhua.files.tests.test_content import png
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.cases import Kind, NeedKind
from xiuhua.kernel.errors import Refused, XiuhuaError
from xiuhua.ledger.models import History, Outbox


def test_every_open_state_reaches_closure_and_none_skips_verification() -> None:
    moves = {state.id: [move.to for move in REPAIR.moves if move.at == state.id] for state in REPAIR.states}
    for state in REPAIR.states:
        if state.kind is Kind.OPEN:
            assert "closed" in _reached(moves, state.id)
    without_check = {at: [to for to in targets if to != "check"] for at, targets in moves.items()}
    assert "closed" not in _reached(without_check, REPAIR.start.id)


def _reached(moves: Mapping[str, list[str]], start: str) -> set[str]:
    seen, waiting = set[str](), [start]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.add(at)
            waiting += moves[at]
    return seen


def test_random_walks_never_let_a_handler_verify(world: World) -> None:
    chance = random.Random(7)
    people = [
        actor(f"p{number}", *((post, "crew", DISTRICT) for post in posts))
        for number, posts in enumerate(
            (
                ("dispatcher", "handler", "verifier"),
                ("handler", "verifier"),
                ("verifier",),
                ("handler",),
                ("dispatcher",),
            )
        )
    ]
    refused = 0
    for round_number in range(12):
        thing = world.east[round_number % 4]
        case = actions.open_case(people[0], "demo.lamp_repair", object_id=thing.id)
        walked: list[tuple[str, Actor]] = []
        handlers: set[str] = set()
        for _ in range(60):
            if case.kind != "open":
                break
            who = chance.choice(people)
            move = chance.choice([one for one in REPAIR.moves if one.at == case.state])
            if any(need.kind is NeedKind.PHOTO for need in move.needs):
                actions.add_evidence(people[0], case.id, io.BytesIO(png()), name="a.png", need=move.needs[0].id)
            try:
                case = actions.make_move(
                    who, case.id, move.id, version=case.version, reason="r", unit_code="crew",
                    fields={"cause": "bulb"} if move.fields else {},
                )  # fmt: skip
            except Refused:
                refused += 1
                continue
            walked.append((move.at, who))
            if REPAIR.state(move.at).handling:
                handlers.add(who.code)
            assert not (REPAIR.state(move.at).verifying and who.code in handlers)
            running = list(CaseClock.objects.filter(case=case, stopped_at=None))
            if case.kind == "open":
                assert [row.clock for row in running if row.clock == case.state] == [case.state]
            else:
                assert running == []
        assert case.kind != "done" or (handlers and REPAIR.state(walked[-1][0]).verifying)
        moved = History.objects.filter(entity="case", entity_id=str(case.id), action="moved").count()
        assert moved == len(walked) == case.version - 1
    assert refused


def test_a_move_that_fails_half_way_leaves_nothing(
    world: World, crew: dict[str, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    case = actions.open_case(crew["dispatcher"], "demo.lamp_repair", object_id=world.east[0].id)
    case = actions.make_move(crew["dispatcher"], case.id, "send", version=1, unit_code="crew")
    actions.add_evidence(crew["handler"], case.id, io.BytesIO(png()), name="a.png", need="photo_after")
    before = _state(case)

    def broken(*given: object, **named: object) -> None:
        raise XiuhuaError("test.cut")

    monkeypatch.setattr("xiuhua.cases.actions.moving.record", broken)
    with pytest.raises(XiuhuaError, match="cut"), transaction.atomic():
        actions.make_move(crew["handler"], case.id, "finish", version=2, fields={"cause": "bulb"})
    assert _state(case) == before


def _state(case: Case) -> tuple[object, ...]:
    return (
        Case.objects.filter(id=case.id).values().get(),
        list(CaseClock.objects.filter(case=case).order_by("id").values()),
        list(Evidence.objects.filter(case=case).values()),
        History.objects.count(),
        Outbox.objects.count(),
    )
