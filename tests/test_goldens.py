"""Golden summaries: every published scenario, small, gives the numbers it gave when they were last read by a person.

After a change that is meant to move them: ``python tests/refresh_goldens.py``, and read the diff.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import refresh_goldens
from refresh_goldens import GOLDENS, differences, refresh, summary, text_of

from sim.scenario.catalogue import list_scenarios

NAMES = [listed.name for listed in list_scenarios()]


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDENS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_every_published_scenario_has_a_golden_and_no_golden_lacks_its_scenario() -> None:
    assert sorted(path.stem for path in GOLDENS.glob("*.json")) == sorted(NAMES)
    assert len(NAMES) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_gives_the_numbers_it_gave(name: str) -> None:
    assert differences(summary(name), golden(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_its_golden_is_worth_comparing(name: str) -> None:
    """A summary in which nothing happens would agree with anything."""
    kept = golden(name)
    assert sum(kept["recorded_attempts_by_day"]) > 10
    assert kept["totals"]["attempts"] == sum(kept["attempts_by_outcome"].values())
    assert sum(kept["states_at_the_end"].values()) == kept["people"] > 100
    assert kept["chronicle"]


# ---------------------------------------------------------------- how they are compared


@pytest.mark.parametrize(
    ("found", "kept", "wrong"),
    [
        ({"a": 1, "b": 2.0}, {"a": 1, "b": 2.0 * (1 + 5e-10)}, []),
        ({"b": 2.0}, {"b": 2.0 * (1 + 5e-9)}, ["b: found 2.0, the golden says 2.00000001"]),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, ["a.x: found 1, the golden says 2"]),
        ({"a": 1}, {"a": 1.0}, ["a: found 1, the golden says 1.0"]),
        ({"a": [1, [2, 3]]}, {"a": [1, [2, 4]]}, ["a.1.1: found 3, the golden says 4"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a: found [1], the golden says [1, 2]"]),
        ({"a": 1, "b": 1}, {"a": 1, "c": 1}, ["b: not in the golden", "c: only in the golden"]),
        ({"a": 0.0}, {"a": 0.0}, []),
        ({"a": 0.0}, {"a": 1e-30}, ["a: found 0.0, the golden says 1e-30"]),
    ],
)
def test_differences_are_named_with_their_place(found: Any, kept: Any, wrong: list[str]) -> None:
    assert differences(found, kept) == wrong


def test_a_refresh_writes_what_loads_back_and_drops_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = golden(NAMES[0])
    assert json.loads(text_of(kept)) == kept
    monkeypatch.setattr(refresh_goldens, "GOLDENS", tmp_path / "goldens")
    monkeypatch.setattr(refresh_goldens, "summary", lambda name: {"scenario": name, "flow": [[1, 2], [3, 4]]})
    assert refresh() == NAMES
    (tmp_path / "goldens" / "gone.json").touch()
    (tmp_path / "goldens" / f"{NAMES[1]}.json").touch()
    assert refresh() == ["gone"]
    (tmp_path / "goldens" / f"{NAMES[1]}.json").write_text("{}", encoding="utf-8")
    assert refresh([NAMES[0]]) == []
    assert refresh() == [NAMES[1]]
