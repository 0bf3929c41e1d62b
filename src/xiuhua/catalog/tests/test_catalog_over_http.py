"""GET /catalog: everything the pages draw from, for whoever is signed in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from xiuhua.catalog.catalogue import current, install
from xiuhua.catalog.queries import catalogue_json
from xiuhua.catalog.tests.sample import loaded, written


@pytest.mark.django_db
def test_catalog_needs_a_session(client: Client) -> None:
    assert client.get("/api/catalog").status_code == 401


def test_a_pack_shows_whole_with_json_schema_and_limits_in_words(tmp_path: Path) -> None:
    before = current()
    install(loaded(written(tmp_path)))
    try:
        chinese, english = (json.loads(catalogue_json(language)) for language in ("zh", "en"))
    finally:
        install(before)
    (kind,) = (one for one in chinese["object_types"] if one["id"] == "kerbs.thing")
    assert kind["schema"]["properties"]["kind"]["enum"] == ["small", "large"]
    assert kind["schema"]["required"] == ["kind"]
    limits = {}
    for language, view in (("zh", chinese), ("en", english)):
        (case,) = (one for one in view["case_types"] if one["id"] == "kerbs.repair")
        limits[language] = [state["limit"] for state in case["states"]]
    assert limits["zh"] == ["30 分钟", "2 个工作日", "8 个工作时", None, None]
    assert limits["en"] == ["30 min", "2 working days", "8 working hours", None, None]
    assert {"dispatcher", "verifier"} <= {post["id"] for post in chinese["posts"]}
