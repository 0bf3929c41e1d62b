"""The command line: one table, help for each row, and where the data folder may stand."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiuhua.plans.loading import DEFAULT
from xiuhua.site.command_line import main
from xiuhua.site.command_table import ROWS, Row, find, no_such, overview
from xiuhua.site.helping import KEPT, take_data
from xiuhua.site.reference import helps
from xiuhua.stack import own_database
from xiuhua.stack.commands import Command
from xiuhua.stack.ports import any_free

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Put the environment back: a command line writes its options there."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_has_its_command_with_help_and_examples(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    command = getattr(importlib.import_module(row.module), row.constant)
    assert isinstance(command, Command)
    assert command.examples and all(line.startswith(f"xiuhua {row.name}") for line in command.examples)
    with pytest.raises(SystemExit) as left:
        main([*row.name.split(), "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "--data" in shown and command.examples[0] in shown


def test_names_are_unique_and_a_longer_one_wins() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    found = find(["import", "areas", "towns.geojson"])
    assert found is not None and found.name == "import areas"
    assert find(["no-such-command"]) is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_overview_names_what_people_use(language: str) -> None:
    shown = overview(language)
    assert all(f"  {row.name} " in shown for row in ROWS if not row.internal)
    assert "serve-web" not in shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_command_is_named_and_the_nearest_is_offered(language: str) -> None:
    assert "stauts" in (said := no_such(["stauts"], language).splitlines()[0]) and "status" in said
    assert "frobnicate" in (said := no_such(["frobnicate"], language).splitlines()[0]) and "status" not in said


def test_the_overview_needs_nothing_installed() -> None:
    code = "import sys; sys.path.insert(0, 'src'); import xiuhua.site.command_table; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-S", "-I", "-c", code], capture_output=True, text=True, check=True)
    assert "django" not in done.stdout and "xiuhua.site.command_table" in done.stdout


@pytest.mark.parametrize(
    "words",
    [["up", "--help"], ["--data", "x", "import", "areas", "-h"], ["user", "add", "--help"], ["audit", "--help"]],
)
def test_the_launcher_answers_help_in_a_bare_tree_and_makes_nothing(words: list[str], tmp_path: Path) -> None:
    shutil.copy(ROOT / "xiuhua", tmp_path / "xiuhua")
    (tmp_path / "src").symlink_to(ROOT / "src")
    line = [sys.executable, "-S", "-E", str(tmp_path / "xiuhua"), *words]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env={**os.environ, "LANG": "zh_CN.UTF-8"})
    name = " ".join(word for word in words if word.isalpha() and word != "x")
    assert f"xiuhua {name}" in done.stdout and "usage: xiuhua COMMAND" not in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"xiuhua", "src"}


def test_the_help_kept_for_the_launcher_is_what_the_parsers_say() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    fresh = helps()
    assert {row.name for row in ROWS if not row.internal} < kept["zh"].keys() == kept["en"].keys()
    # Interpreters differ in where they break lines.
    assert words_of(kept) == words_of(fresh), "bring it up to date: python -m xiuhua.site.reference"


def words_of(tables: dict[str, dict[str, str]]) -> dict[str, dict[str, list[str]]]:
    return {spoken: {name: text.split() for name, text in table.items()} for spoken, table in tables.items()}


@pytest.mark.parametrize(
    ("words", "rest", "data"),
    [
        (["up", "--data", "x", "--empty"], ["up", "--empty"], "x"),
        (["--data=x", "status"], ["status"], "x"),
        (["status"], ["status"], None),
    ],
)
def test_the_data_folder_may_stand_anywhere(words: list[str], rest: list[str], data: str | None) -> None:
    assert take_data(words) == (rest, data)


def test_an_unknown_command_shows_the_overview_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert "xiuhua" in capsys.readouterr().err


def test_up_refuses_two_listeners_on_one_port_and_leaves_no_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "--data", str(tmp_path / "data"), "--port", "8760", "--mqtt-port", "8760"]) == 1
    assert "--mqtt-port" in capsys.readouterr().err and not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [["up"], ["restore", "{tmp}/a.tar"], ["user", "list"]])
def test_an_old_postgresql_is_refused_before_anything_is_changed(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.tar").touch()
    monkeypatch.setattr(own_database, "LEAST_VERSION", 99)
    for name in ("XIUHUA_PORT", "XIUHUA_MQTT_PORT"):
        monkeypatch.setenv(name, str(any_free()))
    monkeypatch.setenv("XIUHUA_DATA", str(tmp_path / "data"))
    assert main([word.format(tmp=tmp_path) for word in words]) == 1
    said = capsys.readouterr().err
    assert "PostgreSQL 18" in said and "99" in said and len(said.splitlines()) == 1
    assert not (tmp_path / "data" / "secrets").exists() and not (tmp_path / "data" / "nats").exists()


def test_a_database_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("XIUHUA_PORT", "XIUHUA_MQTT_PORT"):
        monkeypatch.setenv(name, str(any_free()))
    monkeypatch.setenv("XIUHUA_DATABASE_URL", f"postgresql://city:geheim@127.0.0.1:{any_free()}/fine")
    assert main(["up", "--data", str(tmp_path / "data")]) == 1
    said = capsys.readouterr().err
    assert "XIUHUA_DATABASE_URL" in said and "geheim" not in said and len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["backup", "{tmp}/nowhere/x.tar"], "nowhere"),
        (["backup", "{tmp}"], "{tmp}"),
        (["restore", "{tmp}/nope.tar"], "nope.tar"),
        (["restore", "{tmp}"], "{tmp}"),
        (["up", "--data", "{tmp}/closed/zz"], "closed/zz"),
        (["up", "--data", "{tmp}/file/zz"], "file"),
    ],
)
def test_a_path_that_cannot_be_used_is_named_in_one_sentence(
    words: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIUHUA_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "pg").mkdir(parents=True)
    (tmp_path / "closed").mkdir(mode=0o500)
    (tmp_path / "file").touch()
    importlib.import_module("xiuhua.site.commands.up")
    ordinary = 65534 if words[0] == "up" and os.geteuid() == 0 else os.geteuid()
    own = os.geteuid()
    os.seteuid(ordinary)
    try:
        assert main([word.format(tmp=tmp_path) for word in words]) == 1
    finally:
        os.seteuid(own)
    said = capsys.readouterr().err
    assert named.format(tmp=tmp_path) in said and len(said.splitlines()) == 1


def test_check_tells_every_fault_of_the_plan_once_and_counts_it(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8").replace("figure: 0.7\n", "figure: 70\n", 1)
    text = text.replace("role: leads, unit: jgw", "role: leads, unit: zzz", 1)
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    environment = {**os.environ, "XIUHUA_PLAN": str(tmp_path / "plan.yaml"), "XIUHUA_LANGUAGE": "en"}
    line = [sys.executable, "-m", "xiuhua.site.command_line", "check"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 1
    assert sum("plans.not_a_part" in one for one in lines) == sum("zzz" in one for one in lines) == 1
    assert not any("70" in one and "plans.not_a_part" not in one for one in lines)
    as_json = subprocess.run([*line, "--json"], capture_output=True, text=True, check=False, env=environment)
    findings = json.loads(as_json.stdout)
    assert {"plans.not_a_part", "plans.unit_unknown"} <= {one["code"] for one in findings}
    assert f" {sum(one['severity'] == 'error' for one in findings)} faults" in lines[-1]


def test_a_word_that_only_begins_commands_has_a_help_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--help"]) == 0
    assert "audit verify" in (shown := capsys.readouterr().out) and "backup" not in shown
    assert main(["audit"]) == 2
    assert "audit verify" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["add", "grant", "revoke", "password", "deactivate", "activate", "list"])
@pytest.mark.parametrize("spoken", ["zh", "en"])
def test_each_verb_of_user_has_an_example(verb: str, spoken: str) -> None:
    assert f"  xiuhua user {verb}" in helps()[spoken][f"user {verb}"]


def test_english_help_is_english() -> None:
    for name, text in helps()["en"].items():
        examples = text.partition("examples:")[0]
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in examples), name


def test_the_engines_tell_what_they_take_and_give(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "sampling" in names
    for name in names:
        assert main(["engine", name]) == 0
        assert capsys.readouterr().out
    assert main(["engine", "alchemy"]) == 1
    assert "sampling" in capsys.readouterr().err


def test_sizes_are_numbers_for_programs_and_megabytes_for_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "x").write_bytes(b"0" * 2_500_000)
    assert main(["status", "--json", "--data", str(tmp_path)]) == 3
    assert json.loads(capsys.readouterr().out)["sizes"] == {"files_bytes": 2_500_000}
    assert main(["status", "--data", str(tmp_path)]) == 3
    assert re.search(r"^  files +2\.5 MB$", capsys.readouterr().out, re.MULTILINE)
