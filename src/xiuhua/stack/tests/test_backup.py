"""Backup and restore on real embedded servers: what comes back is what was there; anything doubtful is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.stack.backup import STAGING, backup, count_rows, restore
from xiuhua.stack.config import Config, read_config
from xiuhua.stack.reaching import embedded_postgres
from xiuhua.stack.secrets import read_secret

SCHEMA = """
    CREATE EXTENSION pg_trgm;
    CREATE TABLE thing (id bigint PRIMARY KEY, name text NOT NULL);
    CREATE INDEX ON thing USING gin (name gin_trgm_ops);
    CREATE TABLE reading (at date NOT NULL, value int) PARTITION BY RANGE (at);
    CREATE TABLE reading_2026 PARTITION OF reading FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append only'; END $$;
    CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON thing FOR EACH ROW EXECUTE FUNCTION refuse();
    INSERT INTO thing SELECT n, '站牌' || n FROM generate_series(1, 1000) n;
    INSERT INTO reading SELECT DATE '2026-01-01' + n, n FROM generate_series(0, 364) n;
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return a site that is down, with records, a stream store, evidence and secrets."""
    data = tmp_path_factory.mktemp("site") / "data"
    data.mkdir()
    config = read_config({"XIUHUA_DATA": str(data)})
    with embedded_postgres(config) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
    for name in ("nats/jetstream/$G/streams/$MQTT_msgs/msgs/1.blk", "files/ab/abcd", "audit/heads.jsonl"):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 500)
    read_secret(data, "session_key")
    return config


@pytest.fixture(scope="module")
def saved(site: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the site's backup."""
    file = tmp_path_factory.mktemp("backup") / "monday.tar"
    backup(site, file)
    return file


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Config]:
    """Return a site that is not there yet."""
    yield read_config({"XIUHUA_DATA": str(tmp_path / "new")})


def test_what_comes_back_is_what_was_there(site: Config, saved: Path, empty: Config) -> None:
    manifest = restore(empty, saved)
    assert manifest.rows["public.thing"] == 1000 and manifest.rows["public.reading_2026"] == 365
    for name in ("nats/jetstream/$G/streams/$MQTT_msgs/msgs/1.blk", "files/ab/abcd", "audit/heads.jsonl"):
        assert (empty.data / name).read_bytes() == (site.data / name).read_bytes()
    assert read_secret(empty.data, "session_key") == read_secret(site.data, "session_key")
    assert (empty.data / "secrets").stat().st_mode & 0o077 == 0
    assert not (empty.data / STAGING).exists()
    with embedded_postgres(empty) as url, psycopg.connect(url) as connection:
        assert count_rows(connection) == manifest.rows
        assert connection.execute("SELECT name FROM thing WHERE id = 7").fetchone() == ("站牌7",)
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("DELETE FROM thing")


def test_only_its_owner_reads_a_backup(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in saved.parent.iterdir()) == [saved.name]


def test_a_file_that_is_there_is_not_written_over(site: Config, saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(Conflict):
        backup(site, saved)
    assert saved.read_bytes() == before


def test_a_folder_that_holds_anything_is_refused(saved: Path, empty: Config) -> None:
    empty.data.mkdir()
    (empty.data / "note").touch()
    with pytest.raises(Conflict) as refusal:
        restore(empty, saved)
    assert refusal.value.code == "backup.not_empty"
    assert [path.name for path in empty.data.iterdir()] == ["note"]


def test_evidence_elsewhere_is_restored_there_and_must_be_empty_too(saved: Path, empty: Config, tmp_path: Path) -> None:
    elsewhere = replace(empty, files_url=str(tmp_path / "evidence"))
    restore(elsewhere, saved)
    assert (tmp_path / "evidence" / "ab" / "abcd").is_file() and not (elsewhere.data / "files").exists()
    again = replace(elsewhere, data=tmp_path / "other")
    with pytest.raises(Conflict):
        restore(again, saved)
    assert not again.data.exists()


def damaged_byte(whole: bytes) -> bytes:
    at = whole.index("站牌".encode()) if "站牌".encode() in whole else len(whole) // 2
    return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]


@pytest.mark.parametrize("spoil", [damaged_byte, lambda whole: whole[: len(whole) // 2], lambda _: b"not a backup"])
def test_a_damaged_backup_leaves_nothing_behind(saved: Path, empty: Config, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    broken = tmp_path / "broken.tar"
    broken.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(Invalid) as refusal:
        restore(empty, broken)
    assert refusal.value.code == "backup.damaged"
    assert not empty.data.exists()
