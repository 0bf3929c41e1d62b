"""Which place of files a site has: the bucket its URL names, or none, and then the folder of its configuration."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING

from xiuhua.stack.bucket_address import BucketAddress
from xiuhua.stack.config import Config

if TYPE_CHECKING:
    from xiuhua.stack.bucket import Bucket


def bucket_of(config: Config) -> Bucket | None:
    """Return the bucket of evidence files, None where they lie in a folder. The client is loaded only here."""
    return None if config.files_bucket is None else _open(config.files_bucket)


def check_files(config: Config) -> None:
    """Raise Unavailable with one sentence unless the place of files serves."""
    bucket = bucket_of(config)
    if bucket is not None:
        bucket.check()


@lru_cache(maxsize=2)
def _open(address: BucketAddress) -> Bucket:
    opened: Bucket = importlib.import_module("xiuhua.stack.bucket").Bucket(address)
    return opened
