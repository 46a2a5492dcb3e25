"""Scenario files for tests: the fixtures in ``tests/data``, trial files beside them, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario.load import load_scenario

DATA = Path(__file__).parent / "data"
PLAIN = DATA / "plain.toml"

HEAD = """name = "trial"
summary = "A trial"
question = "What happens here?"
description = "Written by a test."
start = 2021-11-08
until = 2021-11-14
"""
FORCE = '[[force]]\nday = 2021-11-08\ncountry = "PL"\nservice = "army"\npersons = 9\nsource = "F001"\n'

Write = Callable[..., Path]


@pytest.fixture(name="write")
def writing(tmp_path: Path) -> Write:
    """Return a function that writes a scenario file beside copies of the fixtures."""
    for path in DATA.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())

    def write(text: str, name: str = "trial.toml", head: str = HEAD) -> Path:
        path = tmp_path / name
        path.write_text(head + text, encoding="utf-8")
        return path

    return write


def complaints(path: Path | str, given: dict[str, str] | None = None) -> list[str]:
    """Return every problem of a scenario that must not load, without the folder of the file."""
    with pytest.raises(ScenarioError, match="problem") as caught:
        load_scenario(path, given or {})
    folder = f"{Path(path).parent}/"
    return [str(problem).replace(folder, "") for problem in caught.value.problems]


def edited(old: str, new: str, count: int = 1) -> str:
    """Return the plain fixture with one replacement, which must apply."""
    text = PLAIN.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, count)
