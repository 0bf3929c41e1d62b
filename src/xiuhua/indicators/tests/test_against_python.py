"""Random conditions over random things: the database's answer and Python's are the same, row by row."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from xiuhua.indicators.reasons import Reasons
from xiuhua.indicators.rows import read_rows
from xiuhua.indicators.tests.conftest import WEST, lamp
from xiuhua.indicators.tests.scenario import LAMP, named, with_indicators
from xiuhua.kernel.evaluate import evaluate
from xiuhua.kernel.expressions import Condition, Moment
from xiuhua.kernel.indicators import share
from xiuhua.objects.models import CityObject

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
DATES = ("2025-12-31", "2026-01-01", "2026-11-22", "2026-11-23", "2026-11-24")
TIMES = (
    "2026-11-22T15:59:59+00:00",
    "2026-11-22T16:00:00+00:00",
    "2026-11-23T04:00:00+00:00",
    "2026-11-23T17:00:00+00:00",
)
NO = False
POWERS = (0, 0.1, 49.5, 50, 51, 200)
VALUES: dict[str, tuple[str | float | bool, ...]] = {
    "kind": ("led", "sodium", "other"), "power": POWERS, "lit": (True, False), "checked": DATES, "seen": TIMES,
}  # fmt: skip


def made_up(draw: random.Random, depth: int) -> Condition:
    """Return a random condition about a lamp."""
    if depth and draw.random() < 0.6:
        one, other = made_up(draw, depth - 1), made_up(draw, depth - 1)
        return draw.choice((one & other, one | other, ~one))
    moment = draw.choice((Moment.TODAY, Moment.NOW))
    return draw.choice(
        (
            LAMP["kind"] == draw.choice(("led", "sodium")),
            LAMP["kind"] != "other",
            LAMP["kind"].among("led", "other"),
            LAMP["power"] < draw.choice(POWERS),
            LAMP["power"] >= draw.choice(POWERS),
            LAMP["power"].among(50, 51),
            LAMP["lit"].among(True),
            LAMP["lit"] == NO,
            LAMP["checked"] <= draw.choice(DATES),
            LAMP["checked"] > Moment.TODAY,
            LAMP["seen"] <= moment,
            LAMP["seen"].filled,
            LAMP.own("code") != "L7",
        )
    )


@pytest.mark.django_db
def test_random_conditions_answer_alike(district: None) -> None:
    draw = random.Random(20261123)
    things: dict[str, CityObject] = {}
    for number in range(60):
        attributes = {name: draw.choice(values) for name, values in VALUES.items() if draw.random() < 0.75}
        thing = lamp(f"L{number}", WEST)
        CityObject.objects.filter(id=thing.id).update(attributes=attributes)
        thing.attributes = attributes
        things[str(thing.id)] = thing
    answers = {True: 0, False: 0, None: 0}
    for number in range(80):
        condition = made_up(draw, 3)
        one = share(id=f"random_{number}", label=named("随", "R"), meaning=named("随", "R"), of=LAMP, passes=condition)
        catalogue = with_indicators(one)
        indicator = catalogue.indicator(f"city.random_{number}")
        why = Reasons(indicator, catalogue)
        rows = read_rows(indicator, catalogue, now=NOW)
        assert len(rows) == len(things)
        for row in rows:
            thing = things[row.thing]
            expected = evaluate(condition, thing.attributes, now=NOW, own={"code": thing.code, "name": thing.name})
            assert row.passes is expected, (condition, thing.attributes)
            answers[row.passes] += 1
            if not row.passes:
                reason = why.reason(row.leaves, row.facts)
                assert reason is not None and reason.zh and reason.en
    assert min(answers.values()) > 200, answers
