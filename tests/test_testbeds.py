"""Each pack's testbed makes the same whole district again from one seed, and nothing that its types do not declare."""

from __future__ import annotations

import importlib
from collections import Counter
from datetime import date
from types import ModuleType

import numpy as np
import pytest

from xiuhua.catalog.catalogue import current
from xiuhua.kernel.district import District, Town, points_in
from xiuhua.kernel.objects import Geometry, Relation

DAY = date(2026, 11, 23)
TOWNS = tuple(
    Town(
        code=f"3101170{number:02d}", name=f"镇{number}", area_path=f"310117/3101170{number:02d}/",
        lon=121 + number / 100, lat=31.0,
        outline=(((121 + number / 100, 31.0), (121.01 + number / 100, 31.0), (121.005 + number / 100, 31.02)),),
    )
    for number in range(1, 18)
)  # fmt: skip
PACKS = [pack_id for pack_id, loaded in current().packs.items() if (loaded.manifest.folder / "testbed.py").is_file()]


def makes_of(pack_id: str) -> ModuleType:
    return importlib.import_module(f"xiuhua.packs.{pack_id}.testbed")


def made(pack_id: str, seed: int = 1) -> District:
    district: District = makes_of(pack_id).make(np.random.default_rng(seed), TOWNS, DAY)
    return district


@pytest.mark.parametrize("pack_id", PACKS)
def test_the_same_seed_makes_the_same_district(pack_id: str) -> None:
    assert made(pack_id) == made(pack_id)
    assert made(pack_id) != made(pack_id, seed=2)


@pytest.mark.parametrize("pack_id", PACKS)
def test_things_keep_to_their_declarations(pack_id: str) -> None:
    district = made(pack_id)
    seen: set[tuple[str, str]] = set()
    for thing in district.things:
        declared = current().object_type(f"{pack_id}.{thing.type}")
        assert (thing.type, thing.code) not in seen
        assert thing.attributes.keys() <= {attribute.id for attribute in declared.attributes}
        for attribute in declared.attributes:
            value = thing.attributes.get(attribute.id)
            if attribute.choices and value is not None:
                assert value in {choice.id for choice in attribute.choices}
        links = {link.id: link for link in declared.links if link.relation is Relation.KEY}
        for link_id, codes in thing.links.items():
            target = links[link_id].to.partition(".")[2]
            assert all((target, code) in seen for code in codes), "links lead to things made before"
        assert all(link in thing.links for link, declared_link in links.items() if declared_link.required)
        assert (thing.geometry is None) == (declared.geometry is Geometry.NONE)
        seen.add((thing.type, thing.code))
    for trouble in district.troubles:
        rule = current().rules[f"{pack_id}.{trouble.truth}"]
        assert rule.on == (f"{pack_id}.{trouble.type}", trouble.stream)
        assert (trouble.type, trouble.code) in seen
        assert (
            sum(
                (
                    trouble.silent,
                    bool(trouble.sends_code),
                    trouble.sends_value is not None,
                    trouble.drifts_by is not None,
                )
            )
            == 1
        )
        assert not trouble.sends_code or trouble.sends_code in rule.among
        assert (trouble.drifts_by is None) == (rule.drifts is None)
        assert trouble.sends_value is None or (rule.below is not None and trouble.sends_value < rule.below)


def test_the_figures_stand_near_the_plan() -> None:
    things = made("signs").things
    counted = Counter(thing.type for thing in things)
    assert counted["billboard"] == 1300
    assert counted["planned_point"] == 1250
    assert counted["shop_sign"] == 2600
    at_points = [thing for thing in things if thing.type == "billboard" and thing.links]
    approved = sum(thing.attributes["approval"] == "approved" for thing in at_points) / len(at_points)
    assert 0.91 < approved < 0.95
    signs = [thing for thing in things if thing.type == "shop_sign"]
    filed = sum(thing.attributes["filing"] in ("filed", "approved") for thing in signs) / len(signs)
    assert 0.70 < filed < 0.74
    assert sum("renovated_on" in thing.attributes for thing in things) == 18


def test_points_lie_inside_the_town() -> None:
    town = TOWNS[0]
    (west, south), (east, _), (_, north) = town.outline[0]
    for lon, lat in points_in(np.random.default_rng(3), town, 200):
        assert south <= lat <= north
        reach = (north - lat) / (north - south) * (east - west) / 2
        assert abs(lon - (west + east) / 2) <= reach + 1e-6
