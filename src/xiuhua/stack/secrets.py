"""Secrets of a site: random, kept one a file under data/secrets, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from tempfile import mkstemp


def kept_secret(data: Path, name: str) -> str | None:
    """Return the secret of that name if somebody has put it there; makes none."""
    path = data / "secrets" / name
    return path.read_text().strip() if path.is_file() else None


def read_secret(data: Path, name: str) -> str:
    """Return the secret of that name, making it on first use; safe against several processes and threads at once."""
    path = _folder(data) / name
    if not path.exists():
        fresh = _written(path, secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)
    return path.read_text()


def keep_secret(data: Path, name: str, secret: str) -> None:
    """Keep a secret that was made elsewhere."""
    path = _folder(data) / name
    os.replace(_written(path, secret), path)


def _folder(data: Path) -> Path:
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _written(path: Path, secret: str) -> str:
    # A name of its own for every caller: two threads of one process must not share the file that is put in place.
    descriptor, fresh = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return fresh
