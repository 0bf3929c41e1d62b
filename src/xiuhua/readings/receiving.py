"""Readings that come over HTTP: a sheet of registered streams, taken whole or refused with every fault named."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid, NotFound
from xiuhua.kernel.words import Act
from xiuhua.people.policy import visible
from xiuhua.readings.decode import Unreadable, sheet_in
from xiuhua.readings.models import Datastream
from xiuhua.readings.sending import sender
from xiuhua.readings.topics import address_in, own_subject

NAMED_AT_MOST = 20


def receive(actor: Actor, payload: bytes, form: str, *, nats_url: str) -> int:
    """Keep a sheet's readings and return how many there are: they are safe then, and stored in a moment.

    `form` is json or msgpack. Raises Invalid for a sheet or rows that cannot be read, NotFound for streams that are not
    registered or into which the actor may not bring readings, Unavailable where the message server is away.
    """
    sheet = sheet_in(payload, form)
    if isinstance(sheet, Unreadable):
        raise Invalid("readings.sheet_unreadable", detail=sheet.detail)
    if sheet.wrong:
        first = sorted(sheet.wrong.items())[:NAMED_AT_MOST]
        raise Invalid(
            "readings.rows_wrong", count=len(sheet.wrong),
            rows="; ".join(f"{item}: {wrong.reason}: {wrong.detail}" for item, wrong in first),
        )  # fmt: skip
    unknown = _unknown(actor, sheet.streams)
    if unknown:
        raise NotFound("readings.streams_unknown", count=len(unknown), names=", ".join(unknown[:NAMED_AT_MOST]))
    sender.send(nats_url, [(own_subject(actor.code, form), payload)])
    return len(sheet.at_ms)


def _unknown(actor: Actor, names: Iterable[str]) -> list[str]:
    """Return the names that are no registered stream of an object into whose streams the actor may bring readings."""
    wanted: dict[tuple[str, str], str] = {}
    unknown: list[str] = []
    for name in names:
        address = address_in(name)
        if address is None:
            unknown.append(name)
        else:
            wanted[f"{address.type}.{address.stream}", address.code] = name
    codes: dict[str, list[str]] = {}
    for stream, code in wanted:
        codes.setdefault(stream, []).append(code)
    rows = Q(pk__in=[])
    for stream, several in codes.items():
        rows |= Q(stream=stream, object_code__in=several)
    found = set(
        Datastream.objects.filter(rows, visible(actor, act=Act.IMPORT)).values_list("stream", "object_code")
    )  # fmt: skip
    return unknown + [name for key, name in wanted.items() if key not in found]
