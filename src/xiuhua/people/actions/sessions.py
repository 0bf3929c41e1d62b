"""Signing in and out: sessions in the database, failures counted, everything recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.contrib import auth
from django.db import connection, transaction
from django.http import HttpRequest

from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Invalid, NotSignedIn, TooMany
from xiuhua.ledger.actions import Change, record
from xiuhua.people.models import FailedSignIn, User
from xiuhua.people.queries.users import actor_of_user

FAILURES = 5
WINDOW = timedelta(minutes=15)
LANGUAGES = ("zh", "en")
TABLES_AT_MOST = 200


def sign_in(request: HttpRequest, *, username: str, password: str, now: datetime) -> User:
    """Open a session under a fresh id; raises NotSignedIn on a wrong password, TooMany after five within 15 minutes."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    key = hashlib.sha256(f"{username.casefold()}\n{address}".encode()).hexdigest()
    with transaction.atomic():
        # one try at a time for a name and address: parallel tries would slip past the count
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(key[:15], 16)])
        failures = FailedSignIn.objects.filter(key=key, at__gt=now - WINDOW)
        earliest = failures.order_by("-at")[FAILURES - 1 : FAILURES].first()
        user = None if earliest else auth.authenticate(request, username=username, password=password)
        if isinstance(user, User):
            FailedSignIn.objects.filter(key=key).delete()
            request.session.flush()
            auth.login(request, user)
            actor = actor_of_user(user)
            record(actor, _change(actor, "signed_in", user.code, address))
        elif earliest is None:
            FailedSignIn.objects.create(key=key, at=now)
            known = User.objects.filter(username=username).first()
            subject = actor_of_user(known) if known else Actor(code="", name="", grants=())
            record(system_actor("sign-in"), _change(subject, "sign_in_failed", subject.code, address))
    if earliest is not None:
        wait = (earliest.at + WINDOW - now).total_seconds()
        raise TooMany("people.too_many", minutes=max(1, int(-(-wait // 60))))
    if not isinstance(user, User):
        raise NotSignedIn("people.wrong_password")
    return user


def sign_out(request: HttpRequest, actor: Actor) -> None:
    """Close the session."""
    with transaction.atomic():
        record(actor, _change(actor, "signed_out", actor.code, str(request.META.get("REMOTE_ADDR", ""))))
        auth.logout(request)


def choose_language(user: User, *, language: str) -> None:
    """Keep the language a person works in: zh or en."""
    if language not in LANGUAGES:
        raise Invalid("people.bad_language", language=language)
    actor = actor_of_user(user)
    with transaction.atomic():
        user.language = language
        user.save(update_fields=["language"])
        record(
            actor,
            Change(action="language_chosen", entity="user", entity_id=user.code, data={"language": language}),
        )


def choose_columns(user: User, *, table: str, columns: Sequence[Mapping[str, object]]) -> None:
    """Keep how a person wants the columns of a list: key, shown and width (px or None) of each, in order; none at all
    lets the list stand as it comes. Raises Invalid for one list more than a person may arrange.
    """
    actor = actor_of_user(user)
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        if columns:
            kept.columns[table] = [dict(column) for column in columns]
        else:
            kept.columns.pop(table, None)
        if len(kept.columns) > TABLES_AT_MOST:
            raise Invalid("people.too_many_tables", most=TABLES_AT_MOST)
        kept.save(update_fields=["columns"])
        record(actor, Change(action="columns_chosen", entity="user", entity_id=user.code, data={"table": table}))
    user.columns = kept.columns


def forget_old_failures(now: datetime) -> None:
    """Delete failed sign-ins that no longer count."""
    FailedSignIn.objects.filter(at__lt=now - WINDOW).delete()


def _change(actor: Actor, action: str, user_code: str, address: str) -> Change:
    path = actor.grants[0].area_path if actor.grants else ""
    return Change(action=action, entity="session", entity_id=user_code, area_path=path, data={"address": address})
