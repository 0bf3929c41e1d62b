"""The duty chief tries another limit on stored readings, puts it in force, and the next reading is judged by it."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime

from playwright.sync_api import expect

from .conftest import Opens, Screen, Site

LOW = "mobility.stop_sign_low_voltage"
SIGN = "DEMO-SG-0007"


def test_a_limit_is_tried_put_in_force_and_taken_back(site: Site, screens: Opens) -> None:
    screen = screens("zhiban")
    page = screen.go("/rules")
    page.get_by_text("电子站牌电压低").first.click()
    expect(page).to_have_url(re.compile(r"/rules/mobility\.stop_sign_low_voltage"))
    limit = page.get_by_label("阈值（V）")
    expect(limit).to_have_value("198")
    limit.fill("185")
    page.get_by_role("button", name="用近 30 天读数试算").click()
    expect(page.get_by_text(re.compile("告警次数：现行值|这段时间两种值都没有告警"))).to_be_visible()
    page.get_by_label("理由").fill("线路末端，按 185 V 观察")
    page.get_by_role("button", name="改为这些值").click()
    expect(page.get_by_text("第 1 版").first).to_be_visible()
    expect(page.get_by_text("< 185 V").first).to_be_visible()

    sent(site, 190.0)
    sign = screen.get(f"/objects?type=mobility.stop_sign&q={SIGN}")["items"][0]["id"]
    until = time.monotonic() + 20
    while 190.0 not in [stream["value"] for stream in screen.get(f"/objects/{sign}/streams")]:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert low_alarms(screen) == 0

    page.get_by_label("理由").fill("演练结束")
    page.get_by_role("button", name="恢复原定值").click()
    expect(page.get_by_text("第 2 版").first).to_be_visible()
    expect(limit).to_have_value("198")
    sent(site, 190.0)
    alarms = screen.go(f"/alarms?q={SIGN}")
    expect(alarms.get_by_text("供电电压 190 V，低于下限 198 V").first).to_be_visible()


def sent(site: Site, volts: float) -> None:
    """Send a voltage now, as the sign does."""
    reading = {"at": datetime.now(UTC).isoformat(), "value": volts}
    site.send(kind="mobility.stop_sign", code=SIGN, stream="voltage", payload=json.dumps(reading))


def low_alarms(screen: Screen) -> int:
    """Count the sign's standing alarms of the rule."""
    return sum(row["rule"] == LOW for row in screen.get(f"/alarms?q={SIGN}")["items"])


def test_who_does_not_tune_rules_reads_them_only(screens: Opens) -> None:
    page = screens("lingdao").go(f"/rules/{LOW}")
    expect(page.get_by_role("button", name=re.compile("改为这些值"))).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_role("button", name=re.compile("用近 30 天读数试算"))).to_be_enabled()
