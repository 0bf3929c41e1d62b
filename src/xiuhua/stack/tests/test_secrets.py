"""Secrets are made once, whoever comes first, and only their owner reads them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from xiuhua.stack.secrets import read_secret


def test_many_first_readers_get_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: read_secret(tmp_path, "nats"), range(32)))
    assert len(found) == 1
    assert len(found.pop()) >= 40


def test_a_secret_is_closed_to_others(tmp_path: Path) -> None:
    read_secret(tmp_path, "nats")
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets" / "nats").stat().st_mode & 0o077 == 0
