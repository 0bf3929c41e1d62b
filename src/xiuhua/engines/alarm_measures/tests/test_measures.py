"""Cases whose measures are known without computing."""

from __future__ import annotations

import numpy as np
import pytest

from xiuhua.engines import alarm_measures as engine

DAY = 86_400.0


def test_an_even_load_has_its_own_mean_and_no_flood() -> None:
    found = engine.rates(np.arange(0.0, DAY, 600.0), begin=0.0, end=DAY, operators=1)
    assert (found.mean_an_hour, found.peak, found.flood_share) == (6.0, 1.0, 0.0)
    assert len(found.buckets) == 144


def test_a_burst_is_one_bucket_of_flood_and_two_operators_halve_it() -> None:
    burst = np.linspace(1200.0, 1799.0, 22)
    alone = engine.rates(burst, begin=0.0, end=3600.0, operators=1)
    assert (alone.mean_an_hour, alone.peak, alone.flood_share * 6) == (22.0, 22.0, 1.0)
    shared = engine.rates(burst, begin=0.0, end=3600.0, operators=2)
    assert (shared.mean_an_hour, shared.peak, shared.flood_share * 6) == (11.0, 11.0, 1.0)


def test_ten_in_ten_minutes_are_no_flood_and_the_ends_are_half_open() -> None:
    found = engine.rates(np.array([-1.0, *[0.0] * 10, 600.0, 1200.0]), begin=0.0, end=1200.0, operators=1)
    assert found.buckets.tolist() == [10.0, 1.0]
    assert found.flood_share == 0.0


def test_no_arrivals_are_a_quiet_time() -> None:
    found = engine.rates(np.zeros(0), begin=0.0, end=1200.0, operators=3)
    assert (found.mean_an_hour, found.peak, found.flood_share) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("end", "operators"), [(0.0, 1), (700.0, 1), (600.0, 0)])
def test_what_cannot_be_measured_is_refused(end: float, operators: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        engine.rates(np.zeros(0), begin=0.0, end=end, operators=operators)


def test_three_within_a_minute_chatter_in_whatever_order_they_are_given() -> None:
    whose = np.array([2, 1, 1, 2, 1, 2, 3])
    at = np.array([61.0, 0.0, 60.0, 0.0, 30.0, 30.0, 5.0])
    assert engine.chattering(whose, at).tolist() == [1]
    assert engine.chattering(whose[:2], at[:2]).tolist() == []


def test_standing_is_over_a_day_and_stale_is_standing_unseen() -> None:
    raised, none = np.array([0.0, 0.0, 0.0, 1.0]), float("nan")
    over, handled = np.array([none, none, 5.0, none]), np.array([none, 9.0, none, none])
    assert engine.standing(raised, over, now=DAY + 1.0).tolist() == [True, True, False, False]
    assert engine.stale(raised, over, handled, now=DAY + 1.0).tolist() == [True, False, False, False]


def test_shares_are_by_how_often_and_sum_to_one() -> None:
    groups, counts, share = engine.shares(np.array([7, 3, 7, 9, 7, 3, 1, 9]))
    assert (groups.tolist(), counts.tolist()) == ([7, 3, 9, 1], [3, 2, 2, 1])
    assert share.sum() == pytest.approx(1.0)
    assert engine.shares(np.zeros(0, dtype=np.int64))[2].tolist() == []
