"""Files are told by content, kept under their hash, checked when read, and answered so that no browser runs them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from xiuhua.files.actions import MAX_BYTES, store
from xiuhua.files.content import media_type_of, safe_name
from xiuhua.files.folder import path_of
from xiuhua.files.keeping import fetch, keep
from xiuhua.files.serving import answer
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Fault, Invalid


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\x80\x80\x80" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(height: int = 8) -> bytes:
    head = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return head + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, 8) + b"\x03" + b"\0" * 40 + b"\xff\xd9"


def xlsx() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def with_macro() -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 200 + b"PE\0\0"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 40, "image/webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40, "image/heic"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 40, "video/mp4"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n", "application/pdf"),
        (xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("编号,名称\n1,井盖\n".encode(), "text/plain"),
        ("编号,名称\n1,井盖\n".encode("gb18030"), "text/plain"),
        (b"plain words", "text/plain"),
        (EXE, None),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 200, None),
        (png(0, 0), None),
        (jpeg(0), None),
        (jpeg()[:20], None),
        (b"\xff\xd8\xff" + EXE, None),
        (with_macro(), None),
        (b"PK\x03\x04" + b"\0" * 100, None),
        (b"%PDF-1.7 without an end", None),
        (bytes(range(256)), None),
    ],
)
def test_the_content_decides(data: bytes, kind: str | None) -> None:
    assert media_type_of(data) == kind


def test_names_cannot_lie() -> None:
    assert safe_name("../../etc/photo.exe", "image/jpeg") == "photo.exe.jpg"
    assert safe_name("C:\\现场\\处置后.JPG", "image/jpeg") == "处置后.JPG"
    assert safe_name("\r\nSet-Cookie: x", "text/plain") == "Set-Cookie: x.txt"
    assert safe_name("...", "image/png") == "file.png"


@pytest.mark.django_db
def test_an_executable_under_a_photo_name_is_refused() -> None:
    with pytest.raises(Invalid, match="not_allowed"):
        store(system_actor("test"), io.BytesIO(EXE), "现场.jpg")
    with pytest.raises(Invalid, match="empty"):
        store(system_actor("test"), io.BytesIO(b""), "a.txt")
    with pytest.raises(Invalid, match="too_large"):
        store(system_actor("test"), io.BytesIO(b"a" * (MAX_BYTES + 1)), "a.txt")


@pytest.mark.django_db
def test_the_same_content_is_kept_once_and_checked_when_read() -> None:
    first = store(system_actor("test"), io.BytesIO(png(3, 5)), "a.png")
    second = store(system_actor("other"), io.BytesIO(png(3, 5)), "b.png")
    assert first.hash == second.hash
    assert second.stored_by == "system:test"
    assert fetch(first.hash) == png(3, 5)
    path = path_of(first.hash)
    assert path.parent.name == first.hash[2:4] and not list(path.parent.glob(".incoming-*"))
    path.write_bytes(png(3, 5)[:-1] + b"!")
    with pytest.raises(Fault, match="damaged"):
        fetch(first.hash)
    path.unlink()
    with pytest.raises(Fault, match="gone"):
        fetch(first.hash)


def test_answers_are_never_run() -> None:
    photo = answer(keep(png()), name="现场.png", media_type="image/png")
    assert photo["Content-Disposition"].startswith("inline")
    assert photo["X-Content-Type-Options"] == "nosniff"
    assert photo["Content-Security-Policy"] == "default-src 'none'; sandbox"
    text = answer(keep(b"<script>alert(1)</script>"), name="x.html", media_type="text/plain")
    assert text["Content-Disposition"] == 'attachment; filename="x.html.txt"'


def test_a_folder_named_by_its_address_is_where_files_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, files_url=f"file://{tmp_path}/evidence"))
    name = keep(png(6, 7))
    assert (tmp_path / "evidence" / name[:2] / name[2:4] / name).read_bytes() == png(6, 7)
    assert answer(name, name="a.png", media_type="image/png").content == png(6, 7)
