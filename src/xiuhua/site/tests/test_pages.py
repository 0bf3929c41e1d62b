"""The built pages: found as they lie, kept by browsers for good where their name says so, compressed where asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings


@pytest.fixture
def dist(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that is served as the build."""
    (tmp_path / "assets").mkdir()
    with override_settings(WEB_DIST=tmp_path):
        yield tmp_path


def test_a_new_build_is_served_without_a_restart_and_the_old_one_too(dist: Path) -> None:
    client = Client()
    for name in ("index-AAAAAAAA.js", "index-BBBBBBBB.js"):
        assert client.get(f"/assets/{name}").status_code == 404
        (dist / "assets" / name).write_text(name)
        (dist / "index.html").write_text(f"loads {name}")
        first = client.get("/cases/")
        assert first.content.decode() == f"loads {name}" and first["Cache-Control"] == "no-cache"
        assert client.get(f"/assets/{name}").content.decode() == name
    assert client.get("/assets/index-AAAAAAAA.js").status_code == 200


def test_a_name_made_of_the_content_is_kept_for_good(dist: Path) -> None:
    for name, media_type, kept in (
        ("map--S9olhOP.css", "text/css; charset=utf-8", True),
        ("maplibre-gl-worker-CZtFQQIV.mjs", "text/javascript; charset=utf-8", True),
        ("mark.svg", "image/svg+xml", False),
    ):
        (dist / "assets" / name).write_text(name)
        answer = Client().get(f"/assets/{name}")
        assert answer["Content-Type"] == media_type and answer["X-Content-Type-Options"] == "nosniff"
        assert ("immutable" in answer["Cache-Control"]) is kept


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("", ""), ("identity", "")],
)
def test_a_compressed_copy_goes_to_who_takes_it(dist: Path, accepted: str, coding: str) -> None:
    for suffix in ("", ".br", ".gz"):
        (dist / "assets" / f"a-AAAAAAAA.js{suffix}").write_text(f"plain{suffix}")
    answer = Client().get("/assets/a-AAAAAAAA.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("Content-Encoding", "") == coding and answer["Vary"] == "Accept-Encoding"
    assert answer.content.decode() == {"br": "plain.br", "gzip": "plain.gz", "": "plain"}[coding]


def test_nothing_else_of_the_folder_is_served(dist: Path) -> None:
    (dist / "index.html").write_text("first page")
    (dist / ".xiuhua-stamp").write_text("x")
    (dist / "assets" / "notes.txt").write_text("x")
    for path in ("notes.txt", "../.xiuhua-stamp", "..%2f.xiuhua-stamp", ".", "%00", "a%00.js", ""):
        assert Client().get(f"/assets/{path}").status_code in (400, 404), path
    assert Client().post("/assets/a-AAAAAAAA.js").status_code == 405
