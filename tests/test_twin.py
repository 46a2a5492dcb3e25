"""The fast model against its twin, which tells the same rules one person and one unit at a time.

Each window runs both side by side. It also says what must have happened in it, so that rules are not only the same but
used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from happenings import HAPPENINGS
from hypothesis import given
from hypothesis import strategies as st
from side_by_side import first_difference, live_together, tables_of_fast, tables_of_twin
from small import small_scenario, variant

from sim.model import StandoffModel
from sim.scenario.catalogue import list_scenarios
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.twin.guards import apportion
from sim.twin.luck import in_force, running_sum, search_right
from sim.twin.model import TwinModel

Value = str | bool | float | date

PEOPLE = "\n".join([
    "initial = [",
    *(
        f'  {{ place = "{place}", people = {people}, attempts = {attempts}, source = "B246" }},'
        for place, people, attempts in (
            ("Minsk", 1000, 0), ("camp", 1500, 3), ("centre", 500, 1), ("Kuźnica", 600, 1), ("Kodeń", 600, 0),
            ("Krynki north", 300, 2), ("Druskininkai", 400, 0), ("Silene", 200, 0),
        )
    ),
    "]\n",
])  # fmt: skip
"""Some five thousand people everywhere, before they are scaled."""

RESTLESS: Mapping[str, Value] = {
    "migrants__people_scale": 0.05,
    "migrants__attempt_interval_hours": 24.0,
    "migrants__wait_in_minsk_hours": 36.0,
    "migrants__give_up_per_day": 0.1,
    "migrants__fly_home_hours": 48.0,
    "migrants__pick_up_hours": 15.0,
    "migrants__found_inland_hours": 30.0,
    "migrants__ask_for_asylum_hours": 100.0,
    "migrants__hospital_days": 1.0,
    "migrants__custody_days": 2.0,
    "aid__contact_hours": 30.0,
    "exposure__harm_per_day": 0.1,
    "exposure__death_chance": 0.1,
    "exposure__drowning_chance": 0.1,
    "exposure__handling_injury_chance": 0.2,
    "guards__persons_per_unit": 1.0,
    "guards__seen_from_km": 0.02,
    "network__wide_river_weight": 1.0,
}
"""Numbers with which most of what can happen happens within three days."""


# --- windows -------------------------------------------------------------------------------------------------------

EVERYDAY = (
    "attempts turned_back", "attempts prevented", "attempts caught", "attempts seen_inside", "attempts unseen_inside",
    "found inland", "aid", "returns", "Germany", "illness in Belarus", "illness in the EU", "hospital", "deaths",
    "injuries by Belarusian services", "nights outdoors", "busy units", "parted", "custody", "landings", "released",
    "rest in a town",
)  # fmt: skip


class Window(NamedTuple):
    """Some days of history, what is changed in them, what must happen and what must not; rows are added as TOML."""

    first: date
    n_days: int
    settings: Mapping[str, Value] = {}
    happens: tuple[str, ...] = EVERYDAY
    never: tuple[str, ...] = ()
    rows: str = ""


def drivers(strength: float) -> str:
    """Return rows in which couriers are alike in all countries and never change."""
    return "".join(
        f'[[couriers]]\nday = 2021-01-01\ncountry = "{country}"\nstrength = {strength}\nsource = "O119"\n'
        for country in ("PL", "LT", "LV")
    )


WINDOWS = {
    "custody in early August": Window(
        date(2021, 8, 1), 3, {"migrants__people_scale": 0.08},
        (*EVERYDAY, "asylum asked", "wish to go home", "refused back")
    ),
    "31 October has 25 hours": Window(date(2021, 10, 30), 3, {}, (*EVERYDAY, "injuries by EU services", "drills")),
    "27 March has 23 hours": Window(
        date(2022, 3, 26), 2, {"arrivals__share_of_seats_peak": 1.0}, ("landings", "attempts caught", "custody")
    ),
    "the camp is gathered": Window(
        date(2021, 11, 8), 3, {"migrants__people_scale": 0.08},
        (*EVERYDAY, "camp gathered", "camp fetches from Minsk", "group crossings", "drills"),
        ("camp emptied",),
    ),
    "the camp is emptied and people are flown home": Window(
        date(2021, 11, 16), 4, {},
        (*EVERYDAY, "camp emptied", "centre left", "flown home", "group crossings", "back from hospital"),
    ),
    "nobody steers": Window(
        date(2021, 11, 8), 2, {"services__enabled": False},
        ("attempts caught", "wish to go home", "rest in a town"),
        ("group crossings", "refused back", "camp gathered", "wire cut"),
    ),
    "nobody guards": Window(
        date(2021, 11, 8), 2, {"guards__enabled": False}, ("group crossings", "attempts unseen_inside"),
        ("attempts caught", "attempts prevented", "attempts seen_inside", "busy units", "crews under cover"),
    ),
    "wire is cut and crews mend under cover": Window(
        date(2021, 12, 8), 3,
        {"services__cuts_per_day": 12.0, "services__cut_m": 300.0, "engineers__cover_units": 30.0,
         "migrants__people_scale": 0.1},
        ("wire cut", "crews under cover", "attempts caught", "busy units"),
    ),
    "families only": Window(
        date(2021, 11, 8), 2,
        {"migrants__people_scale": 0.08,
         "migrants__alone_share": 0.0, "migrants__friends_share": 0.0, "migrants__family_extra_mean": 4.0,
         "migrants__pick_up_hours": 10.0, "migrants__found_inland_hours": 10.0,
         "migrants__ask_for_asylum_hours": 12.0, "aid__contact_hours": 15.0},
        ("hospital", "deaths", "parted", "attempts caught", "custody", "found inland", "asylum asked"),
    ),
    "nobody comes": Window(
        date(2021, 11, 8), 1, {"migrants__enabled": False}, (), ("landings", "nights outdoors", "attempts caught")
    ),
    "governments by their own rules": Window(
        date(2021, 11, 9), 4,
        {"replay_until": date(2021, 11, 9), "governments__answer_factor": 1000.0,
         "governments__reinforce_rung": 1.0, "governments__reaction_hours": 0.0, "tension__delay_per_rung": 0.5,
         "tension__incidents_per_day": 20.0},
        ("own soldiers", "attempts caught", "simulated incidents"),
        rows='[[add.existing]]\ncountry = "LT"\nlayer = "wire_fence"\nkm = 30\nsince = 2021-11-11\nsource = "F034"\n',
    ),
    "few guards and large claims": Window(
        date(2021, 9, 10), 2,
        {"guards__persons_per_unit": 2.0, "guards__persons_per_claim": 1.0, "guards__handling_hours": 1.0,
         "guards__watch_depth_km": 0.03, "services__drive_persistence": 0.0, "migrants__people_scale": 0.1,
         "migrants__attempt_interval_hours": 6.0},
        ("attempts seen_inside", "attempts prevented", "busy units"),
    ),
    "group crossings larger than a post can answer": Window(
        date(2021, 11, 8), 1,
        {"guards__persons_per_unit": 4.0, "guards__persons_per_claim_in_group": 2.0, "guards__response_minutes": 30.0,
         "services__group_willing_share": 1.0, "migrants__people_scale": 0.9, "people_per_agent": 3},
        ("group crossings", "attempts prevented", "attempts caught", "attempts seen_inside"),
    ),
    "little money, hard handling and no room in custody": Window(
        date(2021, 11, 15), 3,
        {"migrants__people_scale": 0.15, "migrants__attempt_interval_hours": 5.0,
         "money__means_median_usd": 600.0, "money__means_sigma": 1.5, "exposure__handling_robbery_chance": 0.3,
         "exposure__handling_separation_chance": 0.4, "exposure__hypothermia_odds": 2.0,
         "exposure__hypothermia_step": 0.5, "network__hope_strength": 6.0, "migrants__found_inland_hours": 12.0,
         "services__centre_places": 700.0},
        ("robbed", "separated", "mild hypothermia", "moderate hypothermia", "severe hypothermia",
         "no money for the ride", "no money for a courier", "no money for the flight", "no place in custody",
         "orders to leave", "prevented and counted", "vehicle patrols", "quick-reaction forces", "foot patrols",
         "camp emptied", "camp emptied to the towns", "procedure for want of custody"),
        rows="".join(
            f'[[add.custody_places]]\nsince = 2021-11-14\ncountry = "{country}"\nplaces = 0\nwhen_full = "{way}"\n'
            'source = "B019"\n'
            for country, way in (("PL", "procedure"), ("LT", "return"), ("LV", "return"))
        ),
    ),
    "all who can rest in towns, and nobody is refused from an afternoon on": Window(
        date(2021, 11, 8), 3, {"migrants__rest_per_day": 7.0, "migrants__wait_in_minsk_hours": 6.0},
        ("rest in a town", "let back by decree", "refused back", "wish to go home", "attempts caught", "hospital"),
        rows='[[add.action]]\nday = 2021-11-09\nclock = "15:00"\nactor = "Minsk"\ntarget = "EU"\nkind = "let_back"\n'
        'source = "E072"\n',
    ),
    "no drivers anywhere, and nobody steers": Window(
        date(2021, 11, 8), 2, {"services__enabled": False},
        ("attempts caught", "attempts unseen_inside", "rest in a town"),
        ("group crossings", "no money for a courier", "Germany"),
        rows=drivers(0.0),
    ),
    "news is gone by the morrow, and more are fetched than got in since": Window(
        date(2021, 11, 8), 3,
        {"network__memory_days": 0.3, "migrants__pick_up_hours": 10.0, "migrants__attempt_interval_hours": 6.0,
         "guards__enabled": False, "network__learning_strength": 3.0},
        ("attempts unseen_inside", "Germany"),
        rows=drivers(1.0),
    ),
    "claims are heard at two corridors": Window(
        date(2021, 11, 9), 3,
        {"migrants__procedure_days": 1.0, "migrants__exhaustion_per_attempt": 0.3, "migrants__give_up_per_day": 0.5,
         "guards__fatigue": 2.0, "guards__fatigue_hours": 2.0, "services__adaptation": 6.0},
        ("heard at a corridor", "procedure ended", "attempts caught", "wish to go home", "group crossings"),
        rows="".join(
            f'[[corridor]]\nsince = {since}\nuntil = {until}\npost = "{post}"\npeople_per_day = {people}\n'
            'source = "B082"\n'
            for since, until, post, people in (
                ("2021-11-01", "2021-11-08", "Silene", 70),
                ("2021-11-10", "2021-11-10", "Kodeń", 70),
                ("2021-11-09", "2021-11-10", "Kuźnica", 300),
            )
        ),
    ),
}  # fmt: skip


def scenario_of(window: Window, folder: Path, **more: Value) -> Scenario:
    """Return the scenario of a window: the whole crisis, opening with people everywhere."""
    last = window.first + timedelta(days=window.n_days - 1)
    path = variant(folder, f"{PEOPLE}start = {window.first}\nuntil = {last}\n{window.rows}", base="crisis-2021")
    return small_scenario(path, **{**RESTLESS, **window.settings, **more})


# --- the two agree ------------------------------------------------------------------------------------------------


PUBLISHED = [listed.name for listed in list_scenarios()]


def opening_days(name: str, n_days: int) -> Scenario:
    """Return the first recorded days of a published scenario with some 200 people, without its spin-up."""
    scenario = load_scenario(name)
    settings: dict[str, Value] = {"until": scenario.start + timedelta(days=n_days - 1)}
    if scenario.spin_up_from:
        settings["spin_up_from"] = scenario.start
    n_people = sum(row.people for row in scenario.initial)
    return small_scenario(name, **settings, migrants__people_scale=round(200 / n_people, 3))


@pytest.mark.parametrize("name", ["crisis-2021", "kuznica-8-november", "standoff-november-2021"])
def test_twin_and_fast_model_agree_for_72_hours_of_200_people(name: str) -> None:
    difference, twin = live_together(opening_days(name, 3))
    assert difference is None, difference
    assert len(twin.people) > 150
    assert twin.hour == 72


@pytest.mark.parametrize("name", PUBLISHED)
def test_twin_and_fast_model_agree_on_the_first_day_of_a_published_scenario(name: str) -> None:
    difference, twin = live_together(opening_days(name, 1))
    assert difference is None, difference
    assert len(twin.people) > 150


@pytest.mark.parametrize("name", WINDOWS)
def test_twin_and_fast_model_agree_in_a_window_in_which_much_happens(name: str, tmp_path: Path) -> None:
    window = WINDOWS[name]
    difference, twin = live_together(scenario_of(window, tmp_path))
    assert difference is None, difference
    counts = {what: HAPPENINGS[what](twin) for what in (*window.happens, *window.never)}
    assert not [what for what in window.happens if counts[what] <= 0]
    assert not [what for what in window.never if counts[what] > 0]


@pytest.mark.verify
@pytest.mark.parametrize("name", PUBLISHED)
def test_twin_and_fast_model_agree_on_the_whole_of_a_published_scenario(name: str) -> None:
    """From the first hour to the last, spin-up included, with some hundreds of people in all."""
    scenario = load_scenario(name)
    at_start = sum(row.people for row in scenario.initial)
    is_long = (scenario.until - scenario.first_day).days > 30
    scale = 0.01 if is_long else round(200 / at_start, 5)
    difference, twin = live_together(small_scenario(name, migrants__people_scale=scale), seed=2)
    assert difference is None, difference
    assert twin.hour == twin.world.calendar.n_hours
    assert len(twin.people) > 100


# --- and the comparison would see it if they did not ----------------------------------------------------------------


def pair_after(n_hours: int, folder: Path) -> tuple[StandoffModel, TwinModel]:
    """Return both models of one scenario after some hours of living apart."""
    scenario = scenario_of(Window(date(2021, 11, 8), 1), folder)
    pair = StandoffModel(scenario, 1), TwinModel(scenario, 1)
    for model in pair:
        model.run(n_hours)
    return pair


def late_bit(twin: TwinModel) -> None:
    twin.people[3].act_mark = np.nextafter(twin.people[3].act_mark, np.inf)


def lost_resolve(twin: TwinModel) -> None:
    twin.people[3].resolve = np.nextafter(twin.people[3].resolve, np.float32(0.0))


def tired_unit(twin: TwinModel) -> None:
    twin.guards.blocks[0][2].busy_until += 1


def missing_person(twin: TwinModel) -> None:
    twin.people.pop(3)


def worn_fence(twin: TwinModel) -> None:
    twin.world.barriers.integrity[1, 250] -= 2.0**-50


def forged_book(twin: TwinModel) -> None:
    twin.tally.returned[0, 0] += 1


@pytest.mark.parametrize(
    ("tamper", "row", "column"),
    [
        (late_bit, "person", "act_mark"),
        (lost_resolve, "person", "resolve"),
        (tired_unit, "unit 2", "busy_until"),
        (missing_person, "person", "is there"),
        (worn_fence, "segment 250", "wire_fence integrity"),
        (forged_book, "tally returned 0", "returned"),
    ],
)
def test_the_smallest_difference_is_named(
    tamper: Callable[[TwinModel], None], row: str, column: str, tmp_path: Path
) -> None:
    fast, twin = pair_after(3, tmp_path)
    assert first_difference(2, tables_of_fast(fast), tables_of_twin(twin)) is None
    if row == "person":
        row = f"person {twin.people[3].id}"
    tamper(twin)
    difference = first_difference(2, tables_of_fast(fast), tables_of_twin(twin))
    assert difference is not None
    assert (difference.hour, difference.row, difference.column) == (2, row, column)


def test_a_difference_elsewhere_tells_of_the_first_person_who_differs(tmp_path: Path) -> None:
    fast, twin = pair_after(3, tmp_path)
    worn_fence(twin)
    difference = first_difference(2, tables_of_fast(fast), tables_of_twin(twin))
    assert str(difference).endswith("; no person differs yet")
    late, early = twin.people[5], twin.people[2]
    late.act_mark, early.moves = np.float64(0.5), 77
    difference = first_difference(2, tables_of_fast(fast), tables_of_twin(twin))
    assert f"first person to differ: end of hour 2, person {early.id}, moves: fast array([" in str(difference)
    assert "twin array([77])" in str(difference)


# --- small parts of the twin ----------------------------------------------------------------------------------------


def test_apportion_gives_the_rest_to_the_largest_remainders_and_ties_to_the_lower() -> None:
    assert apportion(7, [1.0, 1.0, 2.0]) == [2, 2, 3]
    assert apportion(2, [1.0, 1.0, 1.0]) == [1, 1, 0]
    assert apportion(3, [0.0, 0.0]) == [0, 0]
    assert apportion(0, [1.0]) == [0]


@given(st.lists(st.floats(0.0, 10.0), max_size=20), st.floats(-1.0, 300.0))
def test_search_right_counts_what_is_no_greater(values: list[float], target: float) -> None:
    running = running_sum(values)
    assert search_right(running, target) == np.searchsorted(np.array(running), target, side="right")
    assert np.array_equal(running, np.cumsum(values))


def test_the_row_in_force_is_the_latest_that_has_begun() -> None:
    rows = load_scenario("crisis-2021").groups
    assert in_force(rows, date(2021, 7, 31)) is None
    assert in_force(rows, date(2021, 11, 8)) is next(row for row in rows if row.since == date(2021, 11, 8))
    assert in_force(reversed(rows), date(2021, 11, 18)) is next(row for row in rows if row.since == date(2021, 11, 8))
