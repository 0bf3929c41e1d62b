"""Writes a small pack that works at once, to be changed into the real one."""

from __future__ import annotations

from pathlib import Path
from string import Template

from xiuhua.catalog.manifests import NAME
from xiuhua.kernel.errors import Conflict, Invalid

TEMPLATES = Path(__file__).parent / "template"
FILES = {
    "manifest.template": "manifest.toml",
    "README.template": "README.md",
    "pack.template": "pack.py",
    "given.template": "examples/1/given.json",
    "expect.template": "examples/1/expect.json",
}


def write_pack(pack_id: str, *, zh: str, en: str, place: Path) -> list[Path]:
    """Write a pack folder under `place` and return its files; raises Invalid for a bad id, Conflict if it is there."""
    if not NAME.fullmatch(pack_id) or pack_id == "registers":
        raise Invalid("catalog.pack_id", id=pack_id)
    folder = place / pack_id
    if folder.exists():
        raise Conflict("catalog.pack_exists", folder=str(folder))
    words = {"id": pack_id, "zh": zh, "en": en}
    written = [folder / "__init__.py"]
    folder.mkdir(parents=True)
    written[0].touch()
    for template, name in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words), "utf-8")
        written.append(file)
    return written
