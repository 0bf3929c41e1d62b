"""Periodic work: sealing, signing the head, clearing out delivered events."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from xiuhua.ledger.heads import heads_file, sign_head
from xiuhua.ledger.relay import forget_delivered
from xiuhua.ledger.sealer import BATCH, seal


def seal_all() -> None:
    """Seal everything that is settled."""
    while seal() == BATCH:
        pass


def sign_first_head() -> None:
    """Sign the first head as soon as there is anything to sign: from then on a rewritten chain is found."""
    if not heads_file(settings.CONFIG.data).is_file():
        sign_present_head()


def sign_present_head() -> None:
    """Seal, then sign the chain's end into the file outside the database."""
    seal_all()
    sign_head(settings.CONFIG.data, timezone.now())


EVERY: tuple[tuple[float, Callable[[], None]], ...] = (
    (1.0, seal_all),
    (60.0, sign_first_head),
    (3600.0, sign_present_head),
    (3600.0, forget_delivered),
)
AT_STOP: tuple[Callable[[], None], ...] = (sign_present_head,)
