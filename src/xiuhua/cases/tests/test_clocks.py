"""Clocks over holidays, pauses, missing calendars; notices sent once each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from xiuhua.cases import actions
from xiuhua.cases.models import Case, CaseClock
from xiuhua.cases.sweep import fill_missing, sweep
from xiuhua.cases.tests.conftest import World
from xiuhua.catalog.calendars import missing_years, working_calendar
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Fault
from xiuhua.ledger.models import Outbox
from xiuhua.ledger.queries import history_of


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def clock(case: Case, name: str) -> CaseClock:
    found = CaseClock.objects.filter(case=case, clock=name).order_by("-id").first()
    assert found is not None
    return found


def step(who: Actor, case: Case, move: str, at: str, **more: Any) -> Case:
    case.refresh_from_db()
    return actions.make_move(who, case.id, move, version=case.version, now=beijing(at), **more)


def opened(crew: dict[str, Actor], world: World, at: str) -> Case:
    return actions.open_case(crew["dispatcher"], "demo.lamp_repair", object_id=world.east[0].id, now=beijing(at))


def test_limits_over_the_national_day_week(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world, "2026-09-30 16:00")
    assert case.due_at == beijing("2026-09-30 16:30")
    assert case.at_risk_at == beijing("2026-09-30 16:15")
    assert clock(case, "whole").due_at == beijing("2026-10-13 18:00")
    case = step(crew["dispatcher"], case, "send", "2026-09-30 17:00", unit_code="crew")
    assert clock(case, "new").kept is False
    assert case.due_at == beijing("2026-10-08 17:00")
    assert case.at_risk_at == beijing("2026-10-08 15:24")


def test_a_pause_stops_the_whole_and_leaves_what_was_left(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world, "2026-11-23 10:00")
    case = step(crew["dispatcher"], case, "send", "2026-11-23 10:10", unit_code="crew")
    assert clock(case, "new").kept is True
    assert clock(case, "whole").due_at == beijing("2026-11-30 18:00")
    case = step(crew["handler"], case, "wait", "2026-11-25 10:00", reason="缺件")
    assert case.paused
    assert clock(case, "whole").paused_at == beijing("2026-11-25 10:00")
    assert case.due_at == beijing("2026-12-09 18:00")
    case = step(crew["handler"], case, "resume", "2026-12-02 10:00")
    assert not case.paused
    whole = clock(case, "whole")
    assert whole.due_at == beijing("2026-12-07 18:00")
    assert whole.pauses == [["2026-11-25T02:00:00+00:00", "2026-12-02T02:00:00+00:00"]]
    assert CaseClock.objects.filter(case=case, clock="sent").count() == 2


def test_a_void_case_neither_keeps_nor_breaks(world: World, crew: dict[str, Actor]) -> None:
    case = step(
        crew["dispatcher"], opened(crew, world, "2026-11-23 10:00"), "cancel", "2026-11-23 12:00", reason="重复"
    )
    assert {row.kept for row in CaseClock.objects.filter(case=case)} == {None}
    assert all(row.stopped_at for row in CaseClock.objects.filter(case=case))
    assert (case.kind, case.due_at, case.paused) == ("void", None, False)


@pytest.fixture
def calendar_file() -> Iterator[None]:
    folder = settings.CONFIG.data / "calendars"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "2027.json"
    path.write_text(json.dumps({"holidays": ["2027-01-01"], "make_up_days": []}))
    yield
    path.unlink()


def test_a_missing_year_is_a_fault_and_the_time_comes_with_the_calendar(
    world: World, crew: dict[str, Actor], request: pytest.FixtureRequest
) -> None:
    case = opened(crew, world, "2026-12-30 10:00")
    whole = clock(case, "whole")
    assert whole.due_at is None
    assert whole.fault == "working_time.calendar_missing:2027"
    assert case.due_at == beijing("2026-12-30 10:30")
    assert missing_years(beijing("2026-12-30 10:00")) == (2027,)
    assert fill_missing(timezone.now()) == 0
    request.getfixturevalue("calendar_file")
    assert missing_years(beijing("2026-12-30 10:00")) == ()
    assert fill_missing(timezone.now()) == 1
    assert clock(case, "whole").due_at == beijing("2027-01-07 18:00")
    assert clock(case, "whole").fault == ""


def test_a_calendar_file_that_cannot_be_read_is_named() -> None:
    folder = settings.CONFIG.data / "calendars"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "2028.json"
    path.write_text('{"holidays": ["2028-02-31"]}')
    try:
        with pytest.raises(Fault, match="calendar_wrong") as caught:
            working_calendar()
        assert caught.value.params["file"] == str(path)
    finally:
        path.unlink()


def test_each_notice_goes_out_once(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world, "2026-11-23 10:00")
    case = step(crew["dispatcher"], case, "send", "2026-11-23 10:05", unit_code="crew")
    assert sweep(beijing("2026-11-23 12:00")) == 0
    at_risk = case.at_risk_at
    assert at_risk is not None and case.due_at is not None
    assert sweep(at_risk) == 1
    assert sweep(at_risk + timedelta(minutes=1)) == 0
    assert sweep(case.due_at) == 1
    assert sweep(case.due_at + timedelta(days=1)) == 0
    rows = [row for row in history_of("case", str(case.id)) if row.actor == "system:clocks"]
    assert [(row.action, row.data["clock"]) for row in rows] == [("at_risk", "sent"), ("overdue", "sent")]
    events = Outbox.objects.filter(topic__in=["case.at_risk", "case.overdue"]).order_by("id")
    assert [event.payload["id"] for event in events] == [str(case.id)] * 2


def test_late_the_one_notice_that_matters_goes_out(world: World, crew: dict[str, Actor]) -> None:
    opened(crew, world, "2026-11-23 10:00")
    assert sweep(beijing("2026-11-23 11:00")) == 1
    assert Outbox.objects.filter(topic="case.overdue").count() == 1
    assert not Outbox.objects.filter(topic="case.at_risk").exists()


def test_paused_and_stopped_clocks_stay_silent(world: World, crew: dict[str, Actor]) -> None:
    case = opened(crew, world, "2026-11-23 10:00")
    case = step(crew["dispatcher"], case, "send", "2026-11-23 10:10", unit_code="crew")
    step(crew["handler"], case, "wait", "2026-11-23 10:20", reason="缺件")
    sweep(beijing("2026-12-04 10:00"))
    assert not Outbox.objects.filter(topic="case.overdue").exists()
