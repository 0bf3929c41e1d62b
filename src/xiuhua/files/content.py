"""What a file is, told from its bytes: the name it came with is never believed."""

from __future__ import annotations

import codecs
import struct
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import PurePath

import puremagic

JPEG, PNG, WEBP, HEIC = "image/jpeg", "image/png", "image/webp", "image/heic"
PDF, MP4, TEXT = "application/pdf", "video/mp4", "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PHOTOS = frozenset({JPEG, PNG, WEBP, HEIC})
SHOWN_INLINE = frozenset({JPEG, PNG, WEBP})
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg", ".jfif"),
    PNG: (".png",),
    WEBP: (".webp",),
    HEIC: (".heic", ".heif"),
    PDF: (".pdf",),
    MP4: (".mp4", ".m4v", ".mov"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    TEXT: (".txt", ".csv", ".md", ".log"),
}
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  "})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_OFFICE = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}
_TEXT_CONTROLS = frozenset(b"\t\n\r\f")


def media_type_of(data: bytes) -> str | None:
    """Return the media type of an allowed file, None for any other: its signature is found and its head is read."""
    signed = _signed(data)
    for media_type in signed:
        if _PROOFS[media_type](data):
            return media_type
    return TEXT if not signed and _is_text(data) else None


def safe_name(name: str, media_type: str) -> str:
    """Return the name's last part without control characters, ended as its content demands."""
    last = PurePath(name.replace("\\", "/")).name
    clean = "".join(letter for letter in last if letter.isprintable()).strip(". ")[-120:] or "file"
    suffixes = SUFFIXES[media_type]
    return clean if clean.lower().endswith(suffixes) else clean + suffixes[0]


def _signed(data: bytes) -> tuple[str, ...]:
    """Return the allowed types that the file's signature may mean."""
    try:
        found = puremagic.from_string(data, mime=True)
    except (puremagic.PureError, ValueError):
        return ()
    if found == "image/heif":
        return (HEIC,)
    if found == "application/zip" or found.startswith("application/vnd.openxmlformats"):
        return tuple(_OFFICE)
    return (found,) if found in _PROOFS else ()


def _is_jpeg(data: bytes) -> bool:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return bool(height and width)
        if marker == 0xDA or length < 2:
            return False
        at += 2 + length
    return False


def _is_png(data: bytes) -> bool:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        return False
    width, height = struct.unpack(">II", data[16:24])
    return bool(width and height)


def _is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP" and data[12:16] in (b"VP8 ", b"VP8L", b"VP8X")


def _is_heic(data: bytes) -> bool:
    return bool(_brands(data) & _HEIF_BRANDS)


def _is_mp4(data: bytes) -> bool:
    return bool(_brands(data) & _MP4_BRANDS)


def _brands(data: bytes) -> frozenset[bytes]:
    if data[4:8] != b"ftyp":
        return frozenset()
    size = min(struct.unpack(">I", data[:4])[0], 128)
    return frozenset({data[8:12], *(data[at : at + 4] for at in range(16, size, 4))})


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]


def _is_office(media_type: str, data: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    macros = any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll")) for name in names)
    return "[Content_Types].xml" in names and _OFFICE[media_type] in names and not macros


def _is_text(data: bytes) -> bool:
    if any(byte < 32 and byte not in _TEXT_CONTROLS for byte in data):
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            codecs.decode(data, encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False


_PROOFS: Mapping[str, Callable[[bytes], bool]] = {
    JPEG: _is_jpeg,
    PNG: _is_png,
    WEBP: _is_webp,
    HEIC: _is_heic,
    PDF: _is_pdf,
    MP4: _is_mp4,
    DOCX: lambda data: _is_office(DOCX, data),
    XLSX: lambda data: _is_office(XLSX, data),
}
