"""The backup file: a tar whose last member lists every other with its SHA-256; renamed into place when whole."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from xiuhua.kernel.errors import Conflict, Invalid

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 1 << 20


@dataclass(kw_only=True, slots=True)
class Manifest:
    """What a backup holds. rows: rows of each table at the moment; members: SHA-256 by name; streams: False where
    they lie on a server of the site's own.
    """

    moment: str
    versions: dict[str, str]
    rows: dict[str, int] = field(default_factory=dict)
    streams: bool = True
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Readable(Protocol):
    """Bytes that come in pieces."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most that many bytes, none at the end."""


class _Hashing(io.RawIOBase):
    """Passes bytes on and digests them."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._source.read(len(buffer))
        buffer[: len(block)] = block
        self.digest.update(block)
        return len(block)


class Writer:
    """A backup being written."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    def add_file(self, path: Path, name: str) -> None:
        """Add one file; one that vanished since it was listed is left out."""
        with contextlib.suppress(FileNotFoundError), path.open("rb") as source:
            info = self._tar.gettarinfo(fileobj=source, arcname=name)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            hashing = _Hashing(source)
            self._tar.addfile(info, hashing)
            self.manifest.members[name] = hashing.digest.hexdigest()

    def add_stream(self, source: Readable, size: int, name: str) -> None:
        """Add that many bytes as one file."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time.time())
        hashing = _Hashing(source)
        self._tar.addfile(info, hashing)
        self.manifest.members[name] = hashing.digest.hexdigest()

    def add_folder(self, folder: Path, name: str) -> None:
        """Add every plain file below a folder, in order of name."""
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                self.add_file(path, str(PurePosixPath(name, *path.relative_to(folder).parts)))

    def finish(self) -> None:
        """Add the manifest, which makes the backup whole."""
        text = json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode, info.mtime = len(text), 0o600, int(time.time())
        self._tar.addfile(info, io.BytesIO(text))


@contextlib.contextmanager
def writing(file: Path, manifest: Manifest) -> Iterator[Writer]:
    """Write a backup in the block; the file appears whole at its end, or not at all."""
    if file.exists():
        raise Conflict("backup.target_exists", file=str(file))
    partial = file.with_name(file.name + ".partial")
    # It holds the site's secrets: for its owner only, from the first byte.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
                writer = Writer(tar, manifest)
                yield writer
                writer.finish()
            raw.flush()
            os.fsync(raw.fileno())
        partial.rename(file)
    finally:
        partial.unlink(missing_ok=True)


def unpack(file: Path, folder: Path) -> Manifest:
    """Unpack a backup into a folder, checking every member; raises Invalid("backup.damaged")."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(file, mode="r:") as tar:
            for info in tar:
                name = PurePosixPath(info.name)
                source = tar.extractfile(info) if info.isfile() else None
                if source is None or name.is_absolute() or ".." in name.parts or info.name in found:
                    raise Invalid("backup.damaged", file=str(file), what=info.name)
                found[info.name] = _copy(source, folder.joinpath(*name.parts), info.mode)
    except (tarfile.TarError, EOFError) as error:
        raise Invalid("backup.damaged", file=str(file), what=str(error)) from error
    if found.pop(MANIFEST, None) is None:
        raise Invalid("backup.damaged", file=str(file), what=MANIFEST)
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).unlink()
    manifest = Manifest(**json.loads(text))
    differing = sorted(
        name for name in manifest.members.keys() | found.keys() if manifest.members.get(name) != found.get(name)
    )
    if differing or manifest.format != FORMAT:
        raise Invalid("backup.damaged", file=str(file), what=", ".join(differing[:3]) or str(manifest.format))
    return manifest


def _copy(source: IO[bytes], target: Path, mode: int) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("xb") as copy:
        target.chmod(mode & 0o700)
        while block := source.read(CHUNK):
            digest.update(block)
            copy.write(block)
    return digest.hexdigest()
