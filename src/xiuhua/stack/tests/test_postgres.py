"""What a killed PostgreSQL leaves behind, and who may stand in its way."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from xiuhua.stack import postgres
from xiuhua.stack.config import read_config
from xiuhua.stack.postgres import Postgres, make_postgres, stop_stale
from xiuhua.stack.reaching import embedded_postgres
from xiuhua.stack.supervisor import Supervisor


def started(data: Path) -> tuple[Postgres, Supervisor, int]:
    server = make_postgres(data)
    supervisor = Supervisor(changed=lambda _parts: None)
    supervisor.start(server.program(data / "postgres.out"))
    return server, supervisor, supervisor.parts[0].pid


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a live process of the server's own user that is no server."""
    user = None if os.geteuid() else postgres.OS_USER
    if user:
        postgres._own_user()
    with subprocess.Popen(["sleep", "600"], user=user, cwd="/") as process:
        yield process
        process.kill()


def test_a_lock_whose_number_went_to_another_process_blocks_nothing(
    tmp_path: Path, stranger: subprocess.Popen[bytes]
) -> None:
    data = tmp_path / "data"
    server, _, pid = started(data)
    backends = psutil.Process(pid).children()
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(backends, timeout=30)
    for lock in (server.folder / "postmaster.pid", server.sockets / ".s.PGSQL.5432.lock"):
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")

    again, supervisor, _ = started(data)
    try:
        with psycopg.connect(again.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        supervisor.stop()
    assert stranger.poll() is None


def test_a_deep_folder_leaves_no_folder_of_sockets_behind(tmp_path: Path) -> None:
    data = tmp_path.joinpath(*(["a-folder-with-a-long-name"] * 5))
    with embedded_postgres(read_config({"XIUHUA_DATA": str(data)})) as url:
        sockets = Path(url.partition("host=")[2])
        assert sockets != data / "pg" and sockets.is_dir()
    assert not sockets.exists()


def test_the_lock_stays_while_a_server_runs_there_that_will_not_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, supervisor, pid = started(tmp_path / "data")
    lock = server.folder / "postmaster.pid"
    try:
        monkeypatch.setattr(postgres, "STOP_WAIT_S", 0.2)
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join(["999999", *lines[1:]]) + "\n")
        stop_stale(server.folder)
        assert lock.is_file() and psutil.pid_exists(pid)
        lock.write_text("\n".join(lines) + "\n")
    finally:
        supervisor.stop()
