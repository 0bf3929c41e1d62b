"""A sound pack for tests: the one `new-pack` writes, to be broken line by line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xiuhua.catalog.catalogue import Catalogue
from xiuhua.catalog.loading import load
from xiuhua.catalog.scaffold import write_pack
from xiuhua.people.posts import CORE_POSTS

POSTS = {post.id: post for post in CORE_POSTS}


def written(place: Path, pack_id: str = "kerbs") -> Path:
    """Return the folder of a sound pack."""
    write_pack(pack_id, zh="路缘石", en="Kerb", place=place)
    return place / pack_id


def changed(folder: Path, *changes: tuple[str, str], file: str = "pack.py") -> None:
    """Replace text in a file of the pack; each text must be there."""
    path = folder / file
    text = path.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def loaded(*folders: Path) -> Catalogue:
    """Return the catalogue with these folders."""
    return load(folders=folders, posts=POSTS)


def line_of(folder: Path, text: str, file: str = "pack.py") -> int:
    """Return the number of the first line that holds the text."""
    lines: Sequence[str] = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
