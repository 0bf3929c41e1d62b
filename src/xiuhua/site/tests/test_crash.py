"""A whole site of several ingest processes, killed part by part while readings arrive, loses and doubles nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xiuhua.site.commands import up
from xiuhua.stack.holding import writers
from xiuhua.stack.running import Part, Site

BENCH = Path(__file__).resolve().parents[4] / "bench" / "crash.py"


def test_every_reading_is_stored_once_and_partitions_move(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIUHUA_")}
    command = [sys.executable, str(BENCH), "--readings", "20000", "--kills", "4", "--ingest", "2"]
    done = subprocess.run(
        command, env=environment | {"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines())
    assert told["kills"] == "4" and float(told["partitions of a killed ingest held again, s"]) < 30


@pytest.mark.parametrize(("count", "names"), [(1, ["ingest"]), (3, ["ingest-1", "ingest-2", "ingest-3"])])
def test_several_ingest_processes_are_numbered_and_all_held_for_a_backup(count: int, names: list[str]) -> None:
    assert up.names_of("ingest", count) == names and up.names_of("web", count) == ["web"]
    parts = [Part(name=name) for name in ("postgres", "nats", *names, "work", "devices", "web")]
    site = Site(
        pid=1, started=0, address="", http_port=0, mqtt_address="", mqtt_port=0, nats_port=0, database="", parts=parts
    )
    assert writers(site) == ["nats", *names, "work"]
