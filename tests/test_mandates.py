"""Mandates: a contingent from abroad is held to what its host permits, in size, days and task."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario_files import Write, complaints, edited, writing
from small import small_scenario

from sim.model import StandoffModel
from sim.scenario.describe import describe
from sim.scenario.engineering import Contingent, Mandate
from sim.scenario.load import load_scenario
from sim.scenario.mandates import beyond_mandates, needs_mandate
from sim.scenario.merge import Entry

__all__ = ["writing"]

FIRST, LAST = date(2021, 12, 2), date(2022, 4, 30)


def squadron(name: str = "Squadron", **changes: Any) -> Contingent:
    """Return 100 British soldiers in support from 8 December on, unless told otherwise."""
    row: dict[str, Any] = {
        "name": name, "country": "PL", "nation": "British", "soldiers": 100.0, "teams": 4, "first": date(2021, 12, 8),
        "last": LAST, "task": "support", "source": "A236",
    }  # fmt: skip
    return Contingent(**(row | changes))


def mandate(**changes: Any) -> Mandate:
    """Return Poland's consent to 155 British soldiers."""
    row: dict[str, Any] = {
        "nation": "British", "country": "PL", "soldiers": 155.0, "first": FIRST, "last": LAST, "tasks": ("support",),
        "source": "A237",
    }  # fmt: skip
    return Mandate(**(row | changes))


def wrong(contingents: list[Contingent], mandates: list[Mandate]) -> list[str]:
    """Return what is wrong, as lines."""
    rows = [(Entry("trial.toml", f"contingent[{n}] {row.name}", None), row) for n, row in enumerate(contingents)]
    given = [(Entry("trial.toml", f"mandate[{n}]", None), row) for n, row in enumerate(mandates)]
    return [str(problem) for problem in beyond_mandates(rows, given)]


def test_within_its_mandate_a_contingent_is_in_order() -> None:
    assert wrong([squadron(first=FIRST, soldiers=155.0)], [mandate()]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"soldiers": 156.0}, "soldiers: found 156; the mandate of British soldiers in PL (A237) permits at most 155"),
        ({"first": date(2021, 12, 1)}, "first: found 2021-12-01; the mandate of British soldiers in PL (A237) begins "
         "on 2021-12-02"),
        ({"last": date(2022, 5, 1)}, "last: found 2022-05-01; the mandate of British soldiers in PL (A237) ends on "
         "2022-04-30"),
        ({"task": "build"}, "task: found 'build'; the mandate of British soldiers in PL (A237) is for: support"),
        ({"country": "LT"}, "nation: found 'British'; needs a [[mandate]] for British soldiers on the line of LT"),
        ({"nation": "Estonian"}, "nation: found 'Estonian'; needs a [[mandate]] for Estonian soldiers"),
        ({"nation": "Polish", "country": "LT"}, "needs a [[mandate]] for Polish soldiers on the line of LT"),
    ],
)  # fmt: skip
def test_beyond_its_mandate_it_is_told_in_what(changes: dict[str, Any], words: str) -> None:
    (line,) = wrong([squadron(**changes)], [mandate()])
    assert line.startswith("trial.toml: contingent[0] Squadron: ")
    assert words in line


def test_contingents_under_one_mandate_share_its_soldiers_while_they_are_there_together() -> None:
    second = squadron("Second", first=date(2022, 2, 1))
    (line,) = wrong([squadron(), second], [mandate()])
    assert "contingent[1] Second: soldiers: found 100; with Squadron they are 200 on 2022-02-01" in line
    assert len(wrong([squadron(last=date(2022, 2, 1)), second], [mandate()])) == 1
    assert wrong([squadron(last=date(2022, 1, 31)), second], [mandate()]) == []
    assert wrong([squadron(), second], [mandate(soldiers=200.0)]) == []


def test_who_is_beyond_the_mandate_alone_takes_no_soldiers_from_the_others() -> None:
    (line,) = wrong([squadron(soldiers=156.0), squadron("Second")], [mandate()])
    assert "Squadron: soldiers: found 156" in line


def test_of_two_mandates_that_would_do_the_earlier_counts_in_whatever_order_they_stand() -> None:
    both = [mandate(soldiers=150.0), mandate(first=date(2021, 12, 5), soldiers=250.0, source="A238")]
    lines = [wrong([squadron(), squadron("Second")], given) for given in (both, both[::-1])]
    assert lines[0] == lines[1]
    assert ["(A237) permits at most 150 together" in line for line in lines[0]] == [True, True]


def test_any_mandate_of_its_nation_will_do_whole() -> None:
    survey = mandate(first=date(2021, 11, 11), last=date(2021, 11, 17), soldiers=10.0, tasks=("survey",))
    team = squadron("Survey", first=date(2021, 11, 11), last=date(2021, 11, 16), soldiers=10.0, task="survey")
    assert wrong([team, squadron()], [mandate(), survey]) == []
    assert len(wrong([team], [mandate()])) == 2  # begins too early, and is no support


@given(
    soldiers=st.floats(0.0, 300.0), first=st.dates(date(2021, 11, 1), date(2022, 5, 30)), n_days=st.integers(0, 200),
    task=st.sampled_from(("build", "survey", "support")),
)  # fmt: skip
def test_a_contingent_is_in_order_just_when_its_size_days_and_task_are(
    soldiers: float, first: date, n_days: int, task: str
) -> None:
    last = date.fromordinal(first.toordinal() + n_days)
    permitted = soldiers <= 155.0 and first >= FIRST and last <= LAST and task == "support"
    assert (not wrong([squadron(soldiers=soldiers, first=first, last=last, task=task)], [mandate()])) == permitted


@pytest.mark.parametrize(("nation", "country"), [("Polish", "PL"), ("Lithuanian", "LT"), ("Latvian", "LV")])
def test_soldiers_at_home_and_contractors_need_none(nation: str, country: str) -> None:
    assert wrong([squadron(nation=nation, country=country, task="build"), squadron(nation="contractors")], []) == []


def test_a_file_beyond_a_mandate_does_not_load_and_says_where(write: Write) -> None:
    (line,) = complaints(write(edited("soldiers = 10\nteams", "soldiers = 11\nteams"), head=""))
    assert "contingent[1] British reconnaissance: soldiers: found 11; the mandate of British soldiers" in line


@pytest.mark.parametrize("name", ["crisis-2021", "early-british-squadron", "large-british-squadron", "winter-2022"])
def test_published_contingents_from_abroad_have_mandates_that_are_shown(name: str) -> None:
    scenario = load_scenario(name)
    abroad = [row for row in scenario.contingent if needs_mandate(row)]
    assert {row.nation for row in abroad} == {"British", "Estonian"}
    text = describe(scenario)
    assert "[[mandate]] Mandates of contingents from abroad" in text
    for row in scenario.mandate:
        assert f"{row.nation:<9} {row.country:<7}  {row.soldiers:g}" in text


def test_no_run_depends_on_mandates() -> None:
    scenario = small_scenario("kuznica-8-november", until=date(2021, 11, 8))
    models = [StandoffModel(one, 3) for one in (scenario, scenario.model_copy(update={"mandate": ()}))]
    for model in models:
        model.run()
    held, free = models
    assert held.people.get("act_mark").tobytes() == free.people.get("act_mark").tobytes()
    assert held.engineers.accounts.crew_hours.tobytes() == free.engineers.accounts.crew_hours.tobytes()
