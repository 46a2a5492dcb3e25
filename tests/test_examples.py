"""Examples in README and docs: commands are taken as written, Python calls fit what they call."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cli import parse
from sim.scenario.load import load_scenario

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return page and text of every block of a language."""
    return [
        (page.name, block["text"])
        for page in PAGES
        for block in BLOCK.finditer(page.read_text(encoding="utf-8"))
        if block["language"] == language
    ]


COMMANDS = [
    pytest.param(shlex.split(line, comments=True)[1:], id=f"{page}: {line[:60]}")
    for page, text in blocks("sh")
    for line in text.replace("\\\n", " ").splitlines()
    if line.startswith("standoff ")
]
PYTHON = blocks("python")


def test_there_are_examples() -> None:
    assert len(COMMANDS) > 20
    assert len(PYTHON) > 6


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_is_taken_as_written(words: list[str]) -> None:
    """Options exist, scenarios are published, and what is set is a key of theirs with such a value."""
    args = parse(words)
    posterior = {"calibrated": '"crisis-2021"'} if "calibrated" in args.settings else {}  # made by calibrating
    for asked in ("scenario", "first", "second"):
        if getattr(args, asked, None) is not None:
            load_scenario(getattr(args, asked), {**args.settings, **posterior})


def test_python_fits_what_it_calls(tmp_path: Path) -> None:
    """A type checker finds all names, arguments and attributes of all examples there, and of the right kinds."""
    files = []
    for number, (page, text) in enumerate(PYTHON):
        files.append(tmp_path / f"example_{number}_of_{Path(page).stem.replace('-', '_').lower()}.py")
        files[-1].write_text(text, encoding="utf-8")
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(ROOT / ".cache" / "mypy-examples")]
    told = subprocess.run([sys.executable, "-m", "mypy", *options, *files], capture_output=True, text=True, check=False)
    assert told.stdout == f"Success: no issues found in {len(files)} source files\n", told.stderr


def test_the_example_of_the_readme_runs() -> None:
    names: dict[str, Any] = {}
    exec(next(text for page, text in PYTHON if page == "README.md"), names)
    assert names["run"].record["attempts"].sum() > 0


def test_the_scenario_of_the_readme_loads(tmp_path: Path) -> None:
    (tmp_path / "slower-patrols.toml").write_text(dict(blocks("toml"))["README.md"], encoding="utf-8")
    loaded = load_scenario(tmp_path / "slower-patrols.toml")
    assert float(loaded.guards.response_minutes) == 30
    assert parse(["run", "slower-patrols.toml"]).scenario == "slower-patrols.toml"
