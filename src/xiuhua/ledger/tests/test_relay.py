"""Events leave the outbox at least once; one that fails holds up no other."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from xiuhua.ledger.actions import announce
from xiuhua.ledger.models import Outbox, Sealing
from xiuhua.ledger.relay import deliver, forget_delivered

pytestmark = pytest.mark.django_db(transaction=True)


class Screens:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, object]]] = []

    def __call__(self, topic: str, message: Mapping[str, object]) -> None:
        assert not connection.in_atomic_block
        self.heard.append((topic, message))


def say(*ids: str) -> None:
    with transaction.atomic():
        for one in ids:
            announce("case.moved", area_path="310117/310117001/", id=one, number=f"N{one}")


def test_handlers_get_the_payload_and_screens_the_place_and_time() -> None:
    say("1", "2")
    got: list[Mapping[str, object]] = []
    screens = Screens()
    assert deliver({"case.moved": (got.append,)}, screens) == 2
    assert got == [{"id": "1", "number": "N1"}, {"id": "2", "number": "N2"}]
    topic, message = screens.heard[0]
    assert topic == "case.moved"
    assert {**message, "at": ""} == {
        "id": "1", "number": "N1", "topic": "case.moved", "area_path": "310117/310117001/", "at": "",
    }  # fmt: skip
    assert deliver({}, screens) == 0


def test_a_poison_event_is_undone_and_waits_while_the_others_go_on() -> None:
    say("bad", *(str(n) for n in range(150)))
    got: list[object] = []

    def handle(payload: Mapping[str, object]) -> None:
        Sealing.objects.update_or_create(id=1, defaults={"seq": 7 if payload["id"] == "bad" else 1})
        if payload["id"] == "bad":
            raise ValueError("broken")
        got.append(payload["id"])

    screens = Screens()
    now = timezone.now()
    tried = [deliver({"case.moved": (handle,)}, screens, now=now) for _ in range(3)]
    assert tried == [100, 51, 0]
    assert got == [str(n) for n in range(150)]
    assert Sealing.objects.get().seq == 1
    bad = Outbox.objects.get(done_at=None)
    assert (bad.tries, bad.error, bad.not_before) == (1, "ValueError: broken", now + timedelta(seconds=2))
    assert deliver({"case.moved": (handle,)}, screens, now=bad.not_before) == 1
    bad.refresh_from_db()
    assert (bad.tries, bad.not_before) == (2, now + timedelta(seconds=2 + 4))
    assert all(message["id"] != "bad" for _, message in screens.heard)


def test_two_relays_share_the_work_without_doubling_it() -> None:
    say(*(str(n) for n in range(300)))
    got: list[object] = []

    def work() -> None:
        while deliver({"case.moved": (lambda payload: got.append(payload["id"]),)}, lambda topic, message: None):
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(str(one)) for one in got) == list(range(300))


def test_silent_screens_lose_nothing_for_the_rooms_and_old_events_are_cleared() -> None:
    say("1")

    def unreachable(topic: str, message: Mapping[str, object]) -> None:
        raise OSError("no NATS")

    assert deliver({}, unreachable) == 1
    assert Outbox.objects.get().done_at is not None
    forget_delivered()
    assert Outbox.objects.exists()
    Outbox.objects.update(done_at=timezone.now() - timedelta(days=8))
    forget_delivered()
    assert not Outbox.objects.exists()
