"""Secrets of a site: random, kept one a file under data/secrets, readable by the owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read_secret(data: Path, name: str) -> str:
    """Return the secret of that name, making it on first use; safe against two processes starting at once."""
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
