"""Any watches on any readings: arrays and plain Python agree, however the sequence is cut."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from xiuhua.engines.stream_rules import (
    Also,
    Condition,
    Days,
    Kind,
    Level,
    Measure,
    Signals,
    State,
    Table,
    Watch,
    compile_table,
    from_bytes,
    step,
)
from xiuhua.engines.stream_rules.tests.reference import HOUR, Reading, Reference, Turn

MINUTE = HOUR // 60
START = 20_000 * 24 * HOUR
KINDS = (
    Kind(id="pit.level", gap_us=20 * MINUTE),
    Kind(id="pit.pump", number=False),
    Kind(id="pit.flow", gap_us=30 * MINUTE),
    Kind(id="gauge.rain"),
)
SLOTS = ("pit.level", "gauge.rain", "pit.pump", "pit.level", "pit.flow", "pit.pump", "pit.level")
TIES = {
    0: {"pit.pump": 2, "pit.flow": 4, "gauge.rain": 1, "pit.level": 0},
    2: {"pit.level": 0},
    3: {"pit.pump": 5, "gauge.rain": 1, "pit.level": 3},
}
DAYS = Days(first=20_000, worked=np.array([1, 0, 1], dtype=np.uint8))
HOURS = ("1" * 168, "".join("1" if hour % 24 < 12 else "0" for hour in range(168)))

NUMBERS = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, nan])
WAITS = st.sampled_from([0, 0, MINUTE, 5 * MINUTE])


@st.composite
def conditions(draw: st.DrawFn, number: bool) -> tuple[Condition, float]:
    """Return a condition and how large one step of its figure is."""
    if not number:
        return Condition(measure=Measure.CODE, weights=((0, 2.0), (1, 1.0))), 1.0
    sign = draw(st.sampled_from([1, -1]))
    return draw(
        st.sampled_from(
            [
                (Condition(sign=sign), 1.0),
                (Condition(measure=Measure.CHANGE, sign=sign, window_us=20 * MINUTE), 1.0),
                (Condition(measure=Measure.STUCK, tolerance=0.5), 3.0 * MINUTE),
                (Condition(measure=Measure.SPIKE, least=0.5, memory=4), 1.0),
                (Condition(measure=Measure.BAND, least=0.5), 1.0),
            ]
        )
    )


@st.composite
def watches(draw: st.DrawFn) -> list[Watch]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(KINDS[:3]))
        condition, unit = draw(conditions(kind.number))
        levels = []
        for _ in range(draw(st.integers(1, 3))):
            above = draw(st.sampled_from([0.5, 1.0, 1.5])) * unit
            dead = draw(st.sampled_from([0.0, 0.5])) * unit
            levels.append(
                Level(grade=draw(st.integers(1, 4)), above=above, clears_at=above - dead, holds_us=draw(WAITS))
            )
        also = []
        for other in draw(st.lists(st.sampled_from(KINDS), max_size=2, unique=True)) if kind is KINDS[0] else ():
            asked, size = draw(conditions(other.number))
            above = 0.5 * size
            also.append(
                Also(kind=other.id, condition=asked, above=above, clears_at=above - draw(st.sampled_from([0.0, size])),
                     fresh_us=draw(st.sampled_from([2, 10, 60])) * MINUTE, own=other.id != "gauge.rain")
            )  # fmt: skip
        found.append(
            Watch(
                id=f"r{number}", kind=kind.id, condition=condition, levels=tuple(levels), clears_after_us=draw(WAITS),
                hours=draw(st.sampled_from([None, None, HOURS])), also=tuple(also), fresh_us=10 * MINUTE,
            )
        )  # fmt: skip
    return found


@st.composite
def sequences(draw: st.DrawFn) -> list[Reading]:
    """Return readings in order of (time, slot); now and then one comes again."""
    readings: list[Reading] = []
    at = START + draw(st.sampled_from([0, 10, 30])) * HOUR
    for _ in range(draw(st.integers(1, 60))):
        at += draw(st.sampled_from([0, 1, 1, 2, 4, 25])) * MINUTE
        slot = draw(st.integers(0, len(SLOTS) - 1))
        number = nan if SLOTS[slot] == "pit.pump" else draw(NUMBERS)
        readings.append((slot, at, number, draw(st.integers(-1, 1)), draw(st.sampled_from([0, 0, 0, 0, 1]))))
    return sorted(readings, key=lambda one: (one[1], one[0]))


BANDS = {0: {hour: (1.0, 0.25) for hour in range(0, 168, 2)}, 4: {hour: (2.0, 0.0) for hour in range(168)}}


def prepared(table: Table) -> State:
    state = State(table)
    state.add(table, np.array([table.kind_of(kind) for kind in SLOTS[:4]], dtype=np.int16))
    state.add(table, np.array([table.kind_of(kind) for kind in SLOTS[4:]], dtype=np.int16))
    pairs = [(slot, other) for slot, others in TIES.items() for other in others.values()]
    state.tie(table, *(np.array(column, dtype=np.int32) for column in zip(*pairs, strict=True)))
    for slot, hours in BANDS.items():
        band = np.full((1, 168, 2), np.nan, dtype=np.float32)
        for hour, usual in hours.items():
            band[0, hour] = usual
        state.learn(table, np.array([slot], dtype=np.int32), band)
    return state


def judged(table: Table, state: State, readings: Sequence[Reading]) -> tuple[list[Turn], Signals]:
    """Judge one call and bring the state forward."""
    rows = sorted(readings, key=lambda one: (one[0], one[1]))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    found = step(
        table, state, np.array(columns[0], dtype=np.int32), np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.float64), np.array(columns[3], dtype=np.int32),
        np.array(columns[4], dtype=np.uint8), DAYS,
    )  # fmt: skip
    state.take(found.patch)
    return told(table, found.turns), found.holding


def told(table: Table, signals: Signals) -> list[Turn]:
    return [
        (int(at), int(slot), table.rules[rule], int(grade), float(value))
        for at, slot, rule, grade, value in zip(
            signals.at, signals.slot, signals.rule, signals.grade, signals.value, strict=True
        )
    ]


def same(left: list[Turn], right: list[Turn]) -> bool:
    return repr(sorted(left, key=repr)) == repr(sorted(right, key=repr))


def columns_of(state: State) -> list[tuple[str, bytes]]:
    found = [
        (f"{kind}{name}", column.tobytes()) for kind, rows in enumerate(state.columns) for name, column in rows.items()
    ]
    return [*found, ("at", state.at.tobytes())]


@given(rules=watches(), readings=sequences(), data=st.data())
@settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_arrays_plain_python_and_any_cut_agree(
    rules: list[Watch], readings: list[Reading], data: st.DataObject
) -> None:
    table = compile_table(rules, KINDS, ("a", "b"), offset_h=8)
    reference = Reference(rules, KINDS, SLOTS, TIES, BANDS, DAYS)
    expected = [turn for reading in readings for turn in reference.read(reading)]
    whole = prepared(table)
    turns, holding = judged(table, whole, readings)
    assert same(turns, expected)
    assert [one[0] for one in turns] == sorted(one[0] for one in turns)

    cuts = sorted(data.draw(st.lists(st.integers(0, len(readings)), max_size=6)))
    cut = prepared(table)
    pieces: list[Turn] = []
    for begin, end in zip([0, *cuts], [*cuts, len(readings)], strict=True):
        before = columns_of(cut)
        if data.draw(st.booleans()):
            dropped = sorted(readings[begin:end])
            kept = from_bytes(table, cut.to_bytes())
            judged(table, kept, dropped)
        assert columns_of(cut) == before
        pieces += judged(table, cut, readings[begin:end])[0]
    assert same(pieces, turns)
    assert columns_of(cut) == columns_of(whole)
    assert columns_of(from_bytes(table, whole.to_bytes())) == columns_of(whole)
    now = {(slot, rule): grade for _, slot, rule, grade, _ in told(table, holding)}
    ended = {(slot, rule): grade for _, slot, rule, grade, _ in turns}
    assert now == {key: grade for key, grade in ended.items() if grade}
    assert judged(table, whole, readings)[0] == []
