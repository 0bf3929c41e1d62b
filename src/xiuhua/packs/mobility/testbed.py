"""The synthetic district's bus stops, stop signs and buses; no name or place here is real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from xiuhua.kernel.district import District, Feed, Made, Town, Trouble, points_in, shared_out
from xiuhua.packs.mobility.objects import FAULT_CODES

STOPS, SIGNS, BUSES = 600, 350, 850
FIRST = (
    "云桥",
    "青禾",
    "银杏",
    "望湖",
    "朝阳",
    "春申塘",
    "榆园",
    "文博",
    "荷风",
    "松泽",
    "玉树",
    "明塘",
    "枫林",
    "谷水",
)
SECOND = ("路", "公园", "新村", "中心小学", "医院", "菜场", "广场", "工业园", "社区中心", "站")
CROSSING = ("一路", "二路", "三路", "东街", "西街", "北路", "南路")
SILENT, FAULTY, LOW, EMPTY, DRIFTING = 9, 6, 3, 2, 2
HOUR = 3600.0


def make(random: np.random.Generator, towns: Sequence[Town], today: date) -> District:
    """Return the stops, signs and buses of the district and the troubles of its first day."""
    stops = list(_stops(random, towns))
    chosen = sorted(int(index) for index in random.choice(len(stops), SIGNS, replace=False))
    signs = [_sign(random, number, stops[index], today) for number, index in enumerate(chosen, start=1)]
    troubled = [
        signs[int(index)] for index in random.choice(SIGNS, SILENT + FAULTY + LOW + EMPTY + DRIFTING, replace=False)
    ]
    return District(
        things=(*stops, *signs, *_buses(random, towns, today)),
        feeds=(
            Feed(type="stop_sign", stream="heartbeat", every_s=60, code="ok", firmware=("2.3.1", "2.3.1", "2.2.0")),
            Feed(type="stop_sign", stream="fault", every_s=300, code="0"),
            Feed(type="stop_sign", stream="voltage", every_s=300, mean=224.0, spread=3.0),
            Feed(type="stop_sign", stream="battery", every_s=3600, mean=0.86, spread=0.02),
        ),
        troubles=tuple(_trouble(random, number, sign) for number, sign in enumerate(troubled)),
    )


def _stops(random: np.random.Generator, towns: Sequence[Town]) -> Iterator[Made]:
    number = 0
    for town, count in zip(towns, shared_out(random, total=STOPS, parts=len(towns)), strict=True):
        for lon, lat in points_in(random, town, count):
            number += 1
            name = f"{random.choice(FIRST)}{random.choice(SECOND)}{random.choice(CROSSING)}"
            yield Made(
                type="bus_stop",
                code=f"DEMO-ST-{number:04d}",
                name=name,
                area_path=town.area_path,
                unit_code="jtw",
                geometry={"type": "Point", "coordinates": [lon, lat]},
                attributes={"routes": int(random.integers(1, 9)), "shelter": bool(random.random() < 0.6)},
            )


def _sign(random: np.random.Generator, number: int, stop: Made, today: date) -> Made:
    return Made(
        type="stop_sign",
        code=f"DEMO-SG-{number:04d}",
        name=f"{stop.name}电子站牌",
        area_path=stop.area_path,
        unit_code="op-busstop",
        geometry=stop.geometry,
        links={"stop": (stop.code,)},
        attributes={
            "kind": str(random.choice(("lcd", "led", "epaper"), p=(0.5, 0.35, 0.15))),
            "supplier": "站牌供应单位（演示）",
            "model": f"ZP-{int(random.integers(1, 4))}",
            "installed_on": (today - timedelta(days=int(random.integers(60, 1500)))).isoformat(),
        },
    )


def _buses(random: np.random.Generator, towns: Sequence[Town], today: date) -> Iterator[Made]:
    district = towns[0].area_path.split("/")[0] + "/"
    kinds = ("battery_electric", "plug_in_hybrid", "fuel_cell", "hybrid", "diesel")
    for number in range(1, BUSES + 1):
        yield Made(
            type="bus",
            code=f"DEMO-BUS-{number:04d}",
            name=f"演示公交车 {number:04d}",
            area_path=district,
            unit_code="op-bus",
            attributes={
                "plate": f"演示D{number:05d}",
                "energy": str(random.choice(kinds, p=(0.80, 0.14, 0.03, 0.01, 0.02))),
                "in_service": bool(random.random() < 0.96),
                "registered_on": (today - timedelta(days=int(random.integers(100, 3200)))).isoformat(),
            },
        )


def _trouble(random: np.random.Generator, number: int, sign: Made) -> Trouble:
    starts_s, lasts_s = float(random.uniform(0, 6 * HOUR)), float(random.uniform(2 * HOUR, 12 * HOUR))
    if number == 0:
        # One has been silent since an hour before: a newcomer need not wait for the first.
        starts_s, lasts_s = -HOUR, 12 * HOUR
    if number < SILENT:
        return Trouble(
            type="stop_sign", code=sign.code, stream="heartbeat", starts_s=starts_s, lasts_s=lasts_s, silent=True,
            truth="stop_sign_silent",
        )  # fmt: skip
    if number < SILENT + FAULTY:
        return Trouble(
            type="stop_sign", code=sign.code, stream="fault", starts_s=starts_s, lasts_s=lasts_s,
            sends_code=str(random.choice(FAULT_CODES)), truth="stop_sign_fault",
        )  # fmt: skip
    if number >= SILENT + FAULTY + LOW + EMPTY:
        # It began a week before, so that the first look at devices finds it.
        return Trouble(
            type="stop_sign", code=sign.code, stream="voltage", starts_s=-7 * 24 * HOUR, lasts_s=14 * 24 * HOUR,
            drifts_by=float(random.choice((-1.0, 1.0)) * random.uniform(2.0, 2.4)), truth="stop_sign_drifts",
        )  # fmt: skip
    if number >= SILENT + FAULTY + LOW:
        return Trouble(
            type="stop_sign", code=sign.code, stream="battery", starts_s=-HOUR, lasts_s=12 * HOUR,
            sends_value=float(random.uniform(0.05, 0.15)), truth="stop_sign_low_battery",
        )  # fmt: skip
    return Trouble(
        type="stop_sign", code=sign.code, stream="voltage", starts_s=starts_s, lasts_s=lasts_s,
        sends_value=float(random.uniform(170.0, 196.0)), truth="stop_sign_low_voltage",
    )  # fmt: skip
