"""Rules on streams of readings, judged on arrays for all streams at once. Source: ANSI/ISA-18.2-2016 and IEC 62682:2022
for dead band, on-delay and off-delay; P. J. Huber, Robust Statistics (1981), for the clipped running centre (待核).

A watch takes one figure from each reading (the number, its rise, for how long it has not moved, its distance from the
usual), lays levels on it, may ask that other streams and the hour allow it, and waits before it begins and before it
ends. Time is the readings' own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xiuhua.engines.stream_rules.band import learn
from xiuhua.engines.stream_rules.group import Days
from xiuhua.engines.stream_rules.state import OtherTable, Patch, State, carried, from_bytes
from xiuhua.engines.stream_rules.step import Signals, Step, step
from xiuhua.engines.stream_rules.table import (
    HOURS_OF_WEEK,
    MOST_LEVELS,
    Also,
    Condition,
    Kind,
    Level,
    Measure,
    Table,
    Track,
    Watch,
    compile_table,
)
from xiuhua.kernel.engines import Port
from xiuhua.kernel.words import Label

__all__ = [
    "HOURS_OF_WEEK",
    "INPUTS",
    "MOST_LEVELS",
    "OUTPUTS",
    "Also",
    "Condition",
    "Days",
    "Kind",
    "Level",
    "Measure",
    "OtherTable",
    "Patch",
    "Signals",
    "State",
    "Step",
    "Table",
    "Track",
    "Watch",
    "carried",
    "compile_table",
    "from_bytes",
    "learn",
    "step",
]

_TABLE = compile_table(
    [
        Watch(
            id="methane", kind="manhole.methane", condition=Condition(),
            levels=(Level(grade=3, above=0.005, clears_at=0.004), Level(grade=2, above=0.01, clears_at=0.008)),
        )
    ],
    [Kind(id="manhole.methane")], (), offset_h=8,
)  # fmt: skip
_STATE = State(_TABLE)
_STATE.add(_TABLE, np.array([0, 0], dtype=np.int16))
_AT = Port(
    name="at",
    meaning=Label(zh="读数时刻（1970 年起的微秒，UTC）", en="Time of each reading, µs since 1970 UTC"),
    shape="(n,)",
    example=np.array([0, 60_000_000, 0], dtype=np.int64),
)
_VALUE = Port(
    name="value",
    meaning=Label(zh="读数（数据流的单位；无数值为 NaN）", en="Numbers in the stream's unit; NaN where there is none"),
    shape="(n,)",
    example=np.array([0.001, 0.012, 0.006]),
)
_OFFSET = Port(
    name="offset_h", meaning=Label(zh="当地时间与 UTC 之差（小时）", en="Local time less UTC, hours"), example=8
)

INPUTS: Mapping[str, tuple[Port, ...]] = {
    "step": (
        Port(name="table", meaning=Label(zh="规则表", en="The compiled rules"), example=_TABLE),
        Port(name="state", meaning=Label(zh="各数据流的记忆", en="What is remembered of each stream"), example=_STATE),
        Port(
            name="slot",
            meaning=Label(zh="数据流序号（升序，再按时间）", en="Stream of each reading, ascending; then by time"),
            shape="(n,)",
            example=np.array([0, 0, 1], dtype=np.int32),
        ),
        _AT,
        _VALUE,
        Port(
            name="code",
            meaning=Label(zh="状态码在规则表中的序号（其他为 -1）", en="Each code's place in the table; -1 for others"),
            shape="(n,)",
            example=np.full(3, -1, dtype=np.int32),
        ),
        Port(
            name="quality",
            meaning=Label(zh="质量标记（规则表规定从几起不用）", en="Quality; the table says from where on it is bad"),
            shape="(n,)",
            example=np.zeros(3, dtype=np.uint8),
        ),
        Port(
            name="days",
            meaning=Label(zh="哪些天上班", en="Which days are worked"),
            optional=True,
            example=Days(first=0, worked=np.ones(3, dtype=np.uint8)),
        ),
    ),
    "learn": (
        Port(
            name="thing",
            meaning=Label(zh="每条读数的数据流", en="Stream of each reading"),
            shape="(n,)",
            example=np.array([0, 0, 1]),
        ),
        _AT,
        _VALUE,
        Port(name="things", meaning=Label(zh="数据流数", en="How many streams"), example=2),
        _OFFSET,
    ),
}  # fmt: skip

OUTPUTS: Mapping[str, tuple[Port, ...]] = {
    "step": (
        Port(name="patch", meaning=Label(zh="记忆的改动", en="How the state changes")),
        Port(name="turns", meaning=Label(zh="等级变化（0 为解除）", en="Grades that became others; 0 is ended")),
        Port(name="holding", meaning=Label(zh="仍在成立的规则", en="What holds at the end of the call")),
    ),
    "learn": (
        Port(
            name="result",
            shape="(m, 168, 2)",
            meaning=Label(zh="每周各小时的均值与离散度", en="Mean and spread of each hour of the week"),
        ),
    ),
}
