"""The week before the demonstration opened, as its devices would have reported it, an hour at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

import numpy
from django.db import connection, transaction

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.district import District, Feed, Trouble
from xiuhua.readings.checking import look_at_devices
from xiuhua.readings.history.periods import hour_of
from xiuhua.readings.history.rollup import roll_anew, roll_up
from xiuhua.readings.partitions import make_partitions
from xiuhua.testbed.devices import number_of

DAYS, HOUR_S = 7, 3600
Row = tuple[int, int, datetime, float | None, str | None]


def report_past(made: Mapping[str, District], *, now: datetime, seed: int) -> int:
    """Store what the devices said in the week before, roll it up and look at the devices; once. Returns how many
    readings.
    """
    end = hour_of(now)
    random = numpy.random.Generator(numpy.random.PCG64([seed, DAYS]))
    written = 0
    make_partitions([(end - timedelta(days=back)).date() for back in range(DAYS + 1)])
    for pack_id, district in made.items():
        for feed in district.feeds:
            written += _feed(pack_id, feed, district.troubles, end, now, random)
    if written:
        roll_anew(end - timedelta(days=DAYS), end)
        roll_up(now=now)
        look_at_devices(now=now, at_once=True)
    return written


def _feed(
    pack_id: str, feed: Feed, troubles: Sequence[Trouble], end: datetime, now: datetime, random: numpy.random.Generator
) -> int:
    full = f"{pack_id}.{feed.type}"
    declared = current().stream(f"{full}.{feed.stream}")
    step = 1 if feed.mean is not None else max(1, ceil(declared.silent_after.seconds / HOUR_S))
    begin = end - timedelta(days=DAYS)
    ill = {one.code: one for one in troubles if one.strikes(feed)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id, d.object_code FROM readings_datastream d WHERE d.stream = %s AND NOT EXISTS (
                SELECT FROM readings_reading r WHERE r.datastream_id = d.id AND r.at >= %s AND r.at < %s) ORDER BY d.id
            """,
            [f"{full}.{feed.stream}", begin, end],
        )
        rows = [
            row
            for one, code in cursor.fetchall()
            for row in _said(one, feed, ill.get(code), begin, end, step, now, random)
        ]
        with cursor.copy(
            "COPY readings_reading (datastream_id, quality, at, value, code) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            copy.set_types(["int4", "int2", "timestamptz", "float8", "text"])
            for row in rows:
                copy.write_row(row)
    return len(rows)


def _said(
    datastream: int, feed: Feed, trouble: Trouble | None, begin: datetime, end: datetime, step: int, now: datetime,
    random: numpy.random.Generator,
) -> Iterator[Row]:  # fmt: skip
    at = begin + timedelta(minutes=1)
    while at < end:
        device_s = (at - now).total_seconds()
        ill = trouble if trouble and trouble.starts_s <= device_s < trouble.starts_s + trouble.lasts_s else None
        if ill is None or not ill.silent:
            if feed.mean is None:
                yield datastream, 0, at, None, ill.sends_code if ill else feed.code
            else:
                yield datastream, 0, at, number_of(feed, ill, device_s=device_s, random=random), None
        at += timedelta(hours=step)
