"""The synthetic district: every pack's testbed asked with one seed and one day, so that it can be asked again."""

from __future__ import annotations

import importlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy
import shapely

from xiuhua.catalog.catalogue import LoadedPack, current
from xiuhua.kernel.district import District, Town
from xiuhua.people.models import Area

ZONE = "5"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What a demonstration was made from: asking again with it gives the same district."""

    seed: int
    today: date


def towns() -> tuple[Town, ...]:
    """Return the towns and sub-districts that have an outline, zones left out."""
    found = []
    for area in Area.objects.filter(level="town", geometry__isnull=False).order_by("code"):
        if area.code[6] == ZONE:
            continue
        shape = shapely.from_wkb(bytes(area.geometry or b""))
        rings = tuple(
            tuple((float(lon), float(lat)) for lon, lat in shapely.get_coordinates(polygon.exterior))
            for polygon in shapely.get_parts(shape)
        )
        centre = shape.representative_point()
        found.append(
            Town(code=area.code, name=area.name, area_path=area.path, lon=centre.x, lat=centre.y, outline=rings)
        )
    return tuple(found)


def districts(recipe: Recipe) -> Mapping[str, District]:
    """Return what each loaded pack adds, by pack id; a pack without a testbed adds nothing."""
    places = towns()
    made: dict[str, District] = {}
    for pack_id, loaded in current().packs.items():
        if not (loaded.manifest.folder / "testbed.py").is_file():
            continue
        module = importlib.import_module(f"{_package(loaded)}.testbed")
        random = numpy.random.Generator(numpy.random.PCG64([recipe.seed, zlib.crc32(pack_id.encode())]))
        made[pack_id] = module.make(random=random, towns=places, today=recipe.today)
    return made


def _package(loaded: LoadedPack) -> str:
    inside = loaded.manifest.folder.parent.name == "packs" and loaded.manifest.folder.parent.parent.name == "xiuhua"
    return f"{'xiuhua.packs' if inside else 'xiuhua_packs'}.{loaded.manifest.id}"


def keep_recipe(data: Path, recipe: Recipe) -> None:
    """Remember what the demonstration was made from."""
    (data / "demo.json").write_text(json.dumps({"seed": recipe.seed, "today": recipe.today.isoformat()}))


def kept_recipe(data: Path) -> Recipe | None:
    """Return what the demonstration was made from; None where there is none."""
    path = data / "demo.json"
    if not path.is_file():
        return None
    kept = json.loads(path.read_text())
    return Recipe(seed=kept["seed"], today=date.fromisoformat(kept["today"]))
