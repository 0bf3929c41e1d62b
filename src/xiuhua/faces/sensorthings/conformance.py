"""What of OGC SensorThings API 1.1 (18-088) is offered and what is not; the tests hold each requirement offered."""

from __future__ import annotations

SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/"
_ENTITIES = (
    "thing", "location", "historical-location", "datastream", "sensor", "observed-property", "observation",
    "feature-of-interest",
)  # fmt: skip
_WHY_NOT = "registers and packs make these; answered 405"
OFFERED: dict[str, str] = {
    **{f"req/datamodel/{entity}/{part}": "" for entity in _ENTITIES for part in ("properties", "relations")},
    "req/datamodel/entity-control-information/common-control-information": "",
    "req/resource-path/resource-path-to-entities": "also $ref, $value, properties",
    "req/request-data/order": "",
    "req/request-data/expand": "nested, with options, four levels",
    "req/request-data/select": "",
    "req/request-data/status-code": "",
    "req/request-data/query-status-code": "400 for what cannot be read",
    "req/request-data/orderby": "",
    "req/request-data/top": "100 unless told, 1,000 at most",
    "req/request-data/skip": "",
    "req/request-data/count": "",
    "req/request-data/filter": "looks at 20,000 entities and 50,000 Observations of 50 Datastreams at most, else 400",
    "req/request-data/built-in-filter-operations": "",
    "req/request-data/built-in-query-functions": "geo.distance and geo.length in degrees",
    "req/request-data/pagination": "",
    "req/data-array/data-array": "",
}
NOT_OFFERED: dict[str, str] = {
    "req/create-update-delete/create-entity": f"Observations only; {_WHY_NOT}",
    "req/create-update-delete/link-to-existing-entities": f"Observation to Datastream only; {_WHY_NOT}",
    "req/create-update-delete/deep-insert": _WHY_NOT,
    "req/create-update-delete/deep-insert-status-code": _WHY_NOT,
    "req/create-update-delete/update-entity": _WHY_NOT,
    "req/create-update-delete/delete-entity": "readings end by the rules of retention alone",
    "req/create-update-delete/historical-location-auto-creation": "one HistoricalLocation, the current one",
    "req/batch-request/batch-request": "not built",
    "req/multi-datastream/properties": "a stream reports one thing",
    "req/multi-datastream/relations": "a stream reports one thing",
    "req/multi-datastream/constraints": "a stream reports one thing",
    "req/create-observations-via-mqtt/observations-creation": "devices publish to their own topics",
    "req/receive-updates-via-mqtt/receive-updates": "with a device's key nothing is heard over MQTT",
}
CLASSES = tuple(SPEC + one for one in OFFERED)


def page() -> str:
    """Return the reference page."""
    lines = [
        "# SensorThings API 1.1\n",
        "Requirements of OGC 18-088 and whether the face at `/api/sensorthings/v1.1` meets them: `pass` where requests "
        "of `faces/tests/test_conformance.py` hold it, `fail` where it is not offered. These are our own requests "
        "after the standard's text; the suite of the OGC has not been run. "
        "[How to use it](../operate/sensorthings.md).\n",
        "| Requirement | Result | Note |",
        "|---|---|---|",
    ]
    for result, table in (("pass", OFFERED), ("fail", NOT_OFFERED)):
        lines += [f"| {name.removeprefix('req/')} | {result} | {note} |" for name, note in table.items()]
    return "\n".join(lines) + "\n"
