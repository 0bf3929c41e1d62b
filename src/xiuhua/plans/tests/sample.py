"""A small plan for the tests, over the scenario of the indicators' tests."""

from __future__ import annotations

from pathlib import Path

TEXT = """id: small
title: {zh: "小计划", en: "Small plan"}
document: "文号"
issued: 2024-12-26
due: 2026-12-31
themes:
  - {id: light, title: {zh: "照明", en: "Light"}}
tasks:
  - "no": "1"
    theme: light
    pack: city
    title: {zh: "路灯", en: "Lamps"}
    text: |-
      让路灯亮起来。
    leads:
      - {name: "区某局", role: leads, unit: jgw}
    targets:
      - id: working
        label: {zh: "亮灯率", en: "Lit"}
        indicator: city.working
        bound: "≥"
        figure: 0.95
        unit: "%"
        printed: true
      - id: leds
        label: {zh: "LED 灯", en: "LEDs"}
        indicator: city.leds
        bound: "≥"
        figure: 2
        unit: "盏"
        due: 2025-12-31
      - id: power
        label: {zh: "功率", en: "Power"}
        indicator: city.power
        unit: "W"
  - "no": "2"
    theme: light
    pack: trees
    title: {zh: "树", en: "Trees"}
    text: 种树。
    leads: []
    targets:
      - id: planted
        label: {zh: "种树", en: "Planted"}
        indicator: trees.planted
        bound: "≥"
        figure: 1
        unit: "%"
        read_as: true
  - "no": "S1"
    theme: light
    pack: city
    title: {zh: "保障", en: "Safeguard"}
    text: 保障。
    leads: []
    targets:
      - id: repairs
        label: {zh: "按时", en: "In time"}
        indicator: city.in_time
        bound: ">"
        figure: 0.5
        unit: "%"
"""


def written(place: Path, *changes: tuple[str, str]) -> Path:
    """Write the plan with changes; each text must be there."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file = place / "plan.yaml"
    file.write_text(text, "utf-8")
    return file


def line_of(file: Path, text: str) -> int:
    """Return the number of the first line that holds the text."""
    lines = file.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
