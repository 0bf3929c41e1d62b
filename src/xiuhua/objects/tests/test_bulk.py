"""Acts on many ticked rows: all or nothing, each refusal named; every row's permission and version asked."""

from __future__ import annotations

import csv
import io
from typing import Any, cast
from uuid import UUID

import pytest

from xiuhua.kernel.errors import Conflict
from xiuhua.ledger.models import History, Outbox
from xiuhua.objects import bulk_actions
from xiuhua.objects.models import CityObject, ObjectLink
from xiuhua.objects.tests.conftest import WEST, Town, actor_of_town, made_stop, send, signed_in, stop
from xiuhua.objects.tests.importing_files import brought

pytestmark = pytest.mark.django_db
LINE = '"LINESTRING ({0} 31, {0} 31.01)"'


@pytest.fixture
def stops(town: Town) -> dict[str, dict[str, Any]]:
    places = (("W1", 121.1), ("W2", 121.11), ("E1", 121.3))
    return {code: made_stop(town.chief, stop(code, lon, 31.0)) for code, lon in places}


def chosen(stops: dict[str, Any], *codes: str, version: int = 1) -> list[dict[str, object]]:
    return [{"id": stops[code]["id"], "version": version} for code in codes]


def refused(answer: Any) -> dict[str, str]:
    assert (answer.status_code, answer.json()["code"]) == (409, "objects.bulk_refused"), answer.content.decode()
    params = answer.json()["params"]
    assert params["count"] == len(params["refused"])
    assert all(one["reason"]["zh"] and one["reason"]["en"] for one in params["refused"])
    return {one["code"]: one["reason"]["en"] for one in params["refused"]}


def test_one_attribute_is_set_of_all_or_of_none(town: Town, stops: dict[str, Any]) -> None:
    body = {"type": "test.stop", "attribute": "kind", "value": "bay", "why": "普查"}
    both = body | {"things": chosen(stops, "W1", "E1")}
    told = refused(send(town.west, "POST", "/objects/bulk/attribute", both))
    assert told == {"": "Not visible to you, or removed"}
    assert not CityObject.objects.filter(attributes__has_key="kind").exists()
    done = send(town.west, "POST", "/objects/bulk/attribute", body | {"things": chosen(stops, "W1", "W2")})
    assert (done.status_code, done.json()) == (200, {"count": 2})
    assert set(CityObject.objects.filter(attributes__kind="bay").values_list("code", "version")) == {
        ("W1", 2), ("W2", 2),
    }  # fmt: skip
    row = History.objects.filter(action="changed").latest("id")
    assert (row.why, row.data["changes"], row.actor) == ("普查", {"attr.kind": [None, "bay"]}, "west")
    assert Outbox.objects.filter(topic="objects.imported").count() == 1
    old = refused(send(town.chief, "POST", "/objects/bulk/attribute", both))
    assert old == {"W1": "Changed since you ticked it; tick it again"}
    mixed = body | {"things": chosen(stops, "W1", version=2) + chosen(stops, "E1"), "value": "直线式"}
    assert send(town.chief, "POST", "/objects/bulk/attribute", mixed).json() == {"count": 2}
    assert send(
        town.chief, "POST", "/objects/bulk/attribute", mixed | {"things": chosen(stops, "W1", version=3)}
    ).json() == {"count": 0}


@pytest.mark.parametrize(
    ("attribute", "value", "code"),
    [
        ("kind", "圆形", "not_a_choice"), ("state", "ok", "not_writable"), ("road", None, "required"),
        ("x", 1, "unknown_attribute"),
    ],
)  # fmt: skip
def test_only_what_a_form_may_write(town: Town, stops: dict[str, Any], attribute: str, value: Any, code: str) -> None:
    body = {"type": "test.stop", "attribute": attribute, "value": value, "things": chosen(stops, "W1", "E1")}
    answer = send(town.chief, "POST", "/objects/bulk/attribute", body)
    assert (answer.status_code, [one["code"] for one in answer.json()["params"]["problems"]]) == (422, [code])
    assert History.objects.filter(action="changed").count() == 0


def test_a_hidden_value_is_not_overwritten(town: Town, stops: dict[str, Any]) -> None:
    body = {"type": "test.stop", "attribute": "keeper", "value": "李四", "things": chosen(stops, "W1", "W2")}
    versions = {UUID(stops[code]["id"]): 1 for code in ("W1", "W2")}
    with pytest.raises(Conflict) as raised:
        bulk_actions.set_attribute(actor_of_town(WEST), "test.stop", versions, "keeper", "李四")
    told = cast(list[dict[str, Any]], raised.value.params["refused"])
    assert {one["code"]: one["reason"]["en"] for one in told} == dict.fromkeys(
        ("W1", "W2"), "This value is hidden from your post"
    )
    assert send(town.chief, "POST", "/objects/bulk/attribute", body).json() == {"count": 2}


def test_all_go_or_none(town: Town, stops: dict[str, Any]) -> None:
    everything = {"type": "test.stop", "things": chosen(stops, "W1", "W2", "E1"), "why": "迁走"}
    assert refused(send(town.west, "POST", "/objects/bulk/remove", everything)) == {
        "": "Not visible to you, or removed"
    }
    guest = signed_in("guest", "310117", "grid_worker")
    assert send(guest, "POST", "/objects/bulk/remove", everything).status_code == 403
    assert CityObject.objects.filter(removed_at__isnull=True).count() == 3
    assert send(town.chief, "POST", "/objects/bulk/remove", everything).json() == {"count": 3}
    assert CityObject.objects.filter(removed_at__isnull=True).count() == 0
    assert set(History.objects.filter(action="removed").values_list("why", flat=True)) == {"迁走"}


def test_what_others_link_to_stays_unless_they_go_too(town: Town) -> None:
    rows = f"P1,一,{LINE.format(121.1)},\nP2,二,{LINE.format(121.11)},P1\n"
    brought(town.chief, "code,name,wkt,upstream\n" + rows, type_id="test.pipe")
    ids = dict(CityObject.objects.values_list("code", "id"))
    body = {"type": "test.pipe", "things": [{"id": str(ids["P1"]), "version": 1}], "why": "拆"}
    assert refused(send(town.chief, "POST", "/objects/bulk/remove", body)) == {"P1": "Others link to it"}
    both = [{"id": str(one), "version": 1} for one in ids.values()]
    assert send(town.chief, "POST", "/objects/bulk/remove", body | {"things": both}).json() == {"count": 2}
    assert ObjectLink.objects.count() == 0


def test_chosen_rows_are_exported_whole_or_not(town: Town, stops: dict[str, Any]) -> None:
    def export(client: Any, *codes: str, format: str = "csv") -> Any:
        body = {"type": "test.stop", "ids": [stops[code]["id"] for code in codes], "format": format}
        return send(client, "POST", "/objects/export", body)

    answer = export(town.chief, "W1", "E1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert {next(iter(row.values())) for row in csv.DictReader(io.StringIO(text))} == {"W1", "E1"}
    assert export(town.west, "W1", "E1").json()["code"] == "objects.export_short"
    row = History.objects.get(action="exported")
    assert (row.data["count"], len(row.data["ids"])) == (2, 2)
    assert export(town.chief, "W1", format="pdf").json()["code"] == "objects.bad_format"


def test_not_too_many_at_once(town: Town, stops: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_actions, "MOST_ROWS", 2)
    body = {"type": "test.stop", "things": chosen(stops, "W1", "W2", "E1"), "why": "x"}
    assert send(town.chief, "POST", "/objects/bulk/remove", body).json()["code"] == "objects.too_many_chosen"


def test_counts_are_those_of_an_area(town: Town, stops: dict[str, Any]) -> None:
    def counted(client: Any, area: str) -> int:
        rows: list[dict[str, Any]] = send(client, "GET", f"/objects/counts?area={area}").json()
        return int(next(row["count"] for row in rows if row["type"] == "test.stop"))

    areas = ("", "310117/", "310117/310117001/", "310117/310117002/", "9/")
    assert [counted(town.chief, area) for area in areas] == [3, 3, 2, 1, 0]
    assert [counted(town.west, area) for area in areas] == [2, 2, 2, 0, 0]
