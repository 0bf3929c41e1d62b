"""Evidence under the hash of its content, in the folder or the bucket that the site names."""

from __future__ import annotations

import hashlib
from io import BytesIO

from django.conf import settings

from xiuhua.files import folder
from xiuhua.kernel.errors import Fault
from xiuhua.stack.files_place import bucket_of


def keep(data: bytes) -> str:
    """Return the SHA-256 of the bytes once they are durable under it; keeping the same bytes again changes nothing."""
    bucket = bucket_of(settings.CONFIG)
    if bucket is None:
        return folder.keep(data)
    name = hashlib.sha256(data).hexdigest()
    if bucket.size_of(key_of(name)) != len(data):
        bucket.put(key_of(name), BytesIO(data), len(data), name)
    return name


def fetch(name: str) -> bytes:
    """Return the bytes under the hash; raises Fault if they are gone or no longer what they were."""
    bucket = bucket_of(settings.CONFIG)
    try:
        if bucket is None:
            data = folder.path_of(name).read_bytes()
        else:
            with bucket.read(key_of(name)) as stream:
                data = stream.read()
    except FileNotFoundError:
        raise Fault("files.gone", hash=name) from None
    if hashlib.sha256(data).hexdigest() != name:
        raise Fault("files.damaged", hash=name)
    return data


def remove(name: str) -> None:
    """Delete what lies under the hash, if anything does."""
    bucket = bucket_of(settings.CONFIG)
    if bucket is None:
        folder.path_of(name).unlink(missing_ok=True)
    else:
        bucket.remove(key_of(name))


def key_of(name: str) -> str:
    """Return where the file of that hash lies in a bucket: as in a folder, so that one may be copied to the other."""
    return f"{name[:2]}/{name[2:4]}/{name}"
