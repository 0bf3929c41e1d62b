"""The pack that `new-pack` writes, put into XIUHUA_PACKS, lives through its own example with no edit elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from xiuhua.catalog.scaffold import write_pack

ROOT = Path(__file__).resolve().parents[1]


def test_a_new_pack_lives_its_example(tmp_path: Path) -> None:
    write_pack("kerbs", zh="路缘石", en="Kerb", place=tmp_path)
    kept = {name: value for name, value in os.environ.items() if name not in ("XIUHUA_DATABASE_URL", "XIUHUA_DATA")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_packs.py", "-k", "kerbs or fault"],
        cwd=ROOT,
        env={**kept, "XIUHUA_PACKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout, done.stdout
