"""A town's node cut off and killed, and counted: what it handed up equals what it has.

    python bench/edge.py [--signs 40] [--hours 24] [--cut-hours 2] [--speed 1440] [--real] [--kills 2]

Centre and node are two whole sites on one machine (`xiuhua up`), and between them a proxy whose sockets are closed to
cut the line. A gateway sends a day's readings to the node over MQTT (QoS 1), one of each sign every five minutes of
their own time; the day is compressed by --speed (1440: a day in a minute) unless --real lets it take its true time. For
--cut-hours of that time the line is cut, and meanwhile the node is killed (-9, all its processes) --kills times and
started again; alarms open cases at the node, a person of the town works one and hands another to the centre. Exit
status 1 unless readings, order, sums, alarms, cases, clocks, evidence and history of the town are equal at both ends.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from xiuhua.edge.tests.trial import Trial, run_trial


def main() -> int:
    """Run the trial and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signs", type=int, default=40)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--cut-hours", type=float, default=2.0)
    parser.add_argument("--speed", type=float, default=1440.0)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--kills", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xiuhua-edge-") as folder:
        Path(folder).chmod(0o755)
        found = run_trial(
            Path(folder),
            Trial(
                signs=arguments.signs, hours=arguments.hours, cut_hours=arguments.cut_hours, kills=arguments.kills,
                speed=1.0 if arguments.real else arguments.speed,
            ),
        )  # fmt: skip
    for name, figure in found.items():
        print(f"{name:<46} {figure}")
    return 0 if found["equal"] else 1


if __name__ == "__main__":
    sys.exit(main())
