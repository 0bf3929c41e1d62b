"""Two people of different towns: every read obeys the one policy, and privacy within it."""

from __future__ import annotations

from typing import Any

import pytest

from xiuhua.objects.tests.conftest import Town, send, signed_in, stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(town: Town) -> tuple[Town, dict[str, Any], dict[str, Any]]:
    """Return one stop in each town, both with a keeper."""
    pair = []
    for code, lon in (("W1", 121.1), ("E1", 121.3)):
        body = stop(code, lon, 31.0, name=f"广场{code}", attributes={"keeper": "张三"})
        answer = send(town.chief, "POST", "/objects", body)
        assert answer.status_code == 201, answer.content.decode()
        pair.append(answer.json())
    return town, pair[0], pair[1]


def test_list_detail_map_count_search_and_history_show_only_the_own_town(two: Any) -> None:
    town, west, east = two
    for client, own, other in ((town.west, west, east), (town.east, east, west)):
        assert [row["code"] for row in send(client, "GET", "/objects").json()["items"]] == [own["code"]]
        assert send(client, "GET", "/objects").json()["total"] == 1
        assert send(client, "GET", f"/objects/{own['id']}").status_code == 200
        assert send(client, "GET", f"/objects/{other['id']}").json()["code"] == "people.not_visible"
        assert send(client, "GET", f"/objects/{own['id']}/history").status_code == 200
        assert send(client, "GET", f"/objects/{other['id']}/history").status_code == 404
        features = send(client, "GET", "/objects.geojson").json()["features"]
        assert [one["properties"]["code"] for one in features] == [own["code"]]
        counts = {row["type"]: row["count"] for row in send(client, "GET", "/objects/counts").json()}
        assert counts == {"test.depot": 0, "test.stop": 1, "test.permit": 0, "test.pipe": 0}
        assert [row["code"] for row in send(client, "GET", "/objects/search?q=广场").json()] == [own["code"]]
        assert send(client, "PATCH", f"/objects/{other['id']}", {"version": 1, "name": "x"}).status_code == 404
        assert send(client, "DELETE", f"/objects/{other['id']}", {"why": "x"}).status_code == 404
    outside = send(town.west, "POST", "/objects", stop("W2", 121.3, 31.0))
    assert (outside.status_code, outside.json()["code"]) == (403, "objects.not_yours")
    away = send(town.west, "PATCH", f"/objects/{west['id']}", {"version": 1, "geometry": east["geometry"]})
    assert away.json()["code"] == "objects.not_yours"


def test_nobody_signed_out_sees_anything(two: Any, client: Any) -> None:
    for path in (
        "/objects",
        "/objects/counts",
        "/objects.geojson",
        "/objects/search?q=x",
        "/objects/export?type=test.stop",
    ):
        assert send(client, "GET", path).status_code == 401


def test_what_a_post_may_not_read_is_taken_out_and_cannot_be_guessed(two: Any) -> None:
    town, west, _ = two
    guest = signed_in("guest", "310117", "grid_worker")
    row = next(one for one in send(guest, "GET", "/objects").json()["items"] if one["code"] == "W1")
    assert ("keeper" in row["attributes"], row["masked"]) == (False, ["keeper"])
    detail = send(guest, "GET", f"/objects/{west['id']}").json()
    assert ("keeper" in detail["attributes"], detail["may_edit"]) == (False, False)
    (made,) = send(guest, "GET", f"/objects/{west['id']}/history").json()
    assert "张三" not in str(made)
    assert send(guest, "GET", '/objects?type=test.stop&filter={"keeper":"张三"}').json()["code"] == "objects.masked"
    assert send(guest, "GET", "/objects?type=test.stop&sort=attr.keeper").json()["code"] == "objects.masked"
    assert send(guest, "GET", "/objects/search?q=张三").json() == []
    assert send(town.chief, "GET", "/objects/search?q=张三").json() == []
    refused = send(guest, "PATCH", f"/objects/{west['id']}", {"version": 1, "name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "people.act_not_allowed")
    found = send(town.chief, "GET", '/objects?type=test.stop&filter={"keeper":"张三"}').json()
    assert found["total"] == 2
