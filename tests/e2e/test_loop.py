"""The loop that the product exists for, clicked through: register, device, alarm, case, verification, number, rows."""

from __future__ import annotations

import json
import re
import struct
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from .conftest import Opens, Screen, Site

SIGN, REPAIR, INDICATOR = "mobility.stop_sign", "mobility.stop_sign_repair", "mobility.stops_with_working_sign"
TOWN = "310117003"
CODE, NAME = "E2E-SG-1", "走查一号电子站牌"


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A bus stop that has no sign yet."""

    code: str
    lon: float
    lat: float


def test_the_loop(site: Site, screens: Opens, tmp_path: Path) -> None:
    keeper = screens("jiaotong")
    stop = stop_without_a_sign(keeper)
    import_the_sign(keeper, stop, tmp_path)

    report(site, "heartbeat", "ok")
    report(site, "fault", "0")
    chief = screens("zhiban")
    chief.go("/alarms?state=standing")
    before = works_in_town(chief, at_least=stop)
    chief.page.evaluate("window.neverReloaded = true")
    report(site, "fault", "E1")
    alarm = chief.page.get_by_role("row").filter(has_text=NAME)
    expect(alarm).to_contain_text("电子站牌报故障")
    expect(alarm).to_contain_text("未确认")
    expect(alarm.get_by_role("link", name="案件")).to_be_visible()
    assert chief.page.evaluate("window.neverReloaded") is True
    alarm.click()
    chief.page.get_by_role("button", name="打开案件").click()
    expect(chief.page.locator("article.case")).to_contain_text(NAME)
    case_path = chief.page.url.removeprefix(site.address("")).partition("?")[0]
    assert re.fullmatch(r"/cases/[0-9a-f-]{36}", case_path)

    the_number_names_the_stop_and_its_case(chief, stop, case_path, before)
    the_dispatcher_dispatches(screens("paiqian"))
    site.command("user", "--data", str(site.data), "grant", "zhanpai", "verifier", "cyzx", "310117")
    handler = screens("zhanpai")
    the_handler_handles(handler, case_path)
    and_may_not_verify(handler, case_path)
    somebody_else_verifies(screens("hecha"), case_path)
    the_number_has_moved(chief, stop, before)


def stop_without_a_sign(screen: Screen) -> Stop:
    """Return a stop of the town that has no sign; signs are named after their stop."""
    place = f"area=310117/{TOWN}/&size=500"
    signs = {row["name"] for row in screen.get(f"/objects?type={SIGN}&{place}")["items"]}
    stops = screen.get(f"/objects?type=mobility.bus_stop&{place}")["items"]
    row = next(row for row in stops if not any(name.startswith(row["name"]) for name in signs))
    return Stop(code=row["code"], lon=row["lon"], lat=row["lat"])


def import_the_sign(screen: Screen, stop: Stop, folder: Path) -> None:
    """Bring two signs in from a file: once with a mistake, which stops it, then mended."""
    page = screen.go(f"/registers/{SIGN}")
    page.get_by_role("main").get_by_text("导入", exact=True).click()
    picked = page.locator("input[type=file]")
    picked.set_input_files(signs_file(folder / "signs.csv", stop, kind="霓虹"))
    expect(page.locator("select[data-column=所在公交站]")).to_have_value("link.stop")
    page.locator("select[data-crs]").select_option("EPSG:4326")
    preview, apply = page.locator("[data-act=preview]"), page.locator("[data-act=apply]")
    preview.click()
    expect(page.get_by_role("row").filter(has_text="霓虹")).to_be_visible()
    expect(apply).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="重新选文件").click()
    picked.set_input_files(signs_file(folder / "signs-mended.csv", stop, kind="液晶"))
    page.locator("select[data-crs]").select_option("EPSG:4326")
    preview.click()
    apply.click()
    expect(page.locator("ol.steps li.done")).to_have_count(4)
    page.goto(screen.site.address(f"/registers/{SIGN}?q={CODE}"))
    expect(page.get_by_role("row").filter(has_text=NAME)).to_be_visible()


def signs_file(file: Path, stop: Stop, *, kind: str) -> Path:
    """Write a table of two signs at the stop."""
    rows = [(CODE, NAME, "液晶"), (f"{CODE}-2", "走查二号电子站牌", kind)]
    lines = [f"{code},{name},{stop.lon},{stop.lat},{stop.code},op-busstop,{of}" for code, name, of in rows]
    file.write_text("\n".join(("编号,名称,经度,纬度,所在公交站,责任单位,型式", *lines)) + "\n", encoding="utf-8")
    return file


def report(site: Site, stream: str, code: str) -> None:
    """Send a state of the sign, as its device does."""
    message = {"at": datetime.now(UTC).isoformat(), "code": code}
    site.send(kind=SIGN, code=CODE, stream=stream, payload=json.dumps(message))


def works_in_town(screen: Screen, *, at_least: Stop) -> int:
    """Return how many stops of the town have a working sign, once that stop is one of them."""
    until = time.monotonic() + 30
    while True:
        status, _ = screen.post(f"/indicators/{INDICATOR}/recompute", {})
        assert status == 200
        found = screen.get(f"/indicators/{INDICATOR}/rows?passes=true&area={TOWN}&size=500")
        if at_least.code in {row["code"] for row in found["items"]}:
            total: int = found["total"]
            return total
        assert time.monotonic() < until
        screen.page.wait_for_timeout(500)


def move(screen: Screen, name: str) -> Locator:
    """Return the button of a move."""
    return screen.page.locator(f"[data-move={name}]")


def the_dispatcher_dispatches(screen: Screen) -> None:
    screen.go("/cases")
    screen.page.get_by_role("option").filter(has_text=NAME).click()
    move(screen, "send").click()
    sheet = screen.page.get_by_role("dialog")
    sheet.locator("#move-unit").select_option("op-busstop")
    sheet.get_by_role("button", name="确定：派遣").click()
    expect(move(screen, "finish")).to_have_attribute("aria-disabled", "true")


def the_handler_handles(screen: Screen, case_path: str) -> None:
    screen.go("/cases?mine=true")
    screen.page.get_by_role("option").filter(has_text=NAME).click()
    expect(screen.page).to_have_url(re.compile(case_path))
    for need in ("photo_before", "photo_after"):
        picture = {"name": f"{need}.png", "mimeType": "image/png", "buffer": photo(len(need))}
        screen.page.locator(f"#evidence-{need}").set_input_files(picture)
        expect(screen.page.locator(f"li.add.met:has([data-need={need}])")).to_be_visible()
    move(screen, "finish").click()
    sheet = screen.page.get_by_role("dialog")
    sheet.locator("[data-field=cause] select").select_option("screen")
    sheet.get_by_role("button", name="确定：处置完成").click()
    expect(move(screen, "accept")).to_be_visible()


def and_may_not_verify(screen: Screen, case_path: str) -> None:
    expect(move(screen, "accept")).to_have_attribute("title", "您处置过这个案件，须由另一人核查")
    version = screen.get(f"/{case_path.lstrip('/')}")["version"]
    status, answer = screen.post(f"{case_path}/moves/accept", {"version": version})
    assert (status, answer["code"]) == (403, "cases.handler_may_not_verify")


def somebody_else_verifies(screen: Screen, case_path: str) -> None:
    screen.go(case_path)
    expect(screen.page.locator("article.case img")).to_have_count(2)
    move(screen, "accept").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="确定：核查通过").click()
    expect(screen.page.locator("article.case > header .chip").filter(has_text=re.compile("^结案$"))).to_be_visible()
    expect(move(screen, "accept")).to_have_count(0)


def the_number_names_the_stop_and_its_case(chief: Screen, stop: Stop, case_path: str, before: int) -> None:
    page = chief.go(f"/indicators/{INDICATOR}?area={TOWN}")
    row = page.get_by_role("row").filter(has_text=stop.code)
    expect(row).to_be_visible()
    assert passing(chief) < before
    expect(row.locator(f'a[href^="{case_path}"]')).to_be_visible()
    row.locator(f'a[href^="{case_path}"]').click()
    expect(page.locator("article.case")).to_contain_text(NAME)
    page.go_back()
    expect(row).to_be_visible()
    page.evaluate("window.neverReloaded = true")


def the_number_has_moved(chief: Screen, stop: Stop, before: int) -> None:
    """The chief's page still stands open; it takes the new value without a reload."""
    expect(chief.page.get_by_role("row").filter(has_text=stop.code)).to_have_count(0)
    assert chief.page.evaluate("window.neverReloaded") is True
    expect(chief.page.locator(".figure")).to_contain_text(f"{before} /")
    assert passing(chief) == before


def passing(screen: Screen) -> int:
    found: Any = screen.get(f"/indicators/{INDICATOR}?area={TOWN}")["numerator"]
    return int(found)


def photo(shade: int) -> bytes:
    """Return a grey picture of 64 × 48 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = zlib.compress(48 * (b"\0" + bytes((shade * 15,)) * 64 * 3))
    head = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
