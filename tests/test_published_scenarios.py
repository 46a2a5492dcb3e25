"""The published scenarios: they load, cite what exists, leave out what is a blind test, and differ as they say."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.checks import check_references
from sim.scenario.evidence import load_observed
from sim.scenario.load import load_scenario
from sim.scenario.places import data_folder
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS, TABLES
from sim.world.border import load_border

BASE = "standoff-november-2021"
NAMES = ("crisis-2021", "flights-continue", "kuznica-8-november", "no-british-engineers", "no-drills", BASE)
FILES = tuple(sorted(data_folder("scenarios").glob("*.toml")))
LAST_COUNT, LAST_LT = date(2021, 11, 30), date(2021, 8, 31)
LOADED_WORDS = re.compile(
    r"\b(illegal\w*|pushback\w*|push(?:es|ed)?|rush\w*|storm\w*|waves?|hordes?|invasion|weapon of migration)\b", re.I
)

load = cache(load_scenario)


def rows(scenario: Scenario, table: str) -> list[Any]:
    return list(getattr(scenario, table))


def gone(name: str, table: str) -> list[Any]:
    """Return the rows of a table that the base has and `name` has not."""
    kept = rows(load(name), table)
    return [row for row in rows(load(BASE), table) if row not in kept]


def test_published_are_the_six_that_are_tested() -> None:
    assert tuple(path.stem for path in FILES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_loads_under_its_own_name_and_asks_a_question(name: str) -> None:
    scenario = load(name)
    assert scenario.name == name
    assert scenario.question.strip().endswith("?")
    assert scenario.expectation.strip().startswith("Before any run:")


@pytest.mark.parametrize("name", NAMES)
def test_places_are_known(name: str) -> None:
    check_references(load(name), load_border())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_words_are_neutral(path: Path) -> None:
    own_words = re.sub(r'\\"[^"]*\\"', "", path.read_text(encoding="utf-8"))  # what is quoted is attributed
    assert LOADED_WORDS.findall(own_words) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cites_no_blind_count_of_attempts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    blind = {
        row.id
        for row in load_observed()
        if row.series.startswith(("attempts", "turned_away", "crossings", "detained"))
        and (row.last_day > LAST_COUNT or row.country == "LV" or (row.country == "LT" and row.last_day > LAST_LT))
    }
    # These two facts carry December totals beside those of earlier months.
    assert not (blind | {"B085", "B088"}) & set(re.findall(r"\b[A-Z]\d{2,3}\b", text))


def test_group_crossings_of_the_base_name_a_guard_post_and_who_reports_them() -> None:
    border = load_border()
    groups = [row for row in load("crisis-2021").action if row.kind == "group_crossing"]
    assert len(groups) >= 40
    for row in groups:
        border.post_number(row.place)
        assert row.actor == "Minsk" and row.claimant and row.size > 0, row


def test_incidents_say_whose_account_they_follow() -> None:
    incidents = [row for row in load("crisis-2021").action if row.kind == "incident"]
    assert incidents
    assert all(row.claimant and row.claimant != row.actor for row in incidents)


@pytest.mark.parametrize(
    ("kind", "weights"),
    [
        ("reinforce", {-7.2, 0.0}), ("emergency", {-5.0}), ("phone_call", {1.0}), ("support", {6.0}),
        ("threat", {-5.8}), ("group_crossing", {-7.5, 0.0}), ("repatriation_flight", {0.0}),
    ],
)  # fmt: skip
def test_goldstein_weights_go_by_kind_and_not_by_side(kind: str, weights: set[float]) -> None:
    assert {row.goldstein for row in load("crisis-2021").action if row.kind == kind} == weights


def test_seats_to_minsk_from_july_to_november_are_those_that_were_counted() -> None:
    """About 625 landings and 119,700 seats in 133 days: 33 flights and 6,300 seats a week (B002, S028)."""
    first, last = date(2021, 8, 1), date(2021, 11, 10)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    flights = seats = 0.0
    for route in load("crisis-2021").route:
        if route.kind != "flight" or route.name == "Tashkent":
            continue
        for day in days:
            week = [row for row in route.timetable if row.since <= day][-1]
            flights += week.flights_per_week / 7
            seats += week.flights_per_week * week.seats_per_flight / 7
    weeks = len(days) / 7
    assert 30 < flights / weeks < 36
    assert 5700 < seats / weeks < 6900


def test_people_flown_home_add_up_to_the_published_total() -> None:
    """Nine flights to Iraq from 18 November to 7 December carried 3,556 people (S052)."""
    flights = [
        row.size
        for row in load("crisis-2021").action
        if row.kind == "repatriation_flight" and row.actor == "Baghdad" and row.day >= date(2021, 11, 1)
    ]
    assert len(flights) == 9
    assert sum(flights) == pytest.approx(3556, abs=20)


def test_without_british_engineers_nothing_else_differs() -> None:
    assert {row.nation for row in gone("no-british-engineers", "contingent")} == {"British"}
    lost = gone("no-british-engineers", "action")
    assert {row.actor for row in lost} == {"London", "NATO"}
    assert [row.day for row in lost if row.actor == "NATO"] == [date(2021, 12, 3)]
    assert_same_but("no-british-engineers", {"contingent", "action"})


def test_without_drills_nothing_else_differs() -> None:
    assert load("no-drills").drill == ()
    assert {row.actor for row in gone("no-drills", "action")} == {"Moscow"}
    assert_same_but("no-drills", {"drill", "action"})


def test_flights_continue_leaves_the_halt_of_august() -> None:
    bans = [row for row in load("flights-continue").action if row.kind == "flight_ban"]
    assert [row.actor for row in bans] == ["Baghdad"]
    lost = gone("flights-continue", "action")
    assert {row.kind for row in lost} == {"flight_ban"}
    assert all(row.day >= date(2021, 11, 12) for row in lost)
    assert_same_but("flights-continue", {"action"})


def assert_same_but(name: str, tables: set[str]) -> None:
    """Hold a variant to the base in every table and section that it does not say it changes."""
    variant, base = load(name), load(BASE)
    for key in {*TABLES, *SECTIONS} - tables:
        assert getattr(variant, key) == getattr(base, key), key
    for table in tables:
        assert all(row in rows(base, table) for row in rows(variant, table)), table


def test_november_inherits_all_but_its_days() -> None:
    november, crisis = load(BASE), load("crisis-2021")
    assert november.spin_up_from == crisis.start == date(2021, 8, 1)
    for key in {*TABLES, *SECTIONS}:
        assert getattr(november, key) == getattr(crisis, key), key


def test_kuznica_starts_from_a_table_of_people() -> None:
    scenario = load("kuznica-8-november")
    assert scenario.spin_up_from is None
    at_line = sum(row.people for row in scenario.initial if row.place != "Minsk")
    assert 3000 < at_line < 4800  # B112, B022
    total = sum(row.people for row in scenario.initial)
    assert 7000 <= total <= 10000  # stock in the country that the flows favour


def test_every_estimated_row_has_its_sentence_in_the_file() -> None:
    for path in FILES:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for key in TABLES:
            for row in table.get(key, []):
                if re.search("estimated|assumed", row["source"]):
                    assert len(row["because"]) > 10, (path.name, key, row)
