"""Delivering events out of the outbox: to the rooms that asked for them, then to the screens; at least once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from xiuhua.ledger.models import Outbox

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, object]], None]
Publish = Callable[[str, Mapping[str, object]], None]
BATCH = 100
LONGEST_WAIT_S = 3600
KEPT = timedelta(days=7)


def deliver(handlers: Mapping[str, Sequence[Handler]], publish: Publish, *, now: datetime | None = None) -> int:
    """Deliver one batch of waiting events, oldest first, and return how many were tried.

    The handlers of an event run in one savepoint of the transaction that marks it done; one that fails is tried again
    after 2, 4, 8 … seconds and holds up no other. `publish(topic, message)` is called after the commit: a screen that
    misses an event reads afresh when it reconnects. What its room marked `quiet` goes to handlers only.
    """
    now = now or timezone.now()
    done: list[Outbox] = []
    with transaction.atomic():
        waiting = Outbox.objects.filter(done_at=None, not_before__lte=now).order_by("id")
        events = list(waiting.select_for_update(skip_locked=True)[:BATCH])
        for event in events:
            try:
                with transaction.atomic():
                    for handle in handlers.get(event.topic, ()):
                        handle(event.payload)
            except Exception as error:
                log.exception("event not delivered", extra={"topic": event.topic, "event": event.id})
                event.tries += 1
                event.error = f"{type(error).__name__}: {error}"[:2000]
                event.not_before = now + timedelta(seconds=min(2**event.tries, LONGEST_WAIT_S))
            else:
                event.done_at = now
                done.append(event)
        Outbox.objects.bulk_update(events, ["tries", "error", "not_before", "done_at"])
    _publish(done, publish)
    return len(events)


def forget_delivered() -> None:
    """Delete events delivered more than a week ago."""
    Outbox.objects.filter(done_at__lt=timezone.now() - KEPT).delete()


def _publish(events: Sequence[Outbox], publish: Publish) -> None:
    for event in events:
        if event.payload.get("quiet"):
            continue
        message = {**event.payload, "topic": event.topic, "area_path": event.area_path, "at": event.at.isoformat()}
        try:
            publish(event.topic, message)
        except Exception:
            log.exception("screens not told", extra={"topic": event.topic, "event": event.id})
            return
