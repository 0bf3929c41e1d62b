"""Where evidence files lie when they lie in an S3 bucket, as one URL says it. Needs no client."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from xiuhua.kernel.errors import Invalid

VARIABLE = "XIUHUA_FILES_URL"
FORM = "s3://HOST[:PORT]/BUCKET[/PREFIX][?region=REGION]"
SECURE = {"s3": True, "s3+http": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketAddress:
    """A bucket, who we are there, and what stands before the name of each file: "" or "prefix/"."""

    endpoint: str
    secure: bool
    bucket: str
    prefix: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def shown(self) -> str:
        """Return what people may see of it: no key and no secret."""
        return f"{self.endpoint}/{self.bucket}"


def bucket_address(url: str, *, key: str = "", secret: str = "") -> BucketAddress | None:
    """Return the bucket that the URL names, None where it names a folder; a key in the URL goes before `key`.

    Raises Invalid("stack.setting") for a URL of another kind, or one that says too little.
    """
    scheme, mark, _ = url.partition("://")
    if not mark or scheme == "file":
        return None
    if scheme not in SECURE:
        raise Invalid("stack.setting", variable=VARIABLE, value=f"{scheme}://…", allowed=f"DIR, file://DIR, {FORM}")
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
    host = _host(parts)
    if not host or not bucket or query.keys() - {"region"}:
        raise Invalid("stack.setting", variable=VARIABLE, value=f"{scheme}://{host}{parts.path}", allowed=FORM)
    key, secret = unquote(parts.username or "") or key, unquote(parts.password or "") or secret
    if not key or not secret:
        raise Invalid(
            "stack.setting", variable="XIUHUA_FILES_KEY, XIUHUA_FILES_SECRET", value="", allowed="KEY, SECRET"
        )
    return BucketAddress(
        endpoint=host, secure=SECURE[scheme], bucket=bucket, prefix=f"{prefix}/" if prefix else "",
        region=query.get("region", ""), key=key, secret=secret,
    )  # fmt: skip


def _host(parts: SplitResult) -> str:
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return (parts.hostname or "") + port
