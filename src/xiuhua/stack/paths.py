"""Files that a command is given: whether they can be read or written, asked before any work is done."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from xiuhua.kernel.errors import Invalid

_NOT_THERE = (errno.ENOENT, errno.ENOTDIR)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT)


def require_readable(path: Path) -> None:
    """Raise Invalid unless the path is a file that we may read."""
    if path.is_dir():
        raise Invalid("stack.is_a_folder", path=str(path))
    try:
        path.open("rb").close()
    except OSError as error:
        raise worded(error) from error


def require_writable(path: Path) -> None:
    """Raise Invalid unless a file can be written at the path; one that is there may be written over."""
    if path.is_dir():
        raise Invalid("stack.is_a_folder", path=str(path))
    folder = path.parent
    if not folder.is_dir():
        raise Invalid("stack.no_folder", path=str(path), folder=str(folder))
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise Invalid("stack.path_refused", path=str(path))


def worded(error: OSError) -> Invalid:
    """Return the sentence of a failure of the file system."""
    path = str(error.filename or "")
    if path and error.errno in _NOT_THERE:
        return Invalid("stack.path_not_there", path=path)
    if path and error.errno in _NOT_ALLOWED:
        return Invalid("stack.path_refused", path=path)
    if error.errno in _FULL:
        return Invalid("stack.disk_full", path=path or "-")
    return Invalid("stack.system_failed", path=path or "-", problem=error.strerror or str(error))
