"""Real outlines replace synthetic ones, from every format and coordinate system, whole or not at all."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from xiuhua.engines.coordinates import wgs84_to_gcj02
from xiuhua.http.sentences import sentence
from xiuhua.kernel.errors import Invalid
from xiuhua.ledger.models import History, Outbox
from xiuhua.people import actions, queries
from xiuhua.people.actions.area_import import AreaFault
from xiuhua.people.commands import IMPORT_AREAS
from xiuhua.people.models import Area
from xiuhua.people.tests.conftest import ROOT, SIJING, YUEYANG

pytestmark = pytest.mark.usefixtures("district")

REAL = {
    YUEYANG: shapely.box(121.20, 31.00, 121.24, 31.03),
    SIJING: shapely.box(121.24, 31.10, 121.28, 31.13),
}


def write(path: Path, shapes: list[shapely.Geometry], crs: str | None, **columns: list[str]) -> Path:
    driver = {".geojson": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix]
    values = [np.array(column, dtype=object) for column in columns.values()]
    pyogrio.raw.write(
        path, np.array(shapely.to_wkb(shapes)), values, np.array(list(columns)), geometry_type="Polygon", crs=crs,
        driver=driver, encoding="UTF-8",
    )  # fmt: skip
    return path


def outline(code: str) -> shapely.Geometry:
    return shapely.from_wkb(bytes(Area.objects.get(code=code).geometry or b""))


def in_system(epsg: int) -> list[shapely.Geometry]:
    convert = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform
    return [shapely.transform(shape, convert, interleaved=False) for shape in REAL.values()]


@pytest.mark.parametrize(("suffix", "epsg"), [(".geojson", 4326), (".gpkg", 4490), (".gpkg", 4549), (".shp", 4527)])
def test_outlines_come_from_each_format_and_system(tmp_path: Path, suffix: str, epsg: int) -> None:
    file = write(tmp_path / f"towns{suffix}", in_system(epsg), f"EPSG:{epsg}", code=[YUEYANG, SIJING], n=["a", "b"])
    Outbox.objects.all().delete()
    assert actions.import_areas(ROOT, file=file) == {"town": 2}
    for code, shape in REAL.items():
        assert shapely.hausdorff_distance(outline(code), shape) < 1e-7
        assert not Area.objects.get(code=code).synthetic_geometry
    assert Area.objects.get(code="310117103").synthetic_geometry
    assert list(Outbox.objects.values_list("topic", flat=True)) == ["areas.changed"]
    assert History.objects.get(action="imported").data["codes"] == [YUEYANG, SIJING]


def test_names_match_with_or_without_their_ending_and_communities_follow_their_town(tmp_path: Path) -> None:
    shapes = list(REAL.values())
    file = write(tmp_path / "t.gpkg", shapes, "EPSG:4490", 序号=["1", "2"], 名称=["岳阳街道办事处", "泗泾"])
    actions.import_areas(ROOT, file=file)
    communities = Area.objects.filter(parent_id=YUEYANG)
    assert all(area.synthetic_geometry for area in communities)
    union = shapely.union_all([outline(area.code) for area in communities])
    assert shapely.symmetric_difference(union, REAL[YUEYANG]).area < 1e-12
    assert queries.places_of([121.22], [31.01])[0].startswith(f"310117/{YUEYANG}/{YUEYANG}")


def test_gcj02_is_turned_back(tmp_path: Path) -> None:
    shifted = [shapely.transform(shape, wgs84_to_gcj02, interleaved=False) for shape in REAL.values()]
    file = write(tmp_path / "t.geojson", shifted, "EPSG:4326", code=[YUEYANG, SIJING])
    actions.import_areas(ROOT, file=file, crs="gcj02")
    assert shapely.hausdorff_distance(outline(SIJING), REAL[SIJING]) < 1e-6


def test_all_faults_are_told_together_and_nothing_is_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bow = shapely.Polygon([(121.2, 31.0), (121.3, 31.1), (121.3, 31.0), (121.2, 31.1)])
    shapes = [REAL[YUEYANG], REAL[SIJING], bow, shapely.box(116, 39, 117, 40), REAL[YUEYANG], shapely.Point(121.2, 31)]
    codes = [YUEYANG, "999", SIJING, "310117103", YUEYANG, "310117104"]
    features = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)), "properties": {"code": code}}
        for shape, code in zip(shapes, codes, strict=True)
    ]
    file = tmp_path / "t.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    before = bytes(Area.objects.get(code=YUEYANG).geometry or b"")
    with pytest.raises(Invalid) as caught:
        actions.import_areas(ROOT, file=file)
    assert caught.value.code == "people.area_file_wrong"
    faults = caught.value.params["faults"]
    assert isinstance(faults, list) and all(isinstance(fault, AreaFault) for fault in faults)
    assert [(fault.row, fault.code.removeprefix("people.area_")) for fault in faults] == [
        (2, "unknown"), (3, "invalid"), (4, "elsewhere"), (5, "twice"), (6, "no_polygon"),
    ]  # fmt: skip
    assert bytes(Area.objects.get(code=YUEYANG).geometry or b"") == before
    monkeypatch.setenv("XIUHUA_LANGUAGE", "zh")
    with pytest.raises(Invalid) as told:
        IMPORT_AREAS.run(argparse.Namespace(file=file, crs="", layer="", column="", level=""))
    assert "第 5 行 310117001：与第 1 行是同一区域，合并为一个面" in str(told.value.params["lines"])


@pytest.mark.parametrize(
    ("name", "crs", "code"),
    [
        ("plain.txt", "", "people.area_file_unreadable"),
        ("absent.gpkg", "", "people.area_file_unreadable"),
        ("bare.shp", "", "people.area_crs_unknown"),
        ("bare.shp", "mars", "people.area_crs_wrong"),
    ],
)
def test_unreadable_files_say_what_to_do(tmp_path: Path, name: str, crs: str, code: str) -> None:
    (tmp_path / "plain.txt").write_text("no layer")
    write(tmp_path / "bare.shp", list(REAL.values()), None, code=[YUEYANG, SIJING])
    with pytest.raises(Invalid) as caught:
        actions.import_areas(ROOT, file=tmp_path / name, crs=crs)
    assert caught.value.code == code


def test_a_fifteen_digit_code_makes_a_grid_under_its_community(tmp_path: Path) -> None:
    cell = shapely.box(121.221, 31.011, 121.222, 31.012)
    file = write(tmp_path / "grids.gpkg", [cell], "EPSG:4490", code=["310117001001007"])
    assert actions.import_areas(ROOT, file=file) == {"grid": 1}
    grid = Area.objects.get(code="310117001001007")
    assert (grid.level, grid.parent_id, grid.origin) == ("grid", "310117001001", "import:grids.gpkg")
    assert not grid.synthetic_geometry


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp"])
def test_the_command_says_all_faults_below_one_heading_and_takes_the_mended_file(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIUHUA_LANGUAGE", "en")
    parser = argparse.ArgumentParser()
    IMPORT_AREAS.arguments(parser)
    wrong = write(tmp_path / f"wrong{suffix}", in_system(4326), "EPSG:4326", code=[YUEYANG, "999"])
    with pytest.raises(Invalid) as refusal:
        IMPORT_AREAS.run(parser.parse_args([str(wrong)]))
    told = sentence(refusal.value.code, dict(refusal.value.params), "en")
    assert told.splitlines()[0].startswith(f"wrong{suffix} has 1 faults") and "{" not in told
    assert "row 2 999" in told.splitlines()[1]
    assert capsys.readouterr().err == ""
    good = write(tmp_path / f"good{suffix}", in_system(4326), "EPSG:4326", code=[YUEYANG, SIJING])
    assert IMPORT_AREAS.run(parser.parse_args([str(good)])) == 0
    assert shapely.hausdorff_distance(outline(SIJING), REAL[SIJING]) < 1e-7
