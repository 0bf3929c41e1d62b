"""Background work: what rooms declare is merged, and one that fails holds up nobody."""

import threading
import time
from types import ModuleType

import pytest

from xiuhua.site.worker import gather, job_modules, leave, repeat


def a_room(name: str, **declared: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(declared)
    return module


def nothing(_: object = None) -> None:
    """Do nothing."""


def test_handlers_of_one_topic_are_merged_in_order_of_the_rooms() -> None:
    jobs = gather(
        [
            a_room("a", HANDLERS={"alarm.raised": (nothing,)}, EVERY=((1.0, nothing),)),
            a_room("b", HANDLERS={"alarm.raised": (print,), "run.done": (nothing,)}, AT_STOP=(nothing,)),
            a_room("c"),
        ]
    )
    assert jobs.handlers == {"alarm.raised": [nothing, print], "run.done": [nothing]}
    assert jobs.every == [(1.0, nothing)] and jobs.at_stop == [nothing]


def test_the_rooms_own_jobs_can_be_loaded() -> None:
    jobs = gather(job_modules())
    assert jobs.every and all(seconds > 0 for seconds, _ in jobs.every)


@pytest.mark.django_db(transaction=True)
def test_work_that_fails_is_tried_again_and_ends_when_told() -> None:
    calls: list[float] = []
    stop = threading.Event()

    def fails_once() -> None:
        calls.append(time.monotonic())
        if len(calls) == 1:
            raise ValueError("not yet")
        stop.set()

    thread = threading.Thread(target=repeat, args=(0.05, fails_once, stop))
    thread.start()
    thread.join(20)
    assert not thread.is_alive() and len(calls) == 2


def test_work_that_does_not_end_is_left_behind() -> None:
    stop, left = threading.Event(), threading.Event()
    thread = threading.Thread(target=leave, args=(stop, 0.05, lambda status: left.set() if status == 0 else None))
    thread.start()
    assert not left.wait(0.2)
    stop.set()
    assert left.wait(20)
    thread.join(20)
