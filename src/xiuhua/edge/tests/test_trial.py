"""The small form of bench/edge.py: two whole sites, a line truly cut, the node killed twice; both ends equal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from xiuhua.edge.tests.trial import Trial, run_trial


def test_a_node_that_was_cut_off_and_killed_hands_everything_up() -> None:
    with tempfile.TemporaryDirectory(prefix="xiuhua-edge-") as folder:
        Path(folder).chmod(0o755)
        found = run_trial(Path(folder), Trial(signs=10, hours=6, cut_hours=2, speed=960, kills=2))
    assert found["equal"], found
