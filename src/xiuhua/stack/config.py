"""One frozen, typed configuration, read from the environment; every field is documented here and in docs/operate."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xiuhua.kernel.errors import Invalid
from xiuhua.stack.bucket_address import BucketAddress, bucket_address
from xiuhua.stack.subjects import PARTITIONS

LOOPBACK = "127.0.0.1"
MOST_HOT_DAYS = 60
LEAST_EDGE_BYTES = 1 << 20
NODE_FILE = "edge.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Where a site keeps its state and which servers it talks to.

    data: folder of all state (XIUHUA_DATA). database_url: PostgreSQL 18 (XIUHUA_DATABASE_URL; the embedded one if
    empty). nats_url: NATS with JetStream (XIUHUA_NATS_URL; the embedded one if empty). files_url: folder, file:// URL
    or S3 bucket of evidence files (XIUHUA_FILES_URL; data/files if empty). files_key, files_secret: who we are at the
    bucket (XIUHUA_FILES_KEY, XIUHUA_FILES_SECRET). packs: extra pack folders, separated as in PATH (XIUHUA_PACKS).
    plan: the action plan's file (XIUHUA_PLAN; plans/songjiang-2024-2026.yaml if empty). address, http_port: where
    people call (XIUHUA_ADDRESS, XIUHUA_PORT). mqtt_address, mqtt_port: where devices call (XIUHUA_MQTT_ADDRESS, the
    same as address if empty; XIUHUA_MQTT_PORT). mqtt_certificate, mqtt_key: PEM files with which the embedded server's
    MQTT speaks TLS (XIUHUA_MQTT_CERTIFICATE, XIUHUA_MQTT_KEY; both or none). nats_port: port of the embedded NATS on
    loopback, 0 for any free one (XIUHUA_NATS_PORT). secure_cookies: cookies only over TLS; off on loopback
    (XIUHUA_SECURE_COOKIES). hot_days: how many days readings stay in the database before they go into files
    (XIUHUA_HOT_DAYS). ingest: how many ingest processes share the partitions of what is sent (XIUHUA_INGEST).
    edge, upstream: the town whose node this is and the centre's URL (XIUHUA_EDGE, XIUHUA_UPSTREAM;
    kept in data/edge.json by `up --edge`). edge_bytes: most bytes that may wait to go up (XIUHUA_EDGE_BYTES).
    log_level: least level written to the logs (XIUHUA_LOG_LEVEL).
    """

    data: Path
    database_url: str
    nats_url: str
    files_url: str
    files_key: str
    files_secret: str = field(repr=False)
    packs: tuple[Path, ...]
    plan: str
    address: str
    http_port: int
    mqtt_address: str
    mqtt_port: int
    mqtt_certificate: str
    mqtt_key: str
    nats_port: int
    secure_cookies: bool
    hot_days: int
    ingest: int
    log_level: str
    edge: str = ""
    upstream: str = ""
    edge_bytes: int = 20 << 30

    @property
    def files_bucket(self) -> BucketAddress | None:
        """Return the bucket in which evidence files lie, None where they lie in a folder."""
        return bucket_address(self.files_url, key=self.files_key, secret=self.files_secret)

    @property
    def files_folder(self) -> Path:
        """Return the folder in which evidence files lie; that of the data folder where they lie in a bucket."""
        if not self.files_url or self.files_bucket is not None:
            return self.data / "files"
        return Path(self.files_url.removeprefix("file://"))

    @property
    def readings_folder(self) -> Path:
        """Return the folder of the readings of past days."""
        return self.files_folder / "readings"


def read_config(environment: Mapping[str, str] | None = None) -> Config:
    """Return the configuration held by the environment; raises Invalid("stack.setting") naming the variable."""
    values = os.environ if environment is None else environment
    packs = tuple(Path(part) for part in values.get("XIUHUA_PACKS", "").split(os.pathsep) if part)
    address = values.get("XIUHUA_ADDRESS") or LOOPBACK
    secure = values.get("XIUHUA_SECURE_COOKIES") or ("0" if address == LOOPBACK else "1")
    level = (values.get("XIUHUA_LOG_LEVEL") or "INFO").upper()
    if secure not in ("0", "1"):
        raise Invalid("stack.setting", variable="XIUHUA_SECURE_COOKIES", value=secure, allowed="0, 1")
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise Invalid("stack.setting", variable="XIUHUA_LOG_LEVEL", value=level, allowed="DEBUG, INFO, WARNING, ERROR")
    certificate, key = _file(values, "XIUHUA_MQTT_CERTIFICATE"), _file(values, "XIUHUA_MQTT_KEY")
    if bool(certificate) != bool(key):
        missing = "XIUHUA_MQTT_KEY" if certificate else "XIUHUA_MQTT_CERTIFICATE"
        raise Invalid("stack.setting", variable=missing, value="", allowed="PEM")
    hot_days = values.get("XIUHUA_HOT_DAYS") or "3"
    if not hot_days.isascii() or not hot_days.isdigit() or not 1 <= int(hot_days) <= MOST_HOT_DAYS:
        raise Invalid("stack.setting", variable="XIUHUA_HOT_DAYS", value=hot_days, allowed=f"1–{MOST_HOT_DAYS}")
    ingest = values.get("XIUHUA_INGEST") or "1"
    if not ingest.isascii() or not ingest.isdigit() or not 1 <= int(ingest) <= PARTITIONS:
        raise Invalid("stack.setting", variable="XIUHUA_INGEST", value=ingest, allowed=f"1–{PARTITIONS}")
    data = Path(values.get("XIUHUA_DATA") or ".data").absolute()
    edge, upstream = _node(values, data)
    edge_bytes = values.get("XIUHUA_EDGE_BYTES") or str(20 << 30)
    if not edge_bytes.isascii() or not edge_bytes.isdigit() or int(edge_bytes) < LEAST_EDGE_BYTES:
        raise Invalid("stack.setting", variable="XIUHUA_EDGE_BYTES", value=edge_bytes, allowed=f"≥ {LEAST_EDGE_BYTES}")
    config = Config(
        data=data,
        database_url=values.get("XIUHUA_DATABASE_URL", ""),
        nats_url=values.get("XIUHUA_NATS_URL", ""),
        files_url=values.get("XIUHUA_FILES_URL", ""),
        files_key=values.get("XIUHUA_FILES_KEY", ""),
        files_secret=values.get("XIUHUA_FILES_SECRET", ""),
        packs=packs,
        plan=values.get("XIUHUA_PLAN", ""),
        address=address,
        http_port=_port(values, "XIUHUA_PORT", 8750),
        mqtt_address=values.get("XIUHUA_MQTT_ADDRESS") or address,
        mqtt_port=_port(values, "XIUHUA_MQTT_PORT", 1883),
        mqtt_certificate=certificate,
        mqtt_key=key,
        nats_port=_port(values, "XIUHUA_NATS_PORT", 0),
        secure_cookies=secure == "1",
        hot_days=int(hot_days),
        ingest=int(ingest),
        log_level=level,
        edge=edge,
        upstream=upstream,
        edge_bytes=int(edge_bytes),
    )
    # Said here, where every process begins, and not when the first file comes.
    bucket_address(config.files_url, key=config.files_key, secret=config.files_secret)
    return config


def keep_node(data: Path, *, edge: str, upstream: str) -> None:
    """Remember that the site on that folder is the town's node, however it is started next."""
    fresh = data / f".{NODE_FILE}"
    fresh.write_text(json.dumps({"edge": edge, "upstream": upstream}))
    fresh.replace(data / NODE_FILE)


def _node(values: Mapping[str, str], data: Path) -> tuple[str, str]:
    kept = json.loads((data / NODE_FILE).read_text()) if (data / NODE_FILE).is_file() else {}
    edge = values.get("XIUHUA_EDGE") or str(kept.get("edge", ""))
    upstream = (values.get("XIUHUA_UPSTREAM") or str(kept.get("upstream", ""))).rstrip("/")
    if edge and (not edge.isascii() or not edge.isdigit()):
        raise Invalid("stack.setting", variable="XIUHUA_EDGE", value=edge, allowed="310117003")
    if kept and edge != kept["edge"]:
        raise Invalid("stack.setting", variable="XIUHUA_EDGE", value=edge, allowed=str(kept["edge"]))
    if bool(edge) != bool(upstream) or (upstream and not upstream.startswith(("http://", "https://"))):
        raise Invalid("stack.setting", variable="XIUHUA_UPSTREAM", value=upstream, allowed="https://…")
    return edge, upstream


def _file(values: Mapping[str, str], variable: str) -> str:
    text = values.get(variable, "")
    if text and not Path(text).is_file():
        raise Invalid("stack.setting", variable=variable, value=text, allowed="PEM")
    return str(Path(text).absolute()) if text else ""


def _port(values: Mapping[str, str], variable: str, otherwise: int) -> int:
    text = values.get(variable) or str(otherwise)
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise Invalid("stack.setting", variable=variable, value=text, allowed="0–65535")
    return int(text)
