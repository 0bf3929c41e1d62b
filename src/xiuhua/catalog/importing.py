"""Runs a pack's Python, and turns whatever goes wrong there into a fault with file and line."""

from __future__ import annotations

import importlib
import logging
import sys
import traceback
import types
from pathlib import Path

from xiuhua.catalog.catalogue import Fault, Manifest
from xiuhua.catalog.messages import MESSAGES
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Label

log = logging.getLogger(__name__)

OUTSIDE = "xiuhua_packs"


def module_prefix(pack_id: str, package: str) -> str:
    """Return the package name under which the pack's modules live."""
    return package or f"{OUTSIDE}.{pack_id}"


def import_pack(manifest: Manifest, package: str) -> Pack | Fault:
    """Return the PACK of the folder's pack.py; a failure of any kind becomes a fault and stops nothing."""
    if not package:
        package = _make_package(manifest)
    name = f"{package}.pack"
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    try:
        pack = getattr(importlib.import_module(name), "PACK", None)
    except (Exception, SystemExit) as error:
        log.warning("pack %s left out", manifest.id, exc_info=True)
        return _failed(manifest.id, manifest.folder, manifest.folder / "pack.py", error)
    if not isinstance(pack, Pack):
        return _fault(manifest.id, "pack.py", "catalog.no_pack", str(manifest.folder / "pack.py"), 1)
    return pack


def import_register(module: str, file: Path) -> tuple[ObjectType, ...] | Fault:
    """Return the OBJECTS of a register module, or the fault that left it out."""
    try:
        objects = getattr(importlib.import_module(module), "OBJECTS", None)
    except (Exception, SystemExit) as error:
        log.warning("register %s left out", module, exc_info=True)
        return _failed("registers", file.parent, file, error)
    if not isinstance(objects, tuple) or not all(isinstance(one, ObjectType) for one in objects):
        return _fault("registers", file.name, "catalog.no_objects", str(file), 1)
    return objects


def _make_package(manifest: Manifest) -> str:
    """Give a folder outside the package a name, so that its modules find each other (`from .logic import f`)."""
    if OUTSIDE not in sys.modules:
        parent = types.ModuleType(OUTSIDE)
        parent.__path__ = []
        sys.modules[OUTSIDE] = parent
    name = f"{OUTSIDE}.{manifest.id}"
    for loaded in [key for key in sys.modules if key == name or key.startswith(name + ".")]:
        del sys.modules[loaded]
    package = types.ModuleType(name)
    package.__path__ = [str(manifest.folder)]
    sys.modules[name] = package
    return name


def _failed(pack_id: str, folder: Path, file: Path, error: BaseException) -> Fault:
    where, line = str(file), 1
    if isinstance(error, SyntaxError) and error.filename:
        where, line = error.filename, error.lineno or 1
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if Path(frame.filename).is_relative_to(folder):
                where, line = frame.filename, frame.lineno or 1
    problem = f"{type(error).__name__}: {error}"
    return _fault(pack_id, Path(where).name, "catalog.import_failed", where, line, problem=problem)


def _fault(pack_id: str, where: str, code: str, file: str, line: int, **params: object) -> Fault:
    message = MESSAGES[code]
    return Fault(
        pack=pack_id, where=where, code=code, file=file, line=line,
        message=Label(zh=message.zh.format(**params), en=message.en.format(**params)),
    )  # fmt: skip
