"""A table and the meaning of its columns, as rows to plan."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Geometry, ObjectType
from xiuhua.objects.imports.guessing import targets
from xiuhua.objects.imports.rows import Incoming
from xiuhua.objects.imports.tables import Table
from xiuhua.objects.shapes import CGCS2000, crs_named


def mapped(declared: ObjectType, table: Table, mapping: Mapping[str, str], crs: str) -> Incoming:
    """Return the rows; raises Invalid for an unknown column or target, a target named twice, no code, or no `crs`
    where there is geometry and the file does not say.
    """
    allowed = targets(declared)
    headers: dict[str, str] = {}
    for column, target in mapping.items():
        if column not in table.columns:
            raise Invalid("objects.no_column", column=column)
        if not target:
            continue
        if target not in allowed:
            raise Invalid("objects.no_target", target=target, type=declared.id)
        if target in headers:
            raise Invalid("objects.mapped_twice", target=target, one=headers[target], other=column)
        headers[target] = column
    if "code" not in headers:
        raise Invalid("objects.code_unmapped")
    if ("lon" in headers) != ("lat" in headers):
        raise Invalid("objects.half_mapped")
    placed = table.shapes is not None or "lon" in headers or "wkt" in headers
    if placed and declared.geometry is not Geometry.NONE:
        crs = crs or table.crs
        if not crs:
            raise Invalid("objects.crs_needed")
        crs = crs_named(crs)
    else:
        crs = CGCS2000
    return Incoming(
        columns={target: table.column(column) for target, column in headers.items()},
        headers=headers,
        numbers=table.numbers,
        ragged=table.ragged,
        shapes=table.shapes,
        crs=crs,
    )
