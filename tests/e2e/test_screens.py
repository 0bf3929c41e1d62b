"""The main screens: no error on the console, the wall, English, a town's own view, and a sign-in that fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import WALL, Opens

INDICATOR = "/indicators/mobility.stops_with_working_sign"
HAN = re.compile(r"[\u4e00-\u9fff]")
HEADS = "h1:not([lang^=zh]), h2, h3, th, dt, button:not(:text('中 / EN')), nav a"
HERE, THERE = "310117003", "310117107"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "行动计划"), ("/plan", "42 项"), ("/plan/tasks/7", "户外广告"), (INDICATOR, "公交站"),
        ("/cases", "在办"), ("/alarms", "告警"), ("/rules", "电子站牌电压低"),
        ("/registers/mobility.bus_stop", "DEMO-ST-0001"), ("/devices", "电子站牌"),
        ("/devices/keys", "demo-devices"), ("/devices/quarantine", "隔离区"),
    ],
)  # fmt: skip
def test_a_main_screen_opens_for_the_chief_without_an_error(screens: Opens, path: str, words: str) -> None:
    page = screens("zhiban").go(path)
    expect(page.get_by_role("main")).to_contain_text(words)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator("header.top")).to_contain_text("实时")


def test_the_wall_is_dark_and_has_no_buttons(screens: Opens) -> None:
    page = screens("zhiban", size=WALL).go("/?wall=1")
    expect(page.locator(".board")).to_contain_text("松江区 城市运行")
    expect(page.locator("canvas")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 64


def test_english_is_complete(screens: Opens) -> None:
    screen = screens("lingdao")
    page = screen.page
    page.get_by_role("button", name="Switch to English").click()
    rail = page.get_by_role("navigation")
    expect(rail).to_contain_text("Overview")
    for path in ("/", "/plan/tasks/8", INDICATOR, "/cases", "/alarms", "/rules"):
        page = screen.go(path)
        expect(rail).to_contain_text("Overview")
        expect(page.locator("html")).to_have_attribute("lang", re.compile("^en"))
        expect(page.get_by_role("main").locator(HEADS).first).to_be_visible()
        expect(page.locator(HEADS).filter(has_text=HAN)).to_have_count(0)
    page.locator("header.top").get_by_text("中 / EN").click()
    expect(rail).to_contain_text("总览")


def test_a_town_sees_its_own_and_nothing_else(screens: Opens) -> None:
    chief, here = screens("zhiban"), screens("fangsong")
    page = here.go("/registers/mobility.bus_stop")
    rows = page.get_by_role("region").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    own = here.get("/objects?type=mobility.bus_stop&size=500")
    assert 0 < own["total"] < chief.get("/objects?type=mobility.bus_stop")["total"]
    assert {row["area_path"].split("/")[1] for row in own["items"]} == {HERE}
    other = chief.get(f"/objects?type=mobility.bus_stop&area=310117/{THERE}/&size=1")["items"][0]
    here.refused.add(other["id"])
    page = here.go(f"/registers/mobility.bus_stop/{other['id']}")
    expect(page.get_by_role("main")).to_contain_text("不在您的查看范围")
    expect(page.get_by_role("main")).not_to_contain_text(other["name"])


def test_a_wrong_password_is_said_in_words(screens: Opens) -> None:
    screen = screens()
    screen.sign_in("zhiban", "not-the-password")
    alert = screen.page.get_by_role("alert")
    expect(alert).to_be_visible()
    assert HAN.search(alert.inner_text())
    expect(screen.page.locator("#password")).to_have_value("")
    expect(screen.page.get_by_role("navigation")).to_have_count(0)
