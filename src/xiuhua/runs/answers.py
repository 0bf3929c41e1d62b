"""What a person filled in, checked against declared fields."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.objects import Attribute, Geometry, ObjectType, Writer
from xiuhua.kernel.words import Label
from xiuhua.objects.checking import Typed, check_values


def answers(fields: tuple[Attribute, ...], given: Mapping[str, object]) -> dict[str, Typed]:
    """Return the values typed, empty ones left out; raises Invalid that names every wrong field and what to do."""
    sheet = ObjectType(id="sheet", label=Label(zh="表单", en="Form"), attributes=fields, geometry=Geometry.NONE)
    checked = check_values(sheet, given, writer=Writer.FORM, whole=True)
    if checked.problems:
        said = [{"field": problem.where, **problem.said()} for problem in checked.problems]
        raise Invalid("objects.invalid", count=len(said), problems=said)
    return {name: value for name, value in checked.values.items() if value is not None}
