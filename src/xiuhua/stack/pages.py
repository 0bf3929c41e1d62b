"""Builds the pages when their sources changed, with the machine's Node or one from a wheel. Standard library only."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from xiuhua.kernel.words import Label
from xiuhua.stack.console import say, step, words
from xiuhua.stack.environment import Environment, NotSetUp, one_at_a_time, pip_install, run

STAMP = ".xiuhua-stamp"
FIRST_PAGE = "index.html"
SUPERSEDED_KEPT_S = 7 * 86400
LEAST_NODE = 20
NODE_LOCK = "requirements-node.lock"
NO_PAGES = Label(zh="没有 web/package.json：不构建页面", en="web/package.json is not there: no pages are built")
GETTING_NODE = Label(
    zh="本机没有 Node {least} 或更新的版本，按 {lock} 安装", en="no Node {least} or newer here: installing {lock}"
)
GETTING_PARTS = Label(zh="安装页面的依赖（npm ci）", en="installing what the pages need (npm ci)")
BUILDING = Label(zh="构建页面", en="building the pages")
NO_NODE = Label(zh="{lock} 装好后仍找不到 npm", en="{lock} is installed, but it brought no npm")


def build_pages(environment: Environment) -> None:
    """Bring web/dist up to date with its sources; raises NotSetUp."""
    web = environment.root / "web"
    if not (web / "package.json").is_file():
        say(NO_PAGES)
        return
    if is_built(web):
        return
    with one_at_a_time(environment.root):
        if is_built(web):
            return
        npm, path = find_npm(environment)
        install_parts(web, npm, path)
        stamp = sources_stamp(web)
        made = web / "dist.new"
        shutil.rmtree(made, ignore_errors=True)
        with step(BUILDING):
            run([npm, "run", "build", "--", "--outDir", str(made)], what=words(BUILDING), folder=web, extra=path)
        publish(made, web / "dist", stamp, now=time.time())


def publish(made: Path, dist: Path, stamp: str, *, now: float) -> None:
    """Move a build into the folder that a running site serves, first what the first page names, then that page.

    Files of earlier builds stay for a week after they were superseded: pages opened before still load them.
    """
    dist.mkdir(exist_ok=True)
    fresh = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    before = set(_read(dist / STAMP).splitlines()[1:])
    for name in sorted(fresh, key=lambda name: name == FIRST_PAGE):
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).replace(dist / name)
    (dist / STAMP).write_text("\n".join((stamp, *sorted(fresh))))
    shutil.rmtree(made)
    for path in dist.rglob("*"):
        name = str(path.relative_to(dist))
        if not path.is_file() or name in fresh or name == STAMP:
            continue
        if name in before:
            os.utime(path, (now, now))
        elif path.stat().st_mtime < now - SUPERSEDED_KEPT_S:
            path.unlink()


def is_built(web: Path) -> bool:
    """Say whether web/dist was built from the sources as they are."""
    return _read(web / "dist" / STAMP).partition("\n")[0] == sources_stamp(web)


def install_parts(web: Path, npm: str, path: dict[str, str]) -> None:
    """Bring web/node_modules up to date with its lock file; raises NotSetUp."""
    stamp = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    marker = web / "node_modules" / STAMP
    if _read(marker) == stamp:
        return
    with step(GETTING_PARTS):
        run([npm, "ci", "--no-audit", "--no-fund"], what=words(GETTING_PARTS), folder=web, extra=path)
    marker.write_text(stamp)


def find_npm(environment: Environment) -> tuple[str, dict[str, str]]:
    """Return npm and the environment it runs in: the machine's if its Node is new enough, else the wheel's."""
    found = shutil.which("npm")
    if found and node_version() >= LEAST_NODE:
        return found, {}
    scripts = environment.folder / "bin"
    if not (scripts / "npm").is_file():
        lock = environment.root / NODE_LOCK
        with step(GETTING_NODE, least=LEAST_NODE, lock=lock.name):
            pip_install(environment, lock)
    if not (scripts / "npm").is_file():
        raise NotSetUp(words(NO_NODE, lock=NODE_LOCK))
    return str(scripts / "npm"), {"PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"}


def node_version() -> int:
    """Return the major version of the machine's Node, 0 where there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    major = shown.stdout.strip().removeprefix("v").split(".")[0]
    return int(major) if shown.returncode == 0 and major.isdigit() else 0


def sources_stamp(web: Path) -> str:
    """Return a digest of all that the pages are built from."""
    digest = hashlib.sha256()
    loose = (path for path in web.iterdir() if path.is_file() and not path.name.startswith("."))
    below = (path for name in ("src", "public") for path in (web / name).rglob("*") if path.is_file())
    for path in sorted((*loose, *below)):
        digest.update(f"{path.relative_to(web)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""
