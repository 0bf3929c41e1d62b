"""Drift against a closed form, scipy's own Theil-Sen, and planted drifts over seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import theilslopes

from xiuhua.engines.drift import drift, theil_sen
from xiuhua.engines.drift.against import differences, nearest

HOURS = 168


def test_a_line_has_its_own_slope_whatever_a_quarter_of_it_says() -> None:
    y = 3.0 + 0.25 * np.arange(100.0)
    assert theil_sen(y).slope == pytest.approx(0.25)
    spoilt = y.copy()
    spoilt[::4] = 1e6
    assert theil_sen(spoilt).slope == pytest.approx(0.25)
    gone = y.copy()
    gone[10:60] = np.nan
    assert theil_sen(gone).slope == pytest.approx(0.25)
    assert np.isnan(theil_sen(np.array([np.nan, 1.0])).slope)


@pytest.mark.parametrize("seed", range(20))
def test_scipy_finds_the_same_slope_and_interval(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = random.normal(0, 1, 80) + 0.02 * np.arange(80)
    if seed % 2:
        y = np.round(y, 1)
    known = random.random(80) < 0.8
    theirs = theilslopes(y[known], np.flatnonzero(known), alpha=0.95)
    ours = theil_sen(np.where(known, y, np.nan))
    assert ours.slope == pytest.approx(theirs.slope)
    assert [ours.low, ours.high] == pytest.approx([theirs.low_slope, theirs.high_slope])


def test_neighbours_are_the_nearest_others_even_in_one_place() -> None:
    x = np.array([0.0, 1.0, 2.0, 10.0, 10.0, 10.0, 10.0])
    near = nearest(x, np.zeros(7), 2)
    assert near.shape == (7, 2)
    assert all(device not in others for device, others in enumerate(near))
    assert set(near[0]) == {1, 2}
    assert set(near[4]) <= {3, 5, 6}
    assert nearest(np.array([1.0]), np.array([1.0]), 5).shape == (1, 0)


def test_what_moves_all_of_them_is_no_drift_and_what_one_alone_does_is() -> None:
    common = 20 + 5 * np.sin(np.arange(HOURS) / 24)
    hourly = np.tile(common, (6, 1))
    hourly[2] += 0.05 * np.arange(HOURS)
    x, y = np.arange(6.0), np.zeros(6)
    found = drift(hourly, x, y, 5)
    assert found.slope[2] == pytest.approx(0.05)
    assert np.delete(found.slope, 2) == pytest.approx(np.zeros(5), abs=1e-12)
    hourly[3:] = np.nan
    assert np.isnan(differences(hourly, nearest(x, y, 5))).all()
    assert np.isnan(drift(hourly, x, y, 5).slope).all()


def test_planted_drifts_are_found_and_nothing_else() -> None:
    """60 devices of spread 3 a week long, 3 of them drifting by 10 to 20 in that week; the bound is 8."""
    right = wrong = missed = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        hourly = 224 + 4 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi) + random.normal(0, 3, (60, HOURS))
        hourly[random.random(hourly.shape) < 0.05] = np.nan
        planted = random.choice(60, 3, replace=False)
        signs = random.choice([-1.0, 1.0], 3)
        hourly[planted] += np.outer(signs * random.uniform(10, 20, 3) / HOURS, np.arange(HOURS))
        found = drift(hourly, random.uniform(0, 10, 60), random.uniform(0, 10, 60), 7)
        drifting = set(np.flatnonzero((np.abs(found.slope) * HOURS > 8) & (found.low * found.high > 0)).tolist())
        right += len(drifting & set(planted.tolist()))
        wrong += len(drifting - set(planted.tolist()))
        missed += len(set(planted.tolist()) - drifting)
    assert right / (right + wrong) >= 0.95, (right, wrong, missed)
    assert right / (right + missed) >= 0.95, (right, wrong, missed)
