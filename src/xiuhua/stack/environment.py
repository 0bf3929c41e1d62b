"""The project's own Python environment, made from the lock file by pip. Standard library only."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.console import step, words

STAMP = "xiuhua-stamp"
MAKING = Label(zh="创建 Python 环境 {folder}", en="making the Python environment {folder}")
INSTALLING = Label(zh="按 {lock} 安装依赖", en="installing what {lock} names")
FAILED = Label(
    zh="{what} 未完成，已完成的部分保留，重新执行会接着做：\n{tail}",
    en="{what}: not done; what was done is kept, and the same command goes on from there:\n{tail}",
)
NO_PIP = Label(
    zh="{python} 既没有 venv（ensurepip）也没有 pip；在 Debian、Ubuntu 上：apt install python3-venv",
    en="{python} has neither venv (ensurepip) nor pip; on Debian and Ubuntu: apt install python3-venv",
)


class NotSetUp(Exception):
    """A step of the set-up failed; the text says which, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """The environment of a project folder. tools: also what `xiuhua test` needs."""

    root: Path
    tools: bool

    @property
    def folder(self) -> Path:
        """Return the environment's folder: .venv, or one of our own where that is another Python's, which a site may be
        running on.
        """
        shared, ours = self.root / ".venv", f"{sys.version_info.major}.{sys.version_info.minor}"
        return shared if version_of(shared) in ("", ours) else self.root / f".venv-{ours}"

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def lock(self) -> Path:
        """Return the lock file it is made from."""
        return self.root / ("requirements-dev.lock" if self.tools else "requirements.lock")

    def is_made(self) -> bool:
        """Say whether it was made whole from the lock as it stands; one with tools serves for one without."""
        stamp = self.folder / STAMP
        if not stamp.is_file() or not self.python.exists():
            return False
        done = stamp.read_text().split()
        return stamp_of(self.root, self.lock) in done

    def mark_made(self) -> None:
        """Note that it is whole."""
        locks = [self.lock]
        if self.tools:
            locks.append(self.root / "requirements.lock")
        (self.folder / STAMP).write_text("\n".join(stamp_of(self.root, lock) for lock in locks) + "\n")


def version_of(folder: Path) -> str:
    """Return the Python of an environment as "3.11"; "" where there is none, or none whole enough to say."""
    with contextlib.suppress(FileNotFoundError):
        for line in (folder / "pyvenv.cfg").read_text().splitlines():
            name, _, value = line.partition("=")
            if name.strip() in ("version", "version_info"):
                return ".".join(value.strip().split(".")[:2])
    return ""


def prepare_environment(environment: Environment) -> None:
    """Make the environment if its lock changed or it is not there; raises NotSetUp."""
    if environment.is_made():
        return
    with one_at_a_time(environment.root):
        if environment.is_made():
            return
        if not _works(environment.python):
            shutil.rmtree(environment.folder, ignore_errors=True)
            with step(MAKING, folder=environment.folder):
                _make(environment.folder)
        with step(INSTALLING, lock=environment.lock.name):
            pip_install(environment, environment.lock)
        _point_to_sources(environment)
        environment.mark_made()


def pip_install(environment: Environment, lock: Path) -> None:
    """Install exactly what a lock file names; raises NotSetUp."""
    if _works(environment.python, "import pip"):
        pip = [str(environment.python), "-m", "pip"]
    else:
        pip = [sys.executable, "-m", "pip", "--python", str(environment.python)]
    options = ["--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input", "-q"]
    run([*pip, "install", *options, "-r", str(lock)], what=words(INSTALLING, lock=lock.name))


def run(command: Sequence[str], *, what: str, folder: Path | None = None, extra: dict[str, str] | None = None) -> None:
    """Run one command of the set-up; raises NotSetUp with the end of what it printed."""
    done = subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise NotSetUp(words(FAILED, what=what, tail=_shortened(done.stdout.splitlines())))


def _shortened(lines: list[str]) -> str:
    # pip says why at the end, npm at the beginning.
    told = [line for line in lines if line.strip() and " warn " not in line]
    return "\n".join(told if len(told) <= 24 else [*told[:12], "…", *told[-12:]])


@contextlib.contextmanager
def one_at_a_time(root: Path) -> Iterator[None]:
    """Let one launcher of this project set up at a time; another waits for it."""
    with (root / "requirements.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stamp_of(root: Path, lock: Path) -> str:
    """Return what an environment depends on, as a digest: the lock, where it lies, and our Python."""
    digest = hashlib.sha256(lock.read_bytes())
    digest.update(f"{root}\0{sys.version_info[:2]}\0{lock.name}".encode())
    return digest.hexdigest()


def _make(folder: Path) -> None:
    # Debian's bare python3 has venv without ensurepip: then pip works on the environment from outside.
    if importlib.util.find_spec("ensurepip") is not None and _has_bundled_pip():
        options = []
    elif importlib.util.find_spec("pip") is not None:
        options = ["--without-pip"]
    else:
        raise NotSetUp(words(NO_PIP, python=sys.executable))
    run([sys.executable, "-m", "venv", *options, str(folder)], what=words(MAKING, folder=folder))


def _has_bundled_pip() -> bool:
    done = subprocess.run(
        [sys.executable, "-c", "import ensurepip; ensurepip.version()"], capture_output=True, check=False
    )
    return done.returncode == 0


def _works(python: Path, code: str = "") -> bool:
    if not python.exists():
        return False
    done = subprocess.run(  # noqa: S603
        [str(python), "-c", f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]!r}; {code}"],
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _point_to_sources(environment: Environment) -> None:
    """Let the environment import the project from its folder: no build, so no network and no copy to go stale."""
    for packages in environment.folder.glob("lib/python3*/site-packages"):
        (packages / "xiuhua.pth").write_text(f"{environment.root / 'src'}\n")
