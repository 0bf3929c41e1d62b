"""Signed heads: the chain's end, signed with a key outside the database and kept in a file outside the database."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xiuhua.ledger.models import Seal
from xiuhua.stack.secrets import read_secret

log = logging.getLogger(__name__)

KEY = "audit_key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The end of the chain at one time: `seq` seals, the last of row `history_id`, `chain` in hex digits."""

    seq: int
    history_id: int
    chain: str
    at: str

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        named = {"seq": self.seq, "history_id": self.history_id, "chain": self.chain, "at": self.at}
        return json.dumps(named, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadLine:
    """One line of the file; `head` is None where the line cannot be read or its signature is not ours."""

    number: int
    head: Head | None


def heads_file(data: Path) -> Path:
    """Return the file of signed heads of a site."""
    return data / "audit" / "heads.jsonl"


def heads_gone(data: Path) -> bool:
    """Say whether heads were signed here once, for the key is made with the first, and none is left."""
    return (data / "secrets" / KEY).is_file() and not read_heads(data)


def sign_head(data: Path, now: datetime) -> Head | None:
    """Append the chain's present end, signed, and return it; None if the chain has not grown since the last head, or
    if the heads before it are gone: a chain written anew must not be signed as if it were the first.
    """
    last = Seal.objects.order_by("-seq").first()
    if last is None:
        return None
    path = heads_file(data)
    if heads_gone(data):
        log.error("the signed heads are gone, no new ones are begun: put their copy back", extra={"file": str(path)})
        return None
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = [line.head for line in read_heads(data) if line.head]
        if before and before[-1].seq >= last.seq:
            return None
        head = Head(
            seq=last.seq, history_id=last.history_id, chain=bytes(last.chain).hex(), at=now.astimezone(UTC).isoformat()
        )
        key = _key(data)
        line = {
            **json.loads(head.signed_bytes()),
            "signature": key.sign(head.signed_bytes()).hex(),
            "key": key.public_key().public_bytes_raw().hex(),
        }
        file.write(json.dumps(line, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return head


def read_heads(data: Path) -> Sequence[HeadLine]:
    """Return the lines of the file of heads, each checked against the site's own key."""
    path = heads_file(data)
    if not path.is_file() or not path.stat().st_size:
        return []
    public = _key(data).public_key()
    lines = path.read_text(encoding="utf-8").splitlines()
    return [HeadLine(number=number, head=_read(line, public)) for number, line in enumerate(lines, start=1)]


def _read(line: str, public: Ed25519PublicKey) -> Head | None:
    try:
        values = json.loads(line)
        head = Head(
            seq=int(values["seq"]), history_id=int(values["history_id"]), chain=str(values["chain"]),
            at=str(values["at"]),
        )  # fmt: skip
        public.verify(bytes.fromhex(values["signature"]), head.signed_bytes())
    except (ValueError, KeyError, TypeError, InvalidSignature):
        return None
    return head


def _key(data: Path) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(read_secret(data, KEY).encode()).digest())
