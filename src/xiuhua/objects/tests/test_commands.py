"""The command line imports and exports as the pages do."""

from __future__ import annotations

import argparse
import csv
import os
import re
from pathlib import Path

import pytest

from xiuhua.kernel.errors import Invalid
from xiuhua.objects.commands import EXPORT_OBJECTS, IMPORT_OBJECTS
from xiuhua.objects.models import CityObject
from xiuhua.objects.tests.conftest import STOP
from xiuhua.objects.tests.importing_files import GOOD, table
from xiuhua.stack.commands import Command

pytestmark = pytest.mark.django_db
STOPS = Path(__file__).resolve().parents[5] / "shared/data/songjiang/bus_stops_wgs84.csv"


def run(command: Command, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(words))


def test_a_file_goes_in_and_out(district: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "站点.csv", tmp_path / "out.gpkg"
    source.write_text(table(*GOOD), encoding="gb18030")
    with pytest.raises(Invalid, match="crs_needed"):
        run(IMPORT_OBJECTS, "test.stop", str(source), "--yes")
    assert run(IMPORT_OBJECTS, "test.stop", str(source), "--crs", "WGS84", "--yes") == 0
    assert CityObject.objects.count() == 3
    assert run(EXPORT_OBJECTS, "test.stop", str(out), "--filter", '{"kind": "bay"}') == 0
    assert out.stat().st_size > 0
    CityObject.objects.all().delete()
    assert run(IMPORT_OBJECTS, "test.stop", str(out), "--yes") == 0
    assert CityObject.objects.get().code == "A1"
    assert "{" not in capsys.readouterr().out


def test_bad_rows_stop_the_import_unless_they_may_be_put_aside(
    district: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, bad = tmp_path / "站点.csv", tmp_path / "bad.csv"
    source.write_text(table(*GOOD, "A9,九,121.1,31,路,圆形,"), encoding="utf-8")
    words = ("test.stop", str(source), "--crs", "4490", "--yes")
    assert run(IMPORT_OBJECTS, *words) == 1
    assert not CityObject.objects.exists()
    assert run(IMPORT_OBJECTS, *words, "--keep-good", str(bad), "--map", "座位数=") == 0
    assert CityObject.objects.count() == 3
    assert "圆形" in bad.read_text(encoding="utf-8-sig")
    assert "row 5 站型 圆形" in capsys.readouterr().err or os.environ.get("LANG", "").startswith("zh")


def test_files_that_cannot_be_used_are_named_before_anything_is_done(district: None, tmp_path: Path) -> None:
    source = tmp_path / "stops.csv"
    source.write_text(table(*GOOD), encoding="utf-8")
    nowhere = tmp_path / "nowhere" / "x.csv"
    with pytest.raises(Invalid, match=re.escape(str(nowhere))):
        run(IMPORT_OBJECTS, "test.stop", str(nowhere), "--yes")
    with pytest.raises(Invalid, match="is_a_folder"):
        run(IMPORT_OBJECTS, "test.stop", str(tmp_path), "--yes")
    with pytest.raises(Invalid, match=re.escape(str(nowhere))):
        run(IMPORT_OBJECTS, "test.stop", str(source), "--crs", "4490", "--yes", "--keep-good", str(nowhere))
    assert not CityObject.objects.exists()
    for ending in (".csv", ".xlsx", ".geojson", ".gpkg", ".zip"):
        with pytest.raises(Invalid, match="no_folder"):
            run(EXPORT_OBJECTS, "test.stop", str(nowhere.with_suffix(ending)))


@pytest.mark.skipif(not STOPS.is_file(), reason="the district's open data are not beside this checkout")
def test_the_districts_real_bus_stops_are_taken_in_once_each(district: None, tmp_path: Path) -> None:
    """The real file repeats stops by route and has some without a code: the first counts, the rest comes back."""
    bad = tmp_path / "bad.csv"
    mapping = ("--map", "name=attr.road", "--map", "in_songjiang=", "--map", "n_routes=attr.seats")
    words = ("test.stop", str(STOPS), "--crs", "WGS84", "--yes", *mapping)
    assert run(IMPORT_OBJECTS, *words) == 1
    assert run(IMPORT_OBJECTS, *words, "--keep-good", str(bad)) == 0
    with STOPS.open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    codes = {row["stop_code"] for row in rows if re.fullmatch(STOP.code_pattern, row["stop_code"])}
    assert set(CityObject.objects.values_list("code", flat=True)) == codes
    with bad.open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) - 1 == len(rows) - len(codes)


def test_repairs_are_offered_by_name_and_applied(
    district: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "站点.csv"
    source.write_text(table(*GOOD, ",九,121.1,31,路,,三座"), encoding="utf-8")
    words = ("test.stop", str(source), "--crs", "4490", "--yes")
    assert run(IMPORT_OBJECTS, *words) == 1
    told = capsys.readouterr().err
    assert "--repair codes_from_rows:code" in told and "--repair read_numbers:attr.seats" in told and "{" not in told
    assert run(IMPORT_OBJECTS, *words, "--repair", "codes_from_rows", "--repair", "read_numbers:attr.seats") == 0
    assert CityObject.objects.get(code="R5").attributes == {"road": "路", "seats": 3}
    with pytest.raises(Invalid, match="no_repair"):
        run(IMPORT_OBJECTS, *words, "--repair", "melt")
