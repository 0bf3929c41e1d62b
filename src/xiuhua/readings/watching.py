"""Which of the newest readings can matter to an alarm: those a rule holds for, and those with an alarm standing."""

from __future__ import annotations

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.catalog import catalogue
from xiuhua.readings.alarms import HOLDING
from xiuhua.readings.directory import Slots
from xiuhua.readings.gathering import Batch
from xiuhua.readings.quality import UNUSABLE
from xiuhua.readings.rules import holds, rules_by_stream


def concerned(newest: Batch, slots: Slots) -> NDArray[np.intp]:
    """Return the entries of a batch (one a stream) that a rule must look at; unusable readings concern none."""
    usable = newest.quality < UNUSABLE
    wanted = np.isin(slots.datastream[newest.slot], _with_standing_alarm())
    stream = np.array([slots.stream[slot] for slot in newest.slot], dtype=object)
    for name, rules in rules_by_stream(catalogue.current().rules.values()).items():
        mine = np.flatnonzero(stream == name)
        if len(mine):
            codes = newest.code[mine].astype(np.str_)
            for rule in rules:
                if not rule.silent:
                    wanted[mine] |= holds(rule, newest.value[mine], codes)
    return np.flatnonzero(wanted & usable)


def _with_standing_alarm() -> NDArray[np.int32]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datastream_id FROM readings_alarm"
            " WHERE closed_at IS NULL AND state = ANY (%s) AND datastream_id IS NOT NULL",
            [list(HOLDING)],
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int32)
