"""The main screens: no error on the console, the wall, English, a town's own view, and a sign-in that fails."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

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


def test_the_language_chosen_stays_however_late_the_server_hears_of_it(screens: Opens) -> None:
    screen = screens("lingdao")
    page = screen.page
    rail = page.get_by_role("navigation")
    late: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            late.append(route)
        else:
            route.continue_()

    page.route("**/api/session", hold)
    page.get_by_role("button", name="Switch to English").click()
    expect(rail).to_contain_text("Overview")
    for path in ("/plan", "/cases"):
        screen.go(path)
        expect(rail).to_contain_text("Overview")
    assert late
    assert screen.get("/session")["language"] == "zh"
    page.unroute("**/api/session", hold)
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        screen.go("/plan")
    assert screen.get("/session")["language"] == "en"
    screen.go("/alarms")
    expect(rail).to_contain_text("Overview")
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        page.locator("header.top").get_by_text("中 / EN").click()
    expect(rail).to_contain_text("总览")


def test_every_indicator_is_reached_by_clicking_and_by_searching(screens: Opens) -> None:
    screen = screens("zhiban")
    declared = {one["id"]: one["label"]["zh"] for one in screen.get("/catalog")["indicators"]}
    page = screen.go("/plan")
    page.get_by_role("tab", name=re.compile("^全部指标")).click()
    for indicator, label in declared.items():
        link = page.get_by_role("tabpanel").locator(f'a[href^="/indicators/{indicator}"]')
        expect(link).to_have_text(label)
    page.get_by_role("tabpanel").get_by_role("link", name="抽检店招完好率").click()
    expect(page.get_by_role("heading", name="抽检店招完好率")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("还没有“店招安全抽检”可算")

    page = screen.go("/plan/tasks/8")
    page.get_by_role("main").get_by_role("link", name="电子站牌按时修复率").click()
    expect(page.get_by_role("heading", name="电子站牌按时修复率")).to_be_visible()
    page = screen.go("/registers/signs.billboard")
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("^点位内户外广告审批率 [0-9]"))).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("大风巡查覆盖率（店招）")
    page.get_by_role("option", name=re.compile("大风巡查覆盖率（店招）")).click()
    expect(page.get_by_role("heading", name="大风巡查覆盖率（店招）")).to_be_visible()


def test_a_town_s_trend_ends_at_the_town_s_figure(screens: Opens) -> None:
    screen = screens("zhiban")
    page = screen.go(f"/indicators/signs.shop_signs_approved?area={HERE}")
    shown = page.locator(".figure b")
    expect(shown).to_be_visible()
    page.get_by_role("button", name="看数表").click()
    last = page.locator(".trend table tr").last.locator("td").first
    expect(last).to_have_text(shown.inner_text())
    whole = screen.get("/indicators/signs.shop_signs_approved")["value"]
    assert shown.inner_text() != f"{whole:.1%}"


def test_the_cockpit_map_has_what_the_registers_hold(screens: Opens) -> None:
    screen = screens("zhiban")
    page = screen.go("/")
    legend = page.get_by_role("group", name="图例")
    expect(legend).to_contain_text("台账对象")
    layer = page.get_by_role("button", name="台账对象")
    layer.click()
    expect(legend).not_to_contain_text("台账对象")
    layer.click()
    expect(legend).to_contain_text("台账对象")
    page = screen.go(f"/?area={HERE}")
    expect(legend).to_contain_text("台账对象")
    for _ in range(3):
        page.get_by_role("button", name="放大").click()
        page.wait_for_timeout(300)
    expect(legend).to_contain_text("店招店牌")
    expect(legend).not_to_contain_text("台账对象")
    page.get_by_text(re.compile("^图层")).click()
    page.get_by_role("checkbox", name=re.compile("店招店牌")).uncheck()
    expect(legend).not_to_contain_text("店招店牌")


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
