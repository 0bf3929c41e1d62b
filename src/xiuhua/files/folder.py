"""The folder in which files lie under the hash of their content: ab/cd/abcd…"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings


def folder() -> Path:
    """Return the folder of all files."""
    place: Path = settings.CONFIG.files_folder
    return place


def keep(data: bytes) -> str:
    """Return the SHA-256 of the bytes once they are durable under it; keeping the same bytes again changes nothing."""
    name = hashlib.sha256(data).hexdigest()
    target = path_of(name)
    if target.is_file() and target.stat().st_size == len(data):
        return name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, fresh = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(fresh, target)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise
    _settle(target.parent)
    return name


def path_of(name: str) -> Path:
    """Return where the file of that hash lies."""
    return folder() / name[:2] / name[2:4] / name


def _settle(place: Path) -> None:
    """Make the folder's own entries durable, up to the root of all files."""
    root = folder().parent
    while place != root and root in place.parents:
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        place = place.parent
