"""Reads all packs, checks them in one pass, and puts those without faults into one frozen catalogue."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from xiuhua.catalog.absent import Off, turn_off
from xiuhua.catalog.catalogue import Catalogue, Fault, LoadedPack, Manifest
from xiuhua.catalog.checks import check_pack
from xiuhua.catalog.checks.report import Report
from xiuhua.catalog.finding import Found, find_packs, register_modules
from xiuhua.catalog.importing import import_pack, import_register, module_prefix
from xiuhua.catalog.lines import Lines
from xiuhua.catalog.manifests import read_manifest
from xiuhua.catalog.messages import MESSAGES
from xiuhua.catalog.naming import REGISTERS, names_of, with_full_ids
from xiuhua.kernel.objects import ObjectType
from xiuhua.kernel.packs import Pack
from xiuhua.kernel.words import Label, Post

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A pack as its files say it, before ids are full."""

    manifest: Manifest
    pack: Pack
    modules: str
    lines: Lines


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


def load(*, folders: Sequence[Path] = (), posts: Mapping[str, Post]) -> Catalogue:
    """Return the catalogue of the packs in the tree, in the folders and installed by pip. `posts` are those every
    pack may name. A pack with a fault is left out; its faults are kept in the catalogue.
    """
    reads, faults = read_all(folders)
    return assemble(reads, posts=posts, faults=faults)


def read_all(folders: Sequence[Path]) -> tuple[dict[str, Read], list[Fault]]:
    """Return what could be read, by pack id, and the faults of what could not."""
    reads: dict[str, Read] = {}
    found, faults = find_packs(folders)
    registers = _read_registers(faults)
    if registers is not None:
        reads[REGISTERS] = registers
    for one in found:
        result = _read_pack(one, reads)
        if isinstance(result, Read):
            reads[result.manifest.id] = result
        else:
            faults.extend(result)
    return reads, faults


def assemble(reads: Mapping[str, Read], *, posts: Mapping[str, Post], faults: Sequence[Fault] = ()) -> Catalogue:
    """Return the catalogue of what was read. Packs with faults are left out one after another until none is left
    that needs them in a way that is a fault.
    """
    kept = dict(reads)
    all_faults = list(faults)
    while True:
        full = _with_full_ids(kept, all_faults)
        candidate, off = _candidate(kept, full, posts)
        found: list[Fault] = []
        for pack_id, loaded in candidate.packs.items():
            read = kept[pack_id]
            report = Report(pack=pack_id, lines=read.lines)
            try:
                check_pack(read.pack, loaded, candidate, read.modules, report)
            except Exception as error:
                log.warning("pack %s cannot be checked", pack_id, exc_info=True)
                report.fault("catalog.check_failed", problem=f"{type(error).__name__}: {error}")
            found.extend(report.faults)
        broken = {fault.pack for fault in found}
        if not broken:
            all_faults.extend(_off_fault(one, kept) for one in off)
            return replace(candidate, faults=tuple(_in_order(all_faults)))
        all_faults.extend(found)
        kept = {pack_id: kept[pack_id] for pack_id in full if pack_id not in broken}


def _with_full_ids(reads: Mapping[str, Read], faults: list[Fault]) -> dict[str, Pack]:
    """Return the packs with full ids; one whose tables are not of the kernel's words is left out with a fault."""
    others = {pack_id: read.pack for pack_id, read in reads.items()}
    full: dict[str, Pack] = {}
    for pack_id, read in reads.items():
        try:
            full[pack_id] = with_full_ids(read.pack, names_of(pack_id, read.pack, others))
        except Exception as error:
            log.warning("pack %s cannot be read", pack_id, exc_info=True)
            report = Report(pack=pack_id, lines=read.lines)
            report.fault("catalog.check_failed", problem=f"{type(error).__name__}: {error}")
            faults.extend(report.faults)
    return full


def _candidate(
    reads: Mapping[str, Read], full: Mapping[str, Pack], posts: Mapping[str, Post]
) -> tuple[Catalogue, tuple[Off, ...]]:
    packs, off = turn_off(full)
    loaded = {pack_id: LoadedPack(manifest=reads[pack_id].manifest, pack=pack) for pack_id, pack in packs.items()}
    catalogue = Catalogue(
        packs=loaded,
        objects=_by_id(one for pack in packs.values() for one in pack.objects),
        cases=_by_id(one for pack in packs.values() for one in pack.cases),
        rules=_by_id(one for pack in packs.values() for one in pack.rules),
        rounds=_by_id(one for pack in packs.values() for one in pack.rounds),
        analyses=_by_id(one for pack in packs.values() for one in pack.analyses),
        indicators=_by_id(one for pack in packs.values() for one in pack.indicators),
        code_lists=_by_id(one for pack in packs.values() for one in pack.code_lists),
        scales=_by_id(one for pack in packs.values() for one in pack.scales),
        posts={**posts, **_by_id(one for pack in packs.values() for one in pack.posts)},
        off=frozenset(one.row for one in off if not one.part),
    )
    return catalogue, off


def _by_id(rows: Iterable[T]) -> dict[str, T]:
    return {row.id: row for row in rows}


def _read_pack(found: Found, reads: Mapping[str, Read]) -> Read | tuple[Fault, ...]:
    manifest = read_manifest(found.folder)
    if not isinstance(manifest, Manifest):
        return manifest
    if manifest.id in reads:
        message = MESSAGES["catalog.pack_twice"]
        words = {"id": manifest.id, "folder": str(reads[manifest.id].manifest.folder)}
        return (
            Fault(
                pack=manifest.id, where="manifest.toml", code="catalog.pack_twice",
                message=Label(zh=message.zh.format(**words), en=message.en.format(**words)),
                file=str(found.folder / "manifest.toml"), line=1,
            ),
        )  # fmt: skip
    pack = import_pack(manifest, found.package)
    if isinstance(pack, Fault):
        return (pack,)
    rest = sorted(file for file in found.folder.glob("*.py") if file.name != "pack.py")
    return Read(
        manifest=manifest,
        pack=pack,
        modules=module_prefix(manifest.id, found.package),
        lines=Lines((found.folder / "pack.py", *rest)),
    )


def _read_registers(faults: list[Fault]) -> Read | None:
    kinds: list[ObjectType] = []
    files: list[Path] = []
    for module, file in register_modules():
        objects = import_register(module, file)
        if isinstance(objects, Fault):
            faults.append(objects)
        else:
            kinds.extend(objects)
            files.append(file)
    if not files:
        return None
    manifest = Manifest(
        id=REGISTERS, title=Label(zh="公共台账", en="Shared registers"), tasks=(), lead=(), needs=(), verified=True,
        folder=files[0].parent,
    )  # fmt: skip
    return Read(
        manifest=manifest, pack=Pack(objects=tuple(kinds)), modules="xiuhua.registers", lines=Lines(tuple(files))
    )


def _off_fault(off: Off, reads: Mapping[str, Read]) -> Fault:
    report = Report(pack=off.pack, lines=reads[off.pack].lines)
    report.off(off.row, off.part, off.needs)
    return report.faults[0]


def _in_order(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: (fault.severity, fault.pack, fault.file, fault.line, fault.code))
