"""Closed forms, and the cases that standards give: where each rule must begin and end."""

from __future__ import annotations

from math import nan, sqrt

import numpy as np
import pytest

from xiuhua.engines.stream_rules import (
    Also,
    Condition,
    Days,
    Kind,
    Level,
    Measure,
    OtherTable,
    State,
    Table,
    Watch,
    carried,
    compile_table,
    from_bytes,
    learn,
    step,
)

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
MONDAY = 4 * 24 * HOUR - 8 * HOUR
"""1970-01-05 0 h in Shanghai."""
KIND = Kind(id="one")

# Kind of signal: dead band as a share of its span, on- and off-delay in seconds; where to start, as the guides to
# ISA-18.2 and EEMUA 191 have it (待核).
START_VALUES = {"flow": (0.05, 15), "level": (0.05, 60), "pressure": (0.02, 15), "temperature": (0.01, 60)}
# Methane in a tunnel's gas cabin, volume share: alarm at 20 % and cut-off at 25 % of the lower explosive limit of 5 %.
METHANE = (Level(grade=2, above=0.01, clears_at=0.009), Level(grade=1, above=0.0125, clears_at=0.0115))


def table_of(*watches: Watch, kinds: tuple[Kind, ...] = (KIND,)) -> Table:
    return compile_table(watches, kinds, (), offset_h=8)


def watch(*levels: Level, condition: Condition | None = None, clears_after_us: int = 0, id: str = "w") -> Watch:
    return Watch(
        id=id, kind="one", condition=condition or Condition(), levels=levels, clears_after_us=clears_after_us
    )  # fmt: skip


def state_of(table: Table, slots: int = 1) -> State:
    state = State(table)
    state.add(table, np.zeros(slots, dtype=np.int16))
    return state


def run(
    table: Table, at: object, value: object, state: State | None = None, quality: object = 0, days: Days | None = None
) -> list[tuple[int, int]]:
    """Return (time, grade) of each turn of one stream."""
    state = state or state_of(table)
    moments = np.asarray(at, dtype=np.int64)
    numbers = np.broadcast_to(np.asarray(value, dtype=np.float64), moments.shape)
    found = step(
        table, state, np.zeros(len(moments), dtype=np.int32), moments, numbers,
        np.full(len(moments), -1, dtype=np.int32),
        np.broadcast_to(np.asarray(quality, dtype=np.uint8), moments.shape), days,
    )  # fmt: skip
    state.take(found.patch)
    return [(int(moment), int(grade)) for moment, grade in zip(found.turns.at, found.turns.grade, strict=True)]


@pytest.mark.parametrize("signal", START_VALUES)
def test_dead_band_and_delays_keep_a_noisy_signal_at_one_alarm(signal: str) -> None:
    band, delay = START_VALUES[signal]
    at = np.arange(0, 900, 5) * SECOND
    limit = 0.8
    noise = band * 0.45 * np.where(np.arange(len(at)) % 2, 1, -1)
    trouble = (at >= 300 * SECOND) & (at < 600 * SECOND)
    value = np.where(trouble, limit, limit - 2 * band) + noise
    plain = watch(Level(grade=3, above=limit, clears_at=limit))
    assert len(run(table_of(plain), at, value)) == 60
    still = watch(Level(grade=3, above=limit, clears_at=limit - band))
    assert run(table_of(still), at, value) == [(305 * SECOND, 3), (600 * SECOND, 0)]
    value = np.where(trouble, limit + band, limit - 2 * band) + noise
    slow = watch(
        Level(grade=3, above=limit, clears_at=limit - band, holds_us=delay * SECOND), clears_after_us=delay * SECOND
    )
    expected = [((300 + delay) * SECOND, 3), ((600 + delay) * SECOND, 0)]
    assert run(table_of(slow), at, value) == expected
    short = (at >= 300 * SECOND) & (at < (300 + delay) * SECOND)
    assert run(table_of(slow), at, np.where(short, value, limit - 2 * band)) == []


def test_methane_passes_the_levels_up_and_down() -> None:
    at = np.arange(31) * MINUTE
    value = 0.015 - 0.001 * np.abs(np.arange(31) - 15)
    assert run(table_of(watch(*METHANE)), at, value) == [
        (11 * MINUTE, 2), (13 * MINUTE, 1), (19 * MINUTE, 2), (21 * MINUTE, 0),
    ]  # fmt: skip


def test_a_steady_rise_is_seen_over_three_quarters_to_the_whole_of_the_window() -> None:
    at = np.arange(0, 6 * HOUR, MINUTE) + 7 * SECOND
    rise = Condition(measure=Measure.CHANGE, window_us=HOUR)
    slope = at / HOUR
    assert run(table_of(watch(Level(grade=2, above=1.0, clears_at=1.0), condition=rise)), at, slope) == []
    below = watch(Level(grade=2, above=0.74, clears_at=0.7), condition=rise)
    ((began, grade),) = run(table_of(below), at, slope)
    assert grade == 2
    assert 0.74 * HOUR <= began <= HOUR
    fall = Condition(measure=Measure.CHANGE, sign=-1, window_us=HOUR)
    assert run(table_of(watch(Level(grade=2, above=0.1, clears_at=0.1), condition=fall)), at, slope) == []
    assert len(run(table_of(watch(Level(grade=2, above=0.1, clears_at=0.1), condition=fall)), at, -slope)) == 1


def test_stuck_begins_when_its_time_is_up_and_ends_with_the_first_move() -> None:
    at = np.arange(0, 100) * MINUTE
    value = np.where(at < 70 * MINUTE, 2.0 + 0.01 * (np.arange(100) % 2), 3.0)
    stuck = watch(
        Level(grade=4, above=HOUR - 0.5, clears_at=HOUR - 0.5),
        condition=Condition(measure=Measure.STUCK, tolerance=0.02),
    )
    assert run(table_of(stuck), at, value) == [(60 * MINUTE, 4), (70 * MINUTE, 0)]
    silent = np.delete(at, np.arange(20, 55)), np.delete(value, np.arange(20, 55))
    assert run(table_of(stuck), *silent) == [(60 * MINUTE, 4), (70 * MINUTE, 0)]
    assert run(table_of(stuck, kinds=(Kind(id="one", gap_us=30 * MINUTE),)), *silent) == []


def test_a_spike_is_measured_in_spreads_and_does_not_move_the_centre() -> None:
    at = np.arange(200) * MINUTE
    value = np.where(np.arange(200) % 2, 11.0, 9.0)
    value[150] = 40.0
    spike = watch(
        Level(grade=4, above=10.0, clears_at=5.0), condition=Condition(measure=Measure.SPIKE, least=0.1, memory=50)
    )
    assert run(table_of(spike), at, value) == [(150 * MINUTE, 4), (151 * MINUTE, 0)]
    state = state_of(table_of(spike))
    run(table_of(spike), at[:150], value[:150], state)
    assert state.columns[0]["w.centre"][0] == pytest.approx(10.0, abs=0.05)
    # The mean distance of ±1 is 1: a normal variable of that mean distance has a spread of √(π/2).
    assert state.columns[0]["w.spread"][0] == pytest.approx(sqrt(np.pi / 2), rel=0.02)
    run(table_of(spike), at[150:151], value[150:151], state)
    assert state.columns[0]["w.centre"][0] == pytest.approx(10.0, abs=0.15)


def test_a_week_is_learnt_from_ten_of_them_without_their_troubles() -> None:
    hours = np.arange(10 * 168)
    at = MONDAY + hours * HOUR
    usual = 100 + 20 * np.sin(hours * 2 * np.pi / 168)
    value = usual + np.where(hours // 168 % 2, 1.0, -1.0)
    band = learn(np.zeros(len(at), dtype=np.intp), at, value, 1, 8)
    assert band.shape == (1, 168, 2)
    assert band[0, :, 0] == pytest.approx(usual[:168], abs=1e-4)
    assert band[0, :, 1] == pytest.approx(np.full(168, sqrt(10 / 9)), rel=1e-5)
    many = np.concatenate([np.full(6 * 168, nan), value[6 * 168 :]])
    assert np.isnan(learn(np.zeros(len(at), dtype=np.intp), at, many, 1, 8)).all()
    minutes = MONDAY + np.arange(60) * MINUTE
    troubled = np.where(np.arange(60) == 30, 1000.0, np.where(np.arange(60) % 2, 11.0, 9.0))
    learnt = learn(np.zeros(60, dtype=np.intp), minutes, troubled, 1, 8)
    assert learnt[0, 0, 0] == pytest.approx(10.0, abs=0.05)

    condition = Condition(measure=Measure.BAND, least=0.1)
    table = table_of(watch(Level(grade=3, above=4.0, clears_at=3.0), condition=condition))
    state = state_of(table)
    state.learn(table, np.zeros(1, dtype=np.int32), band)
    week = at[-1] + HOUR + np.arange(168) * HOUR
    found = usual[:168].copy()
    found[100:103] += 6.0
    assert run(table, week, found, state) == [(int(week[100]), 3), (int(week[103]), 0)]


def test_hours_and_working_days_allow_a_rule_or_not() -> None:
    row = "".join("1" if hour % 24 >= 22 or hour % 24 < 6 else "0" for hour in range(168))
    night = Watch(
        id="w", kind="one", condition=Condition(), levels=(Level(grade=3, above=1, clears_at=1),), hours=(row, row)
    )
    at = MONDAY + np.arange(48) * HOUR
    assert run(table_of(night), at, 2.0) == [
        (MONDAY + hour * HOUR, grade) for hour, grade in ((0, 3), (6, 0), (22, 3), (30, 0), (46, 3))
    ]
    worked = Watch(
        id="w", kind="one", condition=Condition(), levels=(Level(grade=3, above=1, clears_at=1),),
        hours=("0" * 168, "1" * 168),
    )  # fmt: skip
    days = Days(first=4, worked=np.array([0, 1, 0], dtype=np.uint8))
    assert run(table_of(worked), MONDAY + np.arange(96) * HOUR, 2.0, days=days) == [
        (MONDAY + 24 * HOUR, 3), (MONDAY + 48 * HOUR, 0),
    ]  # fmt: skip
    assert run(table_of(worked), at, 2.0) == []


def test_a_level_is_judged_with_the_pump_and_the_rain() -> None:
    kinds = (KIND, Kind(id="pump"), Kind(id="rain"))
    also = (
        Also(kind="pump", condition=Condition(sign=-1), above=-0.5, clears_at=-0.5, fresh_us=5 * MINUTE),
        Also(kind="rain", condition=Condition(), above=2.0, clears_at=1.0, fresh_us=HOUR, own=False),
    )
    both = Watch(
        id="w", kind="one", condition=Condition(), levels=(Level(grade=2, above=1, clears_at=1),), also=also,
        fresh_us=10 * MINUTE,
    )  # fmt: skip
    table = compile_table([both], kinds, (), offset_h=8)
    state = State(table)
    state.add(table, np.array([0, 1, 2], dtype=np.int16))
    state.tie(table, np.zeros(2, dtype=np.int32), np.array([1, 2], dtype=np.int32))
    turns = []
    for minute, slot, value in (
        (0, 0, 3.0), (1, 2, 5.0), (2, 1, 0.0), (3, 1, 1.0), (4, 1, 0.0), (12, 0, 3.0), (13, 1, 0.0), (14, 2, 0.5),
        (15, 0, 3.0),
    ):  # fmt: skip
        found = step(
            table, state, np.array([slot], dtype=np.int32), np.array([minute * MINUTE]), np.array([value]),
            np.array([-1], dtype=np.int32), np.zeros(1, dtype=np.uint8),
        )  # fmt: skip
        state.take(found.patch)
        turns += [
            (minute, int(whose), int(grade)) for whose, grade in zip(found.turns.slot, found.turns.grade, strict=True)
        ]
    assert turns == [(2, 0, 2), (3, 0, 0), (4, 0, 2), (12, 0, 0), (13, 0, 2), (15, 0, 0)]


def test_bad_readings_and_gaps_in_numbers_neither_begin_nor_end_anything() -> None:
    at = np.arange(5) * MINUTE
    table = table_of(watch(Level(grade=3, above=1.0, clears_at=1.0)))
    assert run(table, at, [2.0, 0.0, nan, 0.5, 2.0], quality=[0, 1, 0, 0, 0]) == [
        (0, 3), (3 * MINUTE, 0), (4 * MINUTE, 3),
    ]  # fmt: skip
    state = state_of(table)
    run(table, at, 2.0, state)
    assert run(table, at[:3], 0.0, state) == []


def test_what_holds_is_said_at_the_end_of_each_call() -> None:
    table = table_of(watch(Level(grade=3, above=1.0, clears_at=1.0)))
    state = state_of(table, 3)
    found = step(
        table, state, np.array([0, 0, 1], dtype=np.int32), np.array([0, MINUTE, 0]), np.array([2.0, 3.0, 0.0]),
        np.full(3, -1, dtype=np.int32), np.zeros(3, dtype=np.uint8),
    )  # fmt: skip
    assert (found.holding.slot.tolist(), found.holding.at.tolist(), found.holding.value.tolist()) == (
        [0],
        [MINUTE],
        [3],
    )
    assert found.holding.index.tolist() == [1]


def test_an_alarm_that_stood_before_can_end() -> None:
    table = table_of(watch(*METHANE))
    state = state_of(table)
    state.stand(table, 0, "w", 1)
    state.stand(table, 0, "other", 1)
    assert run(table, [0, MINUTE], [0.0117, 0.0], state) == [(MINUTE, 0)]


def test_another_version_takes_over_what_it_can() -> None:
    at = np.arange(10) * MINUTE
    stuck = Condition(measure=Measure.STUCK, tolerance=0.1)
    old = table_of(
        watch(*METHANE), watch(Level(grade=4, above=30 * MINUTE, clears_at=30 * MINUTE), condition=stuck, id="s")
    )
    state = state_of(old)
    assert run(old, at, 0.013, state) == [(0, 1)]
    new = table_of(
        watch(Level(grade=2, above=0.012, clears_at=0.011), Level(grade=1, above=0.02, clears_at=0.019)),
        watch(Level(grade=4, above=15 * MINUTE, clears_at=15 * MINUTE), condition=stuck, id="s"),
        watch(Level(grade=3, above=0.5, clears_at=0.5), id="n"),
    )
    with pytest.raises(ValueError, match="another table"):
        run(new, at, 0.013, state)
    after = carried(old, state, new)
    assert run(new, at + 10 * MINUTE, 0.013, after) == [(10 * MINUTE, 2), (16 * MINUTE, 4)]
    assert carried(old, state, old).to_bytes() == state.to_bytes()


def test_a_kept_state_is_taken_back_only_whole_and_by_its_own_table() -> None:
    table, other = table_of(watch(*METHANE)), table_of(watch(METHANE[0]))
    state = state_of(table)
    run(table, [0], 0.02, state)
    kept = state.to_bytes()
    assert from_bytes(table, kept).to_bytes() == kept
    for wrong in (kept[:-40], b"", kept.replace(b"w.held", b"v.held"), b"\x00" + kept[1:]):
        with pytest.raises(OtherTable):
            from_bytes(table, wrong)
    with pytest.raises(OtherTable):
        from_bytes(other, kept)


def test_what_cannot_be_judged_is_refused() -> None:
    good = watch(*METHANE)
    table = table_of(good)
    for at, slot in (([2, 1], [0, 0]), ([0, 0], [1, 0]), ([0], [1]), ([0], [-1])):
        with pytest.raises(ValueError, match=r"sorted|nobody added"):
            step(
                table, state_of(table, max(1, len(set(slot)))), np.array(slot, dtype=np.int32), np.array(at),
                np.zeros(len(at)), np.full(len(at), -1, dtype=np.int32), np.zeros(len(at), dtype=np.uint8),
            )  # fmt: skip
    asks = Also(kind="absent", condition=Condition(), above=0, clears_at=0, fresh_us=1)
    for wrong in (
        watch(),
        watch(*METHANE * 5),
        watch(Level(grade=1, above=1.0, clears_at=2.0)),
        watch(Level(grade=1, above=nan, clears_at=2.0)),
        Watch(id="w", kind="absent", condition=Condition(), levels=METHANE),
        Watch(id="w", kind="one", condition=Condition(), levels=METHANE, hours=("1", "1")),
        Watch(id="w", kind="one", condition=Condition(), levels=METHANE, also=(asks,)),
    ):
        with pytest.raises(ValueError, match="w "):
            table_of(wrong)
