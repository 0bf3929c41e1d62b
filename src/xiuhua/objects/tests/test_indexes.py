"""Search and map go by their indexes on a register of some size."""

from __future__ import annotations

import pytest

from xiuhua.kernel.actor import system_actor
from xiuhua.objects.demonstration import holds_synthetic_objects
from xiuhua.objects.importing import bring_in
from xiuhua.objects.models import SYNTHETIC, CityObject
from xiuhua.objects.queries import Choice, object_rows
from xiuhua.objects.tests.conftest import WEST, actor_of_town

pytestmark = pytest.mark.django_db
ROWS = 6000
ACTOR = system_actor("test")


@pytest.fixture
def filled(district: None) -> None:
    """Bring in stops in a row from west to east, one of them on a road of its own."""
    bring_in(
        ACTOR,
        type_id="test.stop",
        columns={
            "code": [f"S{at}" for at in range(ROWS)],
            "name": ["孤岛站" if at == 77 else f"中山路{at}号站" for at in range(ROWS)],
            "lon": [121.0 + 0.4 * at / ROWS for at in range(ROWS)],
            "lat": [31.0] * ROWS,
            "attr.road": ["中山路"] * ROWS,
        },
        origin="test",
    )


def test_a_word_of_two_letters_is_found_through_the_index(filled: None) -> None:
    for actor in (ACTOR, actor_of_town(WEST)):
        rows = object_rows(actor, Choice(q="孤岛"))
        assert [row.code for row in rows] == ["S77"]
        assert "object_grams" in rows.explain()


def test_the_map_asks_the_index_of_boxes(filled: None) -> None:
    rows = object_rows(ACTOR, Choice(type="test.stop", box=(121.1, 30.99, 121.1005, 31.01))).order_by()
    assert 5 <= rows.count() <= 10
    assert "object_box" in rows.explain()


def test_whether_there_are_synthetic_objects_is_asked_of_their_own_index(filled: None) -> None:
    assert not holds_synthetic_objects()
    assert "object_synthetic" in CityObject.objects.filter(SYNTHETIC).explain()
    CityObject.objects.filter(code="S5").update(origin="synthetic:demo")
    assert holds_synthetic_objects()


def test_rows_from_no_file_come_in_by_code(filled: None) -> None:
    counts = bring_in(
        ACTOR, type_id="test.stop", columns={"code": ["S1", "S2"], "name": ["新", "中山路2号站"]}, origin="x"
    )
    assert counts == {"added": 0, "changed": 1, "unchanged": 1}
    assert CityObject.objects.get(code="S1").name == "新"
