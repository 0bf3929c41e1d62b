"""Requests after each requirement of the standard that we say we meet, and after those that we say we do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from xiuhua.faces.sensorthings.conformance import CLASSES, NOT_OFFERED, OFFERED
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.words import Act
from xiuhua.objects.models import CityObject
from xiuhua.readings.models import Datastream
from xiuhua.readings.tests.conftest import EAST, Lamps, Line, person

ROOT = "/api/sensorthings/v1.1"
SUBJECT = "$MQTT.msgs.city.lights.lamp.E//1."
LINKED = "@iot.navigationLink"
PROPERTIES = {
    "thing": ("Things", "name description properties"),
    "location": ("Locations", "name description encodingType location"),
    "historical-location": ("HistoricalLocations", "time"),
    "datastream": ("Datastreams", "name description unitOfMeasurement observationType"),
    "sensor": ("Sensors", "name description encodingType metadata"),
    "observed-property": ("ObservedProperties", "name definition description"),
    "observation": ("Observations", "phenomenonTime result resultTime"),
    "feature-of-interest": ("FeaturesOfInterest", "name description encodingType feature"),
}
RELATIONS = {
    "thing": "Locations HistoricalLocations Datastreams", "location": "Things HistoricalLocations",
    "historical-location": "Thing Locations", "datastream": "Thing Sensor ObservedProperty Observations",
    "sensor": "Datastreams", "observed-property": "Datastreams", "observation": "Datastream FeatureOfInterest",
    "feature-of-interest": "Observations",
}  # fmt: skip
Check = Callable[[Any], bool]
R = "req/request-data/"
D = "Datastreams({voltage})"
CASES: list[tuple[str, str, int, Check]] = [
    *(
        (f"req/datamodel/{entity}/properties", f"{kind}?$top=1", 200,
         lambda a, names=names: set(names.split()) <= a["value"][0].keys())
        for entity, (kind, names) in PROPERTIES.items()
    ),
    *(
        (f"req/datamodel/{entity}/relations", f"{PROPERTIES[entity][0]}?$top=1", 200,
         lambda a, names=names: {name + LINKED for name in names.split()} <= a["value"][0].keys())
        for entity, names in RELATIONS.items()
    ),
    ("req/datamodel/entity-control-information/common-control-information", "Things", 200,
     lambda a: a["value"][0]["@iot.selfLink"].endswith(f"/Things('{a['value'][0]['@iot.id']}')")),
    *(
        ("req/resource-path/resource-path-to-entities", path, status, check)
        for path, status, check in (
            (D, 200, lambda a: a["observationType"].endswith("OM_Measurement")),
            (f"{D}/name", 200, lambda a: a == {"name": "lights.lamp.voltage E.1"}),
            (f"{D}/name/$value", 200, lambda a: a == "lights.lamp.voltage E.1"),
            (f"{D}/Thing/Datastreams", 200, lambda a: len(a["value"]) == 3),
            (f"{D}/Thing/Locations/$ref", 200, lambda a: list(a["value"][0]) == ["@iot.selfLink"]),
            (f"{D}/Observations/$ref?$top=1", 200, lambda a: "Observations(" in a["value"][0]["@iot.selfLink"]),
            ("Things('{thing}')/Datastreams({voltage})/Observations", 200, lambda a: len(a["value"]) == 5),
            ("Sensors('lights.lamp.voltage')/Datastreams", 200, lambda a: len(a["value"]) == 1),
            ("FeaturesOfInterest('{thing}')/Observations?$count=true", 200, lambda a: a["@iot.count"] == 5),
        )
    ),
    (R + "order", D + "/Observations?$skip=1&$top=1&$filter=result gt 101&$orderby=result&$count=true", 200,
     lambda a: (a["@iot.count"], [one["result"] for one in a["value"]]) == (3, [103])),
    (R + "expand",
     "Things?$expand=Datastreams($filter=substringof('voltage', name);$expand=Observations($top=1),Sensor)", 200,
     lambda a: [len(a["value"][0]["Datastreams"]), len(a["value"][0]["Datastreams"][0]["Observations"]),
                     "metadata" in a["value"][0]["Datastreams"][0]["Sensor"]] == [1, 1, True]),
    (R + "expand", "Things?$expand=Datastreams/Observations,Locations", 200,
     lambda a: sorted(len(one["Observations"]) for one in a["value"][0]["Datastreams"]) == [0, 0, 5]),
    (R + "expand", "Datastreams?$expand=Observations($top=2;$count=true)", 200,
     lambda a: "Observations@iot.nextLink" in a["value"][0] and a["value"][0]["Observations@iot.count"] == 5),
    (R + "select", "Things?$select=id,name", 200, lambda a: a["value"][0].keys() == {"@iot.id", "name"}),
    (R + "select", "Things?$select=nothing", 400, lambda a: a["code"] == "faces.no_such_field"),
    (R + "status-code", "Things('00000000-0000-0000-0000-000000000000')", 404, lambda a: a["status"] == 404),
    (R + "status-code", "Nothings", 404, lambda a: a["status"] == 404),
    (R + "status-code", "Datastreams(99999999999)", 404, lambda a: a["status"] == 404),
    (R + "query-status-code", "Things?$filter=name eq", 400, lambda a: a["code"] == "faces.unreadable"),
    (R + "query-status-code", "Things?$top=-1", 400, lambda a: a["code"] == "faces.unreadable"),
    (R + "query-status-code", "Things?$search=x", 400, lambda a: a["code"] == "faces.option_unknown"),
    (R + "query-status-code", "Things?$filter=nothing eq 1", 400, lambda a: a["code"] == "faces.no_such_field"),
    (R + "orderby", D + "/Observations?$orderby=phenomenonTime asc", 200,
     lambda a: [one["result"] for one in a["value"]] == [100, 101, 102, 103, 104]),
    (R + "orderby", D + "/Observations?$orderby=phenomenonTime desc,result&$top=2", 200,
     lambda a: [one["result"] for one in a["value"]] == [104, 103]),
    (R + "top", "Datastreams?$top=2", 200, lambda a: len(a["value"]) == 2),
    (R + "top", "Datastreams?$top=0&$count=true", 200, lambda a: a["value"] == [] and a["@iot.count"] == 3),
    (R + "skip", "Datastreams?$skip=2", 200, lambda a: len(a["value"]) == 1),
    (R + "skip", D + "/Observations?$skip=999999999", 200, lambda a: a == {"value": []}),
    (R + "count", D + "/Observations?$count=true&$top=1", 200, lambda a: a["@iot.count"] == 5),
    (R + "filter", "Datastreams?$filter=Thing/properties/code eq 'E.1' and ObservedProperty/id eq 'lights.lamp.fault'",
     200, lambda a: len(a["value"]) == 1),
    (R + "filter", "Observations?$filter=Datastream/id eq {voltage} and phenomenonTime le now() and result lt 102", 200,
     lambda a: len(a["value"]) == 2),
    (R + "filter", D + "/Observations?$filter=phenomenonTime ge {third} and phenomenonTime lt {fourth}", 200,
     lambda a: [one["result"] for one in a["value"]] == [103]),
    (R + "built-in-filter-operations", D + "/Observations?$filter=not (result mod 2 eq 1 or result sub 100 lt 2)", 200,
     lambda a: [one["result"] for one in a["value"]] == [104, 102]),
    (R + "built-in-query-functions",
     "Locations?$filter=st_within(location, geography'POLYGON ((121 30, 122 30, 122 32, 121 32, 121 30))')", 200,
     lambda a: len(a["value"]) == 1),
    (R + "built-in-query-functions", "Locations?$filter=geo.distance(location, geography'POINT (0 0)') lt 1", 200,
     lambda a: a["value"] == []),
    (R + "built-in-query-functions", "Things?$filter=startswith(name,'E') and length(properties/code) eq 3", 200,
     lambda a: len(a["value"]) == 1),
    ("req/data-array/data-array", D + "/Observations?$resultFormat=dataArray&$top=2&$select=result", 200,
     lambda a: (a["value"][0]["components"], a["value"][0]["dataArray"]) == (["result"], [[104], [103]])),
]  # fmt: skip
OTHERS = {"req/request-data/pagination"}


@pytest.fixture
def places(line: Line, lamps: Lamps) -> dict[str, object]:
    """Give the lamp of the east town a place and five readings."""
    now = timezone.now().replace(microsecond=0)
    times = [now - timedelta(minutes=5 - number) for number in range(5)]
    said = orjson.dumps([{"at": at.isoformat(), "value": 100 + number} for number, at in enumerate(times)])
    assert line.take(line.message(SUBJECT + "voltage", said, at=now), now=now) == {"stored": 5}
    point = bytes.fromhex("0101000000cdcccccccc4c5e400000000000003f40")
    CityObject.objects.filter(id=lamps.east.id).update(geometry=point)
    voltage = Datastream.objects.get(object_id=lamps.east.id, stream="lights.lamp.voltage").id
    third, fourth = (f"{times[number]:%Y-%m-%dT%H:%M:%SZ}" for number in (3, 4))
    return {"voltage": voltage, "thing": lamps.east.id, "third": third, "fourth": fourth}


@pytest.fixture
def client(places: dict[str, object], sign_in: Callable[[Actor], Client]) -> Client:
    return sign_in(person(EAST, "east", Act.IMPORT))


def read(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(path if path.startswith("/") else f"{ROOT}/{path}")
    assert answer.status_code == status, (path, answer.content)
    return orjson.loads(answer.content) if "json" in answer["Content-Type"] else answer.content.decode()


@pytest.mark.parametrize(
    ("requirement", "path", "status", "check"), CASES, ids=[f"{r} {p}"[4:90] for r, p, *_ in CASES]
)
def test_a_request_of_the_standard(
    client: Client, places: dict[str, object], requirement: str, path: str, status: int, check: Check
) -> None:
    assert requirement in OFFERED
    answer = read(client, path.format(**places), status)
    assert check(answer), answer


def test_pages_lead_through_everything_once(client: Client, places: dict[str, object]) -> None:
    for path in (f"Datastreams({places['voltage']})/Observations?$top=2", "Datastreams?$top=1&$orderby=id desc",
                 f"Datastreams({places['voltage']})/Observations?$top=2&$filter=result lt 104"):  # fmt: skip
        seen, following = [], f"{ROOT}/{path}"
        while following:
            answer = read(client, following)
            seen += [one["@iot.id"] for one in answer["value"]]
            following = answer.get("@iot.nextLink", "").removeprefix("http://testserver")
        assert len(seen) == len(set(seen)) == (3 if path.startswith("Datastreams?") else 4 if "lt" in path else 5)


def test_what_is_offered_is_asked_for_and_told() -> None:
    assert {requirement for requirement, *_ in CASES} | OTHERS == OFFERED.keys()
    assert not OFFERED.keys() & NOT_OFFERED.keys()


def test_the_root_tells_the_sets_and_the_conformance(client: Client) -> None:
    root = read(client, ROOT)
    assert root == read(client, ROOT + "/")
    assert root["serverSettings"]["conformance"] == list(CLASSES)
    for one in root["value"]:
        assert read(client, one["url"].removeprefix("http://testserver"))["value"]


def post(client: Client, path: str, body: object) -> tuple[int, Any]:
    answer = client.post(f"{ROOT}/{path}", orjson.dumps(body), content_type="application/json")
    return answer.status_code, orjson.loads(answer.content)


@pytest.mark.parametrize("kind", ["Things", "Locations", "Datastreams", "Sensors", "$batch", "FeaturesOfInterest"])
def test_what_the_registers_make_is_not_made_here(client: Client, kind: str) -> None:
    assert post(client, kind, {"name": "x"})[0] in (404, 405)
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"{ROOT}/{kind}('1')").status_code == 405


@pytest.mark.parametrize(
    "body",
    [None, [], "x", {}, {"result": "x"}, {"result": True}, {"result": None}, {"result": 1, "phenomenonTime": "soon"},
     {"result": 1, "phenomenonTime": 5}, {"result": 1, "phenomenonTime": "0001-01-01T00:00:00Z"}, {"result": 10**400}],
)  # fmt: skip
def test_an_observation_that_is_none(client: Client, places: dict[str, object], body: object) -> None:
    text = b'{"result": 1' + b"0" * 400 + b"}" if body == {"result": 10**400} else orjson.dumps(body)
    address = f"{ROOT}/Datastreams({places['voltage']})/Observations"
    assert client.post(address, text, content_type="application/json").status_code == 400


def test_rows_that_cannot_be_taken_are_told_one_by_one(
    client: Client, places: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[bytes] = []
    monkeypatch.setattr("xiuhua.readings.receiving.sender.send", lambda url, many: sent.extend(b for _, b in many))
    group = {"Datastream": {"@iot.id": places["voltage"]}, "components": ["phenomenonTime", "result"]}
    rows = [[places["third"], 1.5], [places["third"], "x"], ["soon", 1], [1], "x", [places["fourth"], 2]]
    nobody = {"Datastream": {"@iot.id": 999_999}, "components": ["result"], "dataArray": [[1]]}
    status, told = post(client, "CreateObservations", [{**group, "dataArray": rows}, nobody])
    assert (status, [one == "error" for one in told]) == (201, [False, True, True, True, True, False, True])
    assert orjson.loads(sent[0])["value"] == [1.5, 2.0]
    wrongs: tuple[object, ...] = (
        {},
        [1],
        [{}],
        [{**group, "dataArray": 1}],
        [{**group, "components": ["id"], "dataArray": []}],
    )
    for wrong in wrongs:
        assert post(client, "CreateObservations", wrong)[0] == 400
