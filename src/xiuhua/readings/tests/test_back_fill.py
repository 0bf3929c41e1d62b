"""Old readings out of a file: all or nothing, each once, in every tier, and nobody is alarmed by them."""

from __future__ import annotations

import argparse
import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Invalid, Refused
from xiuhua.ledger.models import History
from xiuhua.readings.back_fill import BackFill, back_fill
from xiuhua.readings.commands import import_readings
from xiuhua.readings.file_rows import rows_of
from xiuhua.readings.history import retention
from xiuhua.readings.history.archive import archive
from xiuhua.readings.history.rollup import roll_up
from xiuhua.readings.history.series import series
from xiuhua.readings.models import Alarm, IngestCount, Latest
from xiuhua.readings.quality import Quality
from xiuhua.readings.tests.conftest import EAST, Lamps, Line, person
from xiuhua.readings.tests.history import (
    DAY,
    FAULT,
    HOUR,
    MIDNIGHT,
    MINUTE,
    VOLTAGE,
    ask,
    begin_history,
    files,
    numbers,
    stream_of,
    write,
)

__all__ = ["files"]
ROOT = system_actor("test")
NOW = MIDNIGHT + 5 * DAY + HOUR
LAMP_EAST, LAMP_WEST = "lights/lamp/E.1/voltage", "lights/lamp/西%201/voltage"
HEAD = "stream,at,value,code,unit,quality\n"


def csv_of(folder: Path, *lines: str, name: str = "old.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def take(path: Path, *, keep_good: bool = False, now: datetime = NOW) -> BackFill:
    return back_fill(ROOT, rows_of(path), name=path.name, keep_good=keep_good, now=now)


def at(minutes: float, day: int = 0) -> str:
    return (MIDNIGHT + day * DAY + timedelta(minutes=minutes)).isoformat()


def stored() -> list[tuple[object, ...]]:
    return ask(
        "SELECT d.object_code, r.at, r.value, r.code, r.quality FROM readings_reading r "
        "JOIN readings_datastream d ON d.id = r.datastream_id ORDER BY 1, 2"
    )


def test_rows_pass_the_wall_of_all_readings(lamps: Lamps, tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        f"{LAMP_EAST},{at(0)},0.22,,kV,",
        f"{LAMP_WEST},2026-11-20 08:00:00,231.5,,,1",
        f"lights/lamp/E.1/fault,{int(MIDNIGHT.timestamp() * 1000)},,E01,,",
    )
    done = take(path)
    assert (done.written, done.added, done.unchanged, done.faults) == (True, 3, 0, {})
    assert stored() == [
        ("E.1", MIDNIGHT, 220.0, None, Quality.LATE),
        ("E.1", MIDNIGHT, None, "E01", Quality.LATE),
        ("西 1", MIDNIGHT, 231.5, None, Quality.LATE | Quality.DISTRUSTED),
    ]
    assert {one.fate: one.count for one in IngestCount.objects.all()} == {"stored": 3, "repeated": 0}
    told = History.objects.get(entity="readings", action="imported")
    assert told.data["added"] == 3 and told.data["file"] == "old.csv"


def test_the_same_file_stores_nothing_twice(lamps: Lamps, tmp_path: Path) -> None:
    path = csv_of(tmp_path, f"{LAMP_EAST},{at(0)},220,,,", f"{LAMP_EAST},{at(1)},221,,,", f"{LAMP_EAST},{at(1)},221,,,")
    assert (take(path).added, take(path).unchanged) == (2, 3)
    assert len(stored()) == 2


def test_all_faults_are_told_at_once_and_nothing_is_written(lamps: Lamps, tmp_path: Path) -> None:
    write(numbers(stream_of(lamps.east), MIDNIGHT, [220]))
    path = csv_of(
        tmp_path,
        f"{LAMP_EAST},{at(5)},220,,,", f"nothing,{at(5)},220,,,", f"x/y/z/voltage,{at(5)},220,,,",
        f"lights/lamp/E.1/colour,{at(5)},220,,,", f"lights/lamp/E.9/voltage,{at(5)},220,,,",
        f"{LAMP_EAST},noon,220,,,", f"{LAMP_EAST},2026-11-20,220,,,", f"{LAMP_EAST},1999-01-01T00:00:00Z,220,,,",
        f"{LAMP_EAST},{(NOW + HOUR).isoformat()},220,,,", f"{LAMP_EAST},{at(6)},many,,,", f"{LAMP_EAST},{at(6)},,,,",
        f"{LAMP_EAST},{at(6)},,ok,,", f"{LAMP_EAST},{at(7)},1,,furlong,", f"{LAMP_EAST},{at(0)},221,,,",
        f"{LAMP_EAST},{at(8)},1,,,", f"{LAMP_EAST},{at(8)},2,,,", f"{LAMP_EAST},{at(9)},nan,,,",
    )  # fmt: skip
    done = take(path)
    assert not done.written
    assert {row: fault.reason for row, fault in sorted(done.faults.items())} == {
        1: "topic", 2: "type", 3: "stream", 4: "object", 5: "time", 6: "time", 7: "clock", 8: "clock", 9: "value",
        10: "value", 11: "value", 12: "unit", 13: "conflict", 15: "conflict", 16: "value",
    }  # fmt: skip
    assert len(stored()) == 1 and not IngestCount.objects.exists() and not History.objects.exists()
    assert (take(path, keep_good=True).added, len(stored())) == (2, 3)


def test_old_readings_raise_and_clear_nothing_and_leave_the_latest_value(
    line: Line, lamps: Lamps, tmp_path: Path
) -> None:
    def says(moment: str, value: int) -> dict[str, int]:
        payload = json.dumps({"at": moment, "value": value}).encode()
        return line.take(line.message("$MQTT.msgs.city.lights.lamp.E//1.voltage", payload))

    def standing() -> tuple[list[object], list[object]]:
        return list(Latest.objects.values_list("at", "value")), list(Alarm.objects.values_list("state", "count"))

    says(at(0, 3), 190)
    before = standing()
    assert before[1] == [("raised", 1)]
    path = csv_of(
        tmp_path, f"{LAMP_EAST},{at(0)},150,,,", f"{LAMP_EAST},{at(5, 3)},220,,,", f"{LAMP_WEST},{at(0)},1,,,"
    )
    assert take(path).added == 3
    assert standing() == before
    assert says(at(1, 3), 191) == {"stored": 1}


def test_rollups_and_archived_days_are_right_after_a_back_fill(lamps: Lamps, files: Path, tmp_path: Path) -> None:
    begin_history()
    east = stream_of(lamps.east)
    write(numbers(east, MIDNIGHT, [220] * 60))
    roll_up(now=NOW)
    archive(now=NOW, hot_days=1)
    assert ask("SELECT count(*) FROM readings_reading") == [(0,)]
    path = csv_of(
        tmp_path,
        f"{LAMP_EAST},{at(0)},220,,,", f"{LAMP_EAST},{at(0.5)},250,,,", f"{LAMP_EAST},{at(30, -40)},200,,,",
    )  # fmt: skip
    assert (take(path).added, take(path).unchanged) == (2, 3)
    other = csv_of(tmp_path, f"{LAMP_EAST},{at(1)},7,,,", name="other.csv")
    wrong = take(other, keep_good=True)
    assert (wrong.added, [fault.reason for fault in wrong.faults.values()]) == (0, ["conflict"])

    def seen() -> tuple[int, float]:
        found = series(ROOT, east, begin=MIDNIGHT, end=MIDNIGHT + HOUR, resolution="raw", points=1000).points
        return len(found), max(one.value or 0 for one in found)

    assert seen() == (61, 250.0)
    later = NOW + 2 * HOUR
    archive(now=later, hot_days=1)
    roll_up(now=later)
    archive(now=later, hot_days=1)
    assert ask("SELECT count(*) FROM readings_reading") == [(0,)] and seen() == (61, 250.0)
    assert ask("SELECT count, high FROM readings_hour WHERE at = %s", MIDNIGHT) == [(61, 250.0)]
    assert ask("SELECT count, high FROM readings_hour WHERE at = %s", MIDNIGHT - 40 * DAY) == [(1, 200.0)]
    assert take(path).unchanged == 3, "all of them lie in files by now"


def test_what_is_no_longer_kept_is_not_taken(lamps: Lamps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = retention.Policy(
        kind=VOLTAGE, version=1, raw_days=30, rollup_days=30, set_at=NOW, set_by="", set_by_name="", why=""
    )  # fmt: skip
    monkeypatch.setattr(retention, "policies", lambda: [rule])
    old = csv_of(tmp_path, f"{LAMP_EAST},{at(0, -60)},220,,,", f"lights/lamp/E.1/fault,{at(0, -60)},,ok,,")
    assert {row: fault.reason for row, fault in take(old, keep_good=True).faults.items()} == {0: "expired"}
    assert [row[3] for row in stored()] == ["ok"] and FAULT


def test_a_parquet_file_is_read_as_a_csv_is(lamps: Lamps, tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    duckdb.connect().execute(
        """
        COPY (SELECT $stream AS stream, $begin::TIMESTAMPTZ + i * INTERVAL 1 MINUTE AS "at", 220.0 + i AS value,
              i AS other FROM range(3) r (i)) TO $path (FORMAT parquet)
        """,
        {"stream": LAMP_EAST, "begin": at(0), "path": str(path)},
    )
    rows = rows_of(path)
    assert rows.left_out == ("other",)
    assert take(path).added == 3
    assert [row[1:3] for row in stored()] == [(MIDNIGHT + one * MINUTE, 220.0 + one) for one in range(3)]


_CELLS = st.sampled_from(
    ["", "0", "nan", "1e400", "220", "noon", at(3), "\x01", "kV", "E01", LAMP_EAST, "//", "x" * 300]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.tuples(*[_CELLS] * 6), min_size=1, max_size=5), moments=st.lists(st.integers(0, 3), min_size=5)
)
def test_each_row_of_a_file_is_new_known_or_a_fault(
    lamps: Lamps, tmp_path: Path, cells: list[tuple[str, ...]], moments: list[int]
) -> None:
    good = [f"{LAMP_EAST},{at(moment)},220,,," for moment in moments]
    path = csv_of(tmp_path, *good, *(",".join(row) for row in cells))
    done, rows = take(path, keep_good=True), rows_of(path).table.numbers
    assert done.added + done.unchanged + len(done.faults) == len(rows) >= len(good)


@given(st.binary(max_size=100) | st.binary(max_size=100).map(lambda raw: b"PAR1" + raw + b"PAR1"))
def test_no_bytes_break_the_reader_of_files(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.csv"
    path.write_bytes(raw)
    try:
        assert rows_of(path).sheet
    except Invalid as refusal:
        assert refusal.code.startswith(("objects.", "readings."))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PAR1 and nothing", "objects.unreadable_file"),
        (b"", "objects.empty_file"),
        (b"stream,value\na,1\n", "readings.columns_missing"),
        (b"stream,at\na,1\n", "readings.columns_missing"),
        (b'{"type": "FeatureCollection", "features": []}', "objects.wrong_ending"),
    ],
)
def test_a_file_that_is_none_is_named(lamps: Lamps, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as raised:
        rows_of(path)
    assert raised.value.code == code


def test_who_may_not_import_in_the_whole_district_is_refused(lamps: Lamps, tmp_path: Path) -> None:
    rows = rows_of(csv_of(tmp_path, f"{LAMP_EAST},{at(0)},220,,,"))
    with pytest.raises(Refused):
        back_fill(person(EAST, "east"), rows, name="x", keep_good=False, now=NOW)


def test_the_command_tells_each_row_and_keeps_the_bad_ones(
    lamps: Lamps, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIUHUA_LANGUAGE", "en")
    now = timezone.now() - HOUR
    path = csv_of(
        tmp_path, f"{LAMP_EAST},{now.isoformat()},220,,,", f"{LAMP_EAST},noon,=1,,,", f"a/b/c/d,{now.isoformat()},1,,,"
    )
    rejected = tmp_path / "rejected.csv"
    assert import_readings(argparse.Namespace(file=path, keep_good=None)) == 1
    said = capsys.readouterr()
    assert "3 rows: 1 added, 0 there already, 2 wrong" in said.out and "Nothing was written" in said.err
    assert "row 3 at 'noon': No time that can be read" in said.err and "row 4 stream 'a/b/c/d'" in said.err
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM readings_reading")
        assert cursor.fetchone() == (0,)
    assert import_readings(argparse.Namespace(file=path, keep_good=rejected)) == 0
    with rejected.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["行号 Row"], row["at"], row["value"]) for row in rows] == [
        ("3", "noon", "'=1"),
        ("4", now.isoformat(), "1"),
    ]
    mended = rejected.read_text(encoding="utf-8-sig").replace("noon", now.isoformat()).replace("'=1", "220")
    rejected.write_text(mended.replace("a/b/c/d", LAMP_WEST), encoding="utf-8")
    assert import_readings(argparse.Namespace(file=rejected, keep_good=None)) == 0
    assert "1 added, 1 there already, 0 wrong" in capsys.readouterr().out
