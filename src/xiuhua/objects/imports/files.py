"""What an uploaded file is, told by its content, and whether it may be opened at all."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from xiuhua.kernel.errors import Invalid

MOST_BYTES = 100 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
MOST_MEMBERS = 2_000
MOST_CELLS = 20_000_000
CHUNK = 1024 * 1024
OVERLAP = 64
ENDINGS = {
    "csv": (".csv", ".txt", ".tsv"),
    "xlsx": (".xlsx",),
    "geojson": (".geojson", ".json"),
    "gpkg": (".gpkg",),
    "shp": (".zip",),
}
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"')


def recognise(path: Path, filename: str) -> str:
    """Return csv, xlsx, geojson, gpkg or shp; raises Invalid for anything else, for a file whose name says otherwise,
    for one too large when unpacked, and for a workbook with macros.
    """
    size = path.stat().st_size
    if not size:
        raise Invalid("objects.empty_file")
    if size > MOST_BYTES:
        raise Invalid("objects.too_large", megabytes=MOST_BYTES // 1024**2)
    found = _by_content(path)
    if not filename.lower().endswith(ENDINGS[found]):
        raise Invalid("objects.wrong_ending", filename=filename, found=found)
    if found in ("xlsx", "shp"):
        check_archive(path, macros=found == "xlsx")
    return found


def check_archive(path: Path, *, macros: bool) -> None:
    """Raise Invalid if the archive unpacks to too much, is damaged, or is a workbook with macros or absurd extent.
    What the members say of their size is not believed: they are unpacked and counted.
    """
    unpacked = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise Invalid("objects.too_large_unpacked", megabytes=MOST_UNPACKED // 1024**2)
            for member in members:
                if macros and member.filename.lower().endswith(("vbaproject.bin", ".xlm")):
                    raise Invalid("objects.macros")
                cells = _Extent() if member.filename.startswith("xl/worksheets/") else None
                with archive.open(member) as stream:
                    while chunk := stream.read(CHUNK):
                        unpacked += len(chunk)
                        if unpacked > MOST_UNPACKED:
                            raise Invalid("objects.too_large_unpacked", megabytes=MOST_UNPACKED // 1024**2)
                        if cells:
                            cells.take(chunk)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Invalid("objects.unreadable_file") from None


def unpack(path: Path, folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """Unpack the members with these endings, flat, under their own base names; the archive was checked before."""
    unpacked = []
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = Path(_member_name(member).replace("\\", "/")).name
            if not member.is_dir() and name.lower().endswith(endings) and not name.startswith("."):
                target = folder / (Path(name).stem + Path(name).suffix.lower())
                target.write_bytes(archive.read(member))
                unpacked.append(target)
    return unpacked


class _Extent:
    """Follows how far the cells of a sheet reach: a reader holds the whole rectangle in memory."""

    def __init__(self) -> None:
        self._rest = b""
        self._rows = 0
        self._columns = 0

    def take(self, chunk: bytes) -> None:
        text = self._rest + chunk
        for column, row in _CELL.findall(text):
            self._rows = max(self._rows, int(row))
            self._columns = max(self._columns, _column_number(column))
        if self._rows * self._columns > MOST_CELLS:
            raise Invalid("objects.too_many_cells", cells=MOST_CELLS)
        self._rest = text[-OVERLAP:]


def _by_content(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return _by_members(path)
    if head.startswith(b"SQLite format 3\x00"):
        return "gpkg"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("objects.old_workbook")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return "geojson"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    if b"\x00" in head or head.lstrip()[:1] == b"<" or head.startswith(b"%PDF"):
        raise Invalid("objects.unknown_file")
    return "csv"


def _by_members(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [_member_name(member).lower() for member in archive.infolist()[: MOST_MEMBERS + 1]]
    except (zipfile.BadZipFile, OSError):
        raise Invalid("objects.unreadable_file") from None
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if any(name.endswith(".shp") for name in names):
        return "shp"
    raise Invalid("objects.unknown_file")


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return the member's name; archives of Chinese Windows write it in GBK without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
