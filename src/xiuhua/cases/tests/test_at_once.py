"""Several at once: two people on one case, two alarms of one thing, two sweepers of which one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.utils import timezone

from xiuhua.cases import actions
from xiuhua.cases.jobs import open_for_raised
from xiuhua.cases.models import Case, CaseClock
from xiuhua.cases.tests.conftest import DISTRICT, World, actor
from xiuhua.kernel.errors import Conflict
from xiuhua.ledger.models import History, Outbox
from xiuhua.readings.models import Alarm

SWEEPER = """
import sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = "{name}"
import xiuhua.cases.sweep as sweeping
from django.utils import timezone
sweeping.BATCH = {batch}
print("ready", flush=True)
sys.stdin.readline()
print(sweeping.sweep(timezone.now()), flush=True)
"""


def together(*work: Callable[[], Any]) -> list[Any]:
    """Run all at once, each on its own connection; return what each returned or raised."""
    results: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = work[number]()
        except Conflict as conflict:
            results[number] = conflict
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_move_at_once_one_wins(committed_world: World) -> None:
    people = [actor(name, ("dispatcher", "cyzx", DISTRICT)) for name in ("ann", "bo")]
    for thing in committed_world.east:
        case = actions.open_case(people[0], "demo.lamp_repair", object_id=thing.id)
        results = together(
            partial(actions.make_move, people[0], case.id, "send", version=1, unit_code="crew"),
            partial(actions.make_move, people[1], case.id, "cancel", version=1, reason="重复"),
        )
        lost = [one for one in results if isinstance(one, Conflict)]
        assert len(lost) == 1
        assert lost[0].code == "cases.moved_on"
        assert lost[0].params["by"] in ("ann", "bo")
        assert Case.objects.get(id=case.id).version == 2
        assert History.objects.filter(entity="case", entity_id=str(case.id), action="moved").count() == 1
        assert CaseClock.objects.filter(case=case, stopped_at=None, clock="new").count() == 0


def test_an_alarm_told_four_times_at_once_opens_one_case(committed_world: World) -> None:
    thing = committed_world.east[0]
    now = timezone.now()
    raised = Alarm.objects.create(
        rule="demo.dark", grade=3, object_id=thing.id, object_type=thing.type, object_code=thing.code,
        object_name=thing.name, raised_at=now, last_at=now, area_path=thing.area_path,
    )  # fmt: skip
    raised.refresh_from_db()
    told = {"id": str(raised.id)}
    together(*(lambda: open_for_raised(told) for _ in range(4)))
    assert Case.objects.count() == 1


def test_ten_thousand_due_at_once_fire_exactly_once(committed_world: World) -> None:
    now = timezone.now()
    cases = 10_000
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_case (number, type, state, kind, title, description, object_code, source, area_path, "
            "unit_code, handled_by, handled_by_all, fields, opened_by, why, version, origin, paused) "
            "SELECT 'T-' || n, 'demo.lamp_repair', 'sent', 'open', 't', '', '', 'hand', %s, 'crew', '', '[]', '{}', "
            "'x', '[]', 1, 'site', false FROM generate_series(1, %s) n",
            [committed_world.east[0].area_path, cases],
        )
        cursor.execute(
            "INSERT INTO cases_caseclock (case_id, clock, started_at, due_at, at_risk_at, pauses, fault) "
            "SELECT id, 'sent', %s, %s, %s, '[]', '' FROM cases_case",
            [now - timedelta(hours=2), now - timedelta(seconds=1), now - timedelta(hours=1)],
        )
    first, second = _sweeper(), _sweeper()
    for sweeper in (first, second):
        assert sweeper.stdout is not None and sweeper.stdout.readline() == "ready\n"
    _go(first)
    while not History.objects.filter(action="overdue").count() >= 500:
        time.sleep(0.01)
    _go(second)
    first.send_signal(signal.SIGKILL)
    first.wait()
    done_when_killed = History.objects.filter(action="overdue").count()
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0, out
    assert 500 <= done_when_killed < cases
    assert 0 < int(out) < cases
    third = _sweeper()
    _go(third)
    out, _ = third.communicate(timeout=120)
    assert History.objects.filter(action="overdue").count() == cases
    assert History.objects.filter(action="overdue").values("entity_id").distinct().count() == cases
    assert Outbox.objects.filter(topic="case.overdue").count() == cases
    assert not History.objects.filter(action="at_risk").exists()
    assert not CaseClock.objects.filter(overdue_fired_at=None).exists()


def _go(sweeper: subprocess.Popen[str]) -> None:
    assert sweeper.stdin is not None
    sweeper.stdin.write("go\n")
    sweeper.stdin.flush()


def _sweeper() -> subprocess.Popen[str]:
    code = SWEEPER.format(name=connection.settings_dict["NAME"], batch=100)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "xiuhua.site.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )
