"""An S3 bucket as a place of files: streamed in and out, each upload read back. Loaded only where a site has one."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import certifi
import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from xiuhua.kernel.errors import Fault, Unavailable
from xiuhua.stack.archive import Readable
from xiuhua.stack.bucket_address import BucketAddress

CHUNK = 1 << 20
CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 60.0
_REFUSED = frozenset({"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden", "AllAccessDisabled"})


class Bucket:
    """Files of one bucket by name. Every call raises Unavailable("stack.bucket_…") where the bucket does not serve."""

    def __init__(self, address: BucketAddress) -> None:
        self._address = address
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_WITHIN_S, read=ANSWER_WITHIN_S),
            retries=urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            cert_reqs="CERT_REQUIRED",
            ca_certs=certifi.where(),
        )
        self._client = Minio(
            address.endpoint, access_key=address.key, secret_key=address.secret, secure=address.secure,
            region=address.region or None, http_client=pool,
        )  # fmt: skip

    def check(self) -> None:
        """Raise Unavailable unless the bucket is there and lets us in."""
        with self._worded():
            if not self._client.bucket_exists(self._address.bucket):
                raise Unavailable("stack.bucket_missing", bucket=self._address.shown)
            for _ in self._client.list_objects(self._address.bucket, prefix=self._address.prefix or None):
                break

    def size_of(self, name: str) -> int | None:
        """Return how many bytes lie under the name, None where nothing does."""
        try:
            with self._worded():
                return int(self._client.stat_object(self._address.bucket, self._key(name)).size or 0)
        except FileNotFoundError:
            return None

    def put(self, name: str, source: BinaryIO, size: int, sha256: str) -> None:
        """Upload `size` bytes and read them back; raises Fault("stack.bucket_damaged") if they came out otherwise."""
        with self._worded():
            self._client.put_object(self._address.bucket, self._key(name), source, size)
        digest = hashlib.sha256()
        with self.read(name) as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
        if digest.hexdigest() != sha256:
            self.remove(name)
            raise Fault("stack.bucket_damaged", bucket=self._address.shown, name=name)

    @contextlib.contextmanager
    def read(self, name: str) -> Iterator[Readable]:
        """Give the bytes under the name as they come; raises FileNotFoundError where nothing lies there."""
        with self._worded():
            answer = self._client.get_object(self._address.bucket, self._key(name))
            try:
                yield answer
            finally:
                answer.close()
                answer.release_conn()

    def remove(self, name: str) -> None:
        """Delete what lies under the name, if anything does."""
        with self._worded():
            self._client.remove_object(self._address.bucket, self._key(name))

    def names(self) -> Iterable[tuple[str, int]]:
        """Yield the name and size of every file, in order of name."""
        with self._worded():
            for found in self._client.list_objects(
                self._address.bucket, prefix=self._address.prefix or None, recursive=True
            ):
                yield str(found.object_name).removeprefix(self._address.prefix), int(found.size or 0)

    def _key(self, name: str) -> str:
        return self._address.prefix + name

    @contextlib.contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchObject"):
                raise FileNotFoundError(error.object_name) from error
            code = "bucket_missing" if error.code == "NoSuchBucket" else "bucket_silent"
            code = "bucket_refused" if error.code in _REFUSED else code
            raise Unavailable(f"stack.{code}", bucket=self._address.shown, problem=str(error.code)) from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise Unavailable("stack.bucket_silent", bucket=self._address.shown, problem=_shortly(error)) from error


def _shortly(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(reason).rpartition(": ")[2][:200]
