"""Laws of the loader: the resolved form loads back, and no file whatever gives a traceback."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_files import PLAIN, complaints

from sim.errors import StandoffError
from sim.scenario.describe import resolved_dict, scenario_hash, to_json, to_toml
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

# --- round trips ----------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=3, max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trips")


def test_half_a_letter_smuggled_in_by_json_is_no_text(folder: Path) -> None:
    data = resolved_dict(load_scenario(PLAIN))
    data["guards"]["handling_hours"]["because"] = data["summary"] = "half a letter: \ud800"
    (folder / "half.json").write_text(json.dumps(data), encoding="utf-8")
    assert [line.split(";")[0] for line in complaints(folder / "half.json")] == [
        "half.json: guards.handling_hours.because: found 'half a letter: \\ud800'",
        "half.json: summary: found 'half a letter: \\ud800'",
    ]


def test_every_character_of_a_text_comes_back(folder: Path) -> None:
    data = resolved_dict(load_scenario(PLAIN))
    data["question"] = "".join(map(chr, range(1, 400)))
    data["drill"][0]["forces"] = {"two words": 1, "": 2, 'a"\x7f\n': 3, "²": 4}
    (folder / "odd.json").write_text(json.dumps(data), encoding="utf-8")
    scenario = load_scenario(folder / "odd.json")
    (folder / "odd.toml").write_text(to_toml(scenario), encoding="utf-8", newline="")
    assert load_scenario(folder / "odd.toml") == scenario


@given(
    share=st.floats(0, 0.5),
    hours=st.floats(3.9, 2000),
    summary=TEXTS,
    place=TEXTS,
    what=st.dictionaries(TEXTS, st.floats(0, 1e6), max_size=3),
    days=st.lists(st.dates(date(2021, 8, 1), date(2021, 12, 1)), max_size=5),
    enabled=st.booleans(),
    spin_up=st.none() | st.dates(date(2021, 8, 1), date(2021, 11, 8)),
)
@settings(max_examples=20, deadline=None)
def test_the_resolved_form_loads_back_to_an_equal_scenario(
    folder: Path, share: float, hours: float, summary: str, place: str, what: dict[str, float],
    days: list[date], enabled: bool, spin_up: date | None,
) -> None:  # fmt: skip
    data = resolved_dict(load_scenario(PLAIN))
    data["summary"], data["drill"][0]["place"], data["drill"][0]["forces"] = summary, place, what
    data["migrants"]["alone_share"] = {"value": share, "source": "set", "because": summary}
    data["migrants"]["wait_in_minsk_hours"] = {"value": hours, "source": "B041"}
    data["engineers"]["enabled"], data["spin_up_from"] = enabled, spin_up and spin_up.isoformat()
    data["action"] = [{**data["action"][1], "day": day.isoformat(), "text": place} for day in days]
    path = folder / "trip.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.summary == summary
    for text, name in ((to_toml(scenario), "back.toml"), (to_json(scenario), "back.json")):
        (folder / name).write_text(text, encoding="utf-8", newline="")
        again = load_scenario(folder / name)
        assert again == scenario
        assert scenario_hash(again) == scenario_hash(scenario)


# --- mutated files never give a traceback ---------------------------------------------------------


def survives(path: Path) -> None:
    """Load a file that may be anything; only our own errors may come out, and their text must print."""
    try:
        assert isinstance(load_scenario(path), Scenario)
    except StandoffError as error:
        assert error.exit_code == 2
        assert "pydantic" not in str(error)
        assert "Input should" not in str(error)
        assert "Traceback" not in str(error)


@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_mutated_bytes_never_give_a_traceback(folder: Path, data: st.DataObject) -> None:
    content = bytearray(PLAIN.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        to = min(len(content), at + data.draw(st.integers(1, 40)))
        match data.draw(st.sampled_from(["delete", "double", "swap", "write"])):
            case "delete" if to - at < len(content):
                del content[at:to]
            case "double":
                content[at:at] = content[at:to]
            case "swap":
                content[at:to] = content[at:to][::-1]
            case _:
                content[at : at + 1] = data.draw(st.binary(min_size=1, max_size=3))
    path = folder / "bytes.toml"
    path.write_bytes(bytes(content))
    survives(path)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values in nested tables and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in items for path in leaves(item, (*at, key)))]


RESOLVED = json.loads(to_json(load_scenario(PLAIN)))
PATHS = leaves(RESOLVED)[1:]
STRANGE: list[Any] = [
    None, True, float("nan"), float("inf"), -1, -1e300, 1e308, 10**400, 2**70, 0, 0.5, "", "x", "assumed", "B999",
    "2021-02-30", "1 km", "\ud800", "a\x1b[31m\n", [], [None], [[]], [{}], {}, {"value": None}, {"": 0}, {"\ud800": 1},
]  # fmt: skip


CHANGES = st.tuples(st.sampled_from(PATHS), st.sampled_from(STRANGE), st.booleans())
KEYS = st.sampled_from(["migrants.alone_share", "until", "drills.enabled", "name", "x"])


@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_mutated_values_never_give_a_traceback(folder: Path, changes: list[tuple[tuple[Any, ...], Any, bool]]) -> None:
    data = deepcopy(RESOLVED)
    for path, value, delete in changes:
        inner = data
        try:
            for key in path[:-1]:
                inner = inner[key]
            if delete:
                del inner[path[-1]]
            else:
                inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    (folder / "values.json").write_text(json.dumps(data), encoding="utf-8")
    survives(folder / "values.json")


@given(key=KEYS | st.text(), value=st.text())
@settings(max_examples=100, deadline=None)
def test_strange_settings_never_give_a_traceback(key: str, value: str) -> None:
    try:
        load_scenario(PLAIN, {key: value})
    except StandoffError as error:
        assert error.exit_code == 2
