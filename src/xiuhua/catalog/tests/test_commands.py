"""`check` and `new-pack`, as their users see them."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.catalog.commands import CHECK, NEW_PACK, of_calendar
from xiuhua.catalog.tests.sample import changed, line_of, loaded, written
from xiuhua.kernel.cases import CaseType
from xiuhua.kernel.durations import WORKING_DAYS, Duration
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.stack.commands import Command


def run(command: Command, *line: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.run(parser.parse_args(line))


def test_a_new_pack_passes_the_check_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(NEW_PACK, "kerbs", "--zh", "路缘石", "--en", "Kerb", "--folder", str(tmp_path)) == 0
    assert {"manifest.toml", "README.md", "pack.py"} <= {file.name for file in (tmp_path / "kerbs").iterdir()}
    capsys.readouterr()
    run(CHECK, "--json", str(tmp_path / "kerbs"))
    assert [one for one in json.loads(capsys.readouterr().out) if "kerbs" in one["place"]] == []


def test_a_new_pack_needs_a_good_id_and_a_free_place(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        run(NEW_PACK, "Kerbs", "--folder", str(tmp_path))
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    with pytest.raises(Conflict):
        run(NEW_PACK, "kerbs", "--folder", str(tmp_path))


def test_a_new_pack_does_not_take_the_id_of_another(tmp_path: Path) -> None:
    taken = next(iter(current().packs))
    with pytest.raises(Conflict, match=taken):
        run(NEW_PACK, taken, "--folder", str(tmp_path))
    assert not (tmp_path / taken).exists()


def test_check_prints_file_and_line_of_every_fault_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    folder = tmp_path / "kerbs"
    changed(folder, ('owner="handler", ', ""), ('on="thing"', 'on="ghost"'))
    capsys.readouterr()
    assert run(CHECK, str(folder)) == 1
    printed = capsys.readouterr().out
    line = line_of(folder, "REPAIR = CaseType(")
    assert f"{folder / 'pack.py'}:{line}: " in printed
    assert "[catalog.state_no_owner]" in printed
    assert "[catalog.reference_unknown]" in printed


def test_a_unit_that_nobody_knows_is_a_fault_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    folder = tmp_path / "kerbs"
    changed(folder, ("lead = []", 'lead = ["zzz"]'), file="manifest.toml")
    capsys.readouterr()
    assert run(CHECK, str(folder)) == 1
    line = line_of(folder, "lead", file="manifest.toml")
    assert f"{folder / 'manifest.toml'}:{line}: " in (printed := capsys.readouterr().out) and "zzz" in printed


def test_numbers_in_quotes_are_told_what_to_become(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(NEW_PACK, "kerbs", "--folder", str(tmp_path))
    changed(tmp_path / "kerbs", ("tasks = []", 'tasks = ["99"]'), file="manifest.toml")
    capsys.readouterr()
    assert run(CHECK, str(tmp_path / "kerbs")) == 1
    printed = capsys.readouterr().out
    assert "without quotes" in printed or "不加引号" in printed


def test_a_year_that_a_limit_can_reach_is_a_fault_and_before_that_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, data=tmp_path))
    kerbs = loaded(written(tmp_path))
    longest = replace(kerbs, cases={"kerbs.repair": _with_limit(kerbs, WORKING_DAYS(60))})
    short = replace(kerbs, cases={"kerbs.repair": _with_limit(kerbs, WORKING_DAYS(3))})

    def told(catalogue: Catalogue, day: str) -> list[tuple[str, str]]:
        now = datetime.fromisoformat(f"{day}T10:00:00+08:00")
        return [(Path(one.place).name, one.severity) for one in of_calendar(catalogue, now)]

    assert told(longest, "2098-10-20") == [("2098.json", "error"), ("2099.json", "error")]
    assert told(short, "2098-10-20") == [("2098.json", "error")]
    assert told(short, "2098-11-20") == [("2098.json", "error"), ("2099.json", "off")]
    (tmp_path / "calendars").mkdir()
    for year in (2098, 2099):
        (tmp_path / "calendars" / f"{year}.json").write_text(
            json.dumps({"holidays": [f"{year}-01-01"], "make_up_days": []})
        )
    assert told(longest, "2098-11-20") == []


def _with_limit(catalogue: Catalogue, limit: Duration) -> CaseType:
    case = catalogue.case_type("kerbs.repair")
    return replace(case, clocks=(), states=tuple(replace(state, limit=limit) for state in case.states))


@pytest.mark.parametrize(
    ("name", "days", "problem"),
    [
        ("2099.json", '{"holidays": ["2099-01-01"]}', "make_up_days"),
        ("2099.json", '{"holidays": ["2099-01-01"], "make_up_days": ["2099-13-01"]}', "2099-13-01"),
        ("2099.json", '{"holidays": ["2099-01-01", "2098-12-31"], "make_up_days": []}', "2098-12-31"),
        ("2099.json", '{"holidays": ["2099-01-01"], "make_up_days": ["2099-01-05"]}', "2099-01-05"),
        ("2099.json", '{"holidays": ["2099-01-01", "2099-01-10"], "make_up_days": ["2099-01-10"]}', "2099-01-10"),
        ("2099.json", '{"holidays": [], "make_up_days": []}', "2099-01-01"),
        ("2099.json", "{", "2099.json"),
        ("next.json", "{}", "next.json"),
    ],
)
def test_what_is_wrong_in_a_calendar_file_is_a_fault_that_names_it(
    name: str, days: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CONFIG", replace(settings.CONFIG, data=tmp_path))
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / name).write_text(days)
    (found,) = of_calendar(current(), datetime(2026, 5, 1, tzinfo=UTC))
    assert found.severity == "error" and problem in found.text and name in found.text
