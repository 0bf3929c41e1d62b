"""Signing as a NATS account does: nkeys (base32 with a checksum) over Ed25519, and the tokens that the server reads."""

from __future__ import annotations

import json
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import crc_hqx
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# The kinds of a public key: the first letter of its text (A).
ACCOUNT = 0
HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}


class Issuer:
    """An account's key, made from a secret text; what it signs is believed by a server that names `public`."""

    def __init__(self, secret: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(secret.encode()).digest())
        raw = bytes([ACCOUNT]) + self._key.public_key().public_bytes_raw()
        self.public = b32encode(raw + crc_hqx(raw, 0).to_bytes(2, "little")).decode().rstrip("=")

    def sign(self, claims: Mapping[str, object], *, now: datetime) -> str:
        """Return a token of the claims."""
        whole = {"jti": uuid4().hex, "iat": int(now.timestamp()), "iss": self.public, **claims}
        said = f"{_text(json.dumps(HEADER).encode())}.{_text(json.dumps(whole).encode())}"
        return f"{said}.{_text(self._key.sign(said.encode()))}"


def claims_in(token: bytes) -> dict[str, Any]:
    """Return what a token claims; its signature is not looked at. Raises ValueError."""
    parts = token.split(b".")
    if len(parts) != 3:
        raise ValueError("no token")
    claims = json.loads(urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
    if not isinstance(claims, dict):
        raise ValueError("no claims")
    return claims


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
