"""The pictures of README and guides, taken of the demonstration: XIUHUA_SCREENS=1 writes docs/use/screens."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import ROOT, WALL, Opens, Screen, Site

FOLDER = ROOT / "docs" / "use" / "screens"
SIGN = "mobility.stop_sign"
DRAWN_MS = 8_000
TROUBLES_WITHIN_S = 400.0

pytestmark = pytest.mark.skipif(os.environ.get("XIUHUA_SCREENS") != "1", reason="pictures only with XIUHUA_SCREENS=1")

DRAWING = """
<body style="margin:0"><svg viewBox="0 0 320 200" width="640" height="400">
  <rect width="320" height="200" fill="#c9d6dc"/><rect y="140" width="320" height="60" fill="#8d9398"/>
  <rect x="40" y="30" width="90" height="110" fill="#b3a595"/>
  <rect x="190" y="10" width="110" height="130" fill="#a7b0a2"/>
  <rect x="146" y="60" width="8" height="110" fill="#3c4650"/>
  <rect x="112" y="40" width="76" height="52" rx="4" fill="#26303a"/>
  <rect x="118" y="46" width="64" height="40" fill="{screen}"/>
  <text x="150" y="71" font-size="13" text-anchor="middle" fill="#fff" font-family="sans-serif">{words}</text>
  <text x="312" y="192" font-size="10" text-anchor="end" fill="#fff" font-family="sans-serif">演示绘图</text>
</svg>"""


def test_the_pictures(site: Site, screens: Opens, tmp_path: Path) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    site.command("demo", "--data", str(site.data), "--speed", "300")
    chief = screens("zhiban")
    alarms = wait_for_alarms(chief)
    site.command("demo", "--data", str(site.data), "--speed", "1")
    case_in_hand(screens, chief)
    shown(chief, f"/alarms/{with_a_curve(alarms)}", "alarms")
    shown(chief, "/plan/tasks/7", "plan")
    shown(chief, "/indicators/signs.billboards_approved", "indicator")
    shown(chief, "/registers/signs.billboard", "register", first_row)
    shown(chief, "/", "cockpit")
    import_with_mistakes(screens("jiaotong"), tmp_path)
    shown(screens("zhiban", size=WALL), "/?wall=1", "wall")


def wait_for_alarms(screen: Screen) -> list[dict[str, Any]]:
    """Wait until the hurried devices have raised a handful of alarms, and return those that stand."""
    until = time.monotonic() + TROUBLES_WITHIN_S
    while True:
        found: list[dict[str, Any]] = screen.get("/alarms?state=standing&size=100")["items"]
        if len(found) >= 8 and any(alarm["value"] is not None for alarm in found):
            return found
        assert time.monotonic() < until, f"{len(found)} alarms"
        screen.page.wait_for_timeout(2_000)


def with_a_curve(alarms: list[dict[str, Any]]) -> str:
    """Return an alarm that is about a number."""
    return next(str(alarm["id"]) for alarm in alarms if alarm["value"] is not None)


def case_in_hand(screens: Opens, chief: Screen) -> None:
    """Let a repair be dispatched and its photographs be added; take its page as its handler sees it."""
    case = chief.get("/cases?type=mobility.stop_sign_repair&state=dispatch&size=1")["items"][0]
    moves = f"/cases/{case['id']}/moves"
    dispatcher = screens("paiqian")
    status, answer = dispatcher.post(f"{moves}/send", {"version": case["version"], "unit_code": "op-busstop"})
    assert status == 200, answer
    handler = screens("zhanpai")
    before, after = (drawing(chief.page, *one) for one in (("#111", "无显示"), ("#0b6a69", "3 路 2 分钟")))
    handler.go(f"/cases/{case['id']}")
    for need, picture in (("photo_before", before), ("photo_after", after)):
        file = {"name": f"{need}.jpg", "mimeType": "image/jpeg", "buffer": picture}
        handler.page.locator(f"#evidence-{need}").set_input_files(file)
        expect(handler.page.locator(f"li.add.met:has([data-need={need}])")).to_be_visible()
    shown(handler, f"/cases/{case['id']}", "case")


def drawing(page: Page, screen: str, words: str) -> bytes:
    """Return a small drawn picture of a stop sign as JPEG."""
    easel = page.context.new_page()
    easel.set_viewport_size({"width": 640, "height": 400})
    easel.set_content(DRAWING.format(screen=screen, words=words))
    picture = easel.screenshot(type="jpeg", quality=85)
    easel.close()
    return picture


def import_with_mistakes(screen: Screen, folder: Path) -> None:
    """Take the preview of a file in which three of many rows are wrong."""
    stops = screen.get("/objects?type=mobility.bus_stop&size=40")["items"]
    lines = ["编号,名称,经度,纬度,所在公交站,责任单位,型式,安装日期"]
    for number, stop in enumerate(stops, start=1):
        kind, date, link = "液晶", "2026-05-18", stop["code"]
        if number == 7:
            kind = "霓虹"
        if number == 19:
            date = "2026-13-01"
        if number == 28:
            link = "ST-9999"
        lines.append(
            f"NEW-SG-{number:03d},{stop['name']}二号站牌,{stop['lon']},{stop['lat']},{link},op-busstop,{kind},{date}"
        )
    file = folder / "新增电子站牌.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = screen.go(f"/registers/{SIGN}/import")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("select[data-crs]").select_option("EPSG:4326")
    page.locator("[data-act=preview]").click()
    expect(page.get_by_role("row").filter(has_text="霓虹")).to_be_visible()
    page.wait_for_timeout(DRAWN_MS)
    page.screenshot(path=FOLDER / "import.png")


def first_row(page: Page) -> None:
    """Choose the first row, so that its card stands beside the list."""
    page.get_by_role("row").nth(1).click()


def shown(screen: Screen, path: str, name: str, then: Callable[[Page], None] | None = None) -> None:
    """Open a page, let its map and charts be drawn, and keep its picture."""
    page = screen.go(path)
    expect(page.get_by_role("main")).to_be_visible()
    page.wait_for_timeout(DRAWN_MS if then is None else 2_000)
    if then is not None:
        then(page)
        page.wait_for_timeout(DRAWN_MS)
    page.mouse.move(700, 5)
    page.screenshot(path=FOLDER / f"{name}.png")
