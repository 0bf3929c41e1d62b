"""Taking a file in: read to its limit, recognised, kept under its hash."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from xiuhua.files.content import media_type_of
from xiuhua.files.keeping import keep, remove
from xiuhua.files.models import StoredFile
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid


class Readable(Protocol):
    """What bytes can be read from: an open file, an upload."""

    def read(self, size: int, /) -> bytes:
        """Return at most that many bytes."""
        ...


MAX_BYTES = 20 * 1024 * 1024


def forget(hashes: Collection[str]) -> None:
    """Delete files that no room holds any more; the caller has made sure of that."""
    StoredFile.objects.filter(hash__in=hashes).delete()
    for name in hashes:
        remove(name)


def store(
    actor: Actor, stream: Readable, name: str, check: Callable[[str], None] = lambda media_type: None
) -> StoredFile:
    """Return the stored file of the stream's content; raises Invalid for one too large, empty or of no allowed kind.
    `check` is asked with the media type before anything is kept, and raises what the caller will not take.

    The caller has checked that the actor may add it, and records what it is for.
    """
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Invalid("files.too_large", name=name, limit_mb=MAX_BYTES // 1024**2)
    if not data:
        raise Invalid("files.empty", name=name)
    media_type = media_type_of(data)
    if media_type is None:
        raise Invalid("files.not_allowed", name=name)
    check(media_type)
    kept, _ = StoredFile.objects.get_or_create(
        hash=keep(data), defaults={"size": len(data), "media_type": media_type, "stored_by": actor.code}
    )
    return kept
