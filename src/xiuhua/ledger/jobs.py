"""Periodic work: sealing, signing the head, clearing out delivered events."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from xiuhua.ledger.heads import sign_head
from xiuhua.ledger.relay import forget_delivered
from xiuhua.ledger.sealer import BATCH, seal


def seal_all() -> None:
    """Seal everything that is settled."""
    while seal() == BATCH:
        pass


def sign_present_head() -> None:
    """Seal, then sign the chain's end into the file outside the database."""
    seal_all()
    sign_head(settings.CONFIG.data, timezone.now())


EVERY: tuple[tuple[float, Callable[[], None]], ...] = (
    (1.0, seal_all),
    (3600.0, sign_present_head),
    (3600.0, forget_delivered),
)
AT_STOP: tuple[Callable[[], None], ...] = (sign_present_head,)
