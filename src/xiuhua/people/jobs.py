"""Periodic work: forgetting failed sign-ins that no longer count, and sessions that ended."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.utils import timezone

from xiuhua.people.actions.sessions import forget_old_failures


def clear_sign_ins() -> None:
    """Delete what signing in left behind and nothing needs any more."""
    now = timezone.now()
    forget_old_failures(now)
    Session.objects.filter(expire_date__lt=now).delete()


EVERY: tuple[tuple[float, Callable[[], None]], ...] = ((900.0, clear_sign_ins),)
