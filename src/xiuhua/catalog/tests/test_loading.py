"""Packs from every place they may come from, and packs that cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiuhua.catalog.tests.sample import changed, line_of, loaded, written


def test_the_packs_in_the_tree_are_sound() -> None:
    assert [fault for fault in loaded().faults if fault.severity == "error"] == []
    assert {"signs", "mobility"} <= set(loaded().packs)


def test_a_folder_of_packs_and_a_pack_folder_both_load(tmp_path: Path) -> None:
    written(tmp_path / "many", "kerbs")
    written(tmp_path / "many", "drains")
    single = written(tmp_path / "single", "poles")
    assert {"kerbs", "drains", "poles"} <= set(loaded(tmp_path / "many", single).packs)


def test_a_pack_outside_the_tree_imports_its_neighbours(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "words.py").write_text('NAME = "路缘石台账"\n', "utf-8")
    changed(
        folder,
        ('label=Label(zh="路缘石设施"', "label=Label(zh=NAME"),
        ("from xiuhua.kernel.words import Label", "from xiuhua.kernel.words import Label\nfrom .words import NAME"),
    )
    assert loaded(folder).objects["kerbs.thing"].label.zh == "路缘石台账"


@pytest.fixture
def site_packages(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "site-packages"
    place.mkdir()
    sys.path.insert(0, str(place))
    yield place
    sys.path.remove(str(place))


def test_a_pack_installed_by_pip_loads_by_its_entry_point(site_packages: Path) -> None:
    folder = written(site_packages, "kerbs")
    folder.rename(site_packages / "xiuhua_kerbs")
    about = site_packages / "xiuhua_kerbs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: xiuhua-kerbs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[xiuhua.packs]\nkerbs = xiuhua_kerbs\n")
    catalogue = loaded()
    assert catalogue.packs["kerbs"].manifest.folder == site_packages / "xiuhua_kerbs"
    assert "kerbs.thing" in catalogue.objects


def test_a_syntax_error_is_a_fault_with_its_line_and_stops_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ("REPAIR = CaseType(", "REPAIR = = CaseType("))
    catalogue = loaded(folder)
    (fault,) = (one for one in catalogue.faults if one.pack == "kerbs")
    assert (fault.code, fault.file, fault.line) == (
        "catalog.import_failed", str(folder / "pack.py"), line_of(folder, "= = CaseType"),
    )  # fmt: skip
    assert "signs" in catalogue.packs


def test_an_exception_on_import_names_the_line_of_the_pack(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ("PACK = Pack(", "THING['weight']\nPACK = Pack("))
    (fault,) = (one for one in loaded(folder).faults if one.pack == "kerbs")
    assert (fault.code, fault.line) == ("catalog.import_failed", line_of(folder, "THING['weight']"))


def test_tables_of_the_wrong_kind_are_a_fault_and_stop_nothing(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ("    cases=(REPAIR,),", "    cases=(THING,),"))
    catalogue = loaded(folder)
    assert [one.code for one in catalogue.faults if one.pack == "kerbs"] == ["catalog.check_failed"]
    assert "signs" in catalogue.packs


def test_a_pack_without_its_table_or_manifest(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ("PACK = Pack(", "TABLES = Pack("))
    assert "catalog.no_pack" in {one.code for one in loaded(folder).faults}
    changed(folder, ('id = "kerbs"', 'id = "Kerbs"\ncolour = "red"'), file="manifest.toml")
    lines = {one.line for one in loaded(folder).faults if one.code == "catalog.manifest_field"}
    assert lines == {1, 2}
    changed(folder, ("tasks = []", "tasks = ["), file="manifest.toml")
    assert "catalog.manifest_unreadable" in {one.code for one in loaded(folder).faults}
    (folder / "manifest.toml").unlink()
    assert "catalog.manifest_missing" in {one.code for one in loaded(tmp_path).faults}


def test_a_folder_that_is_not_there_and_an_id_used_twice(tmp_path: Path) -> None:
    assert [one.code for one in loaded(tmp_path / "gone").faults if one.severity == "error"] == [
        "catalog.folder_missing"
    ]
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    catalogue = loaded(first, second)
    assert catalogue.packs["kerbs"].manifest.folder == first
    assert "catalog.pack_twice" in {one.code for one in catalogue.faults}


def test_a_row_that_needs_an_absent_pack_is_off_and_says_so(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ("needs = []", 'needs = ["trees.tree"]'), file="manifest.toml")
    changed(folder, ('on="thing"', 'on="trees.tree"'))
    catalogue = loaded(folder)
    assert "kerbs" in catalogue.packs
    assert "kerbs.repair" not in catalogue.cases
    assert catalogue.off == {"kerbs.repair", "kerbs.repaired_in_time"}
    off = {one.where: one.line for one in catalogue.faults if one.severity == "off" and one.pack == "kerbs"}
    assert off["kerbs.repair"] == line_of(folder, "REPAIR = CaseType(")


def test_a_row_that_needs_a_broken_pack_is_off_too(tmp_path: Path) -> None:
    broken, needing = written(tmp_path, "trees"), written(tmp_path, "kerbs")
    changed(broken, ('owner="handler", ', ""))
    changed(needing, ("needs = []", 'needs = ["trees"]'), file="manifest.toml")
    changed(needing, ('on="thing"', 'on="trees.thing"'))
    catalogue = loaded(tmp_path)
    assert "trees" not in catalogue.packs
    assert catalogue.off == {"kerbs.repair", "kerbs.repaired_in_time"}
