"""What is said beside a scenario that loads: people who are put into place on a day that is not theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.catalogue import list_scenarios
from sim.scenario.load import load_scenario
from sim.scenario.remarks import remarks

TOLD = (
    "the people under initial of crisis-2021.toml are those of 2021-08-01, and stand at their places on 2021-10-01; "
    "to let them live until then, set spin_up_from=2021-08-01"
)
HEAD = """\
extends = "crisis-2021"
name = "october"
summary = "October alone"
question = "What happened in October?"
description = "A look at some days of a long scenario."
start = 2021-10-01
until = 2021-10-02
"""


@pytest.mark.parametrize("name", [listed.name for listed in list_scenarios()])
def test_nothing_is_said_of_published_scenarios(name: str) -> None:
    assert remarks(name, {}) == []


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"start": "2021-10-01"}, [TOLD]),
        ({"start": "2021-10-01", "spin_up_from": "2021-08-01"}, []),
        ({"until": "2021-10-01"}, []),
        ({"start": "2021-10-01", "migrants.enabled": "false"}, []),
    ],
)
def test_people_of_an_earlier_day_are_told(settings: dict[str, str], told: list[str]) -> None:
    load_scenario("crisis-2021", settings)
    assert remarks("crisis-2021", settings) == told


def test_nothing_is_said_of_a_list_of_its_own_or_an_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "october.toml"
    for own in ("initial = []", 'initial = [{ place = "Minsk", people = 5, source = "S085" }]'):
        file.write_text(f"{HEAD}{own}\n", encoding="utf-8")
        load_scenario(file)
        assert remarks(file, {}) == []


def test_the_advice_is_in_order_and_leaves_nothing_to_say() -> None:
    settings = {"start": "2021-10-01", "spin_up_from": "2021-08-01"}
    assert str(load_scenario("crisis-2021", settings).first_day) == "2021-08-01"


def test_check_tells_it_beside_the_file_that_is_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "october.toml"
    file.write_text(HEAD, encoding="utf-8")
    assert main(["check", str(file)]) == 0
    in_order, said = capsys.readouterr().out.splitlines()
    assert "october is in order" in in_order
    assert said == f"{file}: {TOLD}"


@pytest.mark.parametrize(
    "command",
    [
        ["run", "crisis-2021"],
        ["ensemble", "crisis-2021", "--members=1", "--workers=0"],
        ["sweep", "crisis-2021", "--vary=guards.fatigue=0,1", "--members=1", "--workers=0"],
    ],
    ids=["run", "ensemble", "sweep"],
)
def test_commands_tell_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    days = ["--set=start=2021-10-01", "--until=2021-10-01", "--set=migrants.people_scale=0.02"]
    assert main([*command, *days, "--no-figures", "--quiet", "--out", str(tmp_path / "here")]) == 0
    assert capsys.readouterr().err == f"standoff: {TOLD}\n"
