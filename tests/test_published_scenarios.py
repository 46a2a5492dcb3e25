"""The published scenarios: they load, cite what exists, leave out what is a blind test, and differ as they say."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.model import StandoffModel
from sim.scenario.checks import check_references
from sim.scenario.evidence import load_observed
from sim.scenario.load import load_scenario
from sim.scenario.places import data_folder
from sim.scenario.schema import Scenario
from sim.scenario.wording import SECTIONS, TABLES
from sim.world.barriers import Barriers
from sim.world.border import load_border

BASE = "standoff-november-2021"
CRISIS, KUZNICA = "crisis-2021", "kuznica-8-november"
BASES = (CRISIS, BASE, KUZNICA)
VARIANTS: dict[str, tuple[str, set[str]]] = {
    "corridor-at-kuznica": (BASE, {"corridor"}),
    "aid-let-in": (KUZNICA, {"aid", "exposure"}),
    "deep-freeze": (BASE, {"spell"}),
    "drill-accident-near-the-line": (BASE, {"replay_until", "drill", "action"}),
    "drills-do-not-end": (BASE, {"drill"}),
    "early-british-squadron": (BASE, {"until", "contingent", "mandate", "action"}),
    "flights-continue": (BASE, {"until", "action"}),
    "large-british-squadron": ("early-british-squadron", {"contingent", "mandate"}),
    "minsk-not-steering": (CRISIS, {"services"}),
    "minsk-steers-harder": (BASE, {"steering", "groups", "action"}),
    "minsk-stops-steering": (BASE, {"steering", "groups", "action"}),
    "no-british-engineers": (BASE, {"until", "contingent", "action"}),
    "no-camp": (BASE, {"action"}),
    "no-drills": (BASE, {"drill", "action"}),
    "no-fence": (CRISIS, {"existing", "contingent"}),
    "no-returns-without-procedure": (BASE, {"custody"}),
    "one-million": (KUZNICA, {"until", "migrants"}),
    "pressure-shifts-to-lithuania": (BASE, {"steering", "action"}),
    "steel-wall-in-november": (BASE, {"existing"}),
    "winter-2022": (
        CRISIS,
        {"start", "until", "spin_up_from", "replay_until", "force", "groups", "spell", "contingent", "drill", "action"},
    ),
}
"""Each scenario that changes something: from which it starts, and the keys it changes. All else must be equal."""
NAMES = tuple(sorted((*BASES, *VARIANTS)))
DAYS = ("start", "until", "spin_up_from", "replay_until", "seed")
FILES = tuple(sorted(data_folder("scenarios").glob("*.toml")))
LAND = slice(171, 418)
"""Segments of the Polish land section, from Mielnik to the tripoint with Lithuania."""
LAST_COUNT, LAST_LT = date(2021, 11, 30), date(2021, 8, 31)
LOADED_WORDS = re.compile(
    r"\b(illegal\w*|pushback\w*|push(?:es|ed)?|rush\w*|storm\w*|waves?|hordes?|invasion|weapon of migration)\b", re.I
)

load = cache(load_scenario)


def rows(scenario: Scenario, table: str) -> list[Any]:
    return list(getattr(scenario, table))


def gone(name: str, table: str) -> list[Any]:
    """Return the rows of a table that the scenario from which `name` starts has and `name` has not."""
    kept = rows(load(name), table)
    return [row for row in rows(load(VARIANTS[name][0]), table) if row not in kept]


def come(name: str, table: str) -> list[Any]:
    """Return the rows of a table that `name` has and the scenario from which it starts has not."""
    before = rows(load(VARIANTS[name][0]), table)
    return [row for row in rows(load(name), table) if row not in before]


def test_published_are_those_that_are_tested_and_at_least_sixteen() -> None:
    assert tuple(path.stem for path in FILES) == NAMES
    assert len(NAMES) >= 16


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_starts_where_it_says_and_changes_what_it_says_and_nothing_else(name: str) -> None:
    base, changed = VARIANTS[name]
    text = (data_folder("scenarios") / f"{name}.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["extends"] == base
    one, other = load(name), load(base)
    assert {key for key in (*DAYS, *SECTIONS, *TABLES) if getattr(one, key) != getattr(other, key)} == changed


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_names_the_scenario_to_compare_it_with(name: str) -> None:
    assert any(f"'{other}'" in load(name).description for other in NAMES if other != name)


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


def test_without_british_engineers_what_london_said_of_them_goes_too() -> None:
    assert {row.nation for row in gone("no-british-engineers", "contingent")} == {"British"}
    lost = gone("no-british-engineers", "action")
    assert {row.actor for row in lost} == {"London", "NATO"}
    assert [row.day for row in lost if row.actor == "NATO"] == [date(2021, 12, 3)]


def test_without_drills_what_moscow_said_of_them_goes_too() -> None:
    assert load("no-drills").drill == ()
    assert come("no-drills", "action") == []
    assert {row.actor for row in gone("no-drills", "action")} == {"Moscow"}


def test_flights_continue_leaves_the_halt_of_august() -> None:
    bans = [row for row in load("flights-continue").action if row.kind == "flight_ban"]
    assert [row.actor for row in bans] == ["Baghdad"]
    lost = gone("flights-continue", "action")
    assert {row.kind for row in lost} == {"flight_ban"}
    assert all(row.day >= date(2021, 11, 12) for row in lost)


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


# ---------------------------------------------------------------- the base: what was put in stays marked as put in


def test_ways_by_moscow_bring_a_few_hundred_people_a_week_at_most() -> None:
    scenario = load(CRISIS)
    week = next(route for route in scenario.route if route.name == "Moscow").timetable[-1]
    seats = week.flights_per_week * week.seats_per_flight
    ten_a_day = 70  # by the airline's account: B007
    assert seats * float(scenario.arrivals.share_of_seats_first) < ten_a_day
    assert ten_a_day < seats * float(scenario.arrivals.share_of_seats_peak) < 350


@pytest.mark.parametrize("name", [CRISIS, "winter-2022"])
def test_builders_say_that_their_kilometres_were_put_in(name: str) -> None:
    builders = [row for row in load(name).contingent if row.task == "build" and row.name != "Electronics contractors"]
    assert len(builders) >= 9
    for row in builders:
        assert re.search(r"tests? nothing|is set, not reported", row.because), row.name


@pytest.mark.parametrize("name", [CRISIS, KUZNICA, "steel-wall-in-november"])
def test_polish_barriers_that_are_given_stand_on_the_land_section(name: str) -> None:
    given = [row for row in load(name).existing if row.country == "PL"]
    barriers = Barriers(load(name).barriers, load_border())
    barriers.place_existing(given)
    assert barriers.built_m[:, LAND].sum() / 1000 == pytest.approx(sum(row.km for row in given))
    assert barriers.built_m.sum() == barriers.built_m[:, LAND].sum()


# ---------------------------------------------------------------- engineers and barriers


def test_squadrons_differ_in_day_and_number_alone() -> None:
    november = [row for row in load(BASE).contingent if row.name == "British engineer squadron"]
    early, large = come("early-british-squadron", "contingent"), come("large-british-squadron", "contingent")
    assert [(row.first, row.soldiers) for row in (*november, *early, *large)] == [
        (date(2021, 12, 8), 140), (date(2021, 11, 15), 140), (date(2021, 11, 15), 600),
    ]  # fmt: skip
    assert large[0].soldiers / large[0].teams == pytest.approx(140 / 4, rel=0.02)
    for row in (*early, *large):
        for key in ("task", "layers", "from_segment", "end_segment", "last"):
            assert getattr(row, key) == getattr(november[0], key)


def test_an_early_squadron_is_announced_before_it_comes() -> None:
    acts = [row for row in load("early-british-squadron").action if row.actor == "London" and row.size == 140]
    assert [(row.kind, row.day.day, row.day.month) for row in acts] == [("support", 12, 11), ("deploy", 15, 11)]


def test_without_a_fence_nobody_lays_or_raises_wire_in_poland() -> None:
    scenario = load("no-fence")
    assert not [row for row in scenario.existing if row.country == "PL"]
    assert {row.task for row in scenario.contingent if row.country == "PL"} == {"survey", "support"}
    assert [row for row in scenario.contingent if row.country != "PL"] == [
        row for row in load(CRISIS).contingent if row.country != "PL"
    ]


def test_the_steel_wall_stands_from_8_november_on() -> None:
    (wall,) = come("steel-wall-in-november", "existing")
    assert (wall.layer, wall.since, wall.km) == ("steel_wall", date(2021, 11, 8), 187)


def test_contractors_of_the_wall_follow_each_other_and_share_one_target() -> None:
    wall = [row for row in come("winter-2022", "contingent") if row.name.startswith("Wall contractors")]
    assert wall[0].first == date(2022, 1, 25)
    assert all(later.first == earlier.last + timedelta(1) for earlier, later in pairwise(wall))
    assert {(row.layers, row.target_km, row.from_segment, row.end_segment) for row in wall} == {
        (("steel_wall",), 186, 171, 418)
    }


def test_winter_keeps_the_strengths_that_are_given() -> None:
    """Governments that reinforced by rules of their own would add to strengths that the table already holds."""
    winter = load("winter-2022")
    assert winter.replay_until == winter.until == date(2022, 6, 30)
    soldiers = ("army", "territorial")
    april = [row.persons for row in winter.force if row.day == date(2022, 4, 15) and row.service in soldiers]
    assert sum(april) == 9000  # F011


# ---------------------------------------------------------------- Minsk's services


def dated_groups(name: str) -> list[date]:
    return [row.day for row in load(name).action if row.kind == "group_crossing"]


@pytest.mark.parametrize("name", ["minsk-stops-steering", "pressure-shifts-to-lithuania"])
def test_dated_group_crossings_end_on_8_november(name: str) -> None:
    assert max(dated_groups(name)) == date(2021, 11, 8)
    assert {row.kind for row in gone(name, "action")} >= {"group_crossing"}
    assert all(row.day >= date(2021, 11, 9) for row in gone(name, "action"))


def test_when_minsk_stops_nobody_is_directed_grouped_refused_or_gathered() -> None:
    scenario = load("minsk-stops-steering")
    assert (scenario.steering[-1].since, scenario.groups[-1].since) == (date(2021, 11, 9), date(2021, 11, 9))
    assert scenario.steering[-1].steering_share == scenario.steering[-1].refuse_return == 0
    assert scenario.groups[-1].groups_per_day == 0
    camp = [(row.kind, row.day.day) for row in scenario.action if row.kind in ("gather_camp", "clear_camp", "let_back")]
    assert camp == [("gather_camp", 8), ("let_back", 9), ("clear_camp", 9)]


def test_minsk_not_steering_is_one_switch_and_claims_no_proof() -> None:
    scenario = load("minsk-not-steering")
    assert not scenario.services.enabled
    assert not re.search(r"\bpro(?:ves?|ven|of)\b|\bdenial\b|\btruth\b", scenario.description + scenario.expectation)
    assert "refitted with as many free numbers" in scenario.description


def test_steering_harder_turns_the_rows_of_the_base_up() -> None:
    (before,) = [row for row in load(BASE).steering if row.since == date(2021, 11, 8)]
    (after,) = come("minsk-steers-harder", "steering")
    assert after.steering_share == after.refuse_return == 1
    assert (after.drive, after.poland_share) == (1.5 * before.drive, before.poland_share)
    for row in come("minsk-steers-harder", "groups"):
        (half,) = [old for old in load(BASE).groups if old.since == row.since]
        assert (row.groups_per_day, row.median_size) == (2 * half.groups_per_day, half.median_size)


def test_the_shift_to_lithuania_turns_the_shares_of_early_august_on_again() -> None:
    august = load(BASE).steering[0]
    for row in come("pressure-shifts-to-lithuania", "steering"):
        (old,) = [old for old in load(BASE).steering if old.since == row.since]
        assert (row.poland_share, row.lithuania_share) == (august.poland_share, august.lithuania_share)
        for key in ("steering_share", "drive", "drive_sigma", "refuse_return"):
            assert getattr(row, key) == getattr(old, key)


def test_without_a_camp_nothing_gathers_or_clears_one() -> None:
    assert {row.kind for row in gone("no-camp", "action")} == {"gather_camp", "clear_camp"}
    assert not {row.kind for row in load("no-camp").action} & {"gather_camp", "clear_camp"}


# ---------------------------------------------------------------- law, aid, weather, drills, size


def test_procedure_for_all_is_one_row() -> None:
    (row,) = come("no-returns-without-procedure", "custody")
    assert (row.since, row.country, row.custody_share) == (date(2021, 11, 8), "PL", 1.0)
    assert gone("no-returns-without-procedure", "custody") == []


def test_aid_let_in_changes_four_numbers_and_each_to_the_better() -> None:
    one, other = load("aid-let-in"), load(KUZNICA)
    assert float(one.aid.contact_hours) < float(other.aid.contact_hours)
    changed = {
        key: float(getattr(one.exposure, key)) < float(getattr(other.exposure, key))
        for key in type(one.exposure).model_fields
        if getattr(one.exposure, key) != getattr(other.exposure, key)
    }
    assert changed == {"line_factor": True, "forest_factor": True, "reached_by_help_chance": False}


def test_the_freeze_covers_15_to_30_november_and_leaves_other_days_alone() -> None:
    def by_day(name: str) -> dict[date, tuple[float, float]]:
        return {
            row.first + timedelta(n): (row.max_c, row.min_c)
            for row in load(name).spell
            for n in range((row.last - row.first).days + 1)
        }

    frozen, usual = by_day("deep-freeze"), by_day(BASE)
    freeze = {date(2021, 11, 15) + timedelta(n) for n in range(16)}
    assert all(frozen[day] == (-6.0, -15.0) for day in freeze)
    assert {day: t for day, t in frozen.items() if day not in freeze} == {
        day: t for day, t in usual.items() if day not in freeze
    }


def test_repeated_drops_have_the_forces_and_hours_of_the_first() -> None:
    (first,) = [row for row in load(BASE).drill if row.name == "Gozha airborne drop"]
    again = [row for row in come("drills-do-not-end", "drill") if "drop" in row.name]
    assert [row.phases[0].day.day for row in again] == [15, 18, 21, 24, 27, 30]
    for row in again:
        assert (row.forces, row.goldstein, row.place) == (first.forces, first.goldstein, first.place)
        for one, other in zip(row.phases[:6], first.phases[:6], strict=True):
            assert one.model_copy(update={"day": other.day}) == other


def test_the_accident_is_marked_as_assumed_and_governments_decide_from_the_next_day() -> None:
    name = "drill-accident-near-the-line"
    assert load(name).replay_until == date(2021, 11, 14)
    for row in (*come(name, "action"), *come(name, "drill")):
        assert "assumed" in row.source, row
    (incident,) = [row for row in come(name, "action") if row.kind == "incident"]
    assert incident.claimant and incident.goldstein < 0
    assert all("In this scenario" in row.text for row in come(name, "action"))


def test_one_million_is_a_million() -> None:
    scenario = load("one-million")
    people = sum(row.people for row in scenario.initial) * float(scenario.migrants.people_scale)
    assert people == pytest.approx(1e6, rel=0.03)


# ---------------------------------------------------------------- a small run


def test_more_people_in_hiding_meet_aid_groups_where_aid_is_let_in() -> None:
    settings = {"migrants.people_scale": "0.05", "until": "2021-11-10", "engineers.enabled": "false"}
    contacts = []
    for name in (KUZNICA, "aid-let-in"):
        model = StandoffModel(load_scenario(name, settings))
        model.run()
        contacts.append(int(model.tally.aid_contacts.sum()))
    assert contacts[1] > 2 * contacts[0] > 0
