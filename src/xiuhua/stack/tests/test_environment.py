"""The launcher: when the environment and the pages are made anew, and that the locks say what the project needs."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from xiuhua.stack.environment import Environment
from xiuhua.stack.launching import first_word
from xiuhua.stack.pages import STAMP, SUPERSEDED_KEPT_S, is_built, publish, sources_stamp

ROOT = Path(__file__).resolve().parents[4]


def made(root: Path, *, tools: bool) -> Environment:
    environment = Environment(root=root, tools=tools)
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.touch()
    environment.mark_made()
    return environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "requirements.lock").write_text("django==5.2.19\n")
    (tmp_path / "requirements-dev.lock").write_text("django==5.2.19\npytest==9\n")
    return tmp_path


def test_a_made_environment_is_left_alone_until_its_lock_changes(project: Path) -> None:
    environment = Environment(root=project, tools=False)
    assert not environment.is_made()
    made(project, tools=False)
    assert environment.is_made()
    (project / "requirements.lock").write_text("django==5.2.20\n")
    assert not environment.is_made()


def test_an_environment_with_tools_serves_the_product_but_not_the_other_way_round(project: Path) -> None:
    made(project, tools=True)
    assert Environment(root=project, tools=False).is_made()
    made(project, tools=False)
    assert not Environment(root=project, tools=True).is_made()


def test_an_environment_that_was_moved_or_lost_its_interpreter_is_made_anew(project: Path, tmp_path: Path) -> None:
    environment = made(project, tools=False)
    environment.python.unlink()
    assert not environment.is_made()
    environment.python.touch()
    moved = project.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert not Environment(root=moved, tools=False).is_made()


def test_another_python_gets_an_environment_of_its_own_and_leaves_the_first_alone(project: Path) -> None:
    first = made(project, tools=False)
    (first.folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.99.1\n")
    ours = Environment(root=project, tools=False)
    assert ours.folder == project / ".venv-{}.{}".format(*sys.version_info[:2]) and not ours.is_made()
    assert (project / ".venv" / "bin" / "python").exists()
    (project / ".venv" / "pyvenv.cfg").write_text("version = {}.{}.0\n".format(*sys.version_info[:2]))
    assert Environment(root=project, tools=False).folder == project / ".venv"


def test_pages_are_built_when_a_source_changed(tmp_path: Path) -> None:
    for name in ("package.json", "package-lock.json", "src/main.ts", "dist/index.html", "node_modules/x/index.js"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    assert not is_built(tmp_path)
    (tmp_path / "dist" / STAMP).write_text(sources_stamp(tmp_path))
    assert is_built(tmp_path)
    (tmp_path / "node_modules/x/index.js").write_text("changed by npm")
    assert is_built(tmp_path)
    (tmp_path / "src/main.ts").write_text("changed by us")
    assert not is_built(tmp_path)


def test_a_build_takes_its_place_under_a_running_site(tmp_path: Path) -> None:
    dist, kept_s = tmp_path / "dist", SUPERSEDED_KEPT_S

    def build(name: str, *, now: float) -> set[str]:
        made = tmp_path / "dist.new"
        for file, text in (("index.html", f"loads {name}"), (f"assets/{name}", name), ("assets/mark.svg", name)):
            (made / file).parent.mkdir(parents=True, exist_ok=True)
            (made / file).write_text(text)
        publish(made, dist, f"stamp {name}", now=now)
        assert not made.exists()
        assert (dist / "index.html").read_text() == f"loads {name}" and (dist / "assets/mark.svg").read_text() == name
        assert (dist / STAMP).read_text().startswith(f"stamp {name}\n")
        return {path.name for path in (dist / "assets").iterdir()} - {"mark.svg"}

    assert build("a.js", now=1e9) == {"a.js"}
    assert build("b.js", now=1e9 + 10 * kept_s) == {"a.js", "b.js"}
    assert build("c.js", now=1e9 + 10.5 * kept_s) == {"a.js", "b.js", "c.js"}
    assert build("d.js", now=1e9 + 11.2 * kept_s) == {"b.js", "c.js", "d.js"}


@pytest.mark.parametrize(
    ("words", "command"),
    [(["up", "--empty"], "up"), (["--data", "x", "test"], "test"), (["--data=x", "up"], "up"), ([], "")],
)
def test_the_command_is_found_behind_the_data_folder(words: list[str], command: str) -> None:
    assert first_word(words) == command


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", one)[0].lower().replace("_", "-") for one in requirements}


def test_the_locks_hold_all_that_the_project_names_and_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    product, tools = pins("requirements.lock"), pins("requirements-dev.lock")
    assert names(project["project"]["dependencies"]) <= product.keys()
    assert names(project["dependency-groups"]["dev"]) <= tools.keys()
    assert product.items() <= tools.items()


def imported(source: Path) -> set[str]:
    """Return the top-level modules that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_the_product_imports_nothing_that_only_its_tools_bring() -> None:
    product = pins("requirements.lock").keys()
    brought_by = packages_distributions()
    sources = [one for one in (ROOT / "src").rglob("*.py") if "tests" not in one.parts]
    assert sources
    for source in sources:
        for module in imported(source) - sys.stdlib_module_names - {"xiuhua"}:
            assert names(brought_by.get(module, [module])) & product, (source, module)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_a_lock_names_no_address_and_pins_every_file(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text and "--index-url" not in text and "--find-links" not in text
    pinned = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)[1:]
    assert pinned and all("--hash=sha256:" in one for one in pinned)
