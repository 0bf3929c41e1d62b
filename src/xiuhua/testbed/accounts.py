"""The demonstration's people: enough posts that no one person can walk the whole loop alone."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from xiuhua.kernel.actor import Actor
from xiuhua.people.actions import Holding, ShiftWanted, add_shift, make_user
from xiuhua.people.actions.songjiang import DEMO
from xiuhua.people.models import User

DISTRICT = "310117"
FANGSONG = "310117003"
JIUTING = "310117107"


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One demonstration person."""

    username: str
    name: str
    does: str
    holdings: tuple[Holding, ...]


def _at(post: str, unit: str, area: str = DISTRICT, *, own_unit_only: bool = False) -> Holding:
    return Holding(post=post, unit=unit, area=area, own_unit_only=own_unit_only)


ACCOUNTS: tuple[Account, ...] = (
    Account(username="zhiban", name="值班长甲", does="区值班长：全区告警、案件", holdings=(_at("duty_chief", "cyzx"),)),
    Account(username="paiqian", name="派遣员甲", does="区派遣员：指定承办单位", holdings=(_at("dispatcher", "cyzx"),)),
    Account(username="hecha", name="核查员甲", does="区核查员：核查结案", holdings=(_at("verifier", "cyzx"),)),
    Account(
        username="zhanpai",
        name="站牌维修甲",
        does="站牌维护单位承办人：只见本单位",
        holdings=(_at("handler", "op-busstop", own_unit_only=True),),
    ),
    Account(
        username="zhaopai",
        name="招牌维护甲",
        does="招牌维护单位承办人：只见本单位",
        holdings=(_at("handler", "op-signs", own_unit_only=True),),
    ),
    Account(
        username="lvhua",
        name="市容台账甲",
        does="区绿化市容局：广告招牌台账、审批、抽检",
        holdings=(_at("data_officer", "lhsr"), _at("handler", "lhsr"), _at("inspector", "lhsr")),
    ),
    Account(
        username="jiaotong",
        name="交通台账甲",
        does="区交通委：公交站点、站牌、车辆台账",
        holdings=(_at("data_officer", "jtw"), _at("handler", "jtw")),
    ),
    Account(
        username="fangsong",
        name="方松专员",
        does="方松街道专员：只见本街道",
        holdings=(_at("town_staff", f"town-{FANGSONG}", FANGSONG), _at("inspector", f"town-{FANGSONG}", FANGSONG)),
    ),
    Account(
        username="jiuting",
        name="九亭专员",
        does="九亭镇专员：只见本镇",
        holdings=(_at("town_staff", f"town-{JIUTING}", JIUTING), _at("inspector", f"town-{JIUTING}", JIUTING)),
    ),
    Account(username="lingdao", name="区领导甲", does="区领导：全区总览与行动计划", holdings=(_at("leader", "cyzx"),)),
    Account(username="shenji", name="审计员甲", does="审计：留痕与核验", holdings=(_at("auditor", "cyzx"),)),
)


# Who answers alarms of the demonstration: by day the town's officer in two towns, else and after that the district.
ROSTER: tuple[ShiftWanted, ...] = (
    *(
        ShiftWanted(
            post="town_staff", unit=f"town-{town}", area=town, step=1, within_min=5, days="working", begins=time(8, 30),
            ends=time(17, 30),
        )
        for town in (FANGSONG, JIUTING)
    ),
    ShiftWanted(
        post="dispatcher", unit="cyzx", area=DISTRICT, step=1, within_min=5, days="every", begins=time(0), ends=time(0)
    ),
    ShiftWanted(
        post="duty_chief", unit="cyzx", area=DISTRICT, step=2, within_min=10, days="every", begins=time(0), ends=time(0)
    ),
)  # fmt: skip


def make_accounts(actor: Actor, file: Path) -> None:
    """Make the demonstration people with one random password and write them to `file`, readable by the owner only."""
    if User.objects.filter(origin=DEMO).exists():
        return
    password = secrets.token_urlsafe(9)
    for account in ACCOUNTS:
        make_user(
            actor,
            username=account.username,
            name=account.name,
            password=password,
            holdings=account.holdings,
            origin=DEMO,
        )
    for shift in ROSTER:
        add_shift(actor, shift, origin=DEMO)
    lines = "".join(f"{account.username}\t{password}\t{account.does}\n" for account in ACCOUNTS)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(lines)
