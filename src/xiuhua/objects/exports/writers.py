"""Writers of each format: columns and chunks in, one file out."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio.raw
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Geometry, ObjectType
from xiuhua.kernel.objects import Value as Kind
from xiuhua.objects.exports.sheet import Cell, Chunk, Column, headers
from xiuhua.objects.guarding import guarded
from xiuhua.objects.shapes import CGCS2000

XLSX_ROWS = 1_048_575
DBF_NAME = 10
DBF_TEXT = 254
FIELDS_FILE = "fields.csv"
LAYER = {Geometry.POINT: "Point", Geometry.LINE: "MultiLineString", Geometry.POLYGON: "MultiPolygon"}
MULTI = {Geometry.LINE: shapely.multilinestrings, Geometry.POLYGON: shapely.multipolygons}
GEOJSON_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is written where."""

    path: Path
    declared: ObjectType
    columns: Sequence[Column]
    chunks: Iterable[Chunk]
    language: str


def _write_csv(export: Export) -> None:
    with export.path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([guarded(name) for name in headers(export.columns, export.language)])
        for row in _rows(export):
            writer.writerow(["" if cell is None else guarded(cell) if isinstance(cell, str) else cell for cell in row])


def _write_xlsx(export: Export) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(export.declared.label.in_language(export.language)[:31].translate(_SHEET_NAME))
    sheet.append(headers(export.columns, export.language))
    dates = [column.kind is Kind.DATE for column in export.columns]
    for number, row in enumerate(_rows(export)):
        if number >= XLSX_ROWS:
            raise Invalid("objects.too_many_rows", rows=XLSX_ROWS, columns=len(export.columns))
        sheet.append([_xlsx_cell(sheet, cell, day) for cell, day in zip(row, dates, strict=True)])
    book.save(export.path)


def _write_geojson(export: Export) -> None:
    with export.path.open("wb") as stream:
        stream.write(b'{"type":"FeatureCollection","crs":' + orjson.dumps(GEOJSON_CRS) + b',"features":[')
        first = True
        for chunk in export.chunks:
            geometries = shapely.to_geojson(chunk.shapes).tolist()
            for at, geometry in enumerate(geometries):
                feature = {
                    "type": "Feature",
                    "properties": {column.id: chunk.cells[column.target][at] for column in export.columns},
                    "geometry": None if geometry is None else orjson.Fragment(geometry),
                }
                stream.write((b"\n" if first else b",\n") + orjson.dumps(feature))
                first = False
        stream.write(b"\n]}\n")


def _write_gpkg(export: Export) -> None:
    layer = export.declared.id.replace(".", "_")
    _write_layer(export, export.path, "GPKG", {column.target: column.id for column in export.columns}, layer=layer)


def _write_shp(export: Export) -> None:
    names = _dbf_names(export.columns)
    folder = export.path.with_suffix(".parts")
    folder.mkdir()
    stem = export.declared.id.replace(".", "_")
    _write_layer(export, folder / f"{stem}.shp", "ESRI Shapefile", names, encoding="UTF-8", most=DBF_TEXT)
    with (folder / FIELDS_FILE).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["field", "id", "zh", "en"])
        writer.writerows([names[one.target], one.id, one.label.zh, one.label.en] for one in export.columns)
    with zipfile.ZipFile(export.path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, part.name)
    shutil.rmtree(folder)


def _write_layer(
    export: Export, path: Path, driver: str, names: Mapping[str, str], *, most: int | None = None, **options: str
) -> None:
    cells: dict[str, list[Cell]] = {column.target: [] for column in export.columns}
    shapes: list[Any] = []
    for chunk in export.chunks:
        shapes.append(chunk.shapes)
        for target, values in cells.items():
            values.extend(chunk.cells[target])
    geometry = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    arrays = [_array(column, cells[column.target], most) for column in export.columns]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(_as_layer(geometry, export.declared.geometry)),
        field_data=[values for values, _ in arrays],
        field_mask=[missing for _, missing in arrays],
        fields=[names[column.target] for column in export.columns],
        geometry_type=LAYER[export.declared.geometry],
        crs=CGCS2000,
        driver=driver,
        **options,
    )


def _as_layer(shapes: Any, kind: Geometry) -> Any:
    """Return lines and polygons all as multis: a layer has one type."""
    if kind not in MULTI:
        return shapes
    out = shapes.copy()
    single = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.LINESTRING, shapely.GeometryType.POLYGON))
    for at in np.flatnonzero(single):
        out[at] = MULTI[kind]([shapes[at]])
    return out


def _array(column: Column, values: Sequence[Cell], most: int | None) -> tuple[Any, Any]:
    """Return the column as an array, and which cells are empty."""
    missing = np.array([value is None or value == "" for value in values], dtype=bool)
    if column.kind is Kind.NUMBER:
        return np.array([0.0 if value in (None, "") else value for value in values], dtype=np.float64), missing
    if column.kind is Kind.INTEGER:
        return np.array([0 if value in (None, "") else value for value in values], dtype=np.int64), missing
    if column.kind is Kind.BOOLEAN:
        return np.array([int(bool(value)) for value in values], dtype=np.int32), missing
    texts = ["" if value is None else str(value) for value in values]
    if most is not None and any(len(text.encode()) > most for text in texts):
        raise Invalid("objects.text_too_long_for_shp", column=column.label.zh, bytes=most)
    return np.array(texts, dtype=object), missing


def _rows(export: Export) -> Iterator[list[Cell]]:
    """Return the rows as a person reads them: choices by their names, yes and no in words."""
    readers = [_reader(column, export.language) for column in export.columns]
    for chunk in export.chunks:
        columns = [chunk.cells[column.target] for column in export.columns]
        for row in zip(*columns, strict=True):
            yield [read(cell) for read, cell in zip(readers, row, strict=True)]


def _reader(column: Column, language: str) -> Callable[[Cell], Cell]:
    if column.choices:
        names: dict[Cell, str] = {id: label.in_language(language) for id, label in column.choices.items()}
        return lambda cell: names.get(cell, cell)
    if column.kind is Kind.BOOLEAN:
        yes, no = ("yes", "no") if language.startswith("en") else ("是", "否")
        return lambda cell: None if cell is None else yes if cell else no
    return lambda cell: cell


def _xlsx_cell(sheet: Any, cell: Cell, is_date: bool) -> Any:
    if is_date and isinstance(cell, str) and cell:
        return date.fromisoformat(cell)
    if isinstance(cell, str) and cell.startswith("="):
        text = WriteOnlyCell(sheet, value=cell)
        text.data_type = "s"
        return text
    return cell


def _dbf_names(columns: Sequence[Column]) -> dict[str, str]:
    """Return target → a name of at most ten letters, each once."""
    names: dict[str, str] = {}
    for column in columns:
        name = column.id[:DBF_NAME]
        number = 1
        while name in names.values():
            number += 1
            name = column.id[: DBF_NAME - len(str(number))] + str(number)
        names[column.target] = name
    return names


_SHEET_NAME = str.maketrans({mark: "_" for mark in "[]:*?/\\"})
WRITERS = {"csv": _write_csv, "xlsx": _write_xlsx, "geojson": _write_geojson, "gpkg": _write_gpkg, "shp": _write_shp}
ENDING = {"csv": "csv", "xlsx": "xlsx", "geojson": "geojson", "gpkg": "gpkg", "shp": "zip"}
PLACED = frozenset({"csv", "xlsx"})
