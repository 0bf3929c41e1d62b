"""JSON logs: one object a line, with the request's id and without secrets, in data/logs."""

from __future__ import annotations

import json
import logging
import logging.handlers
import re
from datetime import UTC, datetime
from pathlib import Path

from xiuhua.http.requests import request_id
from xiuhua.stack.config import Config

LARGEST_FILE = 10 * 1024 * 1024
FILES_KEPT = 5
HIDDEN = "***"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+@")
_NAMED = re.compile(
    r"(?i)\b(password|passwd|secret|token|authorization|cookie|sessionid|csrftoken|api[_-]?key)\b(\W{1,4})([^\s,;'\"}&]+)"
)
_SECRET_KEY = re.compile(r"(?i)password|passwd|secret|token|authorization|cookie|session_?key|sessionid|api_?key")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object. process: which of our processes; secrets: values never written."""

    def __init__(self, process: str, secrets: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._process = process
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        # Django hands over the call itself, also after our middleware has let it go.
        if request := request_id.get() or getattr(getattr(record, "request", None), "request_id", ""):
            line["request"] = request
        for key, value in vars(record).items():
            if key not in _STANDARD and key not in line and not key.startswith("_"):
                line[key] = HIDDEN if _SECRET_KEY.search(key) else value
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        # Values are cleaned before they are quoted, so that no quoting hides one.
        return json.dumps({key: self._clean(value) for key, value in line.items()}, ensure_ascii=False, default=str)

    def _clean(self, value: object) -> object:
        if isinstance(value, bool | int | float) or value is None:
            return value
        text = value if isinstance(value, str) else str(value)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
        return _NAMED.sub(rf"\1\2{HIDDEN}", text)


def log_to_file(config: Config, process: str) -> None:
    """Send every record of this process to data/logs/<process>.log, turned over by size."""
    folder = config.data / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / f"{process}.log", maxBytes=LARGEST_FILE, backupCount=FILES_KEPT, encoding="utf-8"
    )
    handler.setFormatter(JsonLines(process, _secret_values(config)))
    logging.basicConfig(level=config.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    # The MQTT client warns at every tenth message under way, which is its ordinary load.
    logging.getLogger("mqtt").setLevel(logging.ERROR)


def _secret_values(config: Config) -> frozenset[str]:
    bucket = config.files_bucket
    return frozenset((*_texts(config.data / "secrets"), *((bucket.secret,) if bucket else ())))


def _texts(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    texts = []
    for path in folder.iterdir():
        try:
            text = path.read_text().strip()
        except UnicodeDecodeError:
            continue
        # Of a key file each long line is a secret; a short file would blank out common words.
        texts += [line for line in text.splitlines() if len(line) >= 16]
    return texts
