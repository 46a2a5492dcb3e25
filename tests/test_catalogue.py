"""The catalogue: finding scenarios, and each published one held to the same rules."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.scenario.catalogue import find_scenario, list_scenarios
from sim.scenario.checks import check_references
from sim.scenario.describe import (
    describe,
    kind_of_source,
    numbers_of,
    resolved_dict,
    scenario_hash,
    shares_by_kind,
    sources_of,
    to_toml,
)
from sim.scenario.evidence import all_source_ids
from sim.scenario.load import load_scenario
from sim.world.border import load_border

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parent.parent
PUBLISHED = list_scenarios()
NAMES = [listed.name for listed in PUBLISHED]
FIRST_SCENARIOS = {
    "standoff-november-2021", "crisis-2021", "no-british-engineers", "no-drills", "flights-continue",
    "kuznica-8-november",
}  # fmt: skip


# --- finding ----------------------------------------------------------------------------------------


def test_every_file_of_the_folder_is_listed_once_by_name() -> None:
    files = list((ROOT / "scenarios").glob("*.toml"))
    assert len(set(NAMES)) == len(files)
    assert len(NAMES) == len(files)
    assert sorted(NAMES) == NAMES
    assert set(NAMES) >= FIRST_SCENARIOS


def test_listing_reads_introductions_and_nothing_else() -> None:
    listed = {entry.name: entry for entry in list_scenarios(DATA)}
    assert set(listed) == {"plain", "child", "grandchild"}
    assert listed["plain"].question == "Does every table of a scenario load?"
    assert listed["child"].summary == "The small scenario, edited"


def test_listing_a_folder_of_broken_files_names_them_all(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text("= 3")
    with pytest.raises(ScenarioError, match=r"(?s)2 problems.*a\.toml: line 1.*b\.toml: line 1"):
        list_scenarios(tmp_path)


def test_finding_by_name() -> None:
    assert find_scenario("plain", DATA) == DATA / "plain.toml"
    with pytest.raises(ScenarioError, match=r"found the name 'plan'; published are: .*did you mean 'plain'\?"):
        find_scenario("plan", DATA)


def test_a_file_here_is_not_taken_for_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zzz.toml").touch()
    with pytest.raises(ScenarioError, match=r"for the file here, write \./zzz\.toml"):
        find_scenario("zzz", DATA)


# --- each published scenario ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_published_scenario_loads_asks_and_stands_on_the_map(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name == find_scenario(name).stem
    assert scenario.question.endswith("?")
    assert not scenario.summary.endswith(".")
    check_references(scenario, load_border())


@pytest.mark.parametrize("name", NAMES)
def test_published_scenario_loads_back_from_its_resolved_form(name: str, tmp_path: Path) -> None:
    scenario = load_scenario(name)
    (tmp_path / "back.toml").write_text(to_toml(scenario), encoding="utf-8")
    assert load_scenario(tmp_path / "back.toml") == scenario


@pytest.mark.parametrize("name", NAMES)
def test_published_scenario_rests_on_sources(name: str) -> None:
    scenario = load_scenario(name)
    numbers = list(numbers_of(scenario))
    assert len({number.key for number in numbers}) == len(numbers) > 130
    assert "set" not in {number.source for number in numbers}
    assert set(sources_of(scenario)) <= set(all_source_ids())
    for number in numbers:
        if kind_of_source(number.source) not in ("measured", "estimated"):
            assert number.because, number.key
        if number.low is not None and number.high is not None:
            assert number.low <= number.value <= number.high, number.key


def test_questions_and_hashes_differ() -> None:
    assert len({listed.question for listed in PUBLISHED}) == len(PUBLISHED)
    assert len({scenario_hash(load_scenario(name)) for name in NAMES}) == len(PUBLISHED)


# --- resolved forms of a known scenario -------------------------------------------------------------


def test_numbers_of_rows_have_unit_range_and_source_of_their_row() -> None:
    numbers = {number.key: number for number in numbers_of(load_scenario(DATA / "plain.toml"))}
    initial = numbers["initial[1].people"]
    assert (initial.value, initial.unit, initial.low, initial.high) == (200, "persons", 100, 400)
    assert (initial.source, initial.because) == ("estimated", "a fifth of those at the line")
    assert numbers["steering[0].poland_share"].high == 1, "1.2 is cut at the bound of a share"
    assert numbers["drill[0].phases[1].reach_km"][2:] == ("km", None, None, "A092", "")
    assert numbers["drill[0].forces.Il-76"].value == 5
    week = numbers["route[1].timetable[0].flights_per_week"]
    assert (week.value, week.unit, week.high) == (3, "1/week", 9)
    assert week.low == pytest.approx(0.6)
    assert numbers["action[2].size"].unit == "1", "a flight ban's size is a share"
    assert numbers["migrants.alone_share"][1:] == (0.25, "1", 0.1, 0.5, "B041", "")
    assert not {"drill[0].longitude", "initial[1].low_factor", "action[1].size", "normal[0].month"} & numbers.keys()


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("B041", "measured"), ("B041+A233", "measured"), ("B041+assumed", "assumed"), ("estimated", "estimated"),
        ("A012", "estimated"), ("B041+A012", "estimated"), ("calibrated", "calibrated"), ("set", "set"),
    ],
)  # fmt: skip
def test_a_number_is_as_firm_as_its_least_firm_source(source: str, kind: str) -> None:
    assert kind_of_source(source) == kind


def test_setting_a_number_moves_it_from_one_share_to_another() -> None:
    before = shares_by_kind(load_scenario(DATA / "plain.toml"))
    after = shares_by_kind(load_scenario(DATA / "plain.toml", {"migrants.alone_share": "0.2"}))
    assert (after["measured"], after["set"]) == (before["measured"] - 1, 1)
    assert sum(after.values()) == sum(before.values())


def test_the_hash_is_that_of_the_content() -> None:
    plain = load_scenario(DATA / "plain.toml")
    assert scenario_hash(plain) == scenario_hash(load_scenario(DATA / "plain.toml"))
    assert scenario_hash(plain) != scenario_hash(load_scenario(DATA / "plain.toml", {"seed": "8"}))
    minus = plain.model_copy(update={"weather": plain.weather.model_copy(update={"offset_c": minus_zero(plain)})})
    assert minus == plain
    assert scenario_hash(minus) == scenario_hash(plain), "minus zero is zero"


def minus_zero(scenario: object) -> object:
    """Return the scenario's temperature offset, 0, as -0."""
    return scenario.weather.offset_c.model_copy(update={"value": -0.0})  # type: ignore[attr-defined]


def test_the_resolved_dict_is_json_with_every_key() -> None:
    scenario = load_scenario(DATA / "plain.toml")
    data = resolved_dict(scenario)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["start"] == "2021-11-08"
    assert data.keys() == type(scenario).model_fields.keys()


def test_the_description_shows_values_ranges_sources_and_citations() -> None:
    text = describe(load_scenario(DATA / "plain.toml"))
    for line in (
        "recorded        2021-11-08 to 2021-11-14, 7 days",
        "simulated from  2021-11-01",
        "alone_share               0.25               0.1 to 0.5           measured (B041)",
        "decision_delay",
        "[[contingent]] Contingents of engineers",
        "Kuźnica  200     1         estimated, ×0.5 to ×2",
        "5 Il-76, 250 paratroopers",
        "name drop, day 2021-11-12, clock 11:00, hours 1, reach_km 40, pinned_share 0.4",
        "B041  Amnesty sample",
        "https://www.amnestyusa.org/",
    ):
        assert line in text
    assert re.search(r"^  decision_delay +off  ", text, re.MULTILINE)
    counts = shares_by_kind(load_scenario(DATA / "plain.toml"))
    assert f"{sum(counts.values())} numbers: " in text
    assert f"measured ({counts['measured']})" in text
