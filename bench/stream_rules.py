"""How long rules take: 100,000 streams with 20 rules each, one call of 100,000 readings after another.

    .venv/bin/python bench/stream_rules.py [--streams 100000] [--readings 100000] [--calls 10]

Prints the time of a call, its processor time as a ratio to one numpy comparison over the same numbers (same run), and
the bytes that a stream's memory takes, without and with a learnt week. Limits: 0.15 s; 300 bytes; 1.5 KB more.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
from numpy.typing import NDArray

from xiuhua.engines.stream_rules import Also, Condition, Kind, Level, Measure, State, Table, Watch, compile_table, step

MINUTE = 60_000_000
START = 1_760_000_000_000_000
LIMIT_S = 0.15
COMPARED = 100
NIGHT = "".join("1" if hour % 24 < 5 else "0" for hour in range(168))
LEVEL, RAIN = "pit.level", "gauge.rain"


def watches() -> list[Watch]:
    """Return 20 rules on one kind: plain limits, levels, waits, dead bands, rise, fall, stuck, spike, night, rain."""

    def one(
        name: str, condition: Condition, *levels: Level, clears_min: float = 0, hours: tuple[str, str] | None = None,
        also: tuple[Also, ...] = (),
    ) -> Watch:  # fmt: skip
        return Watch(
            id=name, kind=LEVEL, condition=condition, levels=levels, clears_after_us=int(clears_min * MINUTE),
            hours=hours, also=also, fresh_us=30 * MINUTE,
        )  # fmt: skip

    def level(grade: int, above: float, dead: float = 0.0, minutes: float = 0) -> Level:
        return Level(grade=grade, above=above, clears_at=above - dead, holds_us=int(minutes * MINUTE))

    high, low = Condition(), Condition(sign=-1)
    rain = Also(kind=RAIN, condition=Condition(), above=0.5, clears_at=0.4, fresh_us=30 * MINUTE, own=False)
    return [
        *(one(f"high{number}", high, level(3, 2.5 + number / 10)) for number in range(4)),
        *(one(f"low{number}", low, level(3, 2.5 + number / 10, 0.2)) for number in range(3)),
        one("levels", high, level(4, 1.5, 0.1), level(3, 2.0, 0.1), level(2, 2.5, 0.1), level(1, 3.0, 0.1)),
        one("levels_low", low, level(3, 2.0, 0.1), level(2, 3.0, 0.1)),
        one("wait", high, level(3, 1.5, 0.1, 5)),
        one("wait_both", low, level(2, 1.8, 0.1, 10), clears_min=10),
        one("levels_wait", high, level(3, 2.0, 0.1, 5), level(2, 2.5, 0.1, 1), clears_min=5),
        one("rise", Condition(measure=Measure.CHANGE, window_us=30 * MINUTE), level(2, 3.5)),
        one("fall", Condition(measure=Measure.CHANGE, sign=-1, window_us=60 * MINUTE), level(3, 4.0)),
        one("stuck", Condition(measure=Measure.STUCK, tolerance=0.001), level(4, 60 * MINUTE)),
        one("spike", Condition(measure=Measure.SPIKE, least=0.05, memory=60), level(4, 6.0)),
        one("night", high, level(3, 1.0), hours=(NIGHT, NIGHT)),
        one("night_wait", high, level(2, 1.0, 0.0, 15), hours=(NIGHT, NIGHT)),
        one("rain", high, level(3, 1.5), also=(rain,)),
        one("rain_wait", high, level(2, 2.0, 0.1, 5), also=(rain,)),
    ]


def prepared(streams: int, more: list[Watch]) -> tuple[Table, State]:
    """Return the table and a state of level meters that all look at one of ten rain gauges."""
    table = compile_table([*watches(), *more], [Kind(id=LEVEL, gap_us=60 * MINUTE), Kind(id=RAIN)], (), offset_h=8)
    state = State(table)
    state.add(table, np.repeat(np.array([0, 1], dtype=np.int16), [streams, 10]))
    meters = np.arange(streams, dtype=np.int32)
    state.tie(table, meters, (streams + meters % 10).astype(np.int32))
    return table, state


def readings(streams: int, count: int, chance: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Return slots and numbers of one call: all streams in turn, in an order drawn by chance, and the gauges."""
    slot = np.sort(np.resize(chance.permutation(streams), count)).astype(np.int32)
    slot = np.concatenate([slot, np.arange(streams, streams + 10, dtype=np.int32)])
    return slot, chance.normal(0.0, 1.0, len(slot))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--readings", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=10)
    given = parser.parse_args()
    table, state = prepared(given.streams, [])
    chance = np.random.default_rng(1)
    times: list[float] = []
    work: list[float] = []
    compares: list[float] = []
    turned = 0
    for call in range(given.calls + 2):
        slot, value = readings(given.streams, given.readings, chance)
        first = np.concatenate([[True], slot[1:] != slot[:-1]])
        rank = np.arange(len(slot)) - np.flatnonzero(first)[np.cumsum(first) - 1]
        per_call = int(rank.max()) + 1
        at = START + (call * per_call + rank) * MINUTE
        code, quality = np.full(len(slot), -1, dtype=np.int32), np.zeros(len(slot), dtype=np.uint8)
        began, worked = time.perf_counter(), time.process_time()
        found = step(table, state, slot, at, value, code, quality)
        state.take(found.patch)
        times.append(time.perf_counter() - began)
        work.append(time.process_time() - worked)
        worked = time.process_time()
        for _ in range(COMPARED):
            _ = value > 2.5
        compares.append((time.process_time() - worked) / COMPARED)
        turned += len(found.turns)
    middle, spent, compare = (float(np.median(some[2:])) for some in (times, work, compares))
    print(f"{given.streams:,} streams × {len(table.rules)} rules, {given.readings:,} readings a call, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"a call: median {middle:.3f} s, best {min(times):.3f}, worst {max(times[2:]):.3f} (limit {LIMIT_S}); "
          f"of the processor {spent:.3f}; {turned / len(times):,.0f} turns a call")  # fmt: skip
    print(f"one comparison over the same numbers: {compare * 1e6:.0f} µs; ratio {spent / compare:,.0f}, "
          f"{spent / compare / len(table.rules):.1f} a rule")  # fmt: skip
    print(f"memory: {state.nbytes / len(state):.0f} bytes a stream (limit 300)")
    band = Watch(id="band", kind=LEVEL, condition=Condition(measure=Measure.BAND, least=0.1), levels=(
        Level(grade=4, above=4.0, clears_at=3.0),))  # fmt: skip
    _, learnt = prepared(1000, [band])
    print(f"with a learnt week: {learnt.nbytes / len(learnt) - state.nbytes / len(state):.0f} bytes more (limit 1,536)")


if __name__ == "__main__":
    main()
