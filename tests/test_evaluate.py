"""Conditions answered in Python follow SQL: unknown stays unknown, and counts as neither."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from xiuhua.kernel.errors import Fault
from xiuhua.kernel.evaluate import evaluate
from xiuhua.kernel.expressions import Condition, Field, HasOpenCase, Linked, Moment, Root

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)
"""One in the morning of the 24th in Beijing."""


def attribute(name: str) -> Field:
    return Field(of="t", root=Root.ATTRIBUTE, name=name)


A, B, DAY = attribute("a"), attribute("b"), attribute("day")
FROM = Field(of="t", root=Root.OWN, name="valid_from")


@pytest.mark.parametrize(
    ("condition", "values", "answer"),
    [
        (A == 1, {"a": 1}, True),
        (A == 1, {"a": 1.0}, True),
        (A == 1, {}, None),
        (A == 1, {"a": ""}, None),
        (A != 1, {}, None),
        (A != "x", {"a": "y"}, True),
        (A < 2, {"a": 2}, False),
        (A <= 2, {"a": 2}, True),
        (A > 2, {"a": 3}, True),
        (A >= 2, {"a": "many"}, None),
        (A.among("x", "y"), {"a": "y"}, True),
        (A.among("x", "y"), {"a": "z"}, False),
        (A.among("x", "y"), {}, None),
        (A.filled, {}, False),
        (A.filled, {"a": False}, True),
        (~A.filled, {"a": ""}, True),
        (~(A == 1), {}, None),
        ((A == 1) & (B == 1), {"a": 2}, False),
        ((A == 1) & (B == 1), {"a": 1}, None),
        ((A == 1) | (B == 1), {"a": 1}, True),
        ((A == 1) | (B == 1), {"a": 2}, None),
        (DAY < Moment.TODAY, {"day": "2026-11-23"}, True),
        (DAY >= Moment.TODAY, {"day": "2026-11-24"}, True),
        (DAY == Moment.TODAY, {"day": "2026-11-24"}, True),
        (DAY < Moment.NOW, {"day": "2026-11-23T16:59:59Z"}, True),
        (DAY > Moment.NOW, {"day": "2026-11-23T17:00:01Z"}, True),
        (DAY > Moment.NOW, {"day": "soon"}, None),
        (DAY < "2026-12-01", {"day": "2026-11-30"}, True),
    ],
)
def test_three_answers(condition: Condition, values: dict[str, object], answer: bool | None) -> None:
    assert evaluate(condition, values, now=NOW) is answer


def test_own_columns_and_attributes_are_kept_apart() -> None:
    own = {"valid_from": date(2026, 11, 1)}
    assert evaluate(FROM <= Moment.TODAY, {"valid_from": "2030-01-01"}, own=own, now=NOW) is True
    assert evaluate(FROM < "2026-11-02", {}, own=own, now=NOW) is True
    assert evaluate(FROM <= Moment.TODAY, {"valid_from": "2020-01-01"}, now=NOW) is None


@pytest.mark.parametrize(
    "condition",
    [HasOpenCase(), Linked(link="t.l", to="u"), Field(of="t", root=Root.STREAM, name="s", part="fresh").filled],
)
def test_what_lies_outside_the_thing_is_a_fault(condition: Condition) -> None:
    with pytest.raises(Fault, match="not_evaluable"):
        evaluate(condition, {}, now=NOW)
