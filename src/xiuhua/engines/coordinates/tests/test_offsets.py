"""GCJ-02 and BD-09: a published point, an independent program, and the round trip that must close."""

from __future__ import annotations

import fast_geocn
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xiuhua.engines import coordinates

POINT = (116.404, 39.915)


def test_agrees_with_the_published_point() -> None:
    # wandergis/coordtransform, test/app.js
    assert np.allclose(coordinates.wgs84_to_gcj02(*POINT), (116.41024449916938, 39.91640428150164), rtol=0, atol=1e-12)
    assert np.allclose(coordinates.gcj02_to_bd09(*POINT), (116.41036949371029, 39.92133699351021), rtol=0, atol=1e-12)
    # the published inverse is approximate; ours is within its error
    assert np.allclose(coordinates.bd09_to_gcj02(*POINT), (116.39762729119315, 39.90865673957631), rtol=0, atol=2e-6)


def test_agrees_with_an_independent_program_all_over_songjiang() -> None:
    lon, lat = np.meshgrid(np.linspace(121.02, 121.37, 15), np.linspace(30.89, 31.16, 15))
    theirs = np.array([fast_geocn.wgs84_to_gcj02(x, y) for x, y in zip(lon.ravel(), lat.ravel(), strict=True)])
    ours = np.column_stack([part.ravel() for part in coordinates.wgs84_to_gcj02(lon, lat)])
    assert np.abs(ours - theirs).max() < 1e-9


@settings(max_examples=200, deadline=None)
@given(st.floats(73.5, 134.5), st.floats(18.0, 53.5))
def test_round_trips_close_within_a_billionth_of_a_degree(lon: float, lat: float) -> None:
    for there, back in (
        (coordinates.wgs84_to_gcj02, coordinates.gcj02_to_wgs84),
        (coordinates.gcj02_to_bd09, coordinates.bd09_to_gcj02),
        (coordinates.wgs84_to_bd09, coordinates.bd09_to_wgs84),
    ):
        assert np.abs(np.array(back(*there(lon, lat))) - (lon, lat)).max() < 1e-9


def test_outside_china_nothing_moves_and_inputs_stay() -> None:
    lon, lat = np.array([2.35, 121.2]), np.array([48.85, 31.0])
    east, north = coordinates.wgs84_to_gcj02(lon, lat)
    assert (east[0], north[0]) == (2.35, 48.85)
    assert east[1] != 121.2
    assert lon.tolist() == [2.35, 121.2]
    assert coordinates.gcj02_to_wgs84([], [])[0].shape == (0,)
