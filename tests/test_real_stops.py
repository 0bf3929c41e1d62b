"""Real tables brought into the registers: the district's published bus stops, and the streets that the plan names."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Conflict
from xiuhua.objects.import_actions import begin, preview, upload
from xiuhua.objects.importing import run_import
from xiuhua.objects.models import CityObject, ImportJob
from xiuhua.people.actions import load_songjiang

ROOT = Path(__file__).parent.parent
STOPS = ROOT.parent / "shared" / "data" / "songjiang" / "bus_stops_wgs84.csv"
NAMED_STREETS = ROOT / "src" / "xiuhua" / "packs" / "signs" / "named_streets.csv"
ACTOR = system_actor("test")


@pytest.fixture(autouse=True)
def district(transactional_db: None) -> None:
    load_songjiang()


def looked_at(path: Path, type_id: str, repairs: Sequence[dict[str, str]] = ()) -> ImportJob:
    """Return the import of a file, previewed with the columns as they were guessed and these repairs."""
    job = upload(ACTOR, type_id=type_id, filename=path.name, chunks=[path.read_bytes()])
    return preview(ACTOR, job.id, mapping=job.mapping, crs="WGS84", sheet="", repairs=repairs)


def brought_in(job: ImportJob, *, keep_good: bool) -> ImportJob:
    """Return the import after it ran."""
    begin(job, ACTOR, keep_good=keep_good)
    run_import(job.id)
    job.refresh_from_db()
    assert job.state == "done"
    return job


@pytest.mark.skipif(not STOPS.is_file(), reason="the published bus stops do not lie beside the project")
def test_the_published_bus_stops() -> None:
    with STOPS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    good: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for row in rows:
        if row["stop_code"] and row["name"] and row["stop_code"] not in seen:
            good[row["stop_code"]] = row
        seen.add(row["stop_code"])

    job = looked_at(STOPS, "mobility.bus_stop")
    assert {column: to for column, to in job.mapping.items() if to} == {
        "stop_code": "code", "name": "name", "lon": "lon", "lat": "lat", "n_routes": "attr.routes",
    }  # fmt: skip
    assert job.counts is not None
    assert job.counts["rows"] == len(rows) == 4535
    assert job.counts["added"] == len(good) == 2712
    assert job.counts["wrong"] == len(rows) - len(good)
    assert {kind["code"] for kind in job.error_kinds} == {"code_repeated", "required"}
    with pytest.raises(Conflict, match=r"objects\.rows_wrong"):
        begin(job, ACTOR, keep_good=False)
    assert CityObject.objects.count() == 0

    brought_in(job, keep_good=True)
    stops = {stop.code: stop for stop in CityObject.objects.filter(type="mobility.bus_stop")}
    assert stops.keys() == good.keys()
    for code, row in good.items():
        stop = stops[code]
        assert (stop.name, stop.attributes["routes"]) == (row["name"], int(row["n_routes"]))
        assert stop.west == pytest.approx(float(row["lon"]), abs=1e-9)
        assert stop.south == pytest.approx(float(row["lat"]), abs=1e-9)
    inside = [stops[code] for code, row in good.items() if row["in_songjiang"] == "1"]
    placed = sum(len(stop.area_path.split("/")) > 2 for stop in inside)
    assert placed / len(inside) > 0.98

    again = looked_at(STOPS, "mobility.bus_stop")
    assert again.counts is not None
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, len(good))


@pytest.mark.skipif(not STOPS.is_file(), reason="the published bus stops do not lie beside the project")
def test_two_repairs_bring_the_published_bus_stops_in_whole() -> None:
    with STOPS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    job = looked_at(STOPS, "mobility.bus_stop")
    offered = {one["kind"]: one for one in job.offers}
    assert (offered["number_repeated"]["rows"], offered["codes_from_names"]["rows"]) == (1709, 114)
    clicks = [
        {name: offered[kind][name] for name in ("kind", "target", "value", "to")}
        for kind in ("number_repeated", "codes_from_names")
    ]
    job = looked_at(STOPS, "mobility.bus_stop", clicks)
    assert job.counts is not None and job.errors == []
    assert (job.counts["added"], job.counts["wrong"]) == (len(rows), 0)

    brought_in(job, keep_good=False)
    stops = {stop.code: stop for stop in CityObject.objects.filter(type="mobility.bus_stop")}
    assert len(stops) == len(rows) == 4535
    assert sorted((stop.west, stop.south) for stop in stops.values()) == sorted(
        (float(row["lon"]), float(row["lat"])) for row in rows
    )
    assert sum(code.startswith("SJ0206") for code in stops) == sum(row["stop_code"] == "SJ0206" for row in rows) == 11
    again = looked_at(STOPS, "mobility.bus_stop", clicks)
    assert again.counts is not None
    assert (again.counts["unchanged"], again.counts["wrong"]) == (len(rows), 0)


def test_the_streets_that_the_plan_names() -> None:
    brought_in(looked_at(NAMED_STREETS, "signs.sign_street"), keep_good=False)
    streets = CityObject.objects.filter(type="signs.sign_street").order_by("code")
    assert [street.name for street in streets] == ["文涵路", "文汇路", "仓汇路", "松东路"]
    assert all(street.attributes == {"named_in_plan": True} and street.geometry is None for street in streets)
