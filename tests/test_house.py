"""The house around the code: versions, words, sizes, rooms, doors, and the Makefile that sets it all up."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from packaging.requirements import Requirement
from packaging.version import Version

import sim
from sim.limits import LIMITS, MAP_ATTRIBUTION

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "sim").rglob("*.py"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

LARGE_GUESTS = {"mesa", "pandas", "matplotlib", "xarray", "networkx", "distributed"}
MACHINE_PATH = re.compile(r"(?<![\w.)}*/-])/(?:work|root|tmp|home)\b")
UNFAIR_WORD = re.compile(r"\b(?:storm|horde|invasion|invad)\w*", re.IGNORECASE)
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+))?")


def short(path: Path) -> str:
    """Return `path` as seen from the top of the checkout."""
    return path.relative_to(ROOT).as_posix()


def found(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Return ``file:line: text`` for every line of `paths` in which `pattern` occurs."""
    return [
        f"{short(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


# --- versions and pins ----------------------------------------------------------------------------


def pins() -> list[re.Match[str]]:
    """Return the pins of constraints.txt; a line that is neither a pin nor a comment fails."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    matches = [(line, PIN.fullmatch(line)) for line in lines if line and not line.startswith("#")]
    assert [line for line, match in matches if match is None] == []
    return [match for _, match in matches if match is not None]


def test_constraints_name_no_host_and_no_machine() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|\bindex\b|find-links|trusted-host|\w@", text)
    assert not MACHINE_PATH.search(text)
    assert len(pins()) > len(PROJECT["project"]["dependencies"])


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_requirement_has_one_pin_that_satisfies_it(python: str) -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    environment = {"python_version": python, "python_full_version": f"{python}.9"}
    asked = [Requirement(text) for group in [project["dependencies"], *extras] for text in group]
    chosen: dict[str, list[Version]] = {}
    for pin in pins():
        if pin["marker"] is None or Requirement(f"x; {pin['marker']}").marker.evaluate(environment):  # type: ignore[union-attr]
            chosen.setdefault(pin["name"], []).append(Version(pin["version"]))
    wanted = [r for r in asked if r.marker is None or r.marker.evaluate(environment)]
    wrong = {
        str(r): chosen.get(r.name.lower())
        for r in wanted
        if len(versions := chosen.get(r.name.lower(), [])) != 1 or versions[0] not in r.specifier
    }
    assert wrong == {}


def test_one_version_everywhere() -> None:
    version = PROJECT["project"]["version"]
    assert sim.__version__ == version
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (\S+)$", citation, re.MULTILINE) == [version]
    newest = re.search(r"^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == version


# --- how files are written ------------------------------------------------------------------------


@pytest.mark.parametrize("path", CODE, ids=short)
def test_module_says_what_lives_there_and_postpones_its_annotations(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{short(path)} has no module docstring"
    annotated = any(
        isinstance(node, ast.AnnAssign)
        or (isinstance(node, ast.arg) and node.annotation is not None)
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None)
        for node in ast.walk(tree)
    )
    postponed = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and "annotations" in {alias.name for alias in node.names}
        for node in tree.body
    )
    assert postponed or not annotated, f"{short(path)} lacks 'from __future__ import annotations'"


def test_no_module_has_two_subjects() -> None:
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {name: n_lines for name, n_lines in lengths.items() if n_lines > 350} == {}


def test_no_machine_path_in_code_or_pages() -> None:
    assert found(MACHINE_PATH, [*CODE, *PAGES]) == []


def test_code_reads_nothing_outside_the_checkout() -> None:
    assert found(re.compile(r"\.\./|[\"']shared[\"'/]"), CODE) == []


def test_people_are_not_made_weather_or_an_army() -> None:
    assert found(UNFAIR_WORD, [*CODE, *PAGES]) == []


@pytest.mark.parametrize("line", ["see /work/main", 'open("/tmp/x")', "`/root/.cache`", "cd /home/me"])
def test_a_machine_path_would_be_noticed(line: str) -> None:
    assert MACHINE_PATH.search(line)


@pytest.mark.parametrize("line", ["docs/work", "attempts/home", "results/tmp", "https://example.org/work"])
def test_a_fraction_or_folder_is_no_machine_path(line: str) -> None:
    assert not MACHINE_PATH.search(line)


def test_ethics_page_quotes_the_limits_and_map_names_its_sources() -> None:
    page = (ROOT / "docs" / "ethics.md").read_text(encoding="utf-8")
    assert [line for line in LIMITS if f"> {line}\n" not in page] == []
    assert all(len(line) <= 120 and "\n" not in line for line in LIMITS)
    assert all(name in MAP_ATTRIBUTION for name in ("OpenStreetMap", "ODbL", "GeoNames", "CC BY 4.0"))


# --- rooms and doors ------------------------------------------------------------------------------


def test_imports_keep_to_the_rooms(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    said = capsys.readouterr().out
    assert status == 0, said
    assert f"{len(PROJECT['tool']['importlinter']['contracts'])} kept, 0 broken" in said


def test_help_imports_no_large_guest() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "sim.cli", "--help"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "usage" in ran.stdout.lower()
    rows = [line.rsplit("|", 1)[-1].strip() for line in ran.stderr.splitlines() if "import time:" in line]
    imported = {name.split(".")[0] for name in rows}
    assert "sim" in imported
    assert imported & LARGE_GUESTS == set()


# --- setting up -----------------------------------------------------------------------------------

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed here")


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make in `folder` as a user would, not as a child of the make that runs these tests."""
    environment = {name: os.environ[name] for name in os.environ if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with spaces in its name that holds what setting up reads."""
    folder = tmp_path / "a check out"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def interpreter(path: Path, body: str) -> Path:
    """Write an executable shell script that stands in for python at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def broken_interpreter(path: Path) -> Path:
    """Write a stand-in for python that calls itself new enough and then fails at everything."""
    return interpreter(path, 'case "$1" in -c) exit 0;; *) exit 7;; esac')


@needs_make
def test_help_names_every_target_and_sets_nothing_up(checkout: Path) -> None:
    ran = make(checkout)
    offered = {line.split()[1] for line in ran.stdout.splitlines()}
    assert offered >= {"run", "test", "bench", "verify", "mutate", "lint", "clean", "help"}
    assert not (checkout / ".venv").exists()


@needs_make
def test_an_old_python_is_refused_by_name(checkout: Path) -> None:
    old = interpreter(checkout / "old", 'case "$1" in --version) echo Python 3.9.1;; *) exit 1;; esac')
    ran = make(checkout, "run", f"PYTHON={old}")
    assert ran.returncode != 0
    assert "Python 3.11 or later is needed" in ran.stderr
    assert "Python 3.9.1" in ran.stderr
    assert not (checkout / ".venv").exists()


@needs_make
def test_a_missing_python_is_said_plainly(checkout: Path) -> None:
    ran = make(checkout, "test", "PYTHON=no-such-python")
    assert ran.returncode != 0
    assert 'no "no-such-python" here' in ran.stderr


@needs_make
def test_a_first_set_up_that_fails_leaves_no_environment(checkout: Path) -> None:
    ran = make(checkout, "run", f"PYTHON={broken_interpreter(checkout / 'broken')}")
    assert ran.returncode != 0
    assert '-m venv" failed' in ran.stderr
    assert not (checkout / ".venv").exists()


@needs_make
def test_a_stale_set_up_that_fails_leaves_no_stamp(checkout: Path) -> None:
    broken_interpreter(checkout / ".venv" / "bin" / "python")
    stamp = checkout / ".venv" / ".ready"
    stamp.write_text(f"{checkout.resolve()}\n", encoding="utf-8")
    os.utime(stamp, (0, 0))
    ran = make(checkout, "run")
    assert ran.returncode != 0
    assert "uv could not do it" in ran.stderr
    assert not stamp.exists()


@needs_make
def test_what_an_interrupted_set_up_left_is_not_trusted(checkout: Path) -> None:
    left = broken_interpreter(checkout / ".venv" / "bin" / "python")
    (checkout / ".venv" / ".started").touch()
    ran = make(checkout, "run", f"PYTHON={broken_interpreter(checkout / 'broken')}")
    assert ran.returncode != 0
    assert '-m venv" failed' in ran.stderr
    assert not left.exists()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed here")
def test_ci_script_is_executable_and_well_formed() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
    assert script.read_text(encoding="utf-8").rstrip().endswith("make test")
