"""Who may come in: the server's question about a connection, held against the keys, and the answer that it believes."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import connection

from xiuhua.readings.models import DeviceKey
from xiuhua.readings.rights import subjects_of, things_of
from xiuhua.stack.nkeys import Issuer, claims_in
from xiuhua.stack.subjects import ACCOUNT, DEVICES_ACCOUNT, FEED

# A connection stands this long at most, then the server asks again: what a revoked key holds where it is not ended.
LASTS = timedelta(hours=1)
FAILURES = 5
FAILURES_WITHIN = timedelta(minutes=1)
# What one device needs of subscriptions: its own inbox.
MOST_SUBSCRIPTIONS = 16
LONGEST_NAME = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks to come in, as the server tells it; `server` and `user_nkey` say for whom the answer is."""

    name: str
    secret: str
    host: str
    way: str
    server: str
    user_nkey: str


@dataclass(kw_only=True, slots=True)
class _Notes:
    """What was seen at the door and is not written down yet."""

    seen: dict[UUID, datetime] = field(default_factory=dict)
    refused: dict[UUID, tuple[datetime, str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def caller_in(question: bytes) -> Caller | None:
    """Return who asks; None if this is no question of a server."""
    try:
        claims = claims_in(question)
        asked = claims["nats"]
        client, said = asked["client_info"], asked["connect_opts"]
        return Caller(
            name=_text(said.get("user", "")), secret=_text(said.get("pass", "")), host=_text(client.get("host", "")),
            way=str(client.get("type", "")) if client.get("kind") == "Client" else "",
            server=str(asked["server_id"]["id"]), user_nkey=str(asked["user_nkey"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(said: object) -> str:
    """Return what was said as text that can be written down: half a pair of surrogates cannot."""
    return str(said).encode(errors="replace").decode()


class Judge:
    """Answers callers and remembers for a minute who came in vain."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._failures: dict[tuple[str, str], list[datetime]] = {}
        self._notes = _Notes()

    def answers(self, callers: Sequence[Caller], *, now: datetime) -> list[tuple[str, str]]:
        """Return for each caller the answer to the server, and why it is turned away ("" if it is let in)."""
        self._forget_failures(now)
        # The database takes no NUL, not even to look for it.
        names = {caller.name for caller in callers if len(caller.name) <= LONGEST_NAME and "\x00" not in caller.name}
        keys = {key.name: key for key in DeviceKey.objects.filter(name__in=names)}
        whys = [self._why_not(caller, keys.get(caller.name), now) for caller in callers]
        admitted = {keys[one.name].id for one, why in zip(callers, whys, strict=True) if not why}
        things = things_of(list(admitted))
        found = []
        for caller, why in zip(callers, whys, strict=True):
            key = keys.get(caller.name)
            if why or key is None:
                self._refused(caller, key, why, now)
                found.append((self._answer(caller, {"error": "refused"}, now), why))
            else:
                self._notes.seen[key.id] = now
                user = self._user(caller, key, things.get(key.id, []), now)
                found.append((self._answer(caller, {"jwt": user}, now), ""))
        return found

    def trespassed(self, name: str, count: int, *, now: datetime) -> None:
        """Note messages that a key did not speak for; `name` is empty where its connection is gone."""
        self._notes.counts["topic"] += count
        for key in DeviceKey.objects.filter(name=name).values_list("id", flat=True):
            self._notes.refused[key] = (now, "topic")

    def write_down(self, *, now: datetime) -> None:
        """Note in the database when each key came, or came in vain, and count who was turned away."""
        if self._notes.seen or self._notes.counts:
            _write_down(self._notes, now)
            self._notes = _Notes()

    def _why_not(self, caller: Caller, key: DeviceKey | None, now: datetime) -> str:
        if len(self._failures.get((caller.name, caller.host), ())) >= FAILURES:
            return "hurried"
        if key is None or caller.way not in ("mqtt", "nats"):
            return "unknown"
        if not hmac.compare_digest(sha256(caller.secret.encode()).digest(), bytes(key.secret_sha256)):
            return "secret"
        if key.revoked_at is not None:
            return "revoked"
        return "expired" if key.expires_at is not None and key.expires_at <= now else ""

    def _refused(self, caller: Caller, key: DeviceKey | None, why: str, now: datetime) -> None:
        self._notes.counts[why] += 1
        if key is not None:
            self._notes.refused[key.id] = (now, why)
        if why != "hurried":
            self._failures.setdefault((caller.name[:LONGEST_NAME], caller.host), []).append(now)

    def _forget_failures(self, now: datetime) -> None:
        for caller, times in list(self._failures.items()):
            times[:] = [at for at in times if at > now - FAILURES_WITHIN]
            if not times:
                del self._failures[caller]

    def _user(self, caller: Caller, key: DeviceKey, things: Sequence[tuple[str, str]], now: datetime) -> str:
        """Return what the server grants: to publish what the key speaks for, over NATS also to hear its own inbox."""
        over_nats = caller.way == "nats"
        # Not all at once again: keys that came together are asked about again at different times.
        ends = now + LASTS - timedelta(seconds=secrets.randbelow(int(LASTS.total_seconds()) // 4))
        rights = subjects_of(key.name, key.types, things, before=f"{FEED}*." if over_nats else "in.*.")
        claims = {
            "sub": caller.user_nkey,
            "name": key.name,
            "aud": DEVICES_ACCOUNT if over_nats else ACCOUNT,
            "exp": int(min(ends, key.expires_at or ends).timestamp()),
            "nats": {
                "type": "user", "version": 2, "data": -1, "payload": -1,
                "subs": MOST_SUBSCRIPTIONS if over_nats else -1,
                "pub": {"allow": rights},
                "sub": {"allow": [f"_INBOX_{key.name}.>"]} if over_nats else {"deny": [">"]},
            },
        }  # fmt: skip
        return self._issuer.sign(claims, now=now)

    def _answer(self, caller: Caller, says: dict[str, str], now: datetime) -> str:
        claims = {
            "sub": caller.user_nkey,
            "aud": caller.server,
            "nats": {"type": "authorization_response", "version": 2, **says},
        }
        return self._issuer.sign(claims, now=now)


def revoked_since(since: datetime) -> list[str]:
    """Return the names of keys that were revoked since then."""
    return list(DeviceKey.objects.filter(revoked_at__gt=since).values_list("name", flat=True))


def _write_down(notes: _Notes, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE readings_devicekey k SET last_seen_at = s.at
            FROM unnest(%s::uuid[], %s::timestamptz[]) AS s (id, at) WHERE k.id = s.id
            """,
            [list(notes.seen), list(notes.seen.values())],
        )
        cursor.execute(
            """
            UPDATE readings_devicekey k SET refused_at = s.at, refused_why = s.why
            FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS s (id, at, why) WHERE k.id = s.id
            """,
            [list(notes.refused), *([one[part] for one in notes.refused.values()] for part in (0, 1))],
        )
        cursor.execute(
            """
            INSERT INTO readings_doorcount (why, count, last_at)
            SELECT c.why, c.count, %s FROM unnest(%s::text[], %s::bigint[]) AS c (why, count) ORDER BY c.why
            ON CONFLICT (why) DO UPDATE SET count = readings_doorcount.count + EXCLUDED.count,
                                            last_at = EXCLUDED.last_at
            """,
            [now, list(notes.counts), list(notes.counts.values())],
        )
