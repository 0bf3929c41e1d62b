"""What of OGC SensorThings API 1.1 (18-088) is offered; the tests hold each of these."""

from __future__ import annotations

_SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CLASSES = tuple(
    _SPEC + one
    for one in (
        *(
            f"datamodel/{kind}/{part}"
            for kind, parts in (
                ("thing", ("properties", "relations")),
                ("location", ("properties", "relations")),
                ("historical-location", ("properties", "relations")),
                ("datastream", ("properties", "relations")),
                ("sensor", ("properties", "relations")),
                ("observed-property", ("properties", "relations")),
                ("observation", ("properties", "relations")),
                ("feature-of-interest", ("properties", "relations")),
            )
            for part in parts
        ),
        "resource-path/resource-path-to-entities",
        "request-data/order",
        "request-data/expand",
        "request-data/select",
        "request-data/status-code",
        "request-data/query-status-code",
        "request-data/orderby",
        "request-data/top",
        "request-data/skip",
        "request-data/count",
        "request-data/filter",
        "request-data/built-in-filter-operations",
        "request-data/built-in-query-functions",
        "request-data/pagination",
        "data-array/data-array",
    )
)
