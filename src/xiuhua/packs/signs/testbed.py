"""The synthetic district's billboards, shop signs and sign streets. Only the four street names of the plan are real;
where they lie here is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from xiuhua.kernel.district import Begun, District, Made, Town, points_in, shared_out
from xiuhua.kernel.expressions import Scalar

BILLBOARDS, POINTS, SHOP_SIGNS, STREETS, RENOVATED = 1300, 1250, 2600, 24, 18
APPROVED, FILED = 0.93, 0.72
LOADED_DAYS = 400
NAMED = ("文涵路", "文汇路", "仓汇路", "松东路")
STREET_NAMES = ("演示青荷路", "演示云间街", "演示桂香路", "演示石桥街", "演示新泾路", "演示书院街")
SHOPS = ("佳禾", "云顶", "老街", "暖阳", "江南", "福满", "小满", "拾光", "禾木", "海棠", "四季", "星河")
TRADES = ("面馆", "水果店", "药房", "理发", "便利店", "烘焙", "茶饮", "五金", "花店", "眼镜", "书店", "洗衣")
FORMS = ("roof", "wall", "ground", "pole", "street_furniture")
MATERIALS = ("steel_frame", "aluminium", "acrylic", "banner", "led", "other")
EXPOSURES = ("sheltered", "street", "open", "corner")


def make(random: np.random.Generator, towns: Sequence[Town], today: date) -> District:
    """Return the district's advertising scheme, planned points, billboards, sign streets and shop signs."""
    streets = list(_streets(random, towns, today))
    schemes = list(_schemes(towns, today))
    points = list(_points(random, towns, schemes[-1].code))
    billboards = list(_billboards(random, towns, points, today))
    signs = list(_shop_signs(random, towns, streets, today))
    return District(
        things=(*schemes, *points, *billboards, *streets, *signs), begun=tuple(_begun(billboards, streets, signs))
    )


def _begun(billboards: Sequence[Made], streets: Sequence[Made], signs: Sequence[Made]) -> Iterator[Begun]:
    waiting = [one for one in billboards if one.attributes.get("approval") == "applied"]
    yield from (Begun(case="ad_approval", code=one.code) for one in waiting[:9])
    asked = [one for one in signs if one.attributes.get("filing") == "applied"]
    yield from (Begun(case="shop_sign_filing", code=one.code) for one in asked[:12])
    planned = [one for one in streets if "renovated_on" not in one.attributes]
    yield from (Begun(case="street_renovation", code=one.code) for one in planned[:4])


def _before(
    day: str, values: Mapping[str, Scalar | None], today: date
) -> tuple[tuple[str, Mapping[str, Scalar | None]], ...]:
    """Return the past of a thing that came to its present state on `day`, if that is within the loaded months."""
    return ((day, values),) if day > (today - timedelta(days=LOADED_DAYS)).isoformat() else ()


def _schemes(towns: Sequence[Town], today: date) -> Iterator[Made]:
    district = towns[0].area_path.split("/")[0] + "/"
    old, new = date(today.year - 6, 1, 1), date(today.year - 1, 1, 1)
    for code, start, end, supersedes in (
        ("DEMO-SCHEME-1", old, new - timedelta(days=1), ()),
        ("DEMO-SCHEME-2", new, date(today.year + 4, 12, 31), ("DEMO-SCHEME-1",)),
    ):
        yield Made(
            type="ad_scheme",
            code=code,
            name=f"户外广告实施方案（演示，{start.year}版）",
            area_path=district,
            unit_code="lhsr",
            attributes={"edition": str(start.year), "document": "演示", "issued_on": start.isoformat()},
            links={"supersedes": supersedes} if supersedes else {},
            valid_from=start.isoformat(),
            valid_to=end.isoformat(),
        )


def _points(random: np.random.Generator, towns: Sequence[Town], scheme: str) -> Iterator[Made]:
    number = 0
    for town, count in zip(towns, shared_out(random, total=POINTS, parts=len(towns)), strict=True):
        for lon, lat in points_in(random, town, count):
            number += 1
            yield Made(
                type="planned_point",
                code=f"DEMO-PP-{number:04d}",
                name=f"{town.name}规划点位 {number:04d}",
                area_path=town.area_path,
                unit_code="lhsr",
                geometry={"type": "Point", "coordinates": [lon, lat]},
                links={"scheme": (scheme,)},
                attributes={
                    "form": str(random.choice(FORMS)),
                    "area_limit": float(random.integers(6, 120)),
                    "zone": str(random.choice(("展示区", "控制区"))),
                },
            )


def _billboards(
    random: np.random.Generator, towns: Sequence[Town], points: Sequence[Made], today: date
) -> Iterator[Made]:
    for number, point in enumerate(points, start=1):
        yield _billboard(random, number, point.name, point.area_path, point.geometry, today, (point.code,))
    for number in range(len(points) + 1, BILLBOARDS + 1):
        town = towns[int(random.integers(len(towns)))]
        [(lon, lat)] = points_in(random, town, 1)
        geometry = {"type": "Point", "coordinates": [lon, lat]}
        yield _billboard(random, number, f"{town.name}点位外", town.area_path, geometry, today, ())


def _billboard(
    random: np.random.Generator,
    number: int,
    where: str,
    area_path: str,
    geometry: object,
    today: date,
    point: tuple[str, ...],
) -> Made:
    approved = bool(point) and random.random() < APPROVED
    earlier: tuple[tuple[str, Mapping[str, Scalar | None]], ...] = ()
    attributes: dict[str, Scalar] = {
        "owner": f"广告设置人（演示）{int(random.integers(1, 90))}",
        "area": round(float(random.uniform(4, 90)), 1),
        "height": round(float(random.uniform(3, 45)), 1),
        "material": str(random.choice(MATERIALS)),
        "installed_on": (today - timedelta(days=int(random.integers(60, 5000)))).isoformat(),
        "wind_exposure": str(random.choice(EXPOSURES)),
        "risk": str(random.choice(("high", "medium", "low"), p=(0.08, 0.32, 0.6))),
    }
    if approved:
        attributes["approval"] = "approved"
        attributes["approved_until"] = (today + timedelta(days=int(random.integers(200, 1000)))).isoformat()
        since = (today - timedelta(days=int(random.integers(1, 4000)))).isoformat()
        earlier = _before(since, {"approval": "applied", "approved_until": None}, today)
    else:
        attributes["approval"] = state = str(random.choice(("none", "applied", "expired", "refused")))
        if state == "expired":
            attributes["approved_until"] = (today - timedelta(days=int(random.integers(1, 400)))).isoformat()
    return Made(
        type="billboard",
        code=f"DEMO-AD-{number:04d}",
        name=f"{where}户外广告",
        area_path=area_path,
        unit_code="lhsr",
        geometry=geometry if isinstance(geometry, dict) else None,
        attributes=attributes,
        links={"planned_point": point} if point else {},
        earlier=earlier,
    )


def _streets(random: np.random.Generator, towns: Sequence[Town], today: date) -> Iterator[Made]:
    for number in range(1, STREETS + 1):
        town = towns[(number - 1) % len(towns)]
        named = number <= len(NAMED)
        name = NAMED[number - 1] if named else f"{STREET_NAMES[number % len(STREET_NAMES)]}{number}"
        [(lon, lat)] = points_in(random, town, 1)
        length, heading = float(random.uniform(300, 900)), float(random.uniform(0, math.pi))
        half_lon = length / 2 * math.cos(heading) / (111_320 * math.cos(math.radians(lat)))
        half_lat = length / 2 * math.sin(heading) / 110_574
        attributes: dict[str, Scalar] = {
            "named_in_plan": named,
            "length": round(length),
            "trades": "、".join(str(trade) for trade in random.choice(list("商旅文体农"), 2, replace=False)),
            "extent": "位置为合成" if named else "演示路段",
        }
        if number > STREETS - RENOVATED:
            attributes["renovated_on"] = (today - timedelta(days=int(random.integers(20, 650)))).isoformat()
        done_on = str(attributes.get("renovated_on", ""))
        yield Made(
            type="sign_street",
            code=f"DEMO-STREET-{number:02d}",
            name=name,
            area_path=town.area_path,
            unit_code="lhsr",
            attributes=attributes,
            earlier=_before(done_on, {"renovated_on": None}, today),
            geometry={
                "type": "LineString",
                "coordinates": [
                    [round(lon - half_lon, 6), round(lat - half_lat, 6)],
                    [round(lon + half_lon, 6), round(lat + half_lat, 6)],
                ],
            },
        )


def _shop_signs(
    random: np.random.Generator, towns: Sequence[Town], streets: Sequence[Made], today: date
) -> Iterator[Made]:
    number = 0
    for town, count in zip(towns, shared_out(random, total=SHOP_SIGNS, parts=len(towns)), strict=True):
        here = [street.code for street in streets if street.area_path == town.area_path]
        for lon, lat in points_in(random, town, count):
            number += 1
            name = f"{random.choice(SHOPS)}{random.choice(TRADES)}"
            attributes: dict[str, Scalar] = {
                "text": name,
                "shop": f"{name}（演示）",
                "mounting": str(random.choice(("flat", "projecting", "roof", "standing"), p=(0.8, 0.12, 0.05, 0.03))),
                "area": round(float(random.uniform(0.8, 14)), 1),
                "height": round(float(random.uniform(2.8, 9)), 1),
                "material": str(random.choice(MATERIALS)),
                "installed_on": (today - timedelta(days=int(random.integers(30, 4000)))).isoformat(),
            }
            if random.random() < FILED:
                attributes["filing"] = str(random.choice(("filed", "approved"), p=(0.85, 0.15)))
                attributes["filed_on"] = (today - timedelta(days=int(random.integers(10, 900)))).isoformat()
            else:
                attributes["filing"] = str(random.choice(("none", "applied", "expired", "refused")))
            on_street = bool(here) and random.random() < 0.3
            filed_on = str(attributes.get("filed_on", ""))
            yield Made(
                type="shop_sign",
                code=f"DEMO-SS-{number:05d}",
                name=f"{name}（演示）",
                area_path=town.area_path,
                unit_code=f"town-{town.code}",
                geometry={"type": "Point", "coordinates": [lon, lat]},
                attributes=attributes,
                links={"street": (str(random.choice(here)),)} if on_street else {},
                earlier=_before(filed_on, {"filing": "applied", "filed_on": None}, today),
            )
