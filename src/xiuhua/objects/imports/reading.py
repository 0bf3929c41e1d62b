"""Readers of each format: a path in, a Table out."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio
import pyogrio.raw
import shapely
from python_calamine import CalamineError, CalamineWorkbook

from xiuhua.kernel.errors import Invalid
from xiuhua.objects.guarding import unguarded
from xiuhua.objects.imports.files import unpack
from xiuhua.objects.imports.tables import Table, check_size, from_rows
from xiuhua.objects.shapes import crs_of_file

SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
DELIMITERS = (",", "\t", ";")


def read_table(path: Path, kind: str, sheet: str = "") -> Table:
    """Return the table of a recognised file; `sheet` names a sheet or layer, the first if empty. Raises Invalid."""
    return _READERS[kind](path, sheet)


def _read_csv(path: Path, sheet: str) -> Table:
    text = _decoded(path.read_bytes())
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Invalid("objects.unreadable_file") from None
    return from_rows([[unguarded(cell) for cell in row] for row in rows])


def _read_xlsx(path: Path, sheet: str) -> Table:
    try:
        book = CalamineWorkbook.from_path(str(path))
        names = tuple(book.sheet_names)
        chosen = _chosen(names, sheet)
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except CalamineError:
        raise Invalid("objects.unreadable_file") from None
    return from_rows(rows, sheets=names, sheet=chosen)


def _read_geojson(path: Path, sheet: str) -> Table:
    try:
        read = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise Invalid("objects.unreadable_file") from None
    features = read.get("features") if read.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(one, dict) for one in features):
        raise Invalid("objects.no_features")
    properties = [one.get("properties") or {} for one in features]
    columns = tuple(dict.fromkeys(str(name) for row in properties for name in row))
    check_size(len(features), len(columns))
    geometries = [orjson.dumps(one["geometry"]) if one.get("geometry") else None for one in features]
    return Table(
        columns=columns,
        cells=[[_flat(row.get(name)) for row in properties] for name in columns],
        numbers=range(1, len(features) + 1),
        shapes=_from_geojson(geometries),
        crs=_geojson_crs(read),
    )


def _read_gpkg(path: Path, sheet: str) -> Table:
    return _read_layer(path, sheet, None)


def _read_shp(path: Path, sheet: str) -> Table:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = unpack(path, folder, SHAPEFILE)
        layers = {part.stem: part for part in parts if part.suffix == ".shp"}
        chosen = _chosen(tuple(sorted(layers)), sheet)
        table = _read_layer(layers[chosen], "", _dbf_encoding(layers[chosen]))
    return Table(
        columns=table.columns,
        cells=table.cells,
        numbers=table.numbers,
        shapes=table.shapes,
        crs=table.crs,
        sheets=tuple(sorted(layers)),
        sheet=chosen,
    )


def _read_layer(path: Path, sheet: str, encoding: str | None) -> Table:
    try:
        names = tuple(str(name) for name in pyogrio.list_layers(path)[:, 0])
        chosen = _chosen(names, sheet)
        meta, _, wkb, fields = pyogrio.raw.read(path, layer=chosen, encoding=encoding, datetime_as_string=True)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, UnicodeError):
        raise Invalid("objects.unreadable_file") from None
    columns = tuple(str(name) for name in meta["fields"])
    count = len(fields[0]) if fields else (0 if wkb is None else len(wkb))
    check_size(count, len(columns))
    return Table(
        columns=columns,
        cells=[_cells(column) for column in fields],
        numbers=range(1, count + 1),
        shapes=None if wkb is None else np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object),
        crs=crs_of_file(meta["crs"]) if meta.get("crs") else "",
        sheets=names,
        sheet=chosen,
    )


def _cells(column: Any) -> list[object]:
    """Return a column's values as Python's own; nulls that became NaN are None again."""
    if column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    return list(column.tolist())


def _decoded(raw: bytes) -> str:
    encodings = ["utf-16"] if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("objects.unknown_encoding")


def _chosen(names: tuple[str, ...], sheet: str) -> str:
    if not names:
        raise Invalid("objects.empty_file")
    if sheet and sheet not in names:
        raise Invalid("objects.no_sheet", sheet=sheet, sheets=", ".join(names))
    return sheet or names[0]


def _flat(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _from_geojson(geometries: list[bytes | None]) -> Any:
    """Return the geometries; one that cannot be read becomes an empty collection, which no type accepts."""
    texts = [None if one is None else one.decode() for one in geometries]
    try:
        return np.asarray(shapely.from_geojson(texts), dtype=object)
    except shapely.errors.GEOSException:
        read = shapely.from_geojson(texts, on_invalid="ignore")
        broken = shapely.is_missing(read) & np.array([one is not None for one in texts])
        read[broken] = shapely.GeometryCollection()
        return np.asarray(read, dtype=object)


def _geojson_crs(read: Mapping[str, Any]) -> str:
    """Return what the old `crs` member says; without it a file may be in any system, whatever the standard says."""
    member = read.get("crs")
    if not isinstance(member, dict) or not isinstance(member.get("properties"), dict):
        return ""
    name = str(member["properties"].get("name", ""))
    return "EPSG:4326" if name.upper().endswith("CRS84") else crs_of_file(name)


def _dbf_encoding(shp: Path) -> str:
    page = shp.with_suffix(".cpg")
    if page.is_file():
        named = page.read_text(encoding="ascii", errors="ignore").strip()
        if named:
            return "gb18030" if named.upper() in ("936", "GBK", "GB2312", "CP936", "GB18030") else named
    try:
        shp.with_suffix(".dbf").read_bytes()[32:].decode("utf-8")
    except (UnicodeDecodeError, OSError):
        return "gb18030"
    return "utf-8"


_READERS = {"csv": _read_csv, "xlsx": _read_xlsx, "geojson": _read_geojson, "gpkg": _read_gpkg, "shp": _read_shp}
