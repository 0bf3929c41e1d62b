"""At a node: the calls to the centre. Up first, in order; then, when nothing waits, the copy down."""

from __future__ import annotations

import json
import logging
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from xiuhua.edge.copying import catalogue_digest, lay
from xiuhua.edge.models import Line, Outgoing
from xiuhua.edge.outgoing import gather, line, waiting
from xiuhua.edge.taking import Item, Parcel
from xiuhua.files.keeping import fetch
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.ledger.actions import Change, record
from xiuhua.stack.secrets import kept_secret

log = logging.getLogger(__name__)

ANSWERED_WITHIN_S = 30.0
ITEMS_AT_ONCE = 500
BYTES_AT_ONCE = 2 * 1024 * 1024
TELLS_EVERY_S = 5.0
KEY_NAME = "node_key"
COUNTS = {"readings": "readings_out", "alarm": "alarms_out", "case": "cases_out", "history": "history_out"}
_told: list[float] = [0.0]


class Cut(Exception):
    """The centre does not answer; what waits stays."""


class Turned(Exception):
    """The centre answers and refuses; the text is what it says."""


def hand_up() -> None:
    """Bring what is new into line and hand up what waits; at a site that is no node, nothing. Says how the line is."""
    if not settings.CONFIG.edge:
        return
    try:
        while gather():
            pass
        while _send_some():
            pass
    except Cut as error:
        _note("cut", str(error))
    except Turned as error:
        _note("refused", str(error))


def copy_down() -> None:
    """Take whatever part of the centre's rows has changed, once nothing waits to go up."""
    if not settings.CONFIG.edge or waiting().items:
        return
    try:
        asked_at = timezone.now()
        answer = _json("GET", "/copy")
        own = Line.objects.get(id=1)
        for name, digest in answer["digests"].items():
            if own.digests.get(name) == digest:
                continue
            rows = _rows(name)
            with transaction.atomic():
                if waiting().items:
                    return
                lay(name, rows)
                locked = line()
                locked.digests = {**locked.digests, name: digest}
                locked.save(update_fields=["digests"])
                record(
                    system_actor("edge"),
                    Change(action="laid", entity="copy", entity_id=name, data={"rows": len(rows), "digest": digest}),
                )
        with transaction.atomic():
            locked = line()
            locked.copied_at, locked.centre_catalogue, locked.copy_problem = asked_at, answer["catalogue"], ""
            locked.save(update_fields=["copied_at", "centre_catalogue", "copy_problem"])
    except Cut as error:
        _note("cut", str(error))
    except Turned as error:
        _note("refused", str(error))
    except XiuhuaError as error:
        Line.objects.filter(id=1).update(copy_problem=f"{error.code} {dict(error.params)}"[:500])


def _rows(name: str) -> list[Any]:
    rows: list[Any] = []
    after = ""
    while True:
        page = _json("GET", f"/copy/{name}?" + urlencode({"after": after}))
        rows += page["rows"]
        after = page["next"]
        if not after:
            return rows


def _send_some() -> bool:
    """Send one parcel; say whether there may be more."""
    own = Line.objects.get(id=1)
    items = _next_items(own.acknowledged)
    if not items and time.monotonic() - _told[0] < TELLS_EVERY_S:
        return False
    for item in items:
        if item.kind == "case":
            _send_files(json.loads(bytes(item.payload)))
    left = waiting()
    parcel = Parcel(
        era=own.era, at=timezone.now(), waiting=max(0, left.items - len(items)), oldest_at=left.oldest_at,
        full=left.full, copied_at=own.copied_at, catalogue=catalogue_digest(),
        items=[Item(position=item.position or 0, kind=item.kind, payload=bytes(item.payload)) for item in items],
    )  # fmt: skip
    before = timezone.now()
    answer = json.loads(_call("POST", "/up", msgspec.msgpack.encode(parcel), "application/msgpack"))
    after = timezone.now()
    _told[0] = time.monotonic()
    with transaction.atomic():
        locked = line()
        locked.acknowledged = max(locked.acknowledged, int(answer["position"]))
        for kind, column in COUNTS.items():
            sent = sum(
                item.count for item in items if item.kind == kind and (item.position or 0) <= locked.acknowledged
            )
            setattr(locked, column, getattr(locked, column) + sent)
        Outgoing.objects.filter(position__lte=locked.acknowledged).delete()
        if locked.state != "up":
            locked.state, locked.problem, locked.since = "up", "", after
        locked.answered_at = after
        centre = msgspec.convert(answer["at"], type=type(after), strict=False)
        locked.clock_ahead_s = (before + (after - before) / 2 - centre).total_seconds()
        locked.save()
    return len(items) > 0


def _next_items(acknowledged: int) -> list[Outgoing]:
    """Return the next items, in order, as many as one call should hold; at least one, however large."""
    sizes = Outgoing.objects.filter(position__gt=acknowledged).order_by("position").values_list("position", "size")
    last, total = 0, 0
    for found, size in sizes[:ITEMS_AT_ONCE]:
        position = found or 0
        if last and total + size > BYTES_AT_ONCE:
            break
        last, total = position, total + size
    return list(Outgoing.objects.filter(position__gt=acknowledged, position__lte=last).order_by("position"))


def _send_files(case: Mapping[str, Any]) -> None:
    for one in case["evidence"]:
        name = one["file_hash"]
        if not _json("GET", f"/files/{name}")["kept"]:
            _call("PUT", f"/files/{name}", fetch(name), "application/octet-stream")


def _json(method: str, path: str) -> Any:
    return json.loads(_call(method, path))


def _call(method: str, path: str, body: bytes | None = None, form: str = "application/json") -> bytes:
    key = kept_secret(settings.CONFIG.data, KEY_NAME) or ""
    request = urllib.request.Request(  # noqa: S310
        f"{settings.CONFIG.upstream}/api/edge{path}", data=body, method=method,
        headers={"Authorization": f"Bearer {key}", "Content-Type": form},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=ANSWERED_WITHIN_S) as answer:  # noqa: S310
            data: bytes = answer.read()
            return data
    except HTTPError as error:
        said = error.read(4096).decode(errors="replace")
        if error.code >= 500:
            raise Cut(f"{error.code}: {said[:300]}") from error
        raise Turned(_title(said, error.code)) from error
    except (OSError, HTTPException) as error:
        raise Cut(f"{type(error).__name__}: {error}") from error


def _title(said: str, status: int) -> str:
    try:
        problem = json.loads(said)
        return str(problem.get("detail") or problem.get("title") or problem.get("code") or said)[:300]
    except (ValueError, AttributeError):
        return f"{status}: {said[:300]}"


def _note(state: str, problem: str) -> None:
    log.warning("the line to the centre", extra={"state": state, "problem": problem})
    with transaction.atomic():
        own = line()
        if own.state != state:
            own.state, own.since = state, timezone.now()
        own.problem = problem[:500]
        own.save(update_fields=["state", "since", "problem"])
