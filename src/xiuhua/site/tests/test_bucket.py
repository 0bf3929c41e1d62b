"""Evidence in an S3 bucket: a real server of that protocol (moto's, a process of its own) keeps it."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from minio import Minio

from xiuhua.files.actions import forget, store
from xiuhua.files.keeping import fetch, keep
from xiuhua.files.serving import answer
from xiuhua.files.tests.test_content import png
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Conflict, Fault, Unavailable
from xiuhua.site.command_line import main
from xiuhua.stack.backup import backup, restore
from xiuhua.stack.bucket import Bucket
from xiuhua.stack.config import Config, read_config
from xiuhua.stack.files_place import bucket_of, check_files
from xiuhua.stack.ports import answers, any_free
from xiuhua.stack.reaching import embedded_postgres

KEY, SECRET = "AKIAXIUHUATEST000001", "a-secret-of-the-bucket"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return host and port of an S3 server."""
    port = any_free()
    line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 60
        while not answers("127.0.0.1", port):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.1)
        yield f"127.0.0.1:{port}"
        process.terminate()


def config_of(server: str, place: str, data: Path) -> Config:
    return read_config(
        {
            "XIUHUA_DATA": str(data), "XIUHUA_FILES_URL": f"s3+http://{server}/{place}?region=us-east-1",
            "XIUHUA_FILES_KEY": KEY, "XIUHUA_FILES_SECRET": SECRET,
        }
    )  # fmt: skip


@pytest.fixture
def client(server: str) -> Minio:
    """Return a client of our own, to look behind the site's back."""
    return Minio(server, access_key=KEY, secret_key=SECRET, secure=False, region="us-east-1")


@pytest.fixture
def config(server: str, client: Minio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return a site whose evidence lies in a fresh bucket, in force for this test."""
    name = f"evidence-{tmp_path.name.replace('_', '-')[-40:]}-{any_free()}".lower()
    client.make_bucket(name)
    found = config_of(server, f"{name}/songjiang", tmp_path / "data")
    monkeypatch.setattr(settings, "CONFIG", placed_as(found))
    return found


def placed_as(config: Config) -> Config:
    """Return the settings in force, with files where that configuration keeps them."""
    in_force: Config = settings.CONFIG
    return replace(in_force, files_url=config.files_url, files_key=config.files_key, files_secret=config.files_secret)


def names(client: Minio, config: Config) -> list[str]:
    assert config.files_bucket is not None
    return [str(one.object_name) for one in client.list_objects(config.files_bucket.bucket, recursive=True)]


@pytest.mark.django_db
def test_evidence_lies_in_the_bucket_under_its_hash_and_is_served(config: Config, client: Minio) -> None:
    kept = store(system_actor("test"), io.BytesIO(png(3, 5)), "a.png")
    assert names(client, config) == [f"songjiang/{kept.hash[:2]}/{kept.hash[2:4]}/{kept.hash}"]
    assert not (config.data / "files").exists()
    assert answer(kept.hash, name="a.png", media_type="image/png").content == png(3, 5)
    assert keep(png(3, 5)) == kept.hash and len(names(client, config)) == 1
    forget([kept.hash])
    assert names(client, config) == []
    with pytest.raises(Fault, match=r"files\.gone"):
        fetch(kept.hash)


def test_what_was_changed_in_the_bucket_is_not_shown(config: Config, client: Minio) -> None:
    name = keep(png(2, 3))
    assert config.files_bucket is not None
    client.put_object(config.files_bucket.bucket, names(client, config)[0], io.BytesIO(b"other"), 5)
    with pytest.raises(Fault, match=r"files\.damaged"):
        fetch(name)


def test_an_upload_that_comes_back_otherwise_is_not_kept(config: Config, client: Minio) -> None:
    bucket = bucket_of(config)
    assert bucket is not None
    with pytest.raises(Fault, match="bucket_damaged"):
        bucket.put("ab/cd/abcd", io.BytesIO(b"12345"), 5, "0" * 64)
    assert names(client, config) == []


def test_what_is_wrong_with_a_bucket_is_one_sentence(server: str, config: Config, tmp_path: Path) -> None:
    check_files(config)
    with pytest.raises(Unavailable, match="bucket_missing"):
        check_files(config_of(server, "no-such-bucket", tmp_path))
    with pytest.raises(Unavailable, match="bucket_silent"):
        check_files(config_of(f"127.0.0.1:{any_free()}", "evidence", tmp_path))


@pytest.mark.parametrize("words", [["up", "--data", "{data}"], ["check"]])
def test_up_and_check_name_a_bucket_that_does_not_answer(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = f"127.0.0.1:{any_free()}"
    gone = config_of(server, "evidence", tmp_path / "data")
    for name, value in (("URL", gone.files_url), ("KEY", gone.files_key), ("SECRET", gone.files_secret)):
        monkeypatch.setenv(f"XIUHUA_FILES_{name}", value)
    monkeypatch.setenv("XIUHUA_PORT", str(any_free()))
    monkeypatch.setenv("XIUHUA_MQTT_PORT", str(any_free()))
    monkeypatch.setattr(settings, "CONFIG", placed_as(gone))
    monkeypatch.setenv("XIUHUA_DATA", str(tmp_path / "data"))
    assert main([word.format(data=tmp_path / "data") for word in words]) == 1
    printed = capsys.readouterr()
    said = printed.out + printed.err
    assert f"{server}/evidence" in said and "Traceback" not in said and SECRET not in said
    assert not (tmp_path / "data" / "pg").exists()


def test_a_backup_takes_the_files_along_and_they_open_after_the_restore(
    server: str, config: Config, client: Minio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.data.mkdir()
    with embedded_postgres(config) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (id int)")
    hashes = [keep(png(width, 9)) for width in range(2, 6)]
    past = Path("date=2026-11-20/kind=lights.lamp.voltage/readings-1.parquet")
    (config.readings_folder / past).parent.mkdir(parents=True)
    (config.readings_folder / past).write_bytes(b"past")
    saved = tmp_path / "monday.tar"
    backup(config, saved)

    client.make_bucket("restored")
    target = config_of(server, "restored", tmp_path / "in-a-bucket")
    restore(target, saved)
    assert (target.data / "files" / "readings" / past).read_bytes() == b"past"
    assert all("readings" not in str(one.object_name) for one in client.list_objects("restored", recursive=True))
    monkeypatch.setattr(settings, "CONFIG", placed_as(target))
    assert [fetch(name) for name in hashes] == [png(width, 9) for width in range(2, 6)]
    with pytest.raises(Conflict, match="not_empty"):
        restore(replace(target, data=tmp_path / "again"), saved)

    folder = read_config({"XIUHUA_DATA": str(tmp_path / "new"), "XIUHUA_FILES_URL": f"file://{tmp_path}/laid"})
    restore(folder, saved)
    monkeypatch.setattr(settings, "CONFIG", placed_as(folder))
    assert [fetch(name) for name in hashes] == [png(width, 9) for width in range(2, 6)]
    assert (tmp_path / "laid" / hashes[0][:2] / hashes[0][2:4] / hashes[0]).is_file()
    assert (tmp_path / "laid" / "readings" / past).read_bytes() == b"past"
    # And from a folder into a bucket.
    with embedded_postgres(folder):
        pass
    backup(folder, tmp_path / "tuesday.tar")
    client.make_bucket("back")
    returned = config_of(server, "back", tmp_path / "in-a-bucket-again")
    restore(returned, tmp_path / "tuesday.tar")
    assert (returned.data / "files" / "readings" / past).read_bytes() == b"past"
    assert all("readings" not in str(one.object_name) for one in client.list_objects("back", recursive=True))


def test_a_restore_that_fails_leaves_nothing_in_the_bucket(
    config: Config, client: Minio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.data.mkdir()
    with embedded_postgres(config) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE thing (id int)")
    for width in range(2, 5):
        keep(png(width, 8))
    backup(config, tmp_path / "monday.tar")
    client.make_bucket("half")
    target = replace(config, data=tmp_path / "new", files_url=config.files_url.replace(_bucket(config), "half"))
    real, left = Bucket.put, [2]

    def fail(self: Bucket, *words: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Unavailable("stack.bucket_silent", bucket="half", problem="gone")
        real(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "put", fail)
    with pytest.raises(Unavailable):
        restore(target, tmp_path / "monday.tar")
    assert list(client.list_objects("half", recursive=True)) == [] and not target.data.exists()


def _bucket(config: Config) -> str:
    assert config.files_bucket is not None
    return config.files_bucket.bucket


def test_without_a_bucket_the_client_is_not_loaded() -> None:
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'xiuhua.site.settings'; django.setup();"
        "import xiuhua.site.urls, xiuhua.stack.backup, xiuhua.site.commands.up; print('minio' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
