"""One frozen, typed configuration, read from the environment; every field is documented here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Where a site keeps its state and which servers it talks to.

    data: folder of all state (XIUHUA_DATA). database_url: PostgreSQL 18 (XIUHUA_DATABASE_URL; the embedded one if
    empty). nats_url: NATS with JetStream (XIUHUA_NATS_URL; the embedded one if empty). files_url: folder or file:// URL
    of evidence files (XIUHUA_FILES_URL; data/files if empty). packs: extra pack folders, separated as in PATH
    (XIUHUA_PACKS). plan: the action plan's file (XIUHUA_PLAN; plans/songjiang-2024-2026.yaml if empty). address,
    http_port, mqtt_port: where people and devices call. secure_cookies: cookies only over TLS; off on loopback.
    """

    data: Path
    database_url: str
    nats_url: str
    files_url: str
    packs: tuple[Path, ...]
    plan: str
    address: str
    http_port: int
    mqtt_port: int
    secure_cookies: bool

    @property
    def files_folder(self) -> Path:
        """Return the folder in which evidence files lie."""
        if not self.files_url:
            return self.data / "files"
        return Path(self.files_url.removeprefix("file://"))


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """Return the configuration held by the environment."""
    values = os.environ if environment is None else environment
    packs = tuple(Path(part) for part in values.get("XIUHUA_PACKS", "").split(os.pathsep) if part)
    address = values.get("XIUHUA_ADDRESS", "127.0.0.1")
    return Config(
        data=Path(values.get("XIUHUA_DATA", ".data")).absolute(),
        database_url=values.get("XIUHUA_DATABASE_URL", ""),
        nats_url=values.get("XIUHUA_NATS_URL", ""),
        files_url=values.get("XIUHUA_FILES_URL", ""),
        packs=packs,
        plan=values.get("XIUHUA_PLAN", ""),
        address=address,
        http_port=int(values.get("XIUHUA_PORT", "8750")),
        mqtt_port=int(values.get("XIUHUA_MQTT_PORT", "1883")),
        secure_cookies=values.get("XIUHUA_SECURE_COOKIES", "0" if address == "127.0.0.1" else "1") == "1",
    )
